"""The disposal of an agency's old access log rows: that it was done, of what, by whose decision.

HSLF-FS 2016:40 4:9 wants logs kept for five years at least. Nothing is disposed of without a
decision (gallringsbeslut, arkivlagen 10 §); the event names it, and stays when the rows are gone.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from eventsourcing.domain import Aggregate

from domain.access_review import AccessReview
from domain.checks import local_day
from domain.command import Command, Line, Who
from domain.context import Context
from domain.refusals import Conflict

KEPT_YEARS: Final = 5


class AccessRowsDisposed(AccessReview.Event, Aggregate.Created):
    """All rows of an agency's access log from before a day are to be taken away."""

    TOPIC = "AccessRowsDisposed"
    agency_id: str
    before: date
    rows: int
    decision_ref: str


@dataclass(frozen=True, kw_only=True)
class DisposeAccessRows(Command):
    """Take away the rows of an access log from before a day; `rows` of them were found."""

    who = Who.SYSTEM

    agency_id: str
    before: date
    rows: int
    decision_ref: Line

    @property
    def stream_id(self) -> UUID:
        """The stream that the disposal begins."""
        return disposal_id(self.agency_id, self.before)


def disposal_id(agency_id: str, before: date) -> UUID:
    """The disposal's stream; it follows from what is disposed of, so whoever checks finds it."""
    return uuid5(NAMESPACE_OID, f"samsyn access log disposal {agency_id} {before}")


def first_day_kept(today: date) -> date:
    """The first day of which rows must be kept."""
    day = min(today.day, 28) if today.month == 2 else today.day  # noqa: PLR2004  no 29 February then
    return date(today.year - KEPT_YEARS, today.month, day)


def dispose(
    disposed: AccessReview | None, command: DisposeAccessRows, context: Context
) -> AccessReview:
    """Once for a day, and only of rows that have been kept for five years."""
    if disposed is not None:
        raise Conflict(
            "disposed_already",
            "Gallringen är redan beslutad och antecknad.",
            "The disposal has been decided and recorded already.",
            happened=AccessRowsDisposed.TOPIC,
        )
    context.problems.need(
        command.before <= first_day_kept(local_day(context.now)),
        "before",
        "must_be_kept",
        f"Loggen ska bevaras i {KEPT_YEARS} år.",
        f"The log must be kept for {KEPT_YEARS} years.",
    )
    context.problems.need(
        command.rows > 0,
        "rows",
        "nothing_to_do",
        "Det finns inga rader att gallra.",
        "There are no rows to dispose of.",
    )
    return AccessReview.begin(
        AccessRowsDisposed,
        context,
        aggregate_id=command.stream_id,
        registering_agency=command.agency_id,
        agency_id=command.agency_id,
        before=command.before,
        rows=command.rows,
        decision_ref=command.decision_ref,
    )
