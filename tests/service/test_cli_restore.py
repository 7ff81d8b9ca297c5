"""`samsyn restore-check`: an older copy is only read until a witness's mirror has healed it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, make_url, text

from domain.codes import ReferralType
from infra.audit import store
from infra.audit.leaf import ISSUES, leaves_of
from infra.audit.mirror import Mirror
from infra.audit.sequencer import LogStopped
from infra.database import connect
from infra.log.casework import Casework
from service.preset import load_preset
from service.read_only import ReadOnly
from tests import servers
from tests.examples import an_open_issue, send_referral
from tests.infra.audit.sealing import KEYS, as_owner
from tests.service.audited import WITNESSES
from tests.service.command_line import CommandLine
from tests.service.copies import backed_up, put_back
from tests.service.drill import ORIGIN, Drill, Shown, seal


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def older_copy(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Drill]:
    """An older copy is in place: it holds one event that it never sealed, and lacks three."""
    folder = tmp_path_factory.mktemp("older")
    name = f"samsyn_{request.getfixturevalue('worker_name')}_older"
    server: URL | None = None
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'samsyn.db'}"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "samsyn.db")
    else:
        server = shared = request.getfixturevalue("postgresql_server")
        template = request.getfixturevalue("postgresql_template")
        url = servers.plain_address(servers.create_database(shared, name, template))
    drill = Drill(url, folder, CommandLine(url))
    started = drill.opened()
    samsyn = started.samsyn
    load_preset(samsyn.execution, "today")
    first = an_open_issue(started)
    seal(samsyn.engine, samsyn.casework)
    started.execute(send_referral(first, "police"))
    started.catch_up()
    backup = backed_up(url, folder)
    seal(samsyn.engine, samsyn.casework)
    an_open_issue(started)
    started.execute(send_referral(first, "social", type=ReferralType.INFORM))
    an_open_issue(started)
    seal(samsyn.engine, samsyn.casework)
    drill.witness().pull(Shown(samsyn.engine))
    drill.lines.text("audit", "states", folder / "states")
    samsyn.close()
    put_back(url, backup)
    yield drill
    if server is not None:
        servers.drop_database(server, name)


@pytest.fixture
def drill(
    older_copy: Drill,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Drill]:
    """The same for each test."""
    monkeypatch.setenv("SAMSYN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SAMSYN_AUDIT_POLICY", str(older_copy.folder / "agreed"))
    for name in ("states", "agreed", "police.db"):
        shutil.copyfile(older_copy.folder / name, tmp_path / name)
    older = make_url(older_copy.url)
    if older.drivername == "sqlite":
        shutil.copyfile(older.database or "", tmp_path / "samsyn.db")
        url = f"sqlite:///{tmp_path / 'samsyn.db'}"
        yield Drill(url, tmp_path, CommandLine(url))
        return
    server: URL = request.getfixturevalue("postgresql_server")
    name = f"{older.database}_1"
    url = servers.plain_address(servers.create_database(server, name, older.database or ""))
    yield Drill(url, tmp_path, CommandLine(url))
    servers.drop_database(server, name)


def test_without_a_mirror_nobody_knows_and_with_one_the_copy_is_only_read(drill: Drill) -> None:
    code, told = drill.check()
    assert (code, told["is_read_only"]) == (0, False)
    code, told = drill.check(drill.mirror)
    size = Mirror(drill.mirror).head(ORIGIN).size
    assert (code, told["is_read_only"]) == (1, True)
    assert [(each["size"], each["stands"]) for each in told["mirrors"]] == [(size, "ahead")]
    started = drill.opened()
    head = started.samsyn.casework.head()
    with pytest.raises(ReadOnly, match="restored from a backup"):
        an_open_issue(started)
    with pytest.raises(LogStopped, match=f"a witness has signed {size} entries"):
        seal(started.samsyn.engine, started.samsyn.casework)
    assert started.samsyn.casework.head() == head, "it is still read"
    started.samsyn.close()
    new = ("user", "add", "u-new", "--agency", "police", "--role", "auditor")
    said = drill.lines.run(*new, stdin="hemligt-och-långt\n").stderr
    assert "Samsyn is read-only" in said
    assert "Samsyn är skrivskyddat" in said
    assert drill.check()[0] == 1, "it stays so"
    assert "READ-ONLY" in drill.lines.run("doctor").stdout


def test_a_mirror_puts_back_the_entries_and_what_is_lost_stays_told(drill: Drill) -> None:
    drill.check(drill.mirror)
    shown = drill.lines.text("restore-check", "--heal-from", drill.mirror)
    assert "LOST are 3 events" in shown
    assert "IssueOpened" in shown
    started = drill.opened()
    samsyn = started.samsyn
    third = an_open_issue(started)
    seal(samsyn.engine, samsyn.casework)
    kept = [*Mirror(drill.mirror).entries(ORIGIN)]
    with samsyn.engine.connect() as db:
        entries = store.entries_in(db, 1, 0, 10_000)
    assert entries[: len(kept)] == kept
    told, opened = entries[len(kept) :]
    assert b'"lost":[{"first":' in told
    assert str(third).encode() in opened
    head = drill.witness().pull(Shown(samsyn.engine))
    assert head.size == len(entries), "the witness goes on"
    samsyn.close()
    checked = drill.lines.json("verify")
    assert (checked["is_well"], checked["lost"], checked["unsealed"]) == (True, 3, 0)
    assert sum("is lost" in each["en"] for each in checked["findings"]) == 3


def test_events_that_somebody_kept_are_put_back_where_they_stood(drill: Drill) -> None:
    before = [*Mirror(drill.mirror).entries(ORIGIN)]
    code, told = drill.check("--heal-from", drill.mirror, "--states", drill.folder / "states")
    assert (code, told["healed"][0]["events"], told["healed"][0]["lost"]) == (0, 3, [])
    started = drill.opened()
    samsyn = started.samsyn
    assert [leaf.entry for leaf in leaves_of(samsyn.casework.read)(0, 10_000)] == before
    started.catch_up()
    number = samsyn.casework.highest_claim("number:")
    assert number == "number:TIC-2026-00003", "numbers are not used twice"
    an_open_issue(started)
    assert samsyn.casework.highest_claim("number:") == "number:TIC-2026-00004"
    seal(samsyn.engine, samsyn.casework)
    drill.witness().pull(Shown(samsyn.engine))
    samsyn.close()
    checked = drill.lines.json("verify")
    assert (checked["is_well"], checked["lost"], checked["findings"]) == (True, 0, [])


def test_an_exported_mirror_heals_too_and_a_second_time_does_nothing(drill: Drill) -> None:
    folder = drill.folder / "exported"
    drill.lines.text("witness", "export", "--store", drill.mirror, folder)
    assert len(drill.check("--heal-from", folder)[1]["healed"][0]["lost"]) == 3
    code, told = drill.check("--heal-from", folder, folder, drill.mirror)
    assert (code, told["healed"][0]["entries"]) == (0, 0)
    assert [each["stands"] for each in told["mirrors"]] == ["held", "held"]


def test_a_mirror_that_was_changed_heals_nothing(drill: Drill) -> None:
    folder = drill.folder / "exported"
    drill.lines.text("witness", "export", "--store", drill.mirror, folder)
    (bundled,) = folder.rglob("entries/*.p/*")
    raw = bytearray(bundled.read_bytes())
    raw[-2] ^= 1
    bundled.write_bytes(raw)
    said = drill.lines.failure("restore-check", "--heal-from", folder)
    assert "others than the mirror's" in said
    assert drill.check()[0] == 0, "and nobody is stopped by it"


def test_a_mirror_that_no_agreed_witness_has_signed_is_not_believed(drill: Drill) -> None:
    other = WITNESSES["social"]
    keys = [f"log {key}" for key in KEYS.public(ORIGIN)]
    policy = drill.folder / "other"
    policy.write_text(
        "\n".join([*keys, f"witness social {other.public_key}", "quorum social", ""]),
        encoding="utf-8",
    )
    said = drill.lines.failure("restore-check", drill.mirror, "--policy", policy)
    assert "signed by the log and by a witness" in said
    policy.write_text("quorum none\n", encoding="utf-8")
    assert "No witnesses" in drill.lines.mistake("restore-check", "--policy", policy)
    assert "cannot be read as a mirror" in drill.lines.mistake("restore-check", drill.folder / "no")
    (drill.folder / "empty").mkdir()
    assert "holds no log" in drill.lines.mistake("restore-check", drill.folder / "empty")


def test_what_was_sealed_since_is_another_log_and_is_not_healed(drill: Drill) -> None:
    started = drill.opened()
    an_open_issue(started)
    seal(started.samsyn.engine, started.samsyn.casework)
    started.samsyn.close()
    code, told = drill.check(drill.mirror)
    assert (code, told["mirrors"][0]["stands"]) == (1, "other")
    said = drill.lines.failure("restore-check", "--heal-from", drill.mirror)
    assert "Nothing was done" in said
    assert "put the copy in place anew" in said


def test_who_takes_an_event_away_by_hand_does_not_make_it_a_loss(drill: Drill) -> None:
    drill.check("--heal-from", drill.mirror)
    engine = connect(drill.url)
    with engine.execution_options(writes=True).begin() as db:
        _take_away(db)
    casework = Casework(engine)
    with pytest.raises(LogStopped, match="the event of entry 2 was taken away"):
        seal(engine, casework)
    casework.close()
    engine.dispose()
    checked = drill.lines.run("verify")
    assert checked.exit_code == 1
    assert "was removed from the database" in checked.stdout


def _take_away(db: Connection) -> None:
    gone = "DELETE FROM events WHERE position = 3"
    as_owner(db, [gone, "UPDATE audit_leaf SET notification_id = NULL WHERE leaf_index = 2"])
    assert db.scalar(text("SELECT count(*) FROM events WHERE position = 3")) == 0


def begun_anew(drill: Drill, *arguments: object) -> dict[str, Any]:
    code, told = drill.check("--begin-anew", "Dnr 2026-0417", *arguments)
    assert (code, told["is_read_only"]) == (0, False)
    (begun,) = told["begun"]
    assert isinstance(begun, dict)
    return begun


def test_what_nobody_can_heal_is_given_up_and_a_new_log_says_so_for_ever(drill: Drill) -> None:
    started = drill.opened()
    samsyn = started.samsyn
    since = an_open_issue(started)
    seal(samsyn.engine, samsyn.casework)
    begun = begun_anew(drill, drill.mirror)
    head = Mirror(drill.mirror).head(ORIGIN)
    with samsyn.engine.connect() as db:
        (old,) = store.find_trees(db, ISSUES)
        held = store.last_checkpoint(db, old.tree)
    assert held is not None
    lost = {"origin": ORIGIN, "size": head.size, "root": head.root.hex()}
    assert begun["given_up"] == [lost]
    assert (begun["origin"], begun["previous"]["size"]) == (f"{ORIGIN}-2", held.size)
    last = an_open_issue(started)
    seal(samsyn.engine, samsyn.casework)
    with samsyn.engine.connect() as db:
        kept, new = store.find_trees(db, ISSUES)
        first, *rest = store.entries_in(db, new.tree, 0, 100)
    assert (kept, new.part) == (old, "2026-2")
    assert json.loads(first)["decision"] == "Dnr 2026-0417"
    assert str(last).encode() in rest[0]
    assert str(since).encode() not in b"".join(rest), "that is sealed in the old one"
    checked = drill.lines.json("verify")
    assert (checked["is_well"], checked["unsealed"]) == (True, 0)
    (finding,) = checked["findings"]
    assert "begun anew by decision Dnr 2026-0417" in finding["en"]
    samsyn.close()
    assert drill.check(drill.mirror)[0] == 0, "whoever has seen more of the old one stops nobody"
    said = drill.lines.failure("restore-check", "--heal-from", drill.mirror)
    assert "given up by decision" in said


def test_nothing_is_given_up_while_nothing_is_known_to_be_missing(drill: Drill) -> None:
    said = drill.lines.failure("restore-check", "--begin-anew", "Dnr 1")
    assert "the log holds all that was shown" in said
    for decision in (" ", "två\nrader", "x" * 201):
        mistake = drill.lines.mistake("restore-check", drill.mirror, "--begin-anew", decision)
        assert "in one line" in mistake
