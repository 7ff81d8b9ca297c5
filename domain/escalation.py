"""What happens when nobody answers a referral: a reminder, then three levels of escalation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.codes import ReferralStatus
from domain.command import LIVE, Who
from domain.context import Context
from domain.deadlines import ReferralDeadlines
from domain.issue import Issue, ReferralCommand
from domain.referral import already_done
from domain.referral_state import Referral
from domain.refusals import Conflict

TO_ROLES = {1: "receiving_manager", 2: "coordinator", 3: "steering_group"}
"""Who is told at each level (DOMAIN 8)."""


class ReferralReminderSent(Issue.Event):
    """The time to answer has run out: the receiving unit is reminded."""

    TOPIC = "ReferralReminderSent"
    referral_id: UUID
    to_role: str
    overdue_since: datetime

    def apply(self, aggregate: Issue) -> None:
        aggregate.referrals[self.referral_id].reminded = True


class ReferralEscalated(Issue.Event):
    """Still no answer: level 1 receiving manager and sender, 2 coordinator, 3 steering group."""

    TOPIC = "ReferralEscalated"
    referral_id: UUID
    level: int
    to_role: str
    overdue_since: datetime

    def apply(self, aggregate: Issue) -> None:
        aggregate.referrals[self.referral_id].escalated = self.level


@dataclass(frozen=True, kw_only=True)
class RemindReferral(ReferralCommand):
    """Remind the receiver when the time to answer has run out."""

    states = LIVE
    who = Who.SYSTEM
    referral_states = frozenset({ReferralStatus.SENT})


@dataclass(frozen=True, kw_only=True)
class EscalateReferral(ReferralCommand):
    """Escalate an unanswered referral one level."""

    states = LIVE
    who = Who.SYSTEM
    referral_states = frozenset({ReferralStatus.SENT})

    level: int


def remind(issue: Issue, command: RemindReferral, context: Context) -> None:
    """At 100 % of the time, once."""
    issue.admit(command, context)
    referral = issue.referral(command.referral_id, command, context)
    deadlines = _running(referral, context)
    if referral.reminded:
        raise already_done("referral_reminded", "ReferralReminderSent")
    if context.now < deadlines.respond_by:
        raise _too_early(deadlines.respond_by)
    issue.record(
        ReferralReminderSent,
        context,
        referral_id=referral.referral_id,
        to_role="unit_inbox",
        overdue_since=deadlines.respond_by,
    )


def escalate(issue: Issue, command: EscalateReferral, context: Context) -> None:
    """At 150, 200 and 300 % of the time, level by level; responsibility does not move."""
    issue.admit(command, context)
    referral = issue.referral(command.referral_id, command, context)
    deadlines = _running(referral, context)
    if command.level <= referral.escalated:
        raise already_done("referral_escalated", "ReferralEscalated")
    context.problems.need(
        command.level in TO_ROLES and command.level == referral.escalated + 1,
        "level",
        "not_the_next_level",
        f"Nästa nivå är {referral.escalated + 1}.",
        f"The next level is {referral.escalated + 1}.",
    )
    context.problems.raise_any()
    at = deadlines.escalate_at[command.level - 1]
    if context.now < at:
        raise _too_early(at)
    issue.record(
        ReferralEscalated,
        context,
        referral_id=referral.referral_id,
        level=command.level,
        to_role=TO_ROLES[command.level],
        overdue_since=deadlines.respond_by,
    )


def _running(referral: Referral, context: Context) -> ReferralDeadlines:
    if referral.deadlines is None:
        raise referral.conflict(context)
    return referral.deadlines


def _too_early(at: datetime) -> Conflict:
    return Conflict(
        "not_due",
        f"Tiden är inte inne förrän {at:%Y-%m-%d %H:%M} UTC.",
        f"The time has not come before {at:%Y-%m-%d %H:%M} UTC.",
        happened="not_due",
    )
