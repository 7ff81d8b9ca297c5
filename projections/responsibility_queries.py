"""How responsibility moved between agencies in a period, and how long each of them had it."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from projections.durations import HALF, NINE_TENTHS, microseconds, quantile, seconds
from projections.handovers import spans
from projections.handovers_queries import counted_issues
from projections.viewer import Viewer


@dataclass(frozen=True, kw_only=True)
class Handover:
    """So many times responsibility went from one agency to another."""

    from_agency: str
    to_agency: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Held:
    """How long issues lay with an agency; of each issue all its time there in the period."""

    agency_id: str
    issues: int
    total_seconds: float
    median_seconds: float
    p90_seconds: float


@dataclass(frozen=True, kw_only=True)
class Responsibility:
    """Hand-overs of responsibility; times by when they happened, until `now` for what goes on.

    `issues` counts those somebody was responsible for in the period; `ping_pong_issues` those
    that went from A to B and back to A, `ping_pongs` how often, the way back in the period.
    """

    since: datetime
    until: datetime
    issues: int
    handovers: int
    per_issue: float | None
    matrix: tuple[Handover, ...]
    ping_pong_issues: int
    ping_pongs: int
    held: tuple[Held, ...]


def responsibility(
    db: Connection,
    viewer: Viewer,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    source: str | None = None,
) -> Responsibility:
    """Hand-overs, ping-pong and time in each agency from `since` up to but not including `until`.

    One statement; reads every span of the issues somebody was responsible for in the period.
    """
    end = min(until, now)
    matrix: Counter[tuple[str, str]] = Counter()
    held: defaultdict[str, list[int]] = defaultdict(list)
    counted = bounced = bounces = 0
    for sequence in sequences(db, viewer, since, end, source):
        counted += 1
        back = len(moves_back(sequence, since, end))
        bounces += back
        bounced += back > 0
        matrix.update((span.from_agency, span.agency_id) for span in moves(sequence, since, end))
        for agency_id, time in times_held(sequence, since, end).items():
            held[agency_id].append(time)
    return Responsibility(
        since=since,
        until=until,
        issues=counted,
        handovers=matrix.total(),
        per_issue=matrix.total() / counted if counted else None,
        matrix=tuple(
            Handover(from_agency=giver, to_agency=taker, count=count)
            for (giver, taker), count in sorted(matrix.items())
        ),
        ping_pong_issues=bounced,
        ping_pongs=bounces,
        held=tuple(_held(agency_id, times) for agency_id, times in sorted(held.items())),
    )


def holder_at(db: Connection, viewer: Viewer, issue_id: UUID, at: datetime) -> str | None:
    """The agency responsible for an issue at a time; None before it was opened or after its end."""
    query = (
        select(spans.c.agency_id)
        .where(
            spans.c.issue_id == issue_id,
            _holds_at(at),
            spans.c.issue_id.in_(counted_issues(viewer)),
        )
        .order_by(spans.c.version.desc())
        .limit(1)
    )
    return db.execute(query).scalar()


def responsible_at(db: Connection, viewer: Viewer, at: datetime) -> dict[str, int]:
    """How many issues each agency (by id) was responsible for at a time."""
    query = (
        select(spans.c.agency_id, func.count())
        .where(spans.c.issue_id.in_(counted_issues(viewer)), _holds_at(at))
        .group_by(spans.c.agency_id)
    )
    return dict(sorted((row[0], row[1]) for row in db.execute(query)))


def sequences(
    db: Connection, viewer: Viewer, since: datetime, end: datetime, source: str | None
) -> Iterator[Sequence[Any]]:
    """The spans of each issue that was somebody's in the period, in the order of its stream."""
    in_period = select(spans.c.issue_id).where(
        spans.c.from_at < end,
        or_(spans.c.until_at.is_(None), spans.c.until_at >= since),
        spans.c.issue_id.in_(counted_issues(viewer, source)),
    )
    query = (
        select(spans)
        .where(spans.c.issue_id.in_(in_period))
        .order_by(spans.c.issue_id, spans.c.version)
    )
    for _, sequence in groupby(db.execute(query), key=lambda span: span.issue_id):
        yield list(sequence)


def _holds_at(at: datetime) -> ColumnElement[bool]:
    return and_(
        spans.c.from_at <= at,
        or_(spans.c.until_at.is_(None), spans.c.until_at > at),
    )


def moves(sequence: Sequence[Any], since: datetime, end: datetime) -> list[Any]:
    """The spans of an issue that began in the period by a hand-over."""
    return [
        span for span in sequence if span.from_agency is not None and since <= span.from_at < end
    ]


def moves_back(sequence: Sequence[Any], since: datetime, end: datetime) -> list[Any]:
    """Those by which responsibility went back to whoever had it one hand-over ago."""
    moved = [span for span in sequence if span.from_agency is not None]
    return [
        back
        for there, back in pairwise(moved)
        if there.from_agency == back.agency_id and since <= back.from_at < end
    ]


def times_held(sequence: Sequence[Any], since: datetime, end: datetime) -> Counter[str]:
    """How many microseconds of the period an issue lay with each agency that had it."""
    times: Counter[str] = Counter()
    for span in sequence:
        if span.from_at < end and (span.until_at is None or span.until_at >= since):
            times[span.agency_id] += microseconds(
                max(span.from_at, since), min(span.until_at or end, end)
            )
    return times


def _held(agency_id: str, times: list[int]) -> Held:
    times.sort()
    return Held(
        agency_id=agency_id,
        issues=len(times),
        total_seconds=seconds(sum(times)),
        median_seconds=seconds(quantile(times, HALF)),
        p90_seconds=seconds(quantile(times, NINE_TENTHS)),
    )
