"""Facts of issues: passed to and fro, acted on, followed up, reopened, shared, recurring."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, true

from domain.categories import CATEGORIES, OTHER
from domain.codes import Effect
from domain.issue import PING_PONG_DECLINES
from domain.working_days import LOCAL_ZONE
from projections.durations import microseconds
from projections.figure_facts import Asked, Fact, Part, as_text, in_period, with_issue
from projections.follow_up_tables import closings, effects, issues, planned
from projections.viewer import Viewer

REOPENED_WITHIN = timedelta(days=90)
RECURRING_WITHIN = timedelta(days=90)
RECURRING_ISSUES = 3
HANDOVERS_SHOWN_APART = 3


def passed_back_and_forth(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    i = issues.c
    query = with_issue(
        viewer, asked, i.responsible_agency, i.opened_at, i.bounced, i.declines, i.handovers
    ).where(i.is_open == true())
    facts: list[Fact] = []
    for row in db.execute(query):
        many = row.handovers >= HANDOVERS_SHOWN_APART
        apart = f"{HANDOVERS_SHOWN_APART}+" if many else str(row.handovers)
        facts.append(
            Fact(
                row,
                row.issue_id,
                row.opened_at,
                hit=row.bounced or row.declines >= PING_PONG_DECLINES,
                amount=row.handovers,
                parts=(Part("handovers", apart),),
            )
        )
    return facts


def first_actions(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    columns = (issues.c.first_action_after, issues.c.first_action_parked)
    return [
        Fact(
            row,
            row.issue_id,
            row.opened_at,
            lasted=row.first_action_after,
            parked=row.first_action_parked,
        )
        for row in _opened(db, viewer, asked, *columns)
        if row.first_action_after is not None
    ]


def shared(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    return [
        Fact(row, row.issue_id, row.opened_at, hit=len(row.acting_agencies) > 1)
        for row in _opened(db, viewer, asked, issues.c.acting_agencies)
    ]


def not_done(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    p = planned.c
    today = asked.now.astimezone(LOCAL_ZONE).date()
    query = (
        with_issue(viewer, asked, p.agency_id, as_text(p.action_id), p.action_type, p.due_on)
        .join_from(planned, issues, issues.c.issue_id == p.issue_id)
        .where(
            p.planned_at <= asked.now,
            p.due_on <= today,
            or_(p.settled_at.is_(None), p.settled_at > asked.now),
        )
    )
    facts: list[Fact] = []
    for row in db.execute(query):
        due = datetime.combine(row.due_on, datetime.min.time(), LOCAL_ZONE).astimezone(UTC)
        facts.append(
            Fact(
                row,
                row.action_id,
                due,
                lasted=microseconds(due, asked.now),
                parts=(Part("action_type", row.action_type),),
            )
        )
    return facts


def followed_up(closed: Sequence[Row[Any]]) -> list[Fact]:
    """Of some `closings`: the latest of each issue."""
    latest = [rows[-1] for rows in _by_issue(closed)]
    return [Fact(row, row.issue_id, row.closed_at, hit=row.assessed) for row in latest if row.acted]


def reopened(closed: Sequence[Row[Any]]) -> list[Fact]:
    """Of some `closings`: whether any of an issue was soon undone."""
    facts: list[Fact] = []
    for rows in _by_issue(closed):
        soon = [
            row
            for row in rows
            if row.reopened_at is not None and row.reopened_at - row.closed_at <= REOPENED_WITHIN
        ]
        row = (soon or rows)[-1]
        facts.append(
            Fact(
                row,
                row.issue_id,
                row.closed_at,
                hit=bool(soon),
                lasted=microseconds(row.closed_at, row.reopened_at) if soon else None,
            )
        )
    return facts


def follow_ups(db: Connection, viewer: Viewer, asked: Asked) -> list[Row[Any]]:
    """Every follow-up recorded in the period, in the order of time."""
    e = effects.c
    query = (
        with_issue(viewer, asked, e.agency_id, e.recorded_at, e.effect)
        .join_from(effects, issues, issues.c.issue_id == e.issue_id)
        .where(in_period(e.recorded_at, asked))
        .order_by(e.recorded_at, e.issue_id, e.version)
    )
    return list(db.execute(query))


def effects_seen(recorded: Sequence[Row[Any]]) -> list[Fact]:
    """Of some `follow_ups`: the latest effect of each issue."""
    latest = {row.issue_id: row for row in recorded}
    return [
        Fact(
            row,
            row.issue_id,
            row.recorded_at,
            hit=row.effect in (Effect.RESOLVED, Effect.IMPROVED),
            counted=row.effect != Effect.TOO_EARLY,
            parts=(Part("effect", row.effect),),
        )
        for row in latest.values()
    ]


def recurring_places(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    """The issues of places with three or more of one group in 90 days, the last in the period."""
    i = issues.c
    everywhere = replace(asked, issue_id=None)  # one issue recurs among the others
    query = (
        with_issue(viewer, everywhere, i.responsible_agency, i.opened_at, i.place_key)
        .where(
            i.opened_at >= asked.since - RECURRING_WITHIN,
            i.opened_at < asked.until,
            i.place_key.is_not(None),
        )
        .order_by(i.opened_at, i.issue_id)
    )
    at_place: defaultdict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    for row in db.execute(query):
        group = CATEGORIES.get(row.category, OTHER).group
        at_place[row.place_key, group.value].append(row)
    return [
        Fact(row, row.issue_id, row.opened_at, parts=(Part("place", f"{place}>{group}"),))
        for (place, group), rows in at_place.items()
        for row in _crowded(rows, asked.since)
        if asked.issue_id is None or str(asked.issue_id) == row.issue_id
    ]


def _crowded(rows: Sequence[Row[Any]], since: datetime) -> Iterator[Row[Any]]:
    """The rows, in order of time, that lie in a full window ending at a row of the period."""
    taken = first = 0
    for last, row in enumerate(rows):
        while row.opened_at - rows[first].opened_at > RECURRING_WITHIN:
            first += 1
        if row.opened_at >= since and last - first + 1 >= RECURRING_ISSUES:
            taken = max(taken, first)
            yield from rows[taken : last + 1]
            taken = last + 1


def _opened(
    db: Connection, viewer: Viewer, asked: Asked, *columns: ColumnElement[Any]
) -> list[Row[Any]]:
    i = issues.c
    query = with_issue(viewer, asked, i.responsible_agency, i.opened_at, *columns)
    return list(db.execute(query.where(in_period(i.opened_at, asked))))


def closings_in(db: Connection, viewer: Viewer, asked: Asked) -> list[Row[Any]]:
    """The closings in the period, those of an issue together in the order of its stream."""
    c = closings.c
    query = (
        with_issue(viewer, asked, c.agency_id, c.closed_at, c.acted, c.assessed, c.reopened_at)
        .join_from(closings, issues, issues.c.issue_id == c.issue_id)
        .where(in_period(c.closed_at, asked))
        .order_by(c.issue_id, c.version)
    )
    return list(db.execute(query))


def _by_issue(rows: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.issue_id, []).append(row)
    return list(found.values())
