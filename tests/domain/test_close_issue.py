"""CloseIssue: everything is settled (R11) and whoever wanted a reply has it (R12)."""

from datetime import date

import pytest

from domain.action import CancelAction, PlanAction
from domain.answer import DeclineReferral
from domain.codes import (
    ActionType,
    CloseOutcome,
    DeclineReason,
    Effect,
    IssueStatus,
    ReferralStatus,
    ReferralType,
)
from domain.follow_up import RecordFollowUp
from domain.lifecycle import CloseIssue, IssueClosed
from domain.opening import LinkReport
from domain.refusals import Conflict
from domain.report import SendFeedback
from tests.domain.given import Scene, given_an_issue

WITHOUT_FOLLOW_UP = (
    CloseOutcome.DUPLICATE,
    CloseOutcome.HANDLED_ELSEWHERE,
    CloseOutcome.NO_ACTION_POSSIBLE,
)


def close(scene: Scene, outcome: CloseOutcome = CloseOutcome.RESOLVED, **data: str) -> Scene:
    words = {"summary_sv": "Tiderna styrde allt."} | data
    return scene.when(scene.on_issue(CloseIssue, outcome=outcome, **words))


def assessed(scene: Scene, effect: Effect = Effect.IMPROVED) -> Scene:
    ahead = scene.now.replace(year=2027) if effect is Effect.TOO_EARLY else None
    command = scene.on_issue(
        RecordFollowUp, effect=effect, evidence_sv="11 blev 4.", next_follow_up_at=ahead
    )
    return scene.given(command)


def wanting_reply(scene: Scene) -> Scene:
    scene.with_a_report(wants_reply=True)
    return scene.given(scene.on_issue(LinkReport, report_id=scene.report_id))


@pytest.mark.parametrize("outcome", [CloseOutcome.RESOLVED, CloseOutcome.MOVED_TO_PLAN])
def test_accepted_after_an_assessed_follow_up(outcome: CloseOutcome) -> None:
    scene = close(assessed(given_an_issue()), outcome, lessons_sv="Ljuset hjälpte.")
    scene.then(
        IssueClosed,
        outcome=outcome,
        summary_sv="Tiderna styrde allt.",
        lessons_sv="Ljuset hjälpte.",
    )
    assert scene.issue.status is IssueStatus.CLOSED
    assert scene.issue.follow_up_due is None
    assert scene.issue.unassessed_since is None


@pytest.mark.parametrize("outcome", WITHOUT_FOLLOW_UP)
def test_accepted_without_follow_up_by_outcome(outcome: CloseOutcome) -> None:
    close(given_an_issue(), outcome).then(IssueClosed, outcome=outcome)


@pytest.mark.parametrize("outcome", [CloseOutcome.RESOLVED, CloseOutcome.MOVED_TO_PLAN])
def test_refused_without_follow_up(outcome: CloseOutcome) -> None:
    close(given_an_issue(), outcome).then_refused(Conflict, "follow_up_missing")


def test_refused_while_it_was_too_early_to_tell() -> None:
    scene = close(assessed(given_an_issue(), Effect.TOO_EARLY))
    scene.then_refused(Conflict, "follow_up_missing", happened="follow_up_missing")


@pytest.mark.parametrize(
    "type_", [ReferralType.TRANSFER, ReferralType.ASSIST, ReferralType.CONSULT]
)
def test_refused_while_a_referral_is_open(type_: ReferralType) -> None:
    scene = assessed(given_an_issue()).with_a_referral("social", type_)
    refusal = close(scene).then_refused(Conflict, "referral_open")
    assert refusal.sv == "Socialförvaltningen Centrum, socialtjänst/fält har inte svarat."


def test_accepted_beside_what_was_sent_for_information() -> None:
    scene = assessed(given_an_issue()).with_a_referral("social", ReferralType.INFORM)
    close(scene).then(IssueClosed)
    assert scene.referral.status is ReferralStatus.SENT


def test_accepted_completes_what_was_accepted() -> None:
    scene = given_an_issue().with_a_referral("social", ReferralType.ASSIST).accepted()
    close(assessed(scene)).then(IssueClosed)
    assert scene.referral.status is ReferralStatus.COMPLETED


def test_accepted_leaves_what_was_declined() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    decline = scene.on_referral(
        DeclineReferral, reason_code=DeclineReason.OTHER, reason_sv="Vi har redan för mycket."
    )
    close(assessed(scene.given(decline, "social"))).then(IssueClosed)
    assert scene.referral.status is ReferralStatus.DECLINED


def test_refused_while_an_action_is_planned_until_it_is_cancelled() -> None:
    scene = given_an_issue()
    command = scene.on_issue(PlanAction, action_type=ActionType.CLEANING, due_on=date(2026, 2, 1))
    close(assessed(scene.given(command))).then_refused(Conflict, "action_open")
    cancel = scene.on_issue(CancelAction, action_id=scene.action_id, reason_sv="Behövs inte.")
    close(scene.given(cancel)).then(IssueClosed)


@pytest.mark.parametrize("outcome", [CloseOutcome.RESOLVED, *WITHOUT_FOLLOW_UP])
def test_refused_while_a_reporter_waits_for_a_reply(outcome: CloseOutcome) -> None:
    scene = wanting_reply(assessed(given_an_issue()))
    close(scene, outcome).then_refused(Conflict, "feedback_missing")
    close(scene.given(scene.on_report(SendFeedback, text_sv="Tack!")), outcome).then(IssueClosed)


def test_refused_with_the_whole_checklist_at_once() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    command = scene.on_issue(PlanAction, action_type=ActionType.CLEANING, due_on=date(2026, 2, 1))
    wanting_reply(scene.given(command)).with_a_referral("police", ReferralType.CONSULT)
    refusal = close(scene).then_refused(
        Conflict,
        "referral_open",
        happened="referral_open, referral_open, action_open, follow_up_missing, feedback_missing",
    )
    assert refusal.sv.count(".") == 5


def test_refused_names_an_agency_once_however_much_it_was_asked() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.ASSIST)
    scene.with_a_referral("police", ReferralType.CONSULT)
    refusal = close(assessed(scene)).then_refused(
        Conflict, "referral_open", happened="referral_open"
    )
    assert refusal.en.count("has not answered") == 1


def test_refused_bad_text_before_the_checklist() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    close(scene, summary_sv="").then_bad(("summary_sv", "too_short"))
