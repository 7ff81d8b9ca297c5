"""The commands for the access logs: keys are shown by id alone, old rows go by decision alone."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from infra.access.disposal import take_away
from infra.audit.keys import add_key
from infra.log.tables import events
from service.sealing import Sealing
from service.settings import Settings
from service.worker import Worker
from tests.examples import Started, a_started_samsyn, local
from tests.infra.access.reading import entries, read_some, rows_in_order
from tests.service.command_line import CommandLine
from tests.service.test_sealing import wait_until


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys" / "access.key"
    monkeypatch.setenv("SAMSYN_ACCESS_KEY", str(path))
    return path


def test_a_key_is_added_and_the_old_one_destroyed(sqlite_url: str, key_file: Path) -> None:
    samsyn = CommandLine(sqlite_url)
    assert samsyn.text("access-log", "key") == ""
    (first,) = samsyn.text("access-log", "key", "--add").split()
    assert "besides the one in use" in samsyn.mistake("access-log", "key", "--destroy", first)
    second = samsyn.text("access-log", "key", "--add").split()[-1]
    assert samsyn.text("access-log", "key", "--destroy", first).split() == [second]
    assert first not in key_file.read_text(encoding="utf-8")


@pytest.fixture
def old_rows(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Started]:
    """Three rows of the police from 2020 and one of this year, sealed by a worker that goes on."""
    monkeypatch.setenv("SAMSYN_DATA_DIR", str(tmp_path))
    with a_started_samsyn(database_url) as started:
        samsyn = started.samsyn
        known = Settings.from_environment(
            {"SAMSYN_DATA_DIR": str(tmp_path), "DATABASE_URL": database_url}
        )
        if not known.embedded:
            add_key(known.audit_key, known.audit_name)
        days = [local(f"2020-03-0{nth} 08:00") for nth in (2, 3, 4)] + [local("2026-01-12 08:00")]
        for at in days:
            read_some(samsyn.engine, 1, at=at)
        worker = Worker(samsyn, sealing=Sealing(samsyn, known, access_every=0.05))
        worker.start()
        try:
            wait_until(lambda: len(entries(samsyn.engine)) == 3)
            # A later checkpoint is of a later time, and this clock stands still by itself.
            started.clock.advance(seconds=5)
            # The tree of another year begins with what it follows upon.
            wait_until(lambda: len(entries(samsyn.engine)) == 2)
            yield started
        finally:
            worker.stop()


def test_old_rows_are_disposed_of_by_a_decision_and_every_proof_holds(
    old_rows: Started, database_url: str
) -> None:
    engine, samsyn = old_rows.samsyn.engine, CommandLine(database_url)
    assert samsyn.text("access-log", "dispose", "police").startswith("3 rows of police")
    assert len(rows_in_order(engine)) == 4, "without a decision nothing is done"
    old_rows.clock.advance(seconds=5)
    done = samsyn.text("access-log", "dispose", "police", "--decision-ref", "N140-0123/26")
    assert done.startswith("3 rows of police")
    assert "are gone" in done
    assert len(rows_in_order(engine)) == 1
    told = samsyn.json("verify")
    assert (told["is_well"], told["disposed"]) == (True, 3)
    assert samsyn.text("access-log", "dispose", "police").startswith("0 rows")
    assert "There is no agency nobody" in samsyn.mistake("access-log", "dispose", "nobody")
    with engine.connect() as db:
        found = db.scalars(select(events.c.topic).where(events.c.topic == "AccessRowsDisposed"))
        assert len(found.all()) == 1


def test_what_is_deleted_without_a_decision_in_the_log_is_told(
    old_rows: Started, database_url: str
) -> None:
    engine = old_rows.samsyn.engine
    gone = take_away(engine, "police", date(2027, 1, 1), UUID(int=1))
    assert (gone, rows_in_order(engine)) == (4, [])
    result = CommandLine(database_url).run("verify", "--json")
    told = json.loads(result.stdout)
    assert (told["is_well"], told["disposed"]) == (False, 0)
    assert sum("was removed" in each["en"] for each in told["findings"]) == 4


def test_nothing_is_deleted_while_the_decision_is_not_sealed(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.cli.access_logging._SEAL_SECONDS", 0.0)
    with a_started_samsyn(postgresql_url) as started:  # where no worker runs, nothing is sealed
        engine = started.samsyn.engine
        read_some(engine, 1, at=local("2020-03-02 08:00"))
        said = CommandLine(postgresql_url).failure(
            "access-log", "dispose", "police", "--decision-ref", "N140-0123/26"
        )
        assert "not sealed yet" in said
        assert len(rows_in_order(engine)) == 1
