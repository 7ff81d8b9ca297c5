"""When an agency ends, its successor acts in its place and nobody acts for what is gone."""

from dataclasses import replace
from datetime import timedelta

from domain.answer import AcceptReferral, ReferralAccepted
from domain.classification import ChangePriority, PriorityChanged
from domain.codes import DeclineReason, Priority, ReferralStatus
from domain.refusals import NotAllowed
from domain.responsibility import (
    ReferralReturned,
    ResponsibilityTransferred,
    ReturnReferral,
)
from tests.domain.given import Scene, given_an_issue


def _ends(scene: Scene, agency_id: str, successor_id: str) -> Scene:
    """The agency's last day was yesterday."""
    agencies = scene.agencies.agencies
    agencies[agency_id] = replace(
        agencies[agency_id],
        valid_to=(scene.now - timedelta(days=1)).date(),
        successor_id=successor_id,
    )
    return scene


def test_refused_from_an_agency_that_no_longer_exists() -> None:
    scene = _ends(given_an_issue().with_a_transfer_to("environment"), "environment", "city_env")
    scene.when(scene.on_referral(AcceptReferral), "environment")
    refusal = scene.then_refused(NotAllowed, "other_agency", who_may=("city_env",))
    assert refusal.en == (
        "Environment administration, licensing unit no longer exists. "
        "Only City environment administration can do this."
    )


def test_accepted_from_the_successor_which_becomes_responsible_in_its_own_name() -> None:
    scene = _ends(given_an_issue().with_a_transfer_to("environment"), "environment", "city_env")
    scene.when(scene.on_referral(AcceptReferral), "city_env")
    scene.then(ReferralAccepted, ResponsibilityTransferred, to_agency="city_env")
    assert scene.issue.responsible_agency == "city_env"


def test_the_successor_does_what_only_the_responsible_agency_may() -> None:
    scene = _ends(given_an_issue(by="environment"), "environment", "city_env")
    raise_it = scene.on_issue(ChangePriority, priority=Priority.URGENT)
    scene.when(raise_it, "city_env").then(PriorityChanged)
    scene.when(scene.on_issue(ChangePriority, priority=Priority.LOW), "police")
    scene.then_refused(NotAllowed, "other_agency")


def test_what_is_returned_goes_to_the_successor_of_the_sender() -> None:
    scene = given_an_issue(by="environment").with_a_transfer_to("police", by="environment")
    scene = _ends(scene.accepted(), "environment", "city_env")
    back = scene.on_referral(
        ReturnReferral,
        reason_code=DeclineReason.NOT_OUR_MANDATE,
        reason_sv="Frågan visade sig gälla tillsyn av lokalen.",
    )
    scene.when(back, "police").then(
        ReferralReturned, ResponsibilityTransferred, to_agency="city_env"
    )
    assert scene.referral.status is ReferralStatus.RETURNED


def test_nobody_inherits_when_no_successor_is_named() -> None:
    scene = _ends(given_an_issue().with_a_transfer_to("environment"), "environment", "nobody")
    for agency_id in ("environment", "city_env", "district"):
        scene.when(scene.on_referral(AcceptReferral), agency_id)
        scene.then_refused(NotAllowed, "other_agency")
