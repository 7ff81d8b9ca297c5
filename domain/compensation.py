"""What takes back an event: the reverse command, where the rules have one that restores what was.

Nothing is removed from the log, and a new issue that became active stays so: somebody has been at
it. These are left to the ordinary commands, because none of them restores what was:

- closing: reopening is for a problem that came back. It counts as that in the figures, asks for a
  new assessment, and leaves the requests that closing completed completed.
- the first day for a follow-up: it puts the issue in follow-up, which only work takes it out of.
  A day that was moved is moved back, if it still lies ahead.
- notes, answers, what was done and what was seen: others have read them. A correction says so.
"""

from domain.action import ActionPlanned, CancelAction, PlanAction
from domain.classification import (
    AssignCaseworker,
    CaseworkerAssigned,
    CaseworkerUnassigned,
    CategoryChanged,
    ChangeCategory,
    ChangePriority,
    ChangeTitle,
    CorrectPlace,
    PlaceCorrected,
    PriorityChanged,
    TitleChanged,
    UnassignCaseworker,
)
from domain.codes import IssueStatus
from domain.command import Command
from domain.follow_up import FollowUpScheduled, ScheduleFollowUp
from domain.issue import Issue
from domain.lifecycle import IssueParked, IssueResumed, ParkIssue, ResumeIssue
from domain.notes import (
    MarkSecrecy,
    RemoveSecrecyMark,
    SecrecyMarked,
    SecrecyMarkRemoved,
)
from domain.referral import ReferralSent, SendReferral, WithdrawReferral

REASON_SV = "Ångrat."
"""The recorded reason of a command that takes back what somebody did a moment ago."""

COMPENSATED: frozenset[type[Command]] = frozenset(
    {
        AssignCaseworker,
        ChangeCategory,
        ChangePriority,
        ChangeTitle,
        CorrectPlace,
        MarkSecrecy,
        ParkIssue,
        PlanAction,
        RemoveSecrecyMark,
        ResumeIssue,
        ScheduleFollowUp,
        SendReferral,
        UnassignCaseworker,
    }
)
"""The commands whose event another command takes back."""


def compensation_of(event: object, before: Issue) -> Command | None:
    """The command that takes an event back; `before` is its issue as it was before the event.

    Whether it may still be given is decided when it is, like that of any command.
    """
    return (
        _of_what_was_changed(event, before)
        or _of_what_was_begun(event, before)
        or _of_what_has_a_time(event, before)
    )


def _of_what_was_changed(event: object, before: Issue) -> Command | None:
    """How the issue is described: as it was before."""
    match event:
        case CategoryChanged():
            return ChangeCategory(
                issue_id=before.id, category=event.from_category, reason_sv=REASON_SV
            )
        case PriorityChanged():
            return ChangePriority(
                issue_id=before.id, priority=event.from_priority, reason_sv=REASON_SV
            )
        case PlaceCorrected():
            return CorrectPlace(issue_id=before.id, place=event.from_place, reason_sv=REASON_SV)
        case TitleChanged():
            return ChangeTitle(
                issue_id=before.id,
                title=before.title,
                public_title=before.public_title,
                reason_sv=REASON_SV,
            )
        case CaseworkerAssigned() | CaseworkerUnassigned():
            return _give_to(before.caseworkers.get(event.agency_id), before)
        case _:
            return None


def _of_what_was_begun(event: object, before: Issue) -> Command | None:
    """What runs from now on: it ends."""
    match event:
        case ReferralSent():
            return WithdrawReferral(
                issue_id=before.id, referral_id=event.referral_id, reason_sv=REASON_SV
            )
        case ActionPlanned():
            return CancelAction(issue_id=before.id, action_id=event.action_id, reason_sv=REASON_SV)
        case SecrecyMarked() | SecrecyMarkRemoved():
            return _mark_with(before.secrecy_marks.get(event.agency_id), before)
        case _:
            return None


def _of_what_has_a_time(event: object, before: Issue) -> Command | None:
    """Rest and follow-up: until when it was before, if that time has not passed."""
    match event:
        case IssueParked():
            return ResumeIssue(issue_id=before.id, reason_sv=REASON_SV)
        case IssueResumed():
            until = before.parked_until
            if until is not None and until > event.occurred_at:
                return ParkIssue(issue_id=before.id, until=until, reason_sv=REASON_SV)
        case FollowUpScheduled() if before.status is IssueStatus.FOLLOW_UP:
            due_at = before.follow_up_due
            if due_at is not None and due_at > event.occurred_at:
                return ScheduleFollowUp(
                    issue_id=before.id, due_at=due_at, responsible_agency=before.follow_up_agency
                )
        case _:
            pass
    return None


def _give_to(user_id: str | None, before: Issue) -> Command:
    if user_id is None:
        return UnassignCaseworker(issue_id=before.id)
    return AssignCaseworker(issue_id=before.id, user_id=user_id)


def _mark_with(provision: str | None, before: Issue) -> Command:
    if provision is None:
        return RemoveSecrecyMark(issue_id=before.id, reason_sv=REASON_SV)
    return MarkSecrecy(issue_id=before.id, provision=provision)
