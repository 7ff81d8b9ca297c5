"""What a manager sees of the own agency's access log: months to review, and who read an issue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine

from domain.access_review import (
    LEAST_SAMPLE,
    LONGEST,
    AccessReviewPerformed,
    PerformAccessReview,
    review_id,
)
from domain.codes import AccessFinding
from domain.working_days import LOCAL_ZONE
from infra.access.review import Looked, look_through
from infra.access.rows import AccessRow
from infra.access.store import rows_about, rows_named
from projections.audit_trail_queries import TrailLine, export
from projections.paging import Page, page_of, read_cursor
from projections.viewer import Viewer
from projections.visibility import numbers_of

MONTHS_SHOWN: Final = 12
ROWS_OF_A_PAGE: Final = 100
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Month:
    """A calendar month of one agency's log."""

    agency_id: str
    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return _month_after(self.first) - _A_DAY

    @property
    def review_id(self) -> UUID:
        """What its sample is drawn by."""
        return review_id(self.agency_id, self.first, self.last)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A month looked through: its numbers, the rows of the sample in their order, issue numbers.

    `numbers` are those of issues that the viewer may read.
    """

    month: Month
    looked: Looked
    sample: Sequence[AccessRow]
    numbers: Mapping[UUID, str]

    def signed(self, findings: Iterable[AccessFinding]) -> PerformAccessReview:
        """The command by which it is signed; what is counted is not for the form to say."""
        return PerformAccessReview(
            agency_id=self.month.agency_id,
            period_from=self.month.first,
            period_to=self.month.last,
            findings=tuple(findings),
        )


def counted(engine: Engine, command: PerformAccessReview) -> PerformAccessReview:
    """The command with the numbers of the log in place of whatever it says.

    A period that will be refused anyway is not counted: it may be as long as somebody likes.
    """
    looked = Looked(rows=0, readers=0, without_reason=0, sample=(), striking={}, counts={})
    if timedelta() <= command.period_to - command.period_from < LONGEST:
        with engine.connect() as db:
            looked = look_through(
                db,
                command.agency_id,
                _midnight(command.period_from),
                _midnight(command.period_to + _A_DAY),
                command.stream_id,
                LEAST_SAMPLE,
            )
    return replace(
        command,
        log_rows=looked.rows,
        readers=looked.readers,
        rows_without_reason=looked.without_reason,
        sample_size=len(looked.sample),
        patterns=tuple(looked.striking),
    )


def months_of(agency_id: str, now: datetime) -> list[Month]:
    """The last twelve months that are over, the newest first."""
    first = now.astimezone(LOCAL_ZONE).date().replace(day=1)
    months: list[Month] = []
    for _ in range(MONTHS_SHOWN):
        first = (first - _A_DAY).replace(day=1)
        months.append(Month(agency_id=agency_id, first=first))
    return months


def open_month(db: Connection, viewer: Viewer, month: Month) -> Opened:
    """Look a month through: once over all its rows."""
    since, until = _midnight(month.first), _midnight(_month_after(month.first))
    looked = look_through(db, month.agency_id, since, until, month.review_id, LEAST_SAMPLE)
    sample = sorted(rows_named(db, looked.sample).values(), key=lambda row: row.key)
    named = {row.issue_id for row in sample}
    named |= {each.issue_id for found in looked.striking.values() for each in found}
    return Opened(
        month=month,
        looked=looked,
        sample=sample,
        numbers=numbers_of(db, viewer, [each for each in named if each is not None]),
    )


def signed_months(db: Connection, viewer: Viewer, agency_id: str) -> dict[date, TrailLine]:
    """What was signed of an agency's log, by the first day of the month."""
    topics = (AccessReviewPerformed.TOPIC,)
    lines = (
        line for line in export(db, viewer, topics=topics) if line.data["agency_id"] == agency_id
    )
    signed: dict[date, TrailLine] = {}
    for line in lines:
        first = date.fromisoformat(line.data["period_from"])
        if line.data["period_to"] == Month(agency_id=agency_id, first=first).last.isoformat():
            signed[first] = line
    return signed


def readings_of(
    db: Connection, agency_id: str, issue_id: UUID, after: str | None = None
) -> Page[AccessRow]:
    """What users of one agency did with an issue, the newest first.

    Raises:
        BadCursor: that is no page of this list.
    """
    rows = rows_about(
        db,
        issue_id,
        agency_id=agency_id,
        after=_key(read_cursor(after, datetime, UUID)),
        limit=ROWS_OF_A_PAGE + 1,
    )
    return page_of(rows, ROWS_OF_A_PAGE, lambda row: row, lambda row: row.key)


def _key(values: tuple[Any, ...] | None) -> tuple[datetime, UUID] | None:
    return None if values is None else (values[0], values[1])


def _month_after(first: date) -> date:
    return (first.replace(day=28) + 4 * _A_DAY).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
