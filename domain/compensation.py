"""What takes back an event: the reverse command, where the rules have one that restores what was.

Nothing is removed from the log, and a new issue that became active stays so: somebody has been at
it. Closing, answers and what was done have consequences for others, or count in figures; they are
left to the ordinary commands.
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
from domain.command import Command
from domain.issue import Issue
from domain.lifecycle import IssueParked, ParkIssue, ResumeIssue
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
        SendReferral,
        UnassignCaseworker,
    }
)
"""The commands whose event another command takes back."""


def compensation_of(event: object, before: Issue) -> Command | None:
    """The command that takes an event back; `before` is its issue as it was before the event.

    Whether it may still be given is decided when it is, like that of any command.
    """
    issue_id = before.id
    match event:
        case CategoryChanged():
            return ChangeCategory(
                issue_id=issue_id, category=event.from_category, reason_sv=REASON_SV
            )
        case PriorityChanged():
            return ChangePriority(
                issue_id=issue_id, priority=event.from_priority, reason_sv=REASON_SV
            )
        case PlaceCorrected():
            return CorrectPlace(issue_id=issue_id, place=event.from_place, reason_sv=REASON_SV)
        case TitleChanged():
            return ChangeTitle(
                issue_id=issue_id,
                title=before.title,
                public_title=before.public_title,
                reason_sv=REASON_SV,
            )
        case ReferralSent():
            return WithdrawReferral(
                issue_id=issue_id, referral_id=event.referral_id, reason_sv=REASON_SV
            )
        case ActionPlanned():
            return CancelAction(issue_id=issue_id, action_id=event.action_id, reason_sv=REASON_SV)
        case IssueParked():
            return ResumeIssue(issue_id=issue_id, reason_sv=REASON_SV)
        case _:
            return _of_marks(event, before)


def _of_marks(event: object, before: Issue) -> Command | None:
    """What an agency has said for itself: who handles the issue, and its secrecy mark."""
    match event:
        case CaseworkerAssigned() | CaseworkerUnassigned():
            user_id = before.caseworkers.get(event.agency_id)
            if user_id is None:
                return UnassignCaseworker(issue_id=before.id)
            return AssignCaseworker(issue_id=before.id, user_id=user_id)
        case SecrecyMarked() | SecrecyMarkRemoved():
            provision = before.secrecy_marks.get(event.agency_id)
            if provision is None:
                return RemoveSecrecyMark(issue_id=before.id)
            return MarkSecrecy(issue_id=before.id, provision=provision)
        case _:
            return None
