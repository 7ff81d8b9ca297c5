"""AcceptReferral: responsibility moves with the transfer, in the same append (R1, R13)."""

from datetime import date, timedelta

import pytest

from domain.answer import AcceptReferral, DeclineReferral, ReferralAccepted, RequestReferralInfo
from domain.codes import DeclineReason, IssueStatus, Priority, ReferralStatus, ReferralType
from domain.follow_up import ScheduleFollowUp
from domain.lifecycle import ParkIssue
from domain.referral import WithdrawReferral
from domain.refusals import Conflict, NotAllowed, NotFound
from domain.responsibility import ResponsibilityTransferred
from tests.clock import START
from tests.domain.given import NO_ID, given_an_issue


def test_accepted_transfer_moves_the_responsibility() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    scene.when(
        scene.on_referral(AcceptReferral, planned_first_action_by=date(2026, 1, 14)), "social"
    )
    scene.then(
        ReferralAccepted,
        ResponsibilityTransferred,
        from_agency="district",
        to_agency="social",
        referral_id=scene.referral_id,
    )
    accepted = scene.events[0]
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.planned_first_action_by == date(2026, 1, 14)
    assert accepted.causation_id == scene.events[1].causation_id
    assert scene.issue.responsible_agency == "social"
    assert scene.referral.status is ReferralStatus.ACCEPTED
    assert scene.referral.last_event == "ReferralAccepted"


def test_accepted_assist_leaves_the_sender_responsible() -> None:
    scene = given_an_issue().with_a_referral("social", ReferralType.ASSIST)
    scene.when(scene.on_referral(AcceptReferral), "social").then(ReferralAccepted)
    assert scene.issue.responsible_agency == "district"
    assert scene.issue.open_referrals() == []


def test_accepted_assist_by_a_partner() -> None:
    scene = given_an_issue().with_a_referral("partner_nordstan", ReferralType.ASSIST)
    scene.when(scene.on_referral(AcceptReferral), "partner_nordstan").then(ReferralAccepted)


@pytest.mark.parametrize(
    ("priority", "days"), [(Priority.URGENT, 1), (Priority.HIGH, 3), (Priority.MEDIUM, 14)]
)
def test_accepted_starts_the_clock_of_the_first_action(priority: Priority, days: int) -> None:
    scene = given_an_issue(priority=priority).with_a_transfer_to("social")
    scene.when(scene.on_referral(AcceptReferral), "social")
    accepted = scene.events[0]
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.first_action_due_at == START + timedelta(days=days)


def test_accepted_transfer_onwards_completes_the_earlier_one() -> None:
    scene = given_an_issue().with_a_transfer_to("social").accepted()
    earlier = scene.referral
    scene.with_a_transfer_to("police", by="social").accepted()
    assert earlier.status is ReferralStatus.COMPLETED
    assert scene.referral.status is ReferralStatus.ACCEPTED
    assert scene.issue.responsible_agency == "police"


def test_accepted_in_follow_up_takes_the_issue_back_to_work() -> None:
    scene = given_an_issue().with_a_referral("social", ReferralType.ASSIST)
    scene.given(scene.on_issue(ScheduleFollowUp, due_at=START + timedelta(days=30)))
    before = scene.issue.status
    scene.given(scene.on_referral(AcceptReferral), "social")
    assert (before, scene.issue.status) == (IssueStatus.FOLLOW_UP, IssueStatus.ACTIVE)


def test_accepted_while_parked_stays_parked() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    scene.given(scene.on_issue(ParkIssue, until=START + timedelta(days=9), reason_sv="Vila."))
    scene.given(scene.on_referral(AcceptReferral), "social")
    assert scene.issue.status is IssueStatus.PARKED
    assert scene.issue.responsible_agency == "social"


def test_refused_second_time_tells_what_happened_instead() -> None:
    scene = given_an_issue().with_a_transfer_to("police").later(hours=5, minutes=32)
    scene.accepted().later(hours=1)
    scene.when(scene.on_referral(AcceptReferral), "police")
    refusal = scene.then_refused(Conflict, "referral_accepted", happened="ReferralAccepted")
    assert refusal.sv == (
        "Någon annan hann före: överlämningen är övertagen sedan 2026-01-12 kl. 14.32, "
        "av Polisen, lokalpolisområde Göteborg City."
    )
    assert refusal.en.startswith("Somebody else was first: the referral is accepted since")


def test_refused_after_the_sender_withdrew() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.given(scene.on_referral(WithdrawReferral))
    scene.when(scene.on_referral(AcceptReferral), "police")
    scene.then_refused(Conflict, "referral_withdrawn", happened="ReferralWithdrawn")


def test_refused_after_a_colleague_declined() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    decline = scene.on_referral(
        DeclineReferral, reason_code=DeclineReason.OTHER, reason_sv="Vi har redan för mycket."
    )
    scene.given(decline, "police").when(scene.on_referral(AcceptReferral), "police")
    scene.then_refused(Conflict, "referral_declined", happened="ReferralDeclined")


def test_refused_while_information_is_asked_for() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.given(scene.on_referral(RequestReferralInfo, question_sv="Var?"), "police")
    scene.when(scene.on_referral(AcceptReferral), "police")
    refusal = scene.then_refused(
        Conflict, "referral_info_requested", happened="ReferralInfoRequested"
    )
    assert "asked for more" in refusal.en
    assert refusal.sv.endswith("Svara när den har kommit.")


def test_refused_for_a_consult() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.CONSULT)
    scene.when(scene.on_referral(AcceptReferral), "police")
    scene.then_refused(Conflict, "consult_is_answered")


def test_refused_for_what_was_sent_for_information() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.INFORM)
    scene.when(scene.on_referral(AcceptReferral), "police")
    scene.then_refused(Conflict, "inform_needs_no_answer")


@pytest.mark.parametrize("agency", ["district", "social"])
def test_refused_for_others_than_the_receiver(agency: str) -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(AcceptReferral), agency)
    scene.then_refused(NotAllowed, "other_agency", who_may=("police",))
    assert scene.issue.responsible_agency == "district"


def test_refused_unknown_referral() -> None:
    scene = given_an_issue()
    scene.when(AcceptReferral(issue_id=scene.issue_id, referral_id=NO_ID), "police")
    scene.then_refused(NotFound, "no_such_referral")


def test_refused_first_action_on_a_day_that_has_passed() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(
        scene.on_referral(AcceptReferral, planned_first_action_by=date(2026, 1, 11)), "police"
    )
    scene.then_bad(("planned_first_action_by", "in_the_past"))


def test_refused_before_it_was_sent() -> None:
    scene = given_an_issue().later(hours=2).with_a_transfer_to("police").later(hours=1)
    scene.when(scene.on_referral(AcceptReferral, occurred_at=START), "police")
    scene.then_bad(("occurred_at", "before_it_was_sent"))


def test_accepted_at_once_though_the_senders_clock_was_fast() -> None:
    scene = given_an_issue().with_a_transfer_to("police", occurred_at=START + timedelta(minutes=4))
    scene.when(scene.on_referral(AcceptReferral), "police")
    scene.then(ReferralAccepted, ResponsibilityTransferred)
