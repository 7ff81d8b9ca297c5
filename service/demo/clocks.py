"""What the system does by itself in the demo's year: the same as its policies, at the very time.

The policies ask a read model what is due; the year keeps the few clocks of its own issues itself,
so that thousands of them take no time.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from domain.action import PerformAction
from domain.answer import ProvideReferralInfo
from domain.command import Command
from domain.deadlines import Clock, due
from domain.escalation import EscalateReferral, RemindReferral
from domain.follow_up import ScheduleFollowUp
from domain.issue import Issue
from domain.lifecycle import ParkIssue, ResumeIssue
from domain.referral import MarkReferralDelivered, SendReferral
from domain.referral_state import Referral
from domain.working_days import Calendar

_AT_ONCE = timedelta(seconds=1)


def clocks_after(
    command: Command, issue: Issue, created: UUID | None, now: datetime, calendar: Calendar
) -> Iterator[tuple[datetime, Command]]:
    """The commands of the system that a command has made due, each with its time.

    Some will be refused when their time comes, because somebody has acted meanwhile.
    """
    match command:
        case SendReferral() if created is not None:
            referral = issue.referrals[created]
            yield (
                now + _AT_ONCE,
                MarkReferralDelivered(issue_id=issue.id, referral_id=referral.referral_id),
            )
            yield from _of_answer(issue, referral)
        case ProvideReferralInfo():
            yield from _of_answer(issue, issue.referrals[command.referral_id])
        case ParkIssue():
            yield command.until, ResumeIssue(issue_id=issue.id)
        case PerformAction() if issue.unassessed_since is not None:
            at = due(Clock.FOLLOW_UP, issue.priority, issue.unassessed_since, calendar)
            yield at, ScheduleFollowUp(issue_id=issue.id)
        case _:
            return


def _of_answer(issue: Issue, referral: Referral) -> Iterator[tuple[datetime, Command]]:
    if referral.deadlines is None:
        return
    yield (
        referral.deadlines.remind_at,
        RemindReferral(issue_id=issue.id, referral_id=referral.referral_id),
    )
    for level, at in enumerate(referral.deadlines.escalate_at, start=1):
        yield at, EscalateReferral(issue_id=issue.id, referral_id=referral.referral_id, level=level)
