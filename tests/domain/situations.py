"""The states that issues and referrals can be in, each reached by commands, for the matrix."""

from collections.abc import Callable
from datetime import timedelta

from domain import action, answer, classification, follow_up, lifecycle, referral, responsibility
from domain.codes import IssueStatus, ReferralStatus, ReferralType
from tests.domain.command_examples import EXAMPLES, WAIT, nothing
from tests.domain.given import Scene, given_an_issue

PARKED_FOR = timedelta(days=10)


def issue_in(status: IssueStatus, before: Callable[[Scene], None] = nothing) -> Scene:
    """An issue of `district` in this status after what had to happen before, some weeks ago.

    What begins the work makes a new issue active, so in a new issue it has not happened.
    """
    scene = given_an_issue()
    before(scene)
    if status is IssueStatus.NEW:
        return (scene if scene.issue.status is status else given_an_issue()).later(days=WAIT.days)
    if not scene.issue.caseworkers:
        scene.given(scene.on_issue(classification.AssignCaseworker, user_id="u-dis-01"))
    match status:
        case IssueStatus.FOLLOW_UP:
            scene.given(EXAMPLES[follow_up.ScheduleFollowUp].give(scene, "district"))
        case IssueStatus.PARKED:
            until = scene.now + PARKED_FOR
            scene.given(scene.on_issue(lifecycle.ParkIssue, until=until, reason_sv="Vila."))
        case IssueStatus.CLOSED | IssueStatus.MERGED | IssueStatus.VOIDED:
            _settle(scene)
            ending = {
                IssueStatus.CLOSED: lifecycle.CloseIssue,
                IssueStatus.MERGED: lifecycle.MergeIssues,
                IssueStatus.VOIDED: lifecycle.VoidIssue,
            }[status]
            scene.given(EXAMPLES[ending].give(scene, "district"))
        case _:
            pass
    assert scene.issue.status is status
    return scene.later(days=WAIT.days)


def _settle(scene: Scene) -> None:
    """Nothing may be left open when an issue ends."""
    for each in scene.issue.open_referrals():
        scene.given(scene.on_referral(referral.WithdrawReferral), each.from_agency)
    for planned in scene.issue.open_actions():
        scene.given(EXAMPLES[action.CancelAction].give(scene, planned.agency_id))


REACHABLE: dict[ReferralType, tuple[ReferralStatus, ...]] = {
    ReferralType.TRANSFER: tuple(ReferralStatus),
    ReferralType.ASSIST: tuple(ReferralStatus),
    ReferralType.CONSULT: tuple(
        status
        for status in ReferralStatus
        if status not in (ReferralStatus.ACCEPTED, ReferralStatus.RETURNED)
    ),
    ReferralType.INFORM: (
        ReferralStatus.SENT,
        ReferralStatus.WITHDRAWN,
        ReferralStatus.COMPLETED,
    ),
}
"""The states that referrals of each type can be in (ADR 0005)."""


def referral_in(type_: ReferralType, status: ReferralStatus) -> Scene:
    """A referral from `district` to `police` in this state, sent some weeks ago."""
    scene = given_an_issue().with_a_referral("police", type_)
    give = {
        ReferralStatus.DECLINED: answer.DeclineReferral,
        ReferralStatus.INFO_REQUESTED: answer.RequestReferralInfo,
        ReferralStatus.WITHDRAWN: referral.WithdrawReferral,
    }.get(status)
    if give is not None:
        by = "district" if give is referral.WithdrawReferral else "police"
        scene.given(EXAMPLES[give].give(scene, by), by)
    if status in (ReferralStatus.ACCEPTED, ReferralStatus.RETURNED):
        scene.accepted()
    if status is ReferralStatus.RETURNED:
        scene.given(EXAMPLES[responsibility.ReturnReferral].give(scene, "police"), "police")
    if status is ReferralStatus.COMPLETED:
        _complete(scene, type_)
    assert scene.referral.status is status
    return scene.later(days=WAIT.days)


def _complete(scene: Scene, type_: ReferralType) -> None:
    referral_id = scene.referral_id
    match type_:
        case ReferralType.INFORM:
            scene.given(scene.on_referral(referral.OpenReferral), "police")
        case ReferralType.TRANSFER:
            scene.accepted().with_a_transfer_to("social", by="police").accepted()
        case _:
            if type_ is ReferralType.ASSIST:
                scene.accepted()
            scene.given(scene.on_referral(answer.AnswerReferral, answer_sv="Klart."), "police")
    scene.referral_id = referral_id
