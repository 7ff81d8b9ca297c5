"""The commands play and demo: what came of it, in words, in JSON and in the exit code."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.values import Actor, Role
from infra.access.tables import accesses
from infra.database import connect
from projections.viewer import Viewer
from service.access_review import months_of, open_month, signed_months
from service.demo.readings import MANAGERS, OF_A_MONTH, SIGNED
from tests.service.command_line import CommandLine

STORY = """
title = "Ett kort ärende"

[[step]]
when = 2026-01-12T08:15:00
who = "u-dis-01"
command = "OpenIssue"
data = { public_title = "Otrygghet", category = "litter", place = { name = "Heden" } }

[[step]]
when = 2026-01-12T09:00:00
who = "u-aud-01"
command = "OpenIssue"
data = { public_title = "Otrygghet", category = "litter", place = { name = "Heden" } }
refused = { status = 403 }

[[step]]
when = 2026-01-13T09:00:00
note = "the yearly promise"
waits_for = "promise"
"""
FALSE = STORY.replace("status = 403", "status = 409")


@pytest.fixture
def line(sqlite_url: str) -> CommandLine:
    return CommandLine(sqlite_url)


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(STORY, encoding="utf-8")
    return path


def test_a_story_is_played_once(line: CommandLine, story: Path) -> None:
    said = line.text("play", story)
    assert said.startswith("1 commands carried out, 0 were there, 1 refused as told, ")
    assert "waits for promise" in said
    again = line.json("play", story)
    assert (again["carried_out"], again["already_there"], again["failures"]) == (0, 1, [])


def test_what_comes_out_otherwise_is_a_failure(line: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "false.toml"
    path.write_text(FALSE, encoding="utf-8")
    result = line.run("play", path)
    assert result.exit_code == 1
    assert "otherwise: false, step 2" in result.stdout
    assert "1 of the stories' steps came out otherwise" in result.stderr


def test_a_story_that_cannot_be_read_is_said(line: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("title = ", encoding="utf-8")
    assert "bad.toml" in line.mistake("play", path)


def readings(line: CommandLine) -> dict[str, tuple[int, int]]:
    """For each agency with an access log: rows in the months that are over, and months signed."""
    now = datetime.now(UTC)
    engine = connect(line.database_url)
    with engine.connect() as db:
        found: dict[str, tuple[int, int]] = {}
        for agency_id in db.scalars(select(accesses.c.agency_id).distinct()):
            manager = Actor(user_id=MANAGERS[agency_id], agency_id=agency_id, role=Role.MANAGER)
            viewer = Viewer(manager, authority=True)
            months = months_of(agency_id, now)
            rows = sum(open_month(db, viewer, each).looked.rows for each in months)
            found[agency_id] = rows, len(signed_months(db, viewer, agency_id))
    engine.dispose()
    return found


@pytest.mark.slow
def test_demo_is_loaded_once(line: CommandLine) -> None:
    said = line.text("demo", "--issues", 5)
    assert "password of all: " in said
    accounts = line.json("user", "list")
    assert {"u-dis-01", "u-pol-01", "u-man-01"} <= {each["login"] for each in accounts}
    assert all(each["role"] for each in accounts)
    read = readings(line)
    assert set(read) == set(MANAGERS)
    assert all(each[0] > OF_A_MONTH * 6 for each in read.values()), read
    assert {each[1] for each in read.values()} == {len(SIGNED)}
    assert line.text("demo", "--issues", 5, "--keep") == ""
    assert "0 steps played now" in line.text("demo", "--issues", 5)
    assert readings(line) == read


def test_demo_does_not_fill_a_server_by_mistake(postgresql_url: str) -> None:
    line = CommandLine(postgresql_url)
    assert "add --yes" in line.mistake("demo")
    assert line.json("user", "list") == []
