"""What a follow-up figure counts: facts, so that the number and the list behind it are one thing.

Every query is bounded by the period through an index on the time that places a fact in it (or by
what is open), and reads one row per fact.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, false, select, true

from projections.follow_up_tables import issues
from projections.viewer import Viewer
from projections.visibility import visible_issue


@dataclass(frozen=True, kw_only=True)
class Asked:
    """From `since` up to but not including `until`; `now` for what is open; None is all."""

    since: datetime
    until: datetime
    now: datetime
    agency: str | None = None
    category: str | None = None
    issue_id: UUID | None = None


class Part(NamedTuple):
    """A cell of a figure that a fact belongs to, for instance ("pair", "district>police")."""

    kind: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing that a figure counts.

    `hit`: it is in the numerator. `counted`: it is in the denominator. `owner` is the agency whose
    issue or report it is, `agency` the one the figure measures. Durations in microseconds.
    """

    key: str
    issue_id: UUID | None
    report_id: UUID | None = None
    number: str | None = None
    title: str | None = None
    place_name: str
    category: str | None
    owner: str
    agency: str
    from_agency: str | None = None
    at: datetime
    hit: bool = True
    counted: bool = True
    lasted: int | None = None
    paused: int = 0
    parked: int = 0
    amount: int | None = None
    parts: tuple[Part, ...] = ()


def pair(from_agency: str, to_agency: str) -> Part:
    """The cell of what went from one agency to another."""
    return Part("pair", f"{from_agency}>{to_agency}")


def with_issue(
    viewer: Viewer, asked: Asked, agency: ColumnElement[str], *columns: ColumnElement[Any]
) -> Select[Any]:
    """Of issues that count and may be read, those of the agency and category asked about."""
    return select(
        issues.c.issue_id,
        issues.c.number,
        issues.c.title,
        issues.c.place_name,
        issues.c.category,
        issues.c.responsible_agency.label("owner"),
        agency.label("agency"),
        *columns,
    ).where(
        issues.c.does_not_count == false(),
        visible_issue(viewer, issues.c.issue_id),
        equal(agency, asked.agency),
        equal(issues.c.category, asked.category),
        equal(issues.c.issue_id, asked.issue_id),
    )


def fact_of(row: Row[Any], key: object, at: datetime, **told: Any) -> Fact:  # noqa: ANN401  fields
    """A fact of a row that `with_issue` selected."""
    return Fact(
        key=str(key),
        issue_id=row.issue_id,
        number=row.number,
        title=row.title,
        place_name=row.place_name,
        category=row.category,
        owner=row.owner,
        agency=row.agency,
        at=at,
        **told,
    )


def in_period(column: ColumnElement[datetime], asked: Asked) -> ColumnElement[bool]:
    """From `since` up to but not including `until`."""
    return and_(column >= asked.since, column < asked.until)


def equal(column: ColumnElement[Any], wanted: object) -> ColumnElement[bool]:
    """The column has the value wanted, or any value when None is wanted."""
    return true() if wanted is None else column == wanted
