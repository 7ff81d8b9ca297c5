"""WithdrawReferral: by the sender, before an answer (R13)."""

import pytest

from domain.answer import AnswerReferral, RequestReferralInfo
from domain.codes import ReferralStatus, ReferralType
from domain.referral import ReferralWithdrawn, WithdrawReferral
from domain.refusals import Conflict, NotAllowed
from tests.clock import START
from tests.domain.given import given_an_issue


@pytest.mark.parametrize("type_", ReferralType)
def test_accepted_before_an_answer(type_: ReferralType) -> None:
    scene = given_an_issue().with_a_referral("police", type_)
    scene.when(scene.on_referral(WithdrawReferral, reason_sv="Fel mottagare."))
    scene.then(ReferralWithdrawn, reason_sv="Fel mottagare.")
    assert scene.referral.status is ReferralStatus.WITHDRAWN
    assert scene.issue.open_referrals() == []
    assert scene.issue.responsible_agency == "district"


def test_accepted_while_information_is_asked_for_and_without_a_reason() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.given(scene.on_referral(RequestReferralInfo, question_sv="Var?"), "police")
    scene.when(scene.on_referral(WithdrawReferral)).then(ReferralWithdrawn, reason_sv="")


def test_refused_after_it_was_accepted_naming_who_was_first() -> None:
    scene = given_an_issue().with_a_transfer_to("police").accepted()
    scene.when(scene.on_referral(WithdrawReferral))
    refusal = scene.then_refused(Conflict, "referral_accepted", happened="ReferralAccepted")
    assert "Polisen" in refusal.sv


def test_refused_after_it_was_answered() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.CONSULT)
    scene.given(scene.on_referral(AnswerReferral, answer_sv="Ingen invändning."), "police")
    scene.when(scene.on_referral(WithdrawReferral))
    scene.then_refused(Conflict, "referral_completed", happened="ReferralAnswered")


def test_refused_by_the_receiver() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(WithdrawReferral), "police")
    scene.then_refused(NotAllowed, "other_agency", who_may=("district",))


def test_refused_before_it_was_sent() -> None:
    scene = given_an_issue().later(hours=1).with_a_transfer_to("police")
    scene.when(scene.on_referral(WithdrawReferral, occurred_at=START))
    scene.then_bad(("occurred_at", "before_it_was_sent"))
