"""OpenReferral: the first reading at the receiver; what was sent for information is then done."""

from domain.answer import DeclineReferral
from domain.codes import DeclineReason, ReferralStatus, ReferralType
from domain.referral import OpenReferral, ReferralOpened, WithdrawReferral
from domain.refusals import Conflict, NotAllowed
from tests.domain.given import given_an_issue


def test_accepted_leaves_a_transfer_waiting_for_its_answer() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(OpenReferral), "police").then(ReferralOpened)
    assert scene.referral.opened
    assert scene.referral.status is ReferralStatus.SENT
    assert scene.referral.last_event == "ReferralSent"


def test_accepted_completes_what_was_sent_for_information() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.INFORM)
    scene.when(scene.on_referral(OpenReferral), "police").then(ReferralOpened)
    assert scene.referral.status is ReferralStatus.COMPLETED
    assert scene.referral.last_event == "ReferralOpened"


def test_accepted_after_a_colleague_declined_unread() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    decline = scene.on_referral(
        DeclineReferral, reason_code=DeclineReason.OTHER, reason_sv="Vi har redan för mycket."
    )
    scene.given(decline, "police")
    scene.when(scene.on_referral(OpenReferral), "police").then(ReferralOpened)
    assert scene.referral.status is ReferralStatus.DECLINED


def test_ignored_second_reading() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.given(scene.on_referral(OpenReferral), "police")
    scene.when(scene.on_referral(OpenReferral), "police")
    scene.then_refused(Conflict, "referral_opened", happened="ReferralOpened")


def test_refused_after_it_was_withdrawn() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.INFORM)
    scene.given(scene.on_referral(WithdrawReferral))
    scene.when(scene.on_referral(OpenReferral), "police")
    scene.then_refused(Conflict, "referral_withdrawn", happened="ReferralWithdrawn")
    assert scene.referral.status is ReferralStatus.WITHDRAWN


def test_refused_by_the_sender() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(OpenReferral))
    scene.then_refused(NotAllowed, "other_agency", who_may=("police",))
