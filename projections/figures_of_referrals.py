"""Facts of referrals: how soon they were answered (K2-K4) and how many were declined (K5)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_

from projections.durations import microseconds
from projections.figure_facts import (
    Asked,
    Fact,
    Part,
    as_text,
    in_period,
    pair,
    with_issue,
)
from projections.follow_up import DECLINED, WITHDRAWN
from projections.follow_up_tables import issues, referrals
from projections.viewer import Viewer

_AGES = (
    (timedelta(days=1), "under_1_day"),
    (timedelta(days=7), "under_7_days"),
    (timedelta(days=30), "under_30_days"),
)


def answers(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    r = referrals.c
    answered = and_(in_period(r.sent_at, asked), r.outcome.is_not(None), r.outcome != WITHDRAWN)
    columns = (r.answered_after, r.paused, r.parked)
    return [
        _fact(row, lasted=row.answered_after, paused=row.paused, parked=row.parked)
        for row in _of_referrals(db, viewer, asked, answered, *columns)
    ]


def answered_in_time(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    r = referrals.c
    due = and_(
        in_period(r.due_at, asked),
        or_(
            and_(r.outcome.is_not(None), r.outcome != WITHDRAWN),
            and_(r.outcome.is_(None), r.due_at <= asked.now),
        ),
    )
    return [
        _fact(row, hit=row.settled_at is not None and row.settled_at <= row.due_at)
        for row in _of_referrals(db, viewer, asked, due, r.settled_at, r.due_at)
    ]


def unanswered(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    r = referrals.c
    overdue = and_(
        r.sent_at <= asked.now,
        r.due_at < asked.now,
        or_(r.settled_at.is_(None), r.settled_at > asked.now),
        # Asked in time, the clock stands still; asked too late, it was overdue already.
        or_(r.asked_at.is_(None), r.asked_at > r.due_at),
    )
    facts: list[Fact] = []
    for row in _of_referrals(db, viewer, asked, overdue, r.due_at):
        late = asked.now - row.due_at
        band = next((name for age, name in _AGES if late < age), "over_30_days")
        lasted = microseconds(row.due_at, asked.now)
        facts.append(_fact(row, Part("age", band), lasted=lasted))
    return facts


def declined(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    r = referrals.c
    sent = in_period(r.sent_at, asked)
    facts: list[Fact] = []
    for row in _of_referrals(db, viewer, asked, sent, r.outcome, r.reason_code):
        hit = row.outcome == DECLINED
        parts = (Part("reason", row.reason_code),) if hit else ()
        facts.append(_fact(row, *parts, hit=hit))
    return facts


def _of_referrals(
    db: Connection,
    viewer: Viewer,
    asked: Asked,
    wanted: ColumnElement[bool],
    *columns: ColumnElement[Any],
) -> list[Row[Any]]:
    r = referrals.c
    query = (
        with_issue(
            viewer, asked, r.to_agency, as_text(r.referral_id), r.from_agency, r.sent_at, *columns
        )
        .join_from(referrals, issues, issues.c.issue_id == r.issue_id)
        .where(wanted)
    )
    return list(db.execute(query))


def _fact(
    row: Row[Any],
    *parts: Part,
    hit: bool = True,
    lasted: int | None = None,
    paused: int = 0,
    parked: int = 0,
) -> Fact:
    return Fact(
        row,
        row.referral_id,
        row.sent_at,
        (pair(row.from_agency, row.agency), *parts),
        hit=hit,
        lasted=lasted,
        paused=paused,
        parked=parked,
    )
