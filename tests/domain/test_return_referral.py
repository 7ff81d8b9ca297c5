"""ReturnReferral: after accepting only; a transfer's responsibility goes back (R5, R7)."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import DeclineReason, ReferralStatus, ReferralType
from domain.referral import WithdrawReferral
from domain.refusals import Conflict, NotAllowed
from domain.responsibility import ReferralReturned, ResponsibilityTransferred, ReturnReferral
from tests.clock import START
from tests.domain.given import Scene, given_an_issue

REASON = "Det visade sig vara en fråga för andra."


def returned(scene: Scene, by: str = "police", **data: Any) -> Scene:
    given = {"reason_code": DeclineReason.NOT_OUR_MANDATE, "reason_sv": REASON} | data
    return scene.when(scene.on_referral(ReturnReferral, **given), by)


def taken(type_: ReferralType = ReferralType.TRANSFER) -> Scene:
    return given_an_issue().with_a_referral("police", type_).accepted().later(hours=2)


def test_accepted_transfer_gives_the_responsibility_back() -> None:
    scene = returned(taken(), done_so_far_sv="Två patruller.")
    scene.then(
        ReferralReturned,
        ResponsibilityTransferred,
        from_agency="police",
        to_agency="district",
        referral_id=scene.referral_id,
    )
    first = scene.events[0]
    assert isinstance(first, ReferralReturned)
    assert first.done_so_far_sv == "Två patruller."
    assert first.sender_acts_by == START + timedelta(days=2, hours=2)
    assert scene.issue.responsible_agency == "district"
    assert scene.referral.status is ReferralStatus.RETURNED
    assert scene.issue.pushed_back_by == ["police"]


def test_accepted_assist_moves_nothing() -> None:
    scene = returned(taken(ReferralType.ASSIST))
    scene.then(ReferralReturned)
    assert scene.issue.responsible_agency == "district"
    assert scene.issue.pushed_back_by == []


def test_refused_before_accepting() -> None:
    scene = returned(given_an_issue().with_a_transfer_to("police"))
    scene.then_refused(Conflict, "referral_sent", happened="ReferralSent")


def test_refused_once_it_was_passed_on() -> None:
    scene = taken()
    first = scene.referral_id
    scene.with_a_transfer_to("social", by="police").accepted()
    scene.referral_id = first
    returned(scene).then_refused(Conflict, "referral_completed")


def test_refused_while_the_own_transfer_onwards_waits() -> None:
    scene = taken()
    first = scene.referral_id
    scene.with_a_transfer_to("social", by="police")
    onwards, scene.referral_id = scene.referral_id, first
    returned(scene).then_refused(Conflict, "transfer_open", happened="ReferralSent")
    scene.referral_id = onwards
    scene.given(scene.on_referral(WithdrawReferral), "police")
    scene.referral_id = first
    returned(scene).then(ReferralReturned, ResponsibilityTransferred)


def test_accepted_while_the_own_request_for_help_waits() -> None:
    scene = taken()
    first = scene.referral_id
    scene.with_a_referral("social", ReferralType.ASSIST, by="police")
    scene.referral_id = first
    returned(scene).then(ReferralReturned, ResponsibilityTransferred)


def test_refused_without_code_and_explanation() -> None:
    returned(taken(), reason_code=None, reason_sv=None).then_bad(
        ("reason_code", "required"), ("reason_sv", "required")
    )


def test_accepted_no_capacity_with_the_earliest_date() -> None:
    scene, day = taken(ReferralType.ASSIST), date(2026, 3, 1)
    returned(scene, reason_code=DeclineReason.NO_CAPACITY_NOW, earliest_on=day).then(
        ReferralReturned, earliest_on=day
    )


@pytest.mark.parametrize("agency", ["district", "social"])
def test_refused_by_others_than_the_holder(agency: str) -> None:
    returned(taken(), agency).then_refused(NotAllowed, "other_agency", who_may=("police",))


def test_refused_before_it_was_accepted_in_time() -> None:
    scene = given_an_issue().with_a_transfer_to("police").later(hours=3).accepted()
    returned(scene, occurred_at=START).then_bad(("occurred_at", "before_it_was_sent"))


def test_refused_before_it_is_answered_in_words_that_blame_nobody() -> None:
    refusal = returned(given_an_issue().with_a_transfer_to("police")).then_refused(
        Conflict, "referral_sent", happened="ReferralSent"
    )
    assert refusal.sv == "Överlämningen är inte besvarad än."
    assert refusal.en == "The referral has not been answered yet."
