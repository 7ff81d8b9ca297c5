"""The commands doctor, rebuild and migrate: every check, and what to do when one fails."""

from pathlib import Path

import pytest
from sqlalchemy import text

from domain.directory import DIRECTORY_ID
from infra.database import connect
from projections.catalogue import PROJECTIONS
from tests.service.command_line import CommandLine
from tests.service.source_files import HEADER, write_log

COLUMNS = [part for name in HEADER for part in (f"--{name}", name)]

NEWER = """
INSERT INTO events (position, stream_id, version, topic, recorded_at, state)
SELECT (SELECT max(position) FROM events) + 1, :stream, max(version) + 1, 'TreePlanted', 0, x'7b7d'
FROM events WHERE stream_id = :stream
"""


@pytest.fixture
def line(sqlite_url: str) -> CommandLine:
    return CommandLine(sqlite_url)


def states(line: CommandLine) -> dict[str, str]:
    return {check["name"]: check["state"] for check in line.json("doctor")}


def test_a_new_database_lacks_agencies_and_accounts_only(database_url: str) -> None:
    found = states(CommandLine(database_url))
    assert {name for name, state in found.items() if state != "ok"} == {"directory", "accounts"}
    assert {f"read model {each.name}" for each in PROJECTIONS} < set(found)


def test_a_hole_in_the_log_is_found(line: CommandLine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv", [("c", "2020-01-01 10:00", "A", "a", "")])
    line.text("import", "event-log", log.path, *COLUMNS)
    engine = connect(line.database_url)
    with engine.execution_options(writes=True).begin() as db:
        db.execute(text("DELETE FROM events WHERE position = 2"))
    engine.dispose()
    result = line.run("doctor")
    assert result.exit_code == 1
    assert "fail  log: 3 events, last position 4: positions are missing" in result.stdout


def test_an_event_of_a_newer_program_is_named_and_the_rest_is_checked(
    line: CommandLine, tmp_path: Path
) -> None:
    log = write_log(tmp_path / "log.csv", [("c", "2020-01-01 10:00", "A", "a", "")])
    line.text("import", "event-log", log.path, *COLUMNS)
    engine = connect(line.database_url)
    with engine.execution_options(writes=True).begin() as db:
        db.execute(text(NEWER), {"stream": DIRECTORY_ID.hex})
    engine.dispose()
    result = line.run("doctor")
    assert result.exit_code == 1
    assert "fail  directory: cannot be read at TreePlanted, number " in result.stdout
    assert "ok    accounts" in result.stdout or "warn  accounts" in result.stdout
    again = line.run("import", "event-log", log.path, *COLUMNS)
    assert again.exit_code == 1
    assert "An event cannot be read: TreePlanted, number " in again.stderr
    assert "Traceback" not in again.stderr


def test_redis_that_does_not_answer_is_a_warning(line: CommandLine) -> None:
    result = line.run("doctor", REDIS_URL="redis://127.0.0.1:1")
    assert result.exit_code == 0
    assert "warn  Redis: does not answer" in result.stdout


def test_redis_that_answers(line: CommandLine, redis_url: str) -> None:
    assert "ok    Redis: answers" in line.run("doctor", REDIS_URL=redis_url).stdout


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////proc/none/samsyn.db", "cannot be opened"),
        ("postgresql://127.0.0.1:1/samsyn", "cannot be opened"),
        ("mysql://localhost/samsyn", "must begin with sqlite: or postgresql:"),
        ("nonsense", "DATABASE_URL cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_said(url: str, said: str) -> None:
    line = CommandLine(url)
    result = line.run("doctor")
    assert result.exit_code == 1
    assert said in result.stdout
    migrating = line.run("migrate")
    assert migrating.exit_code in {1, 2}
    assert said in migrating.stderr


def test_a_schema_of_a_newer_program_is_said(line: CommandLine) -> None:
    engine = connect(line.database_url)
    with engine.execution_options(writes=True).begin() as db:
        db.execute(text("UPDATE schema_version SET version_num = '9999'"))
    engine.dispose()
    assert "written by a newer Samsyn" in line.failure("migrate")


def test_migrate_says_where(line: CommandLine) -> None:
    assert "up to date: sqlite:///" in line.text("migrate")


def test_a_setting_that_cannot_be_used_is_said(line: CommandLine) -> None:
    result = line.run("migrate", SAMSYN_PORT="many")
    assert result.exit_code == 2
    assert "SAMSYN_PORT is a number" in result.stderr


def test_rebuild_gives_the_same_again(database_url: str, tmp_path: Path) -> None:
    line = CommandLine(database_url)
    log = write_log(tmp_path / "log.csv", [("c", "2020-01-01 10:00", "A", "a", "")])
    line.text("import", "event-log", log.path, *COLUMNS)
    assert line.text("rebuild", "handovers").startswith("handovers: 4 events in ")
    results = line.json("rebuild", "all")
    assert [(each["name"], each["same"], each["events"]) for each in results] == [
        (each.name, True, 4) for each in PROJECTIONS
    ]


def test_rebuild_of_what_another_version_wrote_compares_nothing(line: CommandLine) -> None:
    assert line.text("rebuild", "handovers").endswith(", as before.\n")
    engine = connect(line.database_url)
    with engine.execution_options(writes=True).begin() as db:
        db.execute(text("UPDATE projection_checkpoints SET version = 0 WHERE name = 'handovers'"))
    engine.dispose()
    said = line.text("rebuild", "handovers")
    assert said.endswith(", not compared: another version's tables were there.\n")
    assert line.text("rebuild", "handovers").endswith(", as before.\n")


def test_rebuild_of_what_there_is_not(line: CommandLine) -> None:
    assert "There are: visibility, " in line.mistake("rebuild", "nothing")
