"""AnswerReferral: the opinion asked for, or the result of the help (ADR 0005)."""

import pytest

from domain.answer import AnswerReferral, ReferralAnswered
from domain.codes import ReferralStatus, ReferralType
from domain.refusals import Conflict, NotAllowed
from tests.domain.given import Scene, given_an_issue

OPINION = "Förskjutna stängningstider skulle minska folkmängden."


def answered(scene: Scene, by: str = "police", answer_sv: str = OPINION) -> Scene:
    return scene.when(scene.on_referral(AnswerReferral, answer_sv=answer_sv), by)


def test_accepted_consult_at_once() -> None:
    scene = answered(given_an_issue().with_a_referral("police", ReferralType.CONSULT))
    scene.then(ReferralAnswered, referral_id=scene.referral_id, answer_sv=OPINION)
    assert scene.referral.status is ReferralStatus.COMPLETED
    assert scene.issue.open_referrals() == []
    assert scene.issue.responsible_agency == "district"


def test_accepted_assist_once_it_is_taken_on() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.ASSIST).accepted()
    answered(scene).then(ReferralAnswered)


def test_refused_assist_before_it_is_taken_on() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.ASSIST)
    answered(scene).then_refused(Conflict, "not_answerable_now", happened="ReferralSent")


@pytest.mark.parametrize("taken", [False, True])
def test_refused_transfer(taken: bool) -> None:  # noqa: FBT001  a case of the test
    scene = given_an_issue().with_a_transfer_to("police")
    if taken:
        scene.accepted()
    answered(scene).then_refused(Conflict, "not_answerable_now")


def test_refused_second_answer() -> None:
    scene = answered(given_an_issue().with_a_referral("police", ReferralType.CONSULT))
    answered(scene).then_refused(Conflict, "referral_completed", happened="ReferralAnswered")


def test_refused_by_the_sender() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.CONSULT)
    answered(scene, "district").then_refused(NotAllowed, "other_agency", who_may=("police",))


def test_refused_without_words() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.CONSULT)
    answered(scene, answer_sv="").then_bad(("answer_sv", "too_short"))
