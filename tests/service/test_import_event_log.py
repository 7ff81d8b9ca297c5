"""Import of logs of handovers: what a case becomes, and figures equal to those of the raw file."""

import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.codes import AgencyKind, ReferralType
from domain.values import SYSTEM
from infra.sources.unreadable import SourceError
from projections.follow_up_queries import follow_up_figures
from projections.handovers_queries import handover_figures
from projections.viewer import Viewer
from service.imports.event_log import EventLogImport
from service.imports.log_rows import LogFile
from service.imports.summary import Summary
from tests.examples import Clock, Started, a_started_samsyn
from tests.reference_figures import figures, rows_of
from tests.service.source_files import HEADER, log_file, write_log

ROWS = [
    ("c1", "2011-10-11 13:45:40+02:00", "Group 1", "Confirm", "Resource21"),
    ("c1", "2011-10-12 08:26:25+02:00", "Group 4", "T02", "Resource10"),
    ("c1", "2011-10-12 08:26:25+02:00", "", "T03", ""),
    ("c1", "2011-11-24 15:36:51+01:00", "Group 1", "T04", "Resource21"),
    ("c2", "2011-10-11 09:00:00+02:00", "Group 4", "Confirm", "Resource10"),
]


def run(started: Started, log: LogFile) -> Summary:
    samsyn = started.samsyn
    return EventLogImport(samsyn.execution, samsyn.casework, samsyn.clock).run(log)


def events(started: Started, *topics: str) -> list[Any]:
    found = started.samsyn.casework.read(0, 100_000)
    return [entry.event for entry in found if not topics or entry.topic in topics]


def counted(started: Started, name: str) -> dict[str, Any]:
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        return handover_figures(db, Viewer(SYSTEM, authority=True), source=name)


def by_reference(log: LogFile) -> dict[str, Any]:
    return figures(
        rows_of(log.path, case="case", time="time", group="group", activity="activity",
                timezone=log.timezone)
    )  # fmt: skip


def a_log(rng: random.Random, cases: int, groups: int, *, zone: str = "") -> list[tuple[str, ...]]:
    """Rows out of order, with equal times, missing groups, and rows that are there twice."""
    rows: list[tuple[str, ...]] = []
    for case in range(cases):
        at = datetime(2012, 1, 1, tzinfo=UTC) + timedelta(hours=rng.randrange(10_000))
        for _ in range(rng.randrange(1, 12)):
            at += timedelta(minutes=rng.choice((0, 0, 7, 500)))
            group = rng.choice((f"Grupp {rng.randrange(groups)}", ""))
            row = (f"case-{case}", f"{at:%Y-%m-%d %H:%M:%S}{zone}", group, "Åtgärd", "")
            rows.extend([row] * rng.choice((1, 1, 1, 2)))
    rng.shuffle(rows)
    return rows


def test_a_case_becomes_an_issue_with_its_handovers(database_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(database_url) as started:
        summary = run(started, write_log(tmp_path / "log.csv", ROWS))
        agencies = started.samsyn.execution.agencies().agencies
        opened = events(started, "IssueOpened")
        sent = events(started, "ReferralSent")
        accepted = events(started, "ReferralAccepted")
        performed = events(started, "ActionPerformed")
    assert (summary.read, summary.written) == (5, 5)
    assert [event.number for event in opened] == ["TIC-2011-00001", "TIC-2011-00002"]
    assert [(e.external_ref.system, e.external_ref.id, e.responsible_agency) for e in opened] == [
        ("event-log:log", "c2", "log-log--group-4"),
        ("event-log:log", "c1", "log-log--group-1"),
    ]
    assert agencies["log-log--group-1"].name_sv == "Group 1"
    assert agencies["log-log--group-1"].kind is AgencyKind.AUTHORITY_CITY
    assert agencies["log-log--group-1"].valid_from == date(2011, 10, 11)
    assert [(e.type, e.from_agency, e.to_agency) for e in sent] == [
        (ReferralType.TRANSFER, "log-log--group-1", "log-log--group-4"),
        (ReferralType.TRANSFER, "log-log--group-4", "log-log--group-1"),
    ]
    assert [e.occurred_at for e in sent] == [e.occurred_at for e in accepted]
    assert [(e.agency_id, e.result_sv, e.actor.user_id) for e in performed] == [
        ("log-log--group-4", "Confirm", "Resource10"),
        ("log-log--group-1", "Confirm", "Resource21"),
        ("log-log--group-4", "T02", "Resource10"),
        (None, "T03", "import"),
        ("log-log--group-1", "T04", "Resource21"),
    ]
    assert performed[1].occurred_at == datetime(2011, 10, 11, 11, 45, 40, tzinfo=UTC)


def test_a_second_run_writes_nothing(database_url: str, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.csv", ROWS)
    with a_started_samsyn(database_url) as started:
        run(started, log)
        head = started.samsyn.casework.head()
        again = run(started, log)
        assert started.samsyn.casework.head() == head
    assert (again.written, again.unchanged, again.appended_events) == (0, 5, 0)


def test_a_log_that_has_grown_continues_its_issues(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with a_started_samsyn(database_url) as started:
        run(started, write_log(path, ROWS[:2]))
        summary = run(started, log := write_log(path, ROWS))
        assert len(events(started, "IssueOpened")) == 2
        assert counted(started, "log") == by_reference(log)
    assert (summary.written, summary.unchanged, summary.revised) == (3, 2, 1)


def test_what_comes_late_is_an_action_without_a_handover(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with a_started_samsyn(sqlite_url) as started:
        run(started, write_log(path, ROWS[3:]))
        run(started, log := write_log(path, ROWS))
        assert events(started, "ReferralSent") == []
        assert counted(started, "log") == by_reference(log)


def test_a_case_without_any_group_has_an_agency_of_its_own(sqlite_url: str, tmp_path: Path) -> None:
    rows = [("c", "2020-01-01 10:00", "", "a", ""), ("c", "2020-01-02 10:00", "", "b", "")]
    with a_started_samsyn(sqlite_url) as started:
        run(started, log := write_log(tmp_path / "log.csv", rows))
        (opened,) = events(started, "IssueOpened")
        agencies = started.samsyn.execution.agencies()
        assert agencies.name_sv(opened.responsible_agency) == "Okänd grupp (log)"
        assert counted(started, "log") == by_reference(log)


def test_rows_in_the_future_are_listed(sqlite_url: str, tmp_path: Path) -> None:
    rows = [*ROWS, ("c1", "2026-01-12 09:00:00+01:00", "Group 1", "later", "")]
    with a_started_samsyn(sqlite_url, Clock("2026-01-12 08:15")) as started:
        summary = run(started, write_log(tmp_path / "log.csv", rows))
    assert summary.written == 5
    assert [(row.line, row.code) for row in summary.left_out] == [(7, "in_the_future")]


def test_names_that_look_alike_are_different_groups(sqlite_url: str, tmp_path: Path) -> None:
    names = ["Group 1", "group-1", "GROUP 1", "Ägare", "agare", "???", "!!!", "x" * 300]
    rows = [("c", f"2020-01-0{n} 10:00", name, "a", "") for n, name in enumerate(names, 1)]
    with a_started_samsyn(sqlite_url) as started:
        run(started, write_log(tmp_path / "log.csv", rows))
        performed = events(started, "ActionPerformed")
        assert len({event.agency_id for event in performed}) == len(names)
        assert max(len(event.agency_id) for event in performed) <= 100, "the read tables' width"
        head = started.samsyn.casework.head()
        run(started, log_file(tmp_path / "log.csv"))
        assert started.samsyn.casework.head() == head


def test_groups_that_differ_after_two_hundred_characters_are_different(
    sqlite_url: str, tmp_path: Path
) -> None:
    long = "g" * 250
    rows = [("c", f"2020-01-0{n} 10:00", f"{long}{n}", "a", "") for n in (1, 2)]
    with a_started_samsyn(sqlite_url) as started:
        run(started, write_log(tmp_path / "log.csv", rows))
        grown = [*rows, ("c", "2020-01-03 10:00", f"{long}1", "b", "")]
        run(started, write_log(tmp_path / "log.csv", grown))
        found = counted(started, "log")
    assert list(found["events_per_group"].values()) in ([2, 1], [1, 2])
    assert found["ping_pong"] == {"cases": 1, "occurrences": 1}


def test_issues_without_a_place_have_no_place_in_common(sqlite_url: str, tmp_path: Path) -> None:
    rows = [(f"c{n}", f"2020-01-0{n} 10:00", "g", "a", "") for n in range(1, 5)]
    with a_started_samsyn(sqlite_url) as started:
        run(started, write_log(tmp_path / "log.csv", rows))
        started.catch_up()
        with started.samsyn.engine.connect() as db:
            found = follow_up_figures(
                db,
                Viewer(SYSTEM, authority=True),
                since=datetime(2020, 1, 1, tzinfo=UTC),
                until=datetime(2021, 1, 1, tzinfo=UTC),
                now=datetime(2021, 1, 1, tzinfo=UTC),
            )
    assert found["figures"]["K15"]["count"] == 0


def test_two_logs_do_not_share_groups_or_cases(sqlite_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(sqlite_url) as started:
        logs = [write_log(tmp_path / f"{name}.csv", ROWS) for name in ("a", "a-group")]
        for log in logs:
            assert run(started, log).written == 5
        assert len({event.responsible_agency for event in events(started, "IssueOpened")}) == 4
        for log in logs:
            assert counted(started, log.name) == by_reference(log)


def test_texts_that_look_like_personal_data_go_in_and_are_counted(
    sqlite_url: str, tmp_path: Path
) -> None:
    rows = [
        ("0701234567", "2020-01-01 10:00", "0701234567", "Ring 070-123 45 67", ""),
        ("850709-9805", "2020-01-01 10:00", "g", "Skicka brev", ""),
    ]
    with a_started_samsyn(sqlite_url) as started:
        summary = run(started, write_log(tmp_path / "log.csv", rows))
    assert (summary.written, summary.confirmed, summary.left_out) == (2, 1, [])


def test_very_long_and_very_old_values_go_in_or_are_listed(sqlite_url: str, tmp_path: Path) -> None:
    rows = [
        ("c" * 500, "1901-05-05 10:00", "g" * 500, "x" * 4_000, "r" * 500),
        ("c2", "1969-12-31 23:59", "g", "x" * 4_001, ""),
    ]
    with a_started_samsyn(sqlite_url) as started:
        summary = run(started, write_log(tmp_path / "log.csv", rows))
        (opened,) = events(started, "IssueOpened")
    assert opened.number == "TIC-1901-00001"
    assert [(row.line, row.code) for row in summary.left_out] == [(3, "too_long")]


@pytest.mark.parametrize(("zone", "timezone"), [("+02:00", "UTC"), ("", "Europe/Stockholm")])
@pytest.mark.parametrize("seed", range(3))
def test_figures_are_those_of_the_raw_file(
    sqlite_url: str, tmp_path: Path, seed: int, zone: str, timezone: str
) -> None:
    rows = a_log(random.Random(seed), cases=60, groups=4, zone=zone)
    write_log(tmp_path / "log.csv", rows)
    log = log_file(tmp_path / "log.csv", timezone=timezone)
    with a_started_samsyn(sqlite_url) as started:
        run(started, log)
        assert counted(started, "log") == by_reference(log)
        head = started.samsyn.casework.head()
        run(started, log)
        assert started.samsyn.casework.head() == head


def test_650_groups_are_650_agencies(database_url: str, tmp_path: Path) -> None:
    rows = [
        (f"case-{number % 40}", f"2013-01-01 10:{number % 60:02}", f"G{number}", "Accepted", "")
        for number in range(650)
    ]
    with a_started_samsyn(database_url) as started:
        run(started, log := write_log(tmp_path / "log.csv", rows))
        assert counted(started, "log") == by_reference(log)
        assert len(events(started, "AgencyRegistered")) >= 650


def test_a_missing_column_is_said_before_anything_is_written(
    sqlite_url: str, tmp_path: Path
) -> None:
    write_log(tmp_path / "log.csv", ROWS, HEADER)
    with a_started_samsyn(sqlite_url) as started:
        head = started.samsyn.casework.head()
        with pytest.raises(SourceError, match="has no org:group"):
            run(started, log_file(tmp_path / "log.csv", group="org:group"))
        assert started.samsyn.casework.head() == head
