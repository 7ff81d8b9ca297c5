"""Facts of referrals: how soon they were answered (K2-K4) and how many were declined (K5)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_

from projections.durations import microseconds
from projections.figure_facts import Asked, Fact, Part, fact_of, in_period, pair, with_issue
from projections.follow_up import DECLINED, WITHDRAWN
from projections.follow_up_tables import issues, referrals
from projections.viewer import Viewer

_AGES = (
    (timedelta(days=1), "under_1_day"),
    (timedelta(days=7), "under_7_days"),
    (timedelta(days=30), "under_30_days"),
)


def answers(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    answered = and_(
        in_period(referrals.c.sent_at, asked),
        referrals.c.outcome.is_not(None),
        referrals.c.outcome != WITHDRAWN,
    )
    return [
        _referral_fact(row, lasted=row.answered_after, paused=row.paused, parked=row.parked)
        for row in _of_referrals(db, viewer, asked, answered)
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
        _referral_fact(row, hit=row.settled_at is not None and row.settled_at <= row.due_at)
        for row in _of_referrals(db, viewer, asked, due)
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
    facts = []
    for row in _of_referrals(db, viewer, asked, overdue):
        late = asked.now - row.due_at
        band = next((name for age, name in _AGES if late < age), "over_30_days")
        lasted = microseconds(row.due_at, asked.now)
        facts.append(_referral_fact(row, Part("age", band), lasted=lasted))
    return facts


def declined(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    facts = []
    for row in _of_referrals(db, viewer, asked, in_period(referrals.c.sent_at, asked)):
        hit = row.outcome == DECLINED
        parts = (Part("reason", row.reason_code),) if hit else ()
        facts.append(_referral_fact(row, *parts, hit=hit))
    return facts


def _of_referrals(
    db: Connection, viewer: Viewer, asked: Asked, wanted: ColumnElement[bool]
) -> list[Row[Any]]:
    r = referrals.c
    query = (
        with_issue(
            viewer, asked, r.to_agency, r.referral_id, r.from_agency, r.sent_at, r.due_at,
            r.asked_at, r.settled_at, r.outcome, r.reason_code, r.answered_after, r.paused,
            r.parked,
        )
        .join_from(referrals, issues, issues.c.issue_id == r.issue_id)
        .where(wanted)
    )  # fmt: skip
    return list(db.execute(query))


def _referral_fact(row: Row[Any], *parts: Part, **told: Any) -> Fact:  # noqa: ANN401  fields
    return fact_of(
        row,
        row.referral_id,
        row.sent_at,
        from_agency=row.from_agency,
        parts=(pair(row.from_agency, row.agency), *parts),
        **told,
    )
