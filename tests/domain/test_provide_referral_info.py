"""ProvideReferralInfo: the receiver's clock runs again, with the pause added to every deadline."""

from datetime import UTC, datetime, timedelta

from domain.answer import ProvideReferralInfo, ReferralInfoProvided, RequestReferralInfo
from domain.codes import Priority, ReferralStatus
from domain.refusals import Conflict, NotAllowed
from tests.clock import START
from tests.domain.given import Scene, given_an_issue

ANSWER = "Se sammanställningen per kvarter."


def asked(priority: Priority = Priority.HIGH) -> Scene:
    scene = given_an_issue(priority=priority).with_a_transfer_to("police").later(hours=1)
    return scene.given(scene.on_referral(RequestReferralInfo, question_sv="Var?"), "police")


def test_accepted_adds_the_pause_to_every_deadline() -> None:
    scene = asked().later(hours=5)
    provided = scene.when(scene.on_referral(ProvideReferralInfo, answer_sv=ANSWER)).then(
        ReferralInfoProvided, answer_sv=ANSWER
    )
    five = timedelta(hours=5)
    assert provided.deadlines.respond_by == START + timedelta(days=1) + five
    assert provided.deadlines.remind_at == provided.deadlines.respond_by
    assert provided.deadlines.escalate_at[2] == START + timedelta(days=3) + five
    assert scene.referral.deadlines == provided.deadlines
    assert scene.referral.status is ReferralStatus.SENT
    assert scene.referral.info_asked_at is None


def test_accepted_over_a_weekend_adds_working_time_only() -> None:
    scene = given_an_issue(priority=Priority.HIGH).at(datetime(2026, 1, 16, 8, tzinfo=UTC))
    scene.with_a_transfer_to("police")  # a Friday: due on Monday
    scene.given(scene.on_referral(RequestReferralInfo, question_sv="Var?"), "police")
    scene.at(datetime(2026, 1, 19, 8, tzinfo=UTC))
    scene.when(scene.on_referral(ProvideReferralInfo, answer_sv=ANSWER))
    assert scene.then(ReferralInfoProvided).deadlines.respond_by == datetime(
        2026, 1, 20, 8, tzinfo=UTC
    )


def test_accepted_urgent_adds_clock_hours() -> None:
    scene = asked(Priority.URGENT).later(hours=30)
    scene.when(scene.on_referral(ProvideReferralInfo, answer_sv=ANSWER))
    assert scene.then(ReferralInfoProvided).deadlines.respond_by == START + timedelta(hours=38)


def test_refused_by_the_receiver() -> None:
    scene = asked()
    scene.when(scene.on_referral(ProvideReferralInfo, answer_sv=ANSWER), "police")
    scene.then_refused(NotAllowed, "other_agency", who_may=("district",))


def test_refused_when_nothing_was_asked() -> None:
    scene = given_an_issue().with_a_transfer_to("police")
    scene.when(scene.on_referral(ProvideReferralInfo, answer_sv=ANSWER))
    scene.then_refused(Conflict, "referral_sent", happened="ReferralSent")


def test_refused_before_the_question() -> None:
    scene = asked().later(hours=1)
    scene.when(scene.on_referral(ProvideReferralInfo, answer_sv=ANSWER, occurred_at=START))
    scene.then_bad(("occurred_at", "before_it_was_sent"))
