"""Sending a referral, its delivery and first reading, and taking it back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.checks import check_agency, check_aware, check_handles_issues
from domain.codes import ReferralStatus, ReferralType
from domain.command import (
    LIVE,
    OPEN,
    Line,
    OptionalExplanation,
    OptionalFree,
    OptionalLine,
    OptionalWords,
    Who,
)
from domain.context import Context
from domain.deadlines import (
    ReferralDeadlines,
    answer_clock,
    counts_in_hours,
    due,
    referral_deadlines,
)
from domain.issue import Issue, IssueCommand, ReferralCommand
from domain.referral_state import UNANSWERED, Referral
from domain.refusals import Conflict, NotAllowed

LEAST_TIME = timedelta(hours=1)
"""Nobody is given less time to answer than this."""
MOST_TIME = timedelta(days=366)
"""A date further ahead is a slip of the pen."""


class ReferralSent(Issue.Event):
    """One agency asks another to take over, help, give an opinion or know."""

    TOPIC = "ReferralSent"
    referral_id: UUID
    type: ReferralType
    from_agency: str
    to_agency: str
    to_unit: str | None
    question_sv: str | None
    wanted_sv: str | None
    background_sv: str | None
    deadlines: ReferralDeadlines | None
    items_disclosed: tuple[str, ...]
    bounces: bool

    def apply(self, aggregate: Issue) -> None:
        referral = Referral(
            referral_id=self.referral_id,
            type=self.type,
            from_agency=self.from_agency,
            to_agency=self.to_agency,
            sent_at=self.occurred_at,
            deadlines=self.deadlines,
        )
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)
        aggregate.referrals[self.referral_id] = referral
        aggregate.involved |= {self.from_agency, self.to_agency}
        aggregate.bounced = aggregate.bounced or self.bounces
        aggregate.activate()


class ReferralDelivered(Issue.Event):
    """The referral stands in the receiver's queue."""

    TOPIC = "ReferralDelivered"
    referral_id: UUID

    def apply(self, aggregate: Issue) -> None:
        aggregate.referrals[self.referral_id].delivered = True


class ReferralOpened(Issue.Event):
    """Somebody at the receiver has read it for the first time."""

    TOPIC = "ReferralOpened"
    referral_id: UUID

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.opened = True
        if referral.type is ReferralType.INFORM:
            referral.status = ReferralStatus.COMPLETED
            referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)


class ReferralWithdrawn(Issue.Event):
    """The sender took it back before an answer."""

    TOPIC = "ReferralWithdrawn"
    referral_id: UUID
    reason_sv: str

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.status = ReferralStatus.WITHDRAWN
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)


@dataclass(frozen=True, kw_only=True)
class SendReferral(IssueCommand):
    """Refer an issue to another agency."""

    states = OPEN
    who = Who.INVOLVED

    type: ReferralType
    to_agency: str
    to_unit: OptionalLine = None
    question_sv: OptionalExplanation = None
    wanted_sv: OptionalWords = None
    background_sv: OptionalFree = None
    respond_by: datetime | None = None
    items_disclosed: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MarkReferralDelivered(ReferralCommand):
    """Note that a referral has reached the receiver's queue."""

    who = Who.SYSTEM
    referral_states = frozenset(ReferralStatus)


@dataclass(frozen=True, kw_only=True)
class OpenReferral(ReferralCommand):
    """Note that the receiver has read the referral."""

    who = Who.RECEIVER
    referral_states = frozenset(ReferralStatus) - {ReferralStatus.WITHDRAWN}


@dataclass(frozen=True, kw_only=True)
class WithdrawReferral(ReferralCommand):
    """Take a referral back before it is answered."""

    states = LIVE
    who = Who.SENDER
    referral_states = UNANSWERED

    reason_sv: OptionalWords = None


def send(issue: Issue, command: SendReferral, context: Context) -> UUID:
    """Send a referral (R1-R4, R8-R10); returns the new referral's id."""
    issue.admit(command, context)
    sender = context.actor.agency_id
    _may_send(issue, command, context)
    _check_receiver(command, sender, context)
    _check_content(command, context)
    context.problems.raise_any()
    referral_id = context.new_id()
    issue.record(
        ReferralSent,
        context,
        referral_id=referral_id,
        type=command.type,
        from_agency=sender,
        to_agency=command.to_agency,
        to_unit=command.to_unit,
        question_sv=command.question_sv,
        wanted_sv=command.wanted_sv,
        background_sv=command.background_sv,
        deadlines=_deadlines(issue, command, context),
        items_disclosed=command.items_disclosed,
        bounces=command.type is ReferralType.TRANSFER and command.to_agency in issue.pushed_back_by,
    )
    return referral_id


def mark_delivered(issue: Issue, command: MarkReferralDelivered, context: Context) -> None:
    """By the system, once."""
    issue.admit(command, context)
    referral = issue.referral(command.referral_id, command, context)
    if referral.delivered:
        raise already_done("referral_delivered", "ReferralDelivered")
    issue.record(ReferralDelivered, context, referral_id=referral.referral_id)


def open_referral(issue: Issue, command: OpenReferral, context: Context) -> None:
    """By the first reader at the receiver, once; `inform` is thereby done."""
    issue.admit(command, context)
    referral = issue.referral(command.referral_id, command, context)
    if referral.opened:
        raise already_done("referral_opened", "ReferralOpened")
    issue.record(ReferralOpened, context, referral_id=referral.referral_id)


def withdraw(issue: Issue, command: WithdrawReferral, context: Context) -> None:
    """By the sender, before an answer (R13: the first event wins)."""
    issue.admit(command, context)
    referral = issue.referral(command.referral_id, command, context)
    referral.not_before_last(context)
    issue.record(
        ReferralWithdrawn,
        context,
        referral_id=referral.referral_id,
        reason_sv=command.reason_sv or "",
    )


def _may_send(issue: Issue, command: SendReferral, context: Context) -> None:
    if command.type is not ReferralType.TRANSFER:
        return
    responsible = issue.responsible_agency
    if not context.agencies.acts_for(context.actor.agency_id, responsible, context.now):
        raise NotAllowed(
            "only_responsible_transfers",
            f"Bara {context.agencies.name_sv(issue.responsible_agency)}, som är ansvarig, "
            "kan överlämna ärendet.",
            f"Only {context.agencies.name_en(issue.responsible_agency)}, which is responsible, "
            "can transfer the issue.",
            who_may=(issue.responsible_agency,),
        )
    for referral in issue.open_referrals():
        if referral.type is ReferralType.TRANSFER:
            name = context.agencies.name_sv(referral.to_agency)
            raise Conflict(
                "transfer_open",
                f"Ärendet är redan överlämnat till {name}, som inte har svarat än.",
                "The issue has been transferred already and "
                f"{context.agencies.name_en(referral.to_agency)} has not answered yet.",
                happened="ReferralSent",
            )


def _check_receiver(command: SendReferral, sender: str, context: Context) -> None:
    problems = context.problems
    check_agency(command.to_agency, "to_agency", context)
    problems.need(
        command.to_agency != sender,
        "to_agency",
        "self_referral",
        "Ni kan inte överlämna till er själva.",
        "You cannot refer to yourselves.",
    )
    if command.type is ReferralType.TRANSFER:
        check_handles_issues(command.to_agency, "to_agency", context)
    partner = context.agencies.get(command.to_agency)
    if partner is not None and not partner.is_authority:
        problems.need(
            command.type in (ReferralType.INFORM, ReferralType.ASSIST),
            "type",
            "not_to_partner",
            f"{partner.name_sv} är ingen myndighet och kan bara få en begäran om insats "
            "eller en underrättelse.",
            f"{partner.name_en} is no authority and can only be asked to assist or be informed.",
        )


def _check_content(command: SendReferral, context: Context) -> None:
    problems = context.problems
    if command.type in (ReferralType.TRANSFER, ReferralType.CONSULT):
        problems.need(
            command.question_sv,
            "question_sv",
            "required",
            "Skriv varför ni vänder er till mottagaren och vad frågan gäller.",
            "Write why you turn to the receiver and what the question is.",
        )
    if command.type is ReferralType.TRANSFER:
        problems.need(
            command.wanted_sv,
            "wanted_sv",
            "required",
            "Skriv vilket resultat ni önskar.",
            "Write what result you wish for.",
        )
    if command.type is ReferralType.CONSULT:
        problems.need(
            command.respond_by,
            "respond_by",
            "required",
            "En remiss ska ange sista svarsdag (FL 26 §).",
            "A consultation must state the last day to answer (FL 26 §).",
        )
    if command.respond_by is not None:
        respond_by = check_aware(command.respond_by, "respond_by", context)
        problems.need(
            respond_by >= context.occurred_at + LEAST_TIME,
            "respond_by",
            "too_soon",
            "Ge mottagaren minst en timme att svara.",
            "Give the receiver at least one hour to answer.",
        )
        problems.need(
            respond_by <= context.occurred_at + MOST_TIME,
            "respond_by",
            "too_late",
            "Svara senast kan ligga högst ett år framåt.",
            "The time to answer can lie at most a year ahead.",
        )


def _deadlines(issue: Issue, command: SendReferral, context: Context) -> ReferralDeadlines | None:
    clock = answer_clock(command.type)
    if clock is None:
        return None
    respond_by = (
        check_aware(command.respond_by, "respond_by", context)
        if command.respond_by
        else due(clock, issue.priority, context.occurred_at, context.calendar)
    )
    return referral_deadlines(
        context.occurred_at,
        respond_by,
        by_hours=counts_in_hours(clock, issue.priority),
        calendar=context.calendar,
    )


def already_done(code: str, happened: str) -> Conflict:
    """A second time changes nothing and is said so."""
    return Conflict(code, "Det är redan gjort.", "It has been done already.", happened=happened)
