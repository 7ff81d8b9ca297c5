"""RemindReferral: when the time to answer has run out, once."""

from datetime import timedelta

from domain.answer import RequestReferralInfo
from domain.codes import Priority, ReferralType
from domain.escalation import ReferralReminderSent, RemindReferral
from domain.refusals import Conflict
from tests.clock import START
from tests.domain.given import given_an_issue


def test_accepted_when_the_time_is_up() -> None:
    scene = given_an_issue(priority=Priority.HIGH).with_a_transfer_to("police").later(days=1)
    scene.when(scene.on_referral(RemindReferral), "system")
    scene.then(ReferralReminderSent, to_role="unit_inbox", overdue_since=START + timedelta(days=1))
    assert scene.referral.reminded
    assert scene.issue.responsible_agency == "district"


def test_refused_a_moment_before() -> None:
    scene = given_an_issue(priority=Priority.HIGH).with_a_transfer_to("police")
    scene.later(days=1, microseconds=-1).when(scene.on_referral(RemindReferral), "system")
    scene.then_refused(Conflict, "not_due", happened="not_due")


def test_ignored_second_time() -> None:
    scene = given_an_issue(priority=Priority.HIGH).with_a_transfer_to("police").later(days=9)
    scene.given(scene.on_referral(RemindReferral), "system")
    scene.when(scene.on_referral(RemindReferral), "system")
    scene.then_refused(Conflict, "referral_reminded", happened="ReferralReminderSent")


def test_refused_after_an_answer() -> None:
    scene = given_an_issue(priority=Priority.HIGH).with_a_transfer_to("police").accepted()
    scene.later(days=9).when(scene.on_referral(RemindReferral), "system")
    scene.then_refused(Conflict, "referral_accepted", happened="ReferralAccepted")


def test_refused_while_information_is_asked_for() -> None:
    scene = given_an_issue(priority=Priority.HIGH).with_a_transfer_to("police")
    scene.given(scene.on_referral(RequestReferralInfo, question_sv="Var?"), "police")
    scene.later(days=9).when(scene.on_referral(RemindReferral), "system")
    scene.then_refused(Conflict, "referral_info_requested")


def test_refused_for_what_was_sent_for_information() -> None:
    scene = given_an_issue().with_a_referral("police", ReferralType.INFORM).later(days=99)
    scene.when(scene.on_referral(RemindReferral), "system")
    scene.then_refused(Conflict, "referral_sent")
