"""How responsibility moved and lay: matrix, to and fro, time in each agency, holder at a time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from domain.codes import CloseOutcome
from domain.lifecycle import IssueClosed, IssueVoided
from domain.opening import IssueReopened
from domain.values import Actor, Role
from projections.figure_facts import Asked
from projections.handovers import HANDOVERS
from projections.responsibility_behind import (
    Listed,
    all_responsibility_behind,
    responsibility_behind,
)
from projections.responsibility_queries import (
    Handover,
    Responsibility,
    holder_at,
    responsibility,
    responsible_at,
)
from projections.viewer import Viewer
from projections.visibility import VISIBILITY
from tests.projections.written_log import EVERYTHING, WrittenLog, fold_all

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def moved(engine: Engine, log: WrittenLog, since: float = 0, until: float = 100) -> Responsibility:
    fold_all(engine, log, VISIBILITY, HANDOVERS)
    with engine.connect() as db:
        return responsibility(db, EVERYTHING, since=at(since), until=at(until), now=at(50))


def listed(engine: Engine, what: Listed, *agencies: str) -> list[tuple[str | None, str, float]]:
    """From whom, to or at whom, and the hour; of what lay somewhere, how many hours."""
    asked = Asked(since=at(0), until=at(100), now=at(50))
    with engine.connect() as db:
        whole = all_responsibility_behind(db, EVERYTHING, what, asked, agencies)
        first = responsibility_behind(db, EVERYTHING, what, asked, agencies, limit=1)
        rest = responsibility_behind(db, EVERYTHING, what, asked, agencies, after=first.next)
    assert [*first.items, *(rest.items if first.next else ())] == whole
    return [
        (
            each.from_agency,
            each.agency,
            (each.seconds if each.seconds is not None else (each.at - START).total_seconds())
            / 3_600,
        )
        for each in whole
    ]


def hours_held(found: Responsibility) -> dict[str, float]:
    return {held.agency_id: held.total_seconds / 3_600 for held in found.held}


def a_passed_issue(log: WrittenLog, stream: int = 1) -> UUID:
    """With the district 0-10, the police 10-16, the district 16-20, then closed."""
    issue_id = log.issue(stream, at(0))
    log.transfer(issue_id, at(10), "district", "police")
    log.transfer(issue_id, at(16), "police", "district")
    log.append(IssueClosed, issue_id, at(20), outcome=CloseOutcome.RESOLVED, summary_sv="Klart.")
    return issue_id


def test_what_a_number_counts_is_listed(engine: Engine) -> None:
    log = WrittenLog()
    a_passed_issue(log)
    log.issue(2, at(40), "police")
    found = moved(engine, log)
    there, back = ("district", "police", 10.0), ("police", "district", 16.0)
    assert listed(engine, Listed.MOVED) == [back, there]
    assert listed(engine, Listed.MOVED, "district", "police") == [there]
    assert listed(engine, Listed.MOVED, "police") == []
    assert listed(engine, Listed.BACK) == [back]
    assert len(listed(engine, Listed.BACK)) == found.ping_pong_issues
    assert listed(engine, Listed.HELD) == [(None, "district", 20.0), (None, "police", 10.0)]
    assert listed(engine, Listed.HELD, "police") == [
        (None, "police", 10.0),
        (None, "police", 6.0),
    ]


def test_each_move_and_all_the_time_up_to_the_closing(engine: Engine) -> None:
    log = WrittenLog()
    a_passed_issue(log)
    log.issue(2, at(40), "police")
    found = moved(engine, log)
    assert found.matrix == (
        Handover(from_agency="district", to_agency="police", count=1),
        Handover(from_agency="police", to_agency="district", count=1),
    )
    assert (found.issues, found.handovers, found.per_issue) == (2, 2, 1.0)
    assert (found.ping_pong_issues, found.ping_pongs) == (1, 1)
    assert hours_held(found) == {"district": 14, "police": 16}
    police = next(held for held in found.held if held.agency_id == "police")
    assert (police.issues, police.median_seconds / 3_600) == (2, 8)


def test_only_what_lies_in_the_period(engine: Engine) -> None:
    log = WrittenLog()
    a_passed_issue(log)
    found = moved(engine, log, since=12, until=18)
    assert [(m.from_agency, m.count) for m in found.matrix] == [("police", 1)]
    assert (found.ping_pongs, hours_held(found)) == (1, {"district": 2, "police": 4})
    assert moved(engine, log, since=17).ping_pongs == 0
    assert moved(engine, log, since=21).issues == 0


def test_a_reopened_issue_lies_where_it_lay(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = a_passed_issue(log)
    log.append(IssueReopened, issue_id, at(30), reason_sv="Igen.")
    log.transfer(issue_id, at(45), "district", "police")
    found = moved(engine, log)
    assert hours_held(found) == {"district": 29, "police": 11}
    assert (found.handovers, found.ping_pongs) == (3, 2)


def test_what_is_told_late_never_makes_time_negative(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(10))
    log.transfer(issue_id, at(20), "district", "police")
    log.transfer(issue_id, at(15), "police", "social")
    found = moved(engine, log)
    assert hours_held(found) == {"district": 10, "police": 0, "social": 30}


def test_a_voided_issue_does_not_count(engine: Engine) -> None:
    log = WrittenLog()
    log.append(IssueVoided, a_passed_issue(log), at(21))
    assert moved(engine, log).issues == 0


@pytest.mark.parametrize(
    ("hours", "holder"),
    [(-1, None), (0, "district"), (9.9, "district"), (10, "police"), (19, "district"), (20, None)],
)
def test_the_holder_at_a_time(engine: Engine, hours: float, holder: str | None) -> None:
    log = WrittenLog()
    issue_id = a_passed_issue(log)
    fold_all(engine, log, VISIBILITY, HANDOVERS)
    stranger = Viewer(Actor(user_id="u", agency_id="p", role=Role.CASEWORKER), authority=False)
    with engine.connect() as db:
        assert holder_at(db, EVERYTHING, issue_id, at(hours)) == holder
        assert responsible_at(db, EVERYTHING, at(hours)) == ({holder: 1} if holder else {})
        assert holder_at(db, stranger, issue_id, at(hours)) is None
