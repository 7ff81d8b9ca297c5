"""The commands import and figures: what they print, and what they say of bad files."""

import json
from pathlib import Path

import pytest

from tests.reference_figures import figures, rows_of
from tests.service.command_line import CommandLine
from tests.service.source_files import HEADER, a_notice, write_log, write_notices

COLUMNS = [part for name in HEADER for part in (f"--{name}", name)]
ROWS = [
    ("c1", "2020-01-01 10:00", "A", "a", "r"),
    ("c1", "2020-01-02 10:00", "B", "b", ""),
    ("c1", "2020-01-03 10:00", "A", "c", "r"),
    ("c2", "2020-01-01 10:00", "", "a", ""),
]


@pytest.fixture
def line(sqlite_url: str) -> CommandLine:
    return CommandLine(sqlite_url)


def test_event_log_goes_in_and_is_counted(database_url: str, tmp_path: Path) -> None:
    line = CommandLine(database_url)
    log = write_log(tmp_path / "log.csv", ROWS)
    said = line.text("import", "event-log", log.path, *COLUMNS)
    assert said.startswith("4 rows read, 2 groups, 2 issues: 4 actions written, ")
    again = line.json("import", "event-log", log.path, *COLUMNS)
    assert (again["written"], again["unchanged"]) == (0, 4)
    wanted = figures(
        rows_of(log.path, case="case", time="time", group="group", activity="activity")
    )
    assert line.json("figures", "handovers") == wanted
    assert line.json("figures", "handovers", "--source", "log") == wanted
    assert line.json("figures", "handovers", "--all") == wanted
    assert "Event log log: 2 cases, 4 events, 1 of them" in line.text("figures", "handovers")


def test_police_events_go_in_on_an_empty_database(line: CommandLine, tmp_path: Path) -> None:
    path = write_notices(tmp_path / "a.jsonl", a_notice(id=1), "{", a_notice(id=2))
    errors = tmp_path / "errors.jsonl"
    said = line.text("import", "police-events", path, path, "--errors", errors)
    assert said.startswith("6 rows read: 2 reports written, 0 revised, 2 unchanged, 2 left out; ")
    assert f"{path}, line 2: The row is not valid JSON." in said
    listed = [json.loads(each) for each in errors.read_text(encoding="utf-8").splitlines()]
    assert [(each["line"], each["code"]) for each in listed] == [(2, "not_json")] * 2
    assert {agency["code"] for agency in line.json("import", "police-events", path)["left_out"]}


def test_police_events_after_an_event_log(line: CommandLine, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv", ROWS)
    line.text("import", "event-log", log.path, *COLUMNS)
    path = write_notices(tmp_path / "a.jsonl", a_notice())
    assert line.json("import", "police-events", path)["written"] == 1


def test_only_the_first_lines_are_shown(line: CommandLine, tmp_path: Path) -> None:
    path = write_notices(tmp_path / "a.jsonl", a_notice(), *["{"] * 30)
    said = line.text("import", "police-events", path)
    assert "… and 10 more; --errors FILE writes them all." in said
    assert len(line.json("import", "police-events", path)["left_out"]) == 30


def test_a_broken_file_is_a_failure_after_the_rest_went_in(
    line: CommandLine, tmp_path: Path
) -> None:
    good = write_notices(tmp_path / "good.jsonl", a_notice())
    bad = tmp_path / "bad.jsonl.gz"
    bad.write_bytes(b"\x1f\x8bnot gzip")
    result = line.run("import", "police-events", bad, good)
    assert result.exit_code == 1
    assert "1 reports written" in result.stdout
    assert "The rest of a file could not be read" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("police-events", "missing.jsonl"), "'missing.jsonl' does not exist"),
        (("police-events", "log.csv", "--agency", "polis"), "There is no agency polis"),
        (("police-events",), "Missing argument"),
        (("event-log", "log.csv"), "Missing option '--case'"),
        (("event-log", "log.csv", *COLUMNS, "--group", "org"), "The columns there are: case, time"),
        (("event-log", "log.csv", *COLUMNS, "--timezone", "Mars"), "time zone Mars is unknown"),
    ],
)
def test_a_mistake_is_said_in_one_sentence(
    line: CommandLine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write_log(tmp_path / "log.csv", ROWS)
    assert said in line.mistake("import", *arguments)


def test_several_logs_must_be_told_apart(line: CommandLine, tmp_path: Path) -> None:
    for name in ("one", "two"):
        log = write_log(tmp_path / f"{name}.csv", ROWS)
        line.text("import", "event-log", log.path, *COLUMNS)
    assert "choose one of one, two" in line.mistake("figures", "handovers")
    assert line.json("figures", "handovers", "--source", "two")["cases"] == 2
    assert line.json("figures", "handovers", "--all")["cases"] == 4
    assert "No event log three" in line.mistake("figures", "handovers", "--source", "three")


def test_figures_of_an_empty_database(line: CommandLine) -> None:
    assert line.json("figures", "handovers")["cases"] == 0
    assert "0 cases" in line.text("figures", "handovers")
    found = line.json("figures", "follow-up", "--since", "2026-01-01", "--until", "2026-12-31")
    assert {"K1", "K15"} <= set(found["figures"])
    assert "K15" in line.text("figures", "follow-up")
    assert "no agency polis" in line.mistake("figures", "follow-up", "--agency", "polis")
