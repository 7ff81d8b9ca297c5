"""Looks through a period of an agency's access log: a sample drawn by lot, and what stands out.

What stands out is a reason to ask, no proof: nights, very many issues, one issue that very many
read, no reason that shows, a search for the own name or a colleague's. The words of a search are
encrypted; whether they were such a name was noted when it was made.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from heapq import nsmallest
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    String,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    type_coerce,
)

from domain.access import AccessKind, AccessReason
from domain.codes import AccessPattern
from domain.values import Role
from domain.working_days import LOCAL_ZONE
from infra.access.tables import accesses

NIGHT_ENDS: Final = time(5)
"""From midnight to this hour in Göteborg it is night; who works outdoors then is left out."""
NIGHT_READS: Final = 3
"""So many reads at night by one user stand out."""
ISSUES_IN_AN_HOUR: Final = 30
READERS_OF_AN_ISSUE: Final = 10
MOST_SHOWN: Final = 10
"""Of each pattern, the most striking ones; all are counted."""
_AT_ONCE: Final = 10_000
_HOUR: Final = 3_600_000_000
_A_DAY: Final = timedelta(days=1)

_column = accesses.c
_AT: Final = type_coerce(_column.at, BigInteger)
_NAMED: Final = _column.name_sought.is_not(None)
_READ: Final = _column.kind.in_(
    [AccessKind.READ.value, AccessKind.EXPORT.value, AccessKind.PRINT.value]
)


@dataclass(frozen=True, kw_only=True)
class Striking:
    """Somebody or something that stands out; `since` is when it began in the period."""

    pattern: AccessPattern
    user_id: str | None
    issue_id: UUID | None
    count: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a period of an agency's log holds, counted, and the rows to look at."""

    rows: int
    readers: int
    without_reason: int
    sample: Sequence[UUID]
    striking: Mapping[AccessPattern, Sequence[Striking]]
    counts: Mapping[AccessPattern, int]


def look_through(
    db: Connection, agency_id: str, since: datetime, until: datetime, seed: UUID, size: int
) -> Looked:
    """Count a period, find what stands out in it and draw a sample.

    The sample are the rows with the least hashes of seed and row, ``size`` of all and as many of
    those without a reason: whoever has both draws the same again, and nobody can choose it.
    """
    period = and_(_column.agency_id == agency_id, _column.at >= since, _column.at < until)
    rows, readers = db.execute(
        select(func.count(), func.count(_column.user_id.distinct())).where(period)
    ).one()
    without = _column.reason == AccessReason.NONE.value
    found = {
        pattern: _striking(db, pattern, query)
        for pattern, query in (
            (AccessPattern.WITHOUT_REASON, _by_user(period, without, least=1)),
            (AccessPattern.NIGHT, _by_user(period, _at_night(since, until), least=NIGHT_READS)),
            (AccessPattern.MANY_ISSUES, _in_an_hour(period)),
            (AccessPattern.MANY_READERS, _by_issue(period)),
            (AccessPattern.NAMES_SOUGHT, _by_user(period, _NAMED, least=1)),
        )
    }
    striking = {pattern: each for pattern, each in found.items() if each}
    unexplained = _sample(db, and_(period, without), seed, size)
    return Looked(
        rows=rows,
        readers=readers,
        without_reason=sum(each.count for each in found[AccessPattern.WITHOUT_REASON]),
        sample=list(dict.fromkeys(_sample(db, period, seed, size) + unexplained)),
        striking={pattern: each[:MOST_SHOWN] for pattern, each in striking.items()},
        counts={pattern: len(each) for pattern, each in striking.items()},
    )


def _striking(db: Connection, pattern: AccessPattern, query: Executable) -> list[Striking]:
    """The most striking first; of two with as many, always in the same order."""
    found = [Striking(pattern=pattern, **row) for row in db.execute(query).mappings()]
    return sorted(found, key=lambda each: (-each.count, str(each.user_id), str(each.issue_id)))


def _by_user(period: ColumnElement[bool], which: ColumnElement[bool], least: int) -> Executable:
    return (
        select(
            _column.user_id,
            literal(None).label("issue_id"),
            func.count().label("count"),
            func.min(_column.at).label("since"),
        )
        .where(period, which)
        .group_by(_column.user_id)
        .having(func.count() >= least)
    )


def _by_issue(period: ColumnElement[bool]) -> Executable:
    readers = func.count(_column.user_id.distinct())
    return (
        select(
            literal(None).label("user_id"),
            _column.issue_id,
            readers.label("count"),
            func.min(_column.at).label("since"),
        )
        .where(period, _READ, _column.issue_id.is_not(None))
        .group_by(_column.issue_id)
        .having(readers >= READERS_OF_AN_ISSUE)
    )


def _in_an_hour(period: ColumnElement[bool]) -> Executable:
    """Each user's busiest hour of the clock, if it is busy enough."""
    issues = func.count(_column.issue_id.distinct())
    hours = (
        select(_column.user_id, issues.label("issues"), func.min(_column.at).label("began"))
        .where(period, _READ)
        .group_by(_column.user_id, _AT // _HOUR)
        .having(issues >= ISSUES_IN_AN_HOUR)
        .subquery()
    )
    ranked = select(
        hours,
        func.row_number()
        .over(partition_by=hours.c.user_id, order_by=(hours.c.issues.desc(), hours.c.began))
        .label("place"),
    ).subquery()
    return select(
        ranked.c.user_id,
        literal(None).label("issue_id"),
        ranked.c.issues.label("count"),
        ranked.c.began.label("since"),
    ).where(ranked.c.place == 1)


def _at_night(since: datetime, until: datetime) -> ColumnElement[bool]:
    """By ranges of time: the nights of a period do not begin at the same hour in UTC."""
    nights: list[ColumnElement[bool]] = []
    day = since.astimezone(LOCAL_ZONE).date()
    while (begins := _local(day, time())) < until:
        nights.append(and_(_column.at >= begins, _column.at < _local(day, NIGHT_ENDS)))
        day += _A_DAY
    return and_(_READ, _column.role != Role.FIELD_OFFICER.value, or_(*nights))


def _local(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL_ZONE)


def _sample(db: Connection, period: ColumnElement[bool], seed: UUID, size: int) -> list[UUID]:
    lots = ((sha256(seed.bytes + each).digest(), each) for each in _row_ids(db, period))
    return [UUID(bytes=each) for _, each in nsmallest(size, lots)]


def _row_ids(db: Connection, period: ColumnElement[bool]) -> Iterator[bytes]:
    """The ids of all rows, read as the driver gives them: there may be hundreds of thousands."""
    row_id: Any = _column.row_id
    query = (
        select(_AT, type_coerce(row_id, String))
        .where(period)
        .order_by(_column.at, row_id)
        .limit(_AT_ONCE)
    )
    page = query
    while True:
        rows = db.execute(page).all()
        ids = [_bytes_of(each) for _, each in rows]
        yield from ids
        if len(rows) < _AT_ONCE:
            return
        last = literal(rows[-1][0], BigInteger), literal(UUID(bytes=ids[-1]), row_id.type)
        page = query.where(tuple_(_AT, row_id) > tuple_(*last))


def _bytes_of(row_id: UUID | str) -> bytes:
    """SQLite keeps an id as its digits."""
    return row_id.bytes if isinstance(row_id, UUID) else bytes.fromhex(row_id)
