"""A report: any inbound information, from reception to its link to an issue or its dismissal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.categories import CATEGORIES
from domain.checks import check_moment, check_place
from domain.codes import (
    Certainty,
    ContextFlag,
    DismissReason,
    EstimatedPeople,
    FeedbackChannel,
    Priority,
    ReportChannel,
    ReportedToPolice,
    ReportKind,
    TimePrecision,
)
from domain.command import Command, Free, OptionalLine, OptionalWords, Text
from domain.context import Context
from domain.deadlines import Clock, due
from domain.envelope import Recorded, RecordedEvent
from domain.refusals import Conflict, NotAllowed
from domain.values import ExternalRef, Place, Role

MOST_UNSAFE = 4


class Report(Recorded):
    """One report and what became of it."""

    class Event(RecordedEvent):
        """An event of a report."""

    def __init__(self) -> None:
        self.event_agencies: dict[UUID, str] = {}
        self.receiving_agency = ""
        self.wants_reply = False
        self.anonymous = False
        self.feedback_sent = False
        self.issue_id: UUID | None = None
        self.dismissed: DismissReason | None = None
        self.content: ReportContent | None = None

    def must_be_open(self) -> None:
        """Refuse what cannot be done to a report that is linked or dismissed already.

        Raises:
            Conflict: naming what happened to the report.
        """
        if self.issue_id is not None:
            raise Conflict(
                "report_linked",
                "Rapporten är redan kopplad till ett ärende.",
                "The report is linked to an issue already.",
                happened="ReportLinked",
            )
        if self.dismissed is not None:
            raise Conflict(
                "report_dismissed",
                "Rapporten är redan avfärdad.",
                "The report has been dismissed already.",
                happened="ReportDismissed",
            )


register_topic("Report", Report)


@dataclass(frozen=True, kw_only=True)
class ReportContent:
    """What a report says; revised as a whole, never overwritten in the log."""

    text: str
    kind: ReportKind
    channel: ReportChannel
    category: str | None
    place: Place
    occurred_from: datetime
    occurred_to: datetime | None
    time_precision: TimePrecision
    certainty: Certainty | None
    perceived_unsafety: int | None
    estimated_people: EstimatedPeople | None
    reported_to_police: ReportedToPolice | None
    context_flags: tuple[ContextFlag, ...]
    est_week: str | None


class ReportReceived(Report.Event, Aggregate.Created):
    """Information came in."""

    TOPIC = "ReportReceived"
    content: ReportContent
    receiving_agency: str
    wants_reply: bool
    anonymous: bool
    reporter_ref: str | None
    external_ref: ExternalRef | None
    triage_by: datetime

    def apply(self, aggregate: Report) -> None:
        aggregate.content = self.content
        aggregate.receiving_agency = self.receiving_agency
        aggregate.wants_reply = self.wants_reply
        aggregate.anonymous = self.anonymous


class ReportRevised(Report.Event):
    """The source changed what it says; the earlier words stay in the log."""

    TOPIC = "ReportRevised"
    content: ReportContent
    reason_sv: str | None

    def apply(self, aggregate: Report) -> None:
        aggregate.content = self.content


class ReportLinked(Report.Event):
    """The report became part of an issue."""

    TOPIC = "ReportLinked"
    issue_id: UUID

    def apply(self, aggregate: Report) -> None:
        aggregate.issue_id = self.issue_id


class ReportDismissed(Report.Event):
    """The report leads to no issue."""

    TOPIC = "ReportDismissed"
    reason: DismissReason
    explanation_sv: str | None

    def apply(self, aggregate: Report) -> None:
        aggregate.dismissed = self.reason


class FeedbackSent(Report.Event):
    """The reporter got an answer (R12)."""

    TOPIC = "FeedbackSent"
    issue_id: UUID | None
    channel: FeedbackChannel
    text_sv: str

    def apply(self, aggregate: Report) -> None:
        aggregate.feedback_sent = True


@dataclass(frozen=True, kw_only=True)
class ReportCommand(Command):
    """What is said in a report, as given."""

    text: Annotated[str, Text(10, 4000)]
    kind: ReportKind = ReportKind.OBSERVATION
    channel: ReportChannel = ReportChannel.WEB
    category: str | None = None
    place: Place
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    time_precision: TimePrecision = TimePrecision.HOUR
    certainty: Certainty | None = None
    perceived_unsafety: int | None = None
    estimated_people: EstimatedPeople | None = None
    reported_to_police: ReportedToPolice | None = None
    context_flags: tuple[ContextFlag, ...] = ()
    est_week: OptionalLine = None


@dataclass(frozen=True, kw_only=True)
class ReceiveReport(ReportCommand):
    """Take in a report."""

    receiving_agency: str | None = None
    wants_reply: bool = False
    anonymous: bool = False
    reporter_ref: OptionalLine = None
    external_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class ReviseReport(ReportCommand):
    """Take in a later version of a report."""

    report_id: UUID
    reason_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class DismissReport(Command):
    """Settle a report without an issue."""

    report_id: UUID
    reason: DismissReason
    explanation_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class SendFeedback(Command):
    """Answer the reporter."""

    report_id: UUID
    channel: FeedbackChannel = FeedbackChannel.EMAIL
    text_sv: Free


def receive(command: ReceiveReport, context: Context) -> Report:
    """Anybody with an account may report; the triage clock of the receiving agency starts."""
    content = _content(command, context)
    receiving = command.receiving_agency or context.actor.agency_id
    context.problems.need(
        context.agencies.in_force(receiving, context.now),
        "receiving_agency",
        "unknown_agency",
        f"Aktören {receiving} finns inte eller är inte längre i kraft.",
        f"The agency {receiving} does not exist or is no longer in force.",
    )
    context.problems.need(
        not (command.wants_reply and command.anonymous),
        "wants_reply",
        "anonymous",
        "Den som är anonym kan inte få svar. Välj ett av de två.",
        "An anonymous reporter cannot get a reply. Choose one of the two.",
    )
    category = CATEGORIES.get(content.category or "")
    priority = category.severity if category else Priority.MEDIUM
    return Report.begin(
        ReportReceived,
        context,
        aggregate_id=context.new_id(),
        registering_agency=receiving,
        content=content,
        receiving_agency=receiving,
        wants_reply=command.wants_reply,
        anonymous=command.anonymous,
        reporter_ref=command.reporter_ref,
        external_ref=command.external_ref,
        triage_by=due(Clock.TRIAGE, priority, context.occurred_at, context.calendar),
    )


def revise(report: Report, command: ReviseReport, context: Context) -> None:
    """A new version is a new event; allowed whatever became of the report."""
    _only_receiver(report, context)
    content = _content(command, context)
    if content == report.content:
        raise Conflict(
            "report_unchanged",
            "Rapporten säger redan detta.",
            "The report says this already.",
            happened="ReportRevised",
        )
    report.record(ReportRevised, context, content=content, reason_sv=command.reason_sv)


def dismiss(report: Report, command: DismissReport, context: Context) -> None:
    """Settle an open report with a reason."""
    _only_receiver(report, context)
    report.must_be_open()
    report.record(
        ReportDismissed, context, reason=command.reason, explanation_sv=command.explanation_sv
    )


def send_feedback(report: Report, command: SendFeedback, context: Context) -> None:
    """Answer the reporter; several answers are allowed, an anonymous reporter has no address."""
    context.agencies.require_authority(context.actor, context.now)
    if report.anonymous:
        raise Conflict(
            "reporter_anonymous",
            "Rapporten är anonym. Det finns ingen att svara.",
            "The report is anonymous. There is nobody to reply to.",
            happened="ReportReceived",
        )
    report.record(
        FeedbackSent,
        context,
        issue_id=report.issue_id,
        channel=command.channel,
        text_sv=command.text_sv,
    )


def _only_receiver(report: Report, context: Context) -> None:
    """The agency that received it; what none that handles issues received is for any authority."""
    actor = context.actor
    receiver = context.agencies.get(report.receiving_agency)
    if receiver is not None and (receiver.intake_only or not receiver.is_authority):
        context.agencies.require_authority(actor, context.now)
        return
    if actor.role is not Role.SYSTEM and actor.agency_id != report.receiving_agency:
        name = context.agencies.name_sv(report.receiving_agency)
        raise NotAllowed(
            "not_the_receiver",
            f"Bara {name}, som tog emot rapporten, kan göra detta.",
            f"Only {context.agencies.name_en(report.receiving_agency)}, which received the "
            "report, can do this.",
            who_may=(report.receiving_agency,),
        )


def _content(command: ReportCommand, context: Context) -> ReportContent:
    problems = context.problems
    problems.need(
        command.category is None or command.category in CATEGORIES,
        "category",
        "unknown_category",
        "Okänd kategori. Välj en ur listan eller lämna tomt.",
        "Unknown category. Choose one from the list or leave it empty.",
    )
    problems.need(
        command.perceived_unsafety is None or 1 <= command.perceived_unsafety <= MOST_UNSAFE,
        "perceived_unsafety",
        "out_of_range",
        "Otryggheten anges från 1 (lite) till 4 (mycket).",
        "Unsafety is given from 1 (a little) to 4 (a lot).",
    )
    start = check_moment(command.occurred_from, "occurred_from", context) or context.occurred_at
    end = check_moment(command.occurred_to, "occurred_to", context)
    problems.need(
        end is None or start <= end,
        "occurred_to",
        "before_start",
        "Sluttiden ligger före starttiden.",
        "The end lies before the start.",
    )
    check_place(command.place, context)
    return ReportContent(
        text=command.text.strip(),
        kind=command.kind,
        channel=command.channel,
        category=command.category,
        place=command.place,
        occurred_from=start,
        occurred_to=end,
        time_precision=command.time_precision,
        certainty=command.certainty,
        perceived_unsafety=command.perceived_unsafety,
        estimated_people=command.estimated_people,
        reported_to_police=command.reported_to_police,
        context_flags=command.context_flags,
        est_week=command.est_week,
    )
