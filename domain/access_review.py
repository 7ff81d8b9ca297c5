"""A control of an agency's access log: that it was done, of what, and what came of it (L20).

Lag (2001:454) 10 § wants the social services' to be systematic and recurring, HSLF-FS 2016:40 4:9
wants them documented. Managers are controlled in their turn: the event stands in the shared log.
It names nobody but who signs.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.checks import local_day
from domain.codes import AccessFinding, AccessPattern
from domain.command import Command, Who
from domain.context import Context
from domain.envelope import Recorded, RecordedEvent
from domain.refusals import Conflict, NotAllowed

LEAST_SAMPLE = 20
"""So many rows are looked at, or all if there are fewer."""
LONGEST = timedelta(days=366)
"""A control of more than a year at once is none."""


class AccessReview(Recorded):
    """One period of one agency's access log, looked through and signed."""

    class Event(RecordedEvent):
        """An event of a review."""

    def __init__(self) -> None:
        self.event_agencies: dict[UUID, str] = {}


register_topic("AccessReview", AccessReview)


class AccessReviewPerformed(AccessReview.Event, Aggregate.Created):
    """Somebody looked through an agency's access log of a period and signed for it."""

    TOPIC = "AccessReviewPerformed"
    agency_id: str
    period_from: date
    period_to: date
    log_rows: int
    readers: int
    rows_without_reason: int
    sample_size: int
    patterns: tuple[AccessPattern, ...]
    findings: tuple[AccessFinding, ...]


@dataclass(frozen=True, kw_only=True)
class PerformAccessReview(Command):
    """Sign that a period of the own agency's access log was looked through; days are inclusive.

    Rows, readers, sample and patterns are counted in the log when it is signed, whatever is said.
    """

    who = Who.AUTHORITY

    agency_id: str
    period_from: date
    period_to: date
    log_rows: int = 0
    readers: int = 0
    rows_without_reason: int = 0
    sample_size: int = 0
    patterns: tuple[AccessPattern, ...] = ()
    findings: tuple[AccessFinding, ...] = ()

    @property
    def stream_id(self) -> UUID:
        """The stream that the review begins."""
        return review_id(self.agency_id, self.period_from, self.period_to)


def review_id(agency_id: str, period_from: date, period_to: date) -> UUID:
    """The review's stream, and what its sample is drawn by.

    It follows from what is reviewed: nobody can draw again until the sample is a pleasant one, and
    anybody who may read the log can draw the same one later.
    """
    return uuid5(NAMESPACE_OID, f"samsyn access review {agency_id} {period_from} {period_to}")


def perform(
    review: AccessReview | None, command: PerformAccessReview, context: Context
) -> AccessReview:
    """Only the own agency's, of days that are over, once for each period."""
    context.agencies.require_authority(context.actor, context.now)
    if not context.agencies.acts_for(context.actor.agency_id, command.agency_id, context.now):
        raise NotAllowed(
            "other_agency",
            "En åtkomstlogg granskas bara av den egna aktören.",
            "An access log is reviewed by its own agency only.",
            who_may=(command.agency_id,),
        )
    if review is not None:
        raise Conflict(
            "reviewed_already",
            "Perioden är redan granskad och signerad.",
            "The period has been reviewed and signed already.",
            happened=AccessReviewPerformed.TOPIC,
        )
    _check_period(command, context)
    _check_counts(command, context)
    return AccessReview.begin(
        AccessReviewPerformed,
        context,
        aggregate_id=command.stream_id,
        registering_agency=command.agency_id,
        agency_id=command.agency_id,
        period_from=command.period_from,
        period_to=command.period_to,
        log_rows=command.log_rows,
        readers=command.readers,
        rows_without_reason=command.rows_without_reason,
        sample_size=command.sample_size,
        patterns=tuple(dict.fromkeys(command.patterns)),
        findings=tuple(dict.fromkeys(command.findings)),
    )


def _check_period(command: PerformAccessReview, context: Context) -> None:
    context.problems.need(
        command.period_from <= command.period_to,
        "period_to",
        "before_period_from",
        "Sista dagen kan inte ligga före första dagen.",
        "The last day cannot lie before the first day.",
    )
    context.problems.need(
        command.period_to - command.period_from < LONGEST,
        "period_to",
        "too_long",
        "Granska högst ett år åt gången.",
        "Review at most a year at a time.",
    )
    context.problems.need(
        command.period_to < local_day(context.now),
        "period_to",
        "not_over",
        "Vänta tills perioden är slut: loggen växer fortfarande.",
        "Wait until the period is over: the log still grows.",
    )


def _check_counts(command: PerformAccessReview, context: Context) -> None:
    for name in ("log_rows", "readers", "rows_without_reason", "sample_size"):
        context.problems.need(
            0 <= getattr(command, name) <= max(command.log_rows, 0),
            name,
            "not_of_the_log",
            "Antalet kan inte vara mindre än 0 eller större än antalet rader i loggen.",
            "The number cannot be less than 0 or more than the rows of the log.",
        )
    context.problems.need(
        command.sample_size >= min(LEAST_SAMPLE, command.log_rows),
        "sample_size",
        "too_small",
        f"Granska minst {LEAST_SAMPLE} rader, eller alla om de är färre.",
        f"Review at least {LEAST_SAMPLE} rows, or all if there are fewer.",
    )
