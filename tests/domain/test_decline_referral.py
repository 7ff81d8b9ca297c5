"""DeclineReferral: a code, an explanation, and the issue on top of the sender's queue (R5, R6)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.answer import DeclineReferral, ReferralDeclined
from domain.codes import DeclineReason, ReferralStatus, ReferralType
from domain.referral import ReferralSent
from domain.refusals import Conflict, NotAllowed
from tests.clock import START
from tests.domain.given import Scene, given_an_issue

REASON = "Det här ingår inte i vårt uppdrag, tyvärr."


def sent(type_: ReferralType = ReferralType.TRANSFER, to: str = "police") -> Scene:
    return given_an_issue().with_a_referral(to, type_)


def decline(scene: Scene, by: str = "police", **data: Any) -> Scene:
    given = {"reason_code": DeclineReason.NOT_OUR_MANDATE, "reason_sv": REASON} | data
    return scene.when(scene.on_referral(DeclineReferral, **given), by)


@pytest.mark.parametrize(
    "type_", [ReferralType.TRANSFER, ReferralType.ASSIST, ReferralType.CONSULT]
)
def test_accepted_with_code_and_explanation(type_: ReferralType) -> None:
    scene = decline(sent(type_))
    scene.then(
        ReferralDeclined,
        referral_id=scene.referral_id,
        reason_code=DeclineReason.NOT_OUR_MANDATE,
        reason_sv=REASON,
    )
    assert scene.referral.status is ReferralStatus.DECLINED
    assert scene.issue.responsible_agency == "district"
    assert scene.issue.declines == 1


def test_accepted_gives_the_sender_two_working_days() -> None:
    scene = sent().at(datetime(2026, 1, 16, 14, tzinfo=UTC))  # a Friday
    declined = decline(scene).then(ReferralDeclined)
    assert declined.sender_acts_by == datetime(2026, 1, 20, 14, tzinfo=UTC)


def test_accepted_other_agency_with_a_suggestion() -> None:
    data = {"reason_code": DeclineReason.OTHER_AGENCY_RIGHT, "suggested_agency": "social"}
    decline(sent(), **data).then(ReferralDeclined, suggested_agency="social")


def test_accepted_no_capacity_with_the_earliest_date() -> None:
    day = date(2026, 2, 1)
    scene = decline(sent(), reason_code=DeclineReason.NO_CAPACITY_NOW, earliest_on=day)
    scene.then(ReferralDeclined, earliest_on=day)


def test_accepted_from_a_partner_without_any_reason() -> None:
    scene = sent(ReferralType.ASSIST, "partner_nordstan")
    decline(scene, "partner_nordstan", reason_code=None, reason_sv=None).then(
        ReferralDeclined, reason_code=DeclineReason.OTHER, reason_sv=""
    )


def test_refused_from_an_authority_without_code_and_explanation() -> None:
    decline(sent(), reason_code=None, reason_sv=None).then_bad(
        ("reason_code", "required"), ("reason_sv", "required")
    )


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"reason_sv": "x" * 19}, "reason_sv", "too_short"),
        ({"reason_sv": "   " + "x" * 19 + "  "}, "reason_sv", "too_short"),
        ({"reason_sv": "x" * 2001}, "reason_sv", "too_long"),
        ({"reason_code": DeclineReason.OTHER_AGENCY_RIGHT}, "suggested_agency", "required"),
        ({"reason_code": DeclineReason.NO_CAPACITY_NOW}, "earliest_on", "required"),
        ({"earliest_on": date(2026, 1, 11)}, "earliest_on", "in_the_past"),
        ({"suggested_agency": "police"}, "suggested_agency", "self_referral"),
        ({"suggested_agency": "nobody"}, "suggested_agency", "unknown_agency"),
        ({"suggested_agency": "social_2018"}, "suggested_agency", "agency_closed"),
    ],
)
def test_refused_bad_field(data: dict[str, Any], field: str, code: str) -> None:
    decline(sent(), **data).then_bad((field, code))


def test_refused_records_nothing() -> None:
    scene = sent()
    version = scene.issue.version
    decline(scene, reason_code=None)
    assert scene.issue.version == version
    assert scene.referral.status is ReferralStatus.SENT


def test_refused_by_the_sender() -> None:
    decline(sent(), "district").then_refused(NotAllowed, "other_agency", who_may=("police",))


def test_refused_after_it_was_accepted_by_a_colleague() -> None:
    decline(sent().accepted()).then_refused(
        Conflict, "referral_accepted", happened="ReferralAccepted"
    )


def test_refused_for_what_was_sent_for_information() -> None:
    decline(sent(ReferralType.INFORM)).then_refused(Conflict, "inform_needs_no_answer")


def test_accepted_and_sent_to_the_right_one_does_not_bounce() -> None:
    scene = decline(sent())
    scene.when(scene.send("social")).then(ReferralSent, bounces=False)


def test_accepted_late_gives_the_clock_from_when_it_happened() -> None:
    scene = sent().later(days=9)
    at = START + timedelta(days=1)
    declined = decline(scene, occurred_at=at).then(ReferralDeclined, occurred_at=at)
    assert declined.sender_acts_by == at + timedelta(days=2)
