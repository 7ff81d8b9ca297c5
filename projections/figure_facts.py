"""What a follow-up figure counts: facts, so that the number and the list behind it are one thing.

Every query is bounded by the period through an index on the time that places a fact in it (or by
what is open), and reads one row per fact.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    false,
    select,
    true,
    type_coerce,
)

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


@dataclass(slots=True)
class Fact:
    """One thing that a figure counts, with the row it was read from.

    `hit`: it is in the numerator. `counted`: it is in the denominator. Durations in microseconds;
    ids stay text, because thousands are counted for each one that is shown.
    """

    row: Row[Any]
    key: str
    at: datetime
    parts: tuple[Part, ...] = ()
    hit: bool = True
    counted: bool = True
    lasted: int | None = None
    paused: int = 0
    parked: int = 0
    amount: int | None = None

    @property
    def category(self) -> str | None:
        """The category of the issue, or of the report, which may have none."""
        category: str | None = self.row.category
        return category

    @property
    def owner(self) -> str:
        """The agency whose issue or report it is."""
        owner: str = self.row.owner
        return owner

    @property
    def agency(self) -> str:
        """The agency that the figure measures."""
        agency: str = self.row.agency
        return agency


@cache
def pair(from_agency: str, to_agency: str) -> Part:
    """The cell of what went from one agency to another."""
    return Part("pair", f"{from_agency}>{to_agency}")


def with_issue(
    viewer: Viewer, asked: Asked, agency: ColumnElement[str], *columns: ColumnElement[Any]
) -> Select[Any]:
    """Of issues that count and may be read, those of the agency and category asked about."""
    return select(
        as_text(issues.c.issue_id),
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


def as_text(column: Column[UUID]) -> ColumnElement[str]:
    """An id as it is stored, under the column's name."""
    return type_coerce(column, String).label(column.name)


def in_period(column: ColumnElement[datetime], asked: Asked) -> ColumnElement[bool]:
    """From `since` up to but not including `until`."""
    return and_(column >= asked.since, column < asked.until)


def equal(column: ColumnElement[Any], wanted: object) -> ColumnElement[bool]:
    """The column has the value wanted, or any value when None is wanted."""
    return true() if wanted is None else column == wanted
