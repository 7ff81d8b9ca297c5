"""Who is responsible for an issue: how that moves, is given back (R7) or proposed (R8)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.checks import check_agency, check_authority, check_day_ahead
from domain.codes import DeclineReason, ReferralStatus, ReferralType
from domain.command import LIVE, OptionalExplanation, OptionalWords, Who
from domain.context import Context
from domain.deadlines import AFTER_DECLINE
from domain.issue import Issue, IssueCommand, ReferralCommand
from domain.referral_state import Referral
from domain.refusals import Conflict


class ReferralReturned(Issue.Event):
    """After having accepted, the receiver gives it back (R7)."""

    TOPIC = "ReferralReturned"
    referral_id: UUID
    reason_code: DeclineReason
    reason_sv: str
    suggested_agency: str | None
    earliest_on: date | None
    done_so_far_sv: str | None
    sender_acts_by: datetime

    def apply(self, aggregate: Issue) -> None:
        referral = aggregate.referrals[self.referral_id]
        referral.status = ReferralStatus.RETURNED
        referral.happened(self.TOPIC, self.actor.agency_id, self.occurred_at)
        if referral.type is ReferralType.TRANSFER:
            aggregate.pushed_back_by.append(referral.to_agency)


class ResponsibilityTransferred(Issue.Event):
    """Another agency is responsible now; only caused by an accept or a return (R1)."""

    TOPIC = "ResponsibilityTransferred"
    from_agency: str
    to_agency: str
    referral_id: UUID

    def apply(self, aggregate: Issue) -> None:
        for referral in aggregate.referrals.values():
            earlier = referral.referral_id != self.referral_id
            if (
                earlier
                and referral.type is ReferralType.TRANSFER
                and referral.status is ReferralStatus.ACCEPTED
            ):
                referral.status = ReferralStatus.COMPLETED
        if aggregate.follow_up_agency == self.from_agency:
            aggregate.follow_up_agency = self.to_agency
        aggregate.responsible_agency = self.to_agency
        aggregate.involved.add(self.to_agency)


class ResponsibilityProposed(Issue.Event):
    """A coordinator's advice on who should be responsible; nobody can be ordered by it."""

    TOPIC = "ResponsibilityProposed"
    proposed_agency: str
    reason_sv: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.proposals += 1


@dataclass(frozen=True, kw_only=True)
class ReasonedCommand(ReferralCommand):
    """What declining and returning have in common: a code and an explanation (R5)."""

    states = LIVE
    who = Who.RECEIVER

    reason_code: DeclineReason | None = None
    reason_sv: OptionalExplanation = None
    suggested_agency: str | None = None
    earliest_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnReferral(ReasonedCommand):
    """Give back what was accepted, with a reason."""

    referral_states = frozenset({ReferralStatus.ACCEPTED})

    done_so_far_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class ProposeResponsibility(IssueCommand):
    """Propose which agency should be responsible."""

    states = LIVE

    proposed_agency: str
    reason_sv: OptionalWords = None


def give_back(issue: Issue, command: ReturnReferral, context: Context) -> None:
    """Return what was accepted (R7); a transfer's responsibility goes back to the sender."""
    issue.admit(command, context)
    referral = issue.referral(command.referral_id, command, context)
    referral.not_before_last(context)
    _nothing_sent_on(issue, context)
    check_reason(command, context)
    issue.record(
        ReferralReturned,
        context,
        referral_id=referral.referral_id,
        reason_code=command.reason_code or DeclineReason.OTHER,
        reason_sv=command.reason_sv or "",
        suggested_agency=command.suggested_agency,
        earliest_on=command.earliest_on,
        done_so_far_sv=command.done_so_far_sv,
        sender_acts_by=sender_acts_by(context),
    )
    if referral.type is ReferralType.TRANSFER:
        back_to = context.agencies.heir(referral.from_agency, context.now)
        move_responsibility(issue, referral, back_to or referral.from_agency, context)


def propose(issue: Issue, command: ProposeResponsibility, context: Context) -> None:
    """R8: the coordinator's advice when an issue bounces; responsibility does not move."""
    issue.admit(command, context)
    check_authority(command.proposed_agency, "proposed_agency", context)
    issue.record(
        ResponsibilityProposed,
        context,
        proposed_agency=command.proposed_agency,
        reason_sv=command.reason_sv or "",
    )


def check_reason(command: ReasonedCommand, context: Context) -> None:
    """R5: a code and an explanation, and what the code demands besides."""
    problems = context.problems
    needs_reason = context.agencies.is_authority(context.actor.agency_id)
    problems.need(
        command.reason_code or not needs_reason,
        "reason_code",
        "required",
        "Välj ett skäl.",
        "Choose a reason.",
    )
    problems.need(
        command.reason_sv or not needs_reason,
        "reason_sv",
        "required",
        "Förklara med minst 20 tecken.",
        "Explain in at least 20 characters.",
    )
    if command.reason_code is DeclineReason.OTHER_AGENCY_RIGHT:
        problems.need(
            command.suggested_agency,
            "suggested_agency",
            "required",
            "Ange vilken mottagare som är rätt.",
            "State which receiver is right.",
        )
    if command.reason_code is DeclineReason.NO_CAPACITY_NOW:
        problems.need(
            command.earliest_on,
            "earliest_on",
            "required",
            "Ange tidigast möjliga datum.",
            "State the earliest possible date.",
        )
    check_day_ahead(command.earliest_on, "earliest_on", context)
    if command.suggested_agency is not None:
        check_agency(command.suggested_agency, "suggested_agency", context)
        problems.need(
            command.suggested_agency != context.actor.agency_id,
            "suggested_agency",
            "self_referral",
            "Föreslå någon annan än er själva.",
            "Suggest somebody other than yourselves.",
        )


def sender_acts_by(context: Context) -> datetime:
    """R6: when the sender is to have dealt with what came back."""
    return AFTER_DECLINE.after(context.occurred_at, context.calendar)


def move_responsibility(issue: Issue, referral: Referral, to_agency: str, context: Context) -> None:
    """R1: one agency hands the responsibility to one other, in the same append as its cause."""
    issue.record(
        ResponsibilityTransferred,
        context,
        from_agency=issue.responsible_agency,
        to_agency=to_agency,
        referral_id=referral.referral_id,
    )


def _nothing_sent_on(issue: Issue, context: Context) -> None:
    for open_referral in issue.open_referrals():
        own = open_referral.from_agency == context.actor.agency_id
        if own and open_referral.type is ReferralType.TRANSFER:
            raise Conflict(
                "transfer_open",
                "Ni har själva överlämnat ärendet vidare. Återkalla den överlämningen först.",
                "You have transferred the issue onwards yourselves. Withdraw that transfer first.",
                happened="ReferralSent",
            )
