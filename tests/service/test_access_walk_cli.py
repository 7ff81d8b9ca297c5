"""No command gives out what tells of issues without a row in the access log: all are walked."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import pytest
from sqlalchemy import text

from domain.access import AccessKind, AccessReason
from domain.values import OPERATIONS_ID
from infra.audit.keys import add_key
from service.cli import main
from tests.examples import Started, a_started_samsyn
from tests.infra.audit.sealing import NAME
from tests.service.command_line import CommandLine
from tests.service.drill import seal
from tests.service.reads import new_rows, rows
from tests.service.walked_routes import NOTHING_TAKEN_OUT, TAKEN_OUT
from tests.service.walking import MARKER, Hidden

ARGUMENTS: Final = {"export ocel": ("--to",), "audit states": ()}


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSYN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SAMSYN_AUDIT_KEY", str(tmp_path / "audit.key"))
    add_key(tmp_path / "audit.key", NAME)


@contextmanager
def something_hidden(database_url: str) -> Generator[Started]:
    """A sealed log with something hidden in it."""
    with a_started_samsyn(database_url) as started:
        Hidden.put(started)
        seal(started.samsyn.engine, started.samsyn.casework)
        yield started


def commands(group: click.Group, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_each_command_is_known_to_take_something_out_or_not_to() -> None:
    assert sorted([*TAKEN_OUT, *NOTHING_TAKEN_OUT]) == sorted(commands(main))


def test_what_is_taken_out_stands_in_each_authority_s_access_log(
    database_url: str, tmp_path: Path
) -> None:
    line = CommandLine(database_url)
    with something_hidden(database_url) as started:
        authorities = started.samsyn.execution.agencies().authorities
        for command in sorted(TAKEN_OUT):
            known = rows(started)
            line.text(*command.split(), *ARGUMENTS[command], tmp_path / "file")
            assert (tmp_path / "file").stat().st_size > 0
            new = new_rows(started, known)
            assert sorted(row.agency_id for row in new) == authorities
            told = {(row.user_id, row.kind, row.reason, row.operation) for row in new}
            assert told == {
                (OPERATIONS_ID, AccessKind.EXPORT, AccessReason.NONE, f"samsyn {command}")
            }
            (tmp_path / "file").unlink()
        known = rows(started)
        line.text("export", "ocel", "--agency", "police", "--to", tmp_path / "file")
        assert [row.agency_id for row in new_rows(started, known)] == ["police"]
        assert len({row.request_id for row in rows(started)}) == len(TAKEN_OUT) + 1


@pytest.mark.parametrize("command", sorted(TAKEN_OUT))
def test_without_a_row_nothing_is_taken_out(command: str, sqlite_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(sqlite_url) as started:
        started.catch_up()
        seal(started.samsyn.engine, started.samsyn.casework)
        with started.samsyn.engine.execution_options(writes=True).begin() as db:
            db.execute(text("DROP TABLE access_log"))
    file = tmp_path / "file"
    said = CommandLine(sqlite_url).failure(*command.split(), *ARGUMENTS[command], file)
    assert said.startswith("Error: The database: ")
    assert not file.exists() or not file.stat().st_size


def test_no_other_command_shows_what_is_hidden(sqlite_url: str) -> None:
    line = CommandLine(sqlite_url)
    with something_hidden(sqlite_url) as started:
        for command, arguments in NOTHING_TAKEN_OUT.items():
            if arguments is not None:
                ran = line.run(*command.split(), *arguments)
                assert isinstance(ran.exception, SystemExit | None), (command, ran.exception)
                assert MARKER not in ran.output, command
        assert rows(started) == []
