"""`samsyn restore-check` on what says little of itself: closed events, and rows of who has read."""

import json
from pathlib import Path

import pytest

from tests.infra.access import reading
from tests.infra.audit.sealing import NAME, append, real_time
from tests.service.command_line import CommandLine
from tests.service.copies import backed_up, put_back
from tests.service.drill import Drill, Shown, seal


def test_closed_events_are_put_back_too_where_their_place_was_kept(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_DATA_DIR", str(tmp_path / "data"))
    drill = Drill(postgresql_url, tmp_path, CommandLine(postgresql_url))
    started = drill.opened()
    samsyn = started.samsyn
    append(samsyn.casework, 1)
    seal(samsyn.engine, samsyn.casework)
    backup = backed_up(postgresql_url, tmp_path)
    append(samsyn.casework, 2, layer="B")
    append(samsyn.casework, 1)
    seal(samsyn.engine, samsyn.casework)
    drill.witness().pull(Shown(samsyn.engine))
    monkeypatch.setenv("SAMSYN_AUDIT_POLICY", str(tmp_path / "agreed"))
    drill.lines.text("audit", "states", tmp_path / "states")
    before = samsyn.casework.read(0, 10)
    samsyn.close()
    put_back(postgresql_url, backup)
    lines = (tmp_path / "states").read_text(encoding="utf-8").splitlines()
    without = tmp_path / "without a place"
    told = [json.loads(line) for line in lines]
    places = [each.pop("place", None) is not None for each in told]
    assert places == [False, True, True, False]
    without.write_text("\n".join(map(json.dumps, told)), encoding="utf-8")
    elsewhere = tmp_path / "elsewhere"
    other = [json.loads(line) for line in lines]
    other[-1]["stream"] = other[0]["stream"]
    elsewhere.write_text("\n".join(map(json.dumps, other)), encoding="utf-8")
    code, said = drill.check("--heal-from", drill.mirror, "--states", tmp_path / "states")
    assert (code, said["healed"][0]["events"], said["healed"][0]["lost"]) == (0, 3, [])
    again = drill.opened().samsyn
    after = again.casework.read(0, 10)
    assert [each.state for each in after] == [each.state for each in before]
    assert [each.stream_id for each in after] == [each.stream_id for each in before]
    again.close()
    put_back(postgresql_url, backup)
    _, said = drill.check("--heal-from", drill.mirror, "--states", without)
    assert (said["healed"][0]["events"], len(said["healed"][0]["lost"])) == (0, 3)
    put_back(postgresql_url, backup)
    _, said = drill.check("--heal-from", drill.mirror, "--states", elsewhere)
    assert (said["healed"][0]["events"], len(said["healed"][0]["lost"])) == (2, 1)


def test_an_agencys_access_log_is_healed_by_its_own_witness_and_its_rows_are_lost(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_DATA_DIR", str(tmp_path / "data"))
    drill = Drill(postgresql_url, tmp_path, CommandLine(postgresql_url))
    samsyn = drill.opened().samsyn
    kind, origin = "access/police", f"{NAME}/access/police/2026"
    reading.read_some(samsyn.engine, 2)
    reading.seal_all(samsyn.engine, reading.sequencer(samsyn.engine, clock=real_time))
    reading.read_some(samsyn.engine, 1)
    backup = backed_up(postgresql_url, tmp_path)
    reading.read_some(samsyn.engine, 2)
    reading.seal_all(samsyn.engine, reading.sequencer(samsyn.engine, clock=real_time))
    drill.witness(origin).pull(Shown(samsyn.engine, kind))
    monkeypatch.setenv("SAMSYN_AUDIT_POLICY", str(tmp_path / "agreed"))
    samsyn.close()
    put_back(postgresql_url, backup)
    assert drill.check(drill.mirror)[0] == 1
    code, said = drill.check("--heal-from", drill.mirror)
    assert (code, said["healed"][0]["entries"], len(said["healed"][0]["lost"])) == (0, 3, 2)
    samsyn = drill.opened().samsyn
    reading.read_some(samsyn.engine, 1)
    sealed = reading.sequencer(samsyn.engine, clock=real_time).seal()
    assert sealed == 2, "an entry that tells of the loss, and the row since"
    assert drill.witness(origin).pull(Shown(samsyn.engine, kind)).size == 7
    samsyn.close()
    checked = drill.lines.json("verify")
    assert (checked["is_well"], checked["lost"], checked["unsealed"]) == (True, 2, 0)
