"""Looks through a period of an agency's access log: a sample drawn by lot, and what stands out.

What stands out is a reason to ask, no proof: nights, very many issues, one issue that very many
read, no reason that shows. The log holds no words that were searched for, so it cannot tell who
looked for a name.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from heapq import nsmallest
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, literal, select, tuple_

from domain.access import AccessKind, AccessReason
from domain.codes import AccessPattern
from domain.values import Role
from domain.working_days import LOCAL_ZONE
from infra.access.tables import accesses

NIGHT_ENDS: Final = 5
"""From midnight to this hour in Göteborg it is night; who works outdoors then is left out."""
NIGHT_READS: Final = 3
"""So many reads at night by one user stand out."""
ISSUES_IN_AN_HOUR: Final = 30
READERS_OF_AN_ISSUE: Final = 10
MOST_SHOWN: Final = 10
"""Of each pattern, the most striking ones; all are counted."""
_AT_ONCE: Final = 5_000

_column = accesses.c
_AWAKE: Final = frozenset({Role.FIELD_OFFICER.value})
_READ: Final = frozenset({AccessKind.READ.value, AccessKind.EXPORT.value, AccessKind.PRINT.value})


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
    """Read the whole period once.

    The sample are the rows with the least hashes of seed and row: whoever has both draws the same
    again, and nobody can choose it.
    """
    tally = _Tally()

    def lots() -> Iterator[tuple[bytes, UUID]]:
        for row in _rows(db, agency_id, since, until):
            tally.take(row)
            yield sha256(seed.bytes + row.row_id.bytes).digest(), row.row_id

    drawn = nsmallest(size, lots())
    striking = tally.striking()
    return Looked(
        rows=tally.rows,
        readers=len(tally.readers),
        without_reason=tally.without_reason.total(),
        sample=[row_id for _, row_id in drawn],
        striking={pattern: found[:MOST_SHOWN] for pattern, found in striking.items()},
        counts={pattern: len(found) for pattern, found in striking.items()},
    )


class _Tally:
    """Counts while rows go by, the oldest first."""

    def __init__(self) -> None:
        self.rows = 0
        self.readers: set[str] = set()
        self.without_reason: Counter[str] = Counter()
        self._first: dict[tuple[AccessPattern, object], datetime] = {}
        self._nights: Counter[str] = Counter()
        self._hour: dict[str, tuple[datetime, set[UUID]]] = {}
        self._most_in_an_hour: Counter[str] = Counter()
        self._readers_of: defaultdict[UUID, set[str]] = defaultdict(set)

    def take(self, row: Any) -> None:  # noqa: ANN401  a row of the table
        """Count a row; each comes after those before it in time."""
        self.rows += 1
        self.readers.add(row.user_id)
        if row.reason == AccessReason.NONE.value:
            self._note(AccessPattern.WITHOUT_REASON, row.user_id, row.at)
            self.without_reason[row.user_id] += 1
        if row.kind in _READ:
            self._take_time(row)
        if row.issue_id is not None and row.kind in _READ:
            self._take_issue(row)

    def striking(self) -> dict[AccessPattern, list[Striking]]:
        """What stands out, the most striking first; patterns without any are left out."""
        by_issue = Counter({issue: len(users) for issue, users in self._readers_of.items()})
        users = (
            (AccessPattern.WITHOUT_REASON, self.without_reason, 1),
            (AccessPattern.NIGHT, self._nights, NIGHT_READS),
            (AccessPattern.MANY_ISSUES, self._most_in_an_hour, ISSUES_IN_AN_HOUR),
        )
        found = {
            pattern: [
                Striking(
                    pattern=pattern,
                    user_id=user_id,
                    issue_id=None,
                    count=count,
                    since=self._first[pattern, user_id],
                )
                for user_id, count in _most(counted, least)
            ]
            for pattern, counted, least in users
        }
        many = AccessPattern.MANY_READERS
        found[many] = [
            Striking(
                pattern=many,
                user_id=None,
                issue_id=issue_id,
                count=count,
                since=self._first[many, issue_id],
            )
            for issue_id, count in _most(by_issue, READERS_OF_AN_ISSUE)
        ]
        return {pattern: each for pattern, each in found.items() if each}

    def _take_time(self, row: Any) -> None:  # noqa: ANN401  as above
        if row.role not in _AWAKE and row.at.astimezone(LOCAL_ZONE).hour < NIGHT_ENDS:
            self._note(AccessPattern.NIGHT, row.user_id, row.at)
            self._nights[row.user_id] += 1

    def _take_issue(self, row: Any) -> None:  # noqa: ANN401  as above
        self._note(AccessPattern.MANY_READERS, row.issue_id, row.at)
        self._readers_of[row.issue_id].add(row.user_id)
        hour = row.at.replace(minute=0, second=0, microsecond=0)
        began, issues = self._hour.get(row.user_id, (None, set[UUID]()))
        if began != hour:
            issues = set[UUID]()
            self._hour[row.user_id] = hour, issues
        issues.add(row.issue_id)
        if len(issues) > self._most_in_an_hour[row.user_id]:
            self._most_in_an_hour[row.user_id] = len(issues)
            self._first[AccessPattern.MANY_ISSUES, row.user_id] = hour

    def _note(self, pattern: AccessPattern, of: object, at: datetime) -> None:
        self._first.setdefault((pattern, of), at)


def _most(counted: Counter[Any], least: int) -> list[tuple[Any, int]]:
    """Those with at least so many; of two with as many, always in the same order."""
    found = [each for each in counted.items() if each[1] >= least]
    return sorted(found, key=lambda each: (-each[1], str(each[0])))


def _rows(db: Connection, agency_id: str, since: datetime, until: datetime) -> Iterator[Any]:
    columns = (
        _column.at,
        _column.row_id,
        _column.user_id,
        _column.role,
        _column.kind,
        _column.issue_id,
        _column.reason,
    )
    query = (
        select(*columns)
        .where(_column.agency_id == agency_id, _column.at >= since, _column.at < until)
        .order_by(_column.at, _column.row_id)
        .limit(_AT_ONCE)
    )
    last: Any = None
    while True:
        page = query
        if last is not None:
            edge = tuple_(
                literal(last.at, _column.at.type), literal(last.row_id, _column.row_id.type)
            )
            page = query.where(tuple_(_column.at, _column.row_id) > edge)
        rows = db.execute(page).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1]
