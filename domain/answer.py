"""What the receiver does with a referral: take over, decline, ask for more, answer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from domain.checks import check_day_ahead
from domain.codes import DeclineReason, ReferralStatus, ReferralType
from domain.command import LIVE, Who, Words
from domain.context import Context
from domain.deadlines import Clock, ReferralDeadlines, due, paused
from domain.issue import Issue, ReferralCommand
from domain.referral_state import Referral
from domain.refusals import Conflict
from domain.responsibility import (
    ReasonedCommand,
    check_reason,
    move_responsibility,
    sender_acts_by,
)
from domain.working_days import LOCAL_ZONE

SENT = frozenset({ReferralStatus.SENT})


class ReferralAccepted(Issue.Event):
    """The receiver takes over (transfer) or promises to help (assist)."""

    TOPIC = "ReferralAccepted"
    referral_id: UUID
    planned_first_action_by: date | None
    first_action_due_at: datetime

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.status = ReferralStatus.ACCEPTED
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)
        aggregate.activate()


class ReferralDeclined(Issue.Event):
    """The receiver will not take it; the sender has it on top of the queue (R6)."""

    TOPIC = "ReferralDeclined"
    referral_id: UUID
    reason_code: DeclineReason
    reason_sv: str
    suggested_agency: str | None
    earliest_on: date | None
    sender_acts_by: datetime

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.status = ReferralStatus.DECLINED
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)
        aggregate.declines += 1
        if referral.type is ReferralType.TRANSFER:
            aggregate.pushed_back_by.append(referral.to_agency)


class ReferralInfoRequested(Issue.Event):
    """The receiver needs to know more; its clock stands still."""

    TOPIC = "ReferralInfoRequested"
    referral_id: UUID
    question_sv: str

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.status = ReferralStatus.INFO_REQUESTED
        referral.info_asked_at = self.occurred_at
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)


class ReferralInfoProvided(Issue.Event):
    """The sender answered; the receiver's clock runs again, with the pause added."""

    TOPIC = "ReferralInfoProvided"
    referral_id: UUID
    answer_sv: str
    deadlines: ReferralDeadlines | None

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.status = ReferralStatus.SENT
        referral.info_asked_at = None
        referral.deadlines = self.deadlines
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)


class ReferralAnswered(Issue.Event):
    """The opinion asked for (consult) or the result of the help (assist)."""

    TOPIC = "ReferralAnswered"
    referral_id: UUID
    answer_sv: str

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.status = ReferralStatus.COMPLETED
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)


@dataclass(frozen=True, kw_only=True)
class AcceptReferral(ReferralCommand):
    """Take over the issue, or promise the help asked for."""

    states = LIVE
    who = Who.RECEIVER
    referral_states = SENT

    planned_first_action_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class DeclineReferral(ReasonedCommand):
    """Decline a referral, with a reason."""

    referral_states = SENT


@dataclass(frozen=True, kw_only=True)
class RequestReferralInfo(ReferralCommand):
    """Ask the sender for more before answering."""

    states = LIVE
    who = Who.RECEIVER
    referral_states = SENT

    question_sv: Words


@dataclass(frozen=True, kw_only=True)
class ProvideReferralInfo(ReferralCommand):
    """Give the receiver what it asked for."""

    states = LIVE
    who = Who.SENDER
    referral_states = frozenset({ReferralStatus.INFO_REQUESTED})

    answer_sv: Words


@dataclass(frozen=True, kw_only=True)
class AnswerReferral(ReferralCommand):
    """Give the opinion (consult) or the result (assist)."""

    states = LIVE
    who = Who.RECEIVER
    referral_states = frozenset({ReferralStatus.SENT, ReferralStatus.ACCEPTED})

    answer_sv: Words


def accept(issue: Issue, command: AcceptReferral, context: Context) -> None:
    """Take over; a transfer moves the responsibility in the same append (R1)."""
    issue.admit(command, context)
    referral = _answerable(issue, command, context)
    if referral.type is ReferralType.CONSULT:
        raise Conflict(
            "consult_is_answered",
            "En remiss tas inte över. Svara med ett yttrande eller avböj.",
            "A consultation is not taken over. Answer with an opinion or decline.",
            happened="ReferralSent",
        )
    check_day_ahead(command.planned_first_action_by, "planned_first_action_by", context)
    issue.record(
        ReferralAccepted,
        context,
        referral_id=referral.referral_id,
        planned_first_action_by=command.planned_first_action_by,
        first_action_due_at=_first_action_due(issue, command, context),
    )
    if referral.type is ReferralType.TRANSFER:
        # The successor of an agency that has ended takes over in its own name.
        move_responsibility(issue, referral, context.actor.agency_id, context)


def _first_action_due(issue: Issue, command: AcceptReferral, context: Context) -> datetime:
    """The end of the day that was promised, else by the clock of DOMAIN 8."""
    promised = command.planned_first_action_by
    if promised is not None:
        next_midnight = datetime.combine(promised + timedelta(days=1), time(), LOCAL_ZONE)
        return next_midnight.astimezone(UTC) - timedelta(microseconds=1)
    return due(Clock.FIRST_ACTION, issue.priority, context.occurred_at, context.calendar)


def decline(issue: Issue, command: DeclineReferral, context: Context) -> None:
    """Say no with a reason (R5); a private partner need not give one (R3)."""
    issue.admit(command, context)
    referral = _answerable(issue, command, context)
    check_reason(command, context)
    issue.record(
        ReferralDeclined,
        context,
        referral_id=referral.referral_id,
        reason_code=command.reason_code or DeclineReason.OTHER,
        reason_sv=command.reason_sv or "",
        suggested_agency=command.suggested_agency,
        earliest_on=command.earliest_on,
        sender_acts_by=sender_acts_by(context),
    )


def request_info(issue: Issue, command: RequestReferralInfo, context: Context) -> None:
    """Ask for more; the receiver's clock pauses."""
    issue.admit(command, context)
    referral = _answerable(issue, command, context)
    issue.record(
        ReferralInfoRequested,
        context,
        referral_id=referral.referral_id,
        question_sv=command.question_sv,
    )


def provide_info(issue: Issue, command: ProvideReferralInfo, context: Context) -> None:
    """Give what was asked for; the pause is added to every deadline of the referral."""
    issue.admit(command, context)
    referral = issue.referral(command.referral_id, command, context)
    referral.not_before_last(context)
    asked_at = referral.info_asked_at or context.occurred_at
    deadlines = referral.deadlines and paused(
        referral.deadlines, asked_at, context.occurred_at, context.calendar
    )
    issue.record(
        ReferralInfoProvided,
        context,
        referral_id=referral.referral_id,
        answer_sv=command.answer_sv,
        deadlines=deadlines,
    )


def answer(issue: Issue, command: AnswerReferral, context: Context) -> None:
    """A consultation is answered at once, a request for help after it was accepted."""
    issue.admit(command, context)
    referral = _answerable(issue, command, context)
    ready = (
        ReferralStatus.SENT if referral.type is ReferralType.CONSULT else ReferralStatus.ACCEPTED
    )
    if referral.type is ReferralType.TRANSFER or referral.status is not ready:
        raise Conflict(
            "not_answerable_now",
            "En överlämning tas över eller avböjs. En begäran om insats besvaras när den är "
            "antagen.",
            "A transfer is taken over or declined. A request for assistance is answered once it "
            "is accepted.",
            happened=referral.last_event,
        )
    issue.record(
        ReferralAnswered,
        context,
        referral_id=referral.referral_id,
        answer_sv=command.answer_sv,
    )


def _answerable(issue: Issue, command: ReferralCommand, context: Context) -> Referral:
    referral = issue.referral(command.referral_id, command, context)
    if referral.type is ReferralType.INFORM:
        raise Conflict(
            "inform_needs_no_answer",
            "Det här skickades för kännedom och besvaras inte.",
            "This was sent for information and is not answered.",
            happened="ReferralSent",
        )
    referral.not_before_last(context)
    return referral
