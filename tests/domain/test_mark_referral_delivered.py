"""MarkReferralDelivered: by the system, once."""

from domain.referral import MarkReferralDelivered, ReferralDelivered, WithdrawReferral
from domain.refusals import Conflict, NotAllowed
from domain.values import SYSTEM, Role
from tests.domain.given import given_an_issue, of


def test_accepted_by_the_system() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(MarkReferralDelivered), "system")
    scene.then(ReferralDelivered, actor=SYSTEM, registering_agency="district")
    assert scene.referral.delivered


def test_accepted_though_it_was_withdrawn_at_once() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.given(scene.on_referral(WithdrawReferral))
    scene.when(scene.on_referral(MarkReferralDelivered), "system").then(ReferralDelivered)


def test_ignored_second_time() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.given(scene.on_referral(MarkReferralDelivered), "system")
    scene.when(scene.on_referral(MarkReferralDelivered), "system")
    scene.then_refused(Conflict, "referral_delivered", happened="ReferralDelivered")


def test_refused_by_people() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    for role in set(Role) - {Role.SYSTEM}:
        scene.when(scene.on_referral(MarkReferralDelivered), of("police", role))
        scene.then_refused(NotAllowed, "role_not_allowed", who_may=("system",))
