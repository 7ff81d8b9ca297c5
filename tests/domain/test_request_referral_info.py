"""RequestReferralInfo: the receiver needs to know more, and its clock stands still."""

import pytest

from domain.answer import ReferralInfoRequested, RequestReferralInfo
from domain.codes import ReferralStatus, ReferralType
from domain.refusals import Conflict, NotAllowed
from tests.clock import START
from tests.domain.given import given_an_issue


@pytest.mark.parametrize(
    "type_", [ReferralType.TRANSFER, ReferralType.ASSIST, ReferralType.CONSULT]
)
def test_accepted_pauses_the_clock(type_: ReferralType) -> None:
    scene = given_an_issue().with_a_referral("police", type_)
    scene.when(scene.on_referral(RequestReferralInfo, question_sv="Vilka klockslag?"), "police")
    scene.then(ReferralInfoRequested, question_sv="Vilka klockslag?")
    assert scene.referral.status is ReferralStatus.INFO_REQUESTED
    assert scene.referral.info_asked_at == START
    assert scene.referral.last_event == "ReferralInfoRequested"
    assert scene.issue.open_referrals() == [scene.referral]


def test_refused_second_question_before_the_answer() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    ask = scene.on_referral(RequestReferralInfo, question_sv="Vilka klockslag?")
    scene.given(ask, "police").when(ask, "police")
    scene.then_refused(Conflict, "referral_info_requested", happened="ReferralInfoRequested")


def test_refused_by_others_than_the_receiver() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(RequestReferralInfo, question_sv="Var?"), "social")
    scene.then_refused(NotAllowed, "other_agency", who_may=("police",))


def test_refused_for_what_was_sent_for_information() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.INFORM)
    scene.when(scene.on_referral(RequestReferralInfo, question_sv="Var?"), "police")
    scene.then_refused(Conflict, "inform_needs_no_answer")


def test_refused_without_a_question() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(RequestReferralInfo, question_sv="  "), "police")
    scene.then_bad(("question_sv", "too_short"))
