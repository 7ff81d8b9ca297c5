"""SendReferral: who may ask whom for what, by when, and when that bounces (R1-R4, R8-R10)."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.answer import DeclineReferral
from domain.classification import ChangePriority
from domain.codes import DeclineReason, IssueStatus, Priority, ReferralStatus, ReferralType
from domain.deadlines import ReferralDeadlines
from domain.referral import ReferralSent, SendReferral, WithdrawReferral
from domain.refusals import Conflict, Invalid, NotAllowed
from domain.responsibility import ReturnReferral
from domain.values import Role
from tests.clock import START
from tests.domain.given import Scene, given_an_issue, of

ASSIST, CONSULT = ReferralType.ASSIST, ReferralType.CONSULT
INFORM, TRANSFER = ReferralType.INFORM, ReferralType.TRANSFER
REASON = "Det här ingår inte i vårt uppdrag, tyvärr."


def declined_by(scene: Scene, agency: str, by: str = "district") -> Scene:
    """A transfer to the agency that it declined."""
    scene.with_a_transfer_to(agency, by)
    command = scene.on_referral(
        DeclineReferral, reason_code=DeclineReason.NOT_OUR_MANDATE, reason_sv=REASON
    )
    return scene.given(command, agency)


def test_accepted_transfer_waits_for_an_answer_and_moves_no_responsibility() -> None:
    scene = given_an_issue()
    scene.when(scene.send("social", to_unit="Fältgruppen", background_sv="Tre samtal."))
    scene.then(
        ReferralSent,
        referral_id=scene.created,
        type=TRANSFER,
        from_agency="district",
        to_agency="social",
        to_unit="Fältgruppen",
        background_sv="Tre samtal.",
        bounces=False,
    )
    assert scene.issue.responsible_agency == "district"
    assert scene.issue.status is IssueStatus.ACTIVE
    assert scene.referral.status is ReferralStatus.SENT
    assert scene.referral.last_event == "ReferralSent"
    assert scene.issue.open_referrals() == [scene.referral]


def test_accepted_default_time_to_answer_follows_priority_and_type() -> None:
    scene = given_an_issue(category="drug_dealing")  # high: one working day
    answer = scene.when(scene.send("police")).then(ReferralSent)
    assert answer.deadlines == ReferralDeadlines(
        respond_by=START + timedelta(days=1),
        remind_at=START + timedelta(days=1),
        escalate_at=(START + timedelta(2), START + timedelta(2), START + timedelta(3)),
        by_hours=False,
    )


def test_accepted_urgent_counts_clock_hours_through_the_night() -> None:
    scene = given_an_issue(priority=Priority.URGENT)
    deadlines = scene.when(scene.send("police")).then(ReferralSent).deadlines
    assert deadlines.by_hours
    assert deadlines.respond_by == START + timedelta(hours=8)
    assert deadlines.escalate_at == tuple(START + timedelta(hours=h) for h in (12, 16, 24))


def test_accepted_urgent_consult_counts_working_days() -> None:
    scene = given_an_issue(priority=Priority.URGENT)
    command = scene.send("police", CONSULT, respond_by=START + timedelta(days=2))
    assert not scene.when(command).then(ReferralSent).deadlines.by_hours


def test_accepted_with_a_time_of_its_own_in_any_zone() -> None:
    scene = given_an_issue()
    scene.when(scene.send("police", respond_by=datetime(2026, 1, 15, 17, tzinfo=UTC)))
    assert scene.then(ReferralSent).deadlines.respond_by == datetime(2026, 1, 15, 17, tzinfo=UTC)


def test_accepted_inform_waits_for_nothing() -> None:
    scene = given_an_issue()
    assert scene.when(scene.send("police", INFORM)).then(ReferralSent).deadlines is None
    assert scene.issue.open_referrals() == []


def test_accepted_several_consults_at_the_same_time() -> None:
    scene = given_an_issue()
    for agency in ("police", "social", "education"):
        scene.given(scene.send(agency, CONSULT))
    assert len(scene.issue.open_referrals()) == 3


def test_accepted_from_an_authority_that_helps() -> None:
    scene = given_an_issue().with_a_referral("social", ASSIST).accepted()
    scene.when(scene.send("education", ASSIST), "social").then(ReferralSent, from_agency="social")


@pytest.mark.parametrize("type_", [ASSIST, INFORM])
def test_accepted_to_a_partner(type_: ReferralType) -> None:
    scene = given_an_issue()
    scene.when(scene.send("partner_nordstan", type_)).then(ReferralSent, items_disclosed=())


@pytest.mark.parametrize("type_", [TRANSFER, CONSULT])
def test_refused_to_a_partner(type_: ReferralType) -> None:
    scene = given_an_issue()
    scene.when(scene.send("partner_nordstan", type_)).then_bad(("type", "not_to_partner"))


def test_refused_as_a_transfer_to_one_that_only_takes_in_reports() -> None:
    scene = given_an_issue()
    scene.when(scene.send("contact_center", TRANSFER)).then_bad(("to_agency", "intake_only"))


def test_accepted_as_a_question_to_one_that_only_takes_in_reports() -> None:
    scene = given_an_issue()
    scene.when(scene.send("contact_center", CONSULT)).then(ReferralSent)


def test_refused_from_a_partner() -> None:
    scene = given_an_issue().with_a_referral("partner_nordstan", ASSIST).accepted()
    scene.when(scene.send("police", ASSIST), "partner_nordstan")
    scene.then_refused(NotAllowed, "not_an_authority")


def test_refused_from_an_authority_without_part_in_the_issue() -> None:
    scene = given_an_issue()
    scene.when(scene.send("police", ASSIST), "education")
    scene.then_refused(NotAllowed, "not_involved", who_may=("district",))


def test_refused_second_open_transfer() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    scene.when(scene.send("police"))
    refusal = scene.then_refused(Conflict, "transfer_open", happened="ReferralSent")
    assert "Socialförvaltningen Centrum" in refusal.sv


def test_accepted_transfer_after_the_open_one_was_withdrawn() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    scene.given(scene.on_referral(WithdrawReferral))
    scene.when(scene.send("police")).then(ReferralSent, bounces=False)


def test_accepted_transfer_beside_open_referrals_of_other_types() -> None:
    scene = given_an_issue().with_a_referral("social", ASSIST).with_a_referral("police", CONSULT)
    scene.when(scene.send("city_env")).then(ReferralSent)


def test_refused_transfer_by_an_agency_that_is_not_responsible() -> None:
    scene = given_an_issue().with_a_referral("social", ASSIST).accepted()
    scene.when(scene.send("police"), "social")
    scene.then_refused(NotAllowed, "only_responsible_transfers", who_may=("district",))


def test_refused_to_oneself() -> None:
    scene = given_an_issue()
    scene.when(scene.send("district")).then_bad(("to_agency", "self_referral"))


def test_refused_to_an_unknown_agency() -> None:
    scene = given_an_issue()
    scene.when(scene.send("nobody")).then_bad(("to_agency", "unknown_agency"))


def test_refused_to_a_succeeded_agency_naming_its_heir() -> None:
    scene = given_an_issue()
    scene.when(scene.send("social_2018")).then_bad(("to_agency", "agency_closed"))
    assert isinstance(scene.refusal, Invalid)
    assert scene.refusal.errors[0].sv.endswith(
        "Välj Socialförvaltningen Centrum, socialtjänst/fält."
    )
    assert scene.refusal.errors[0].en.startswith("Social resources administration no longer exists")


def test_refused_to_a_closed_agency_without_heir() -> None:
    scene = given_an_issue()
    police = scene.agencies.agencies["police"]
    object.__setattr__(police, "valid_to", START.date() - timedelta(days=1))
    scene.when(scene.send("police")).then_bad(("to_agency", "agency_closed"))
    assert isinstance(scene.refusal, Invalid)
    assert scene.refusal.errors[0].sv.endswith("finns inte längre.")


def test_refused_transfer_without_reason_and_wish_all_at_once() -> None:
    scene = given_an_issue()
    scene.when(scene.send("social", question_sv=None, wanted_sv=None))
    scene.then_bad(("question_sv", "required"), ("wanted_sv", "required"))


def test_refused_consult_without_question_and_date_all_at_once() -> None:
    scene = given_an_issue()
    scene.when(scene.send("social", CONSULT, question_sv=None, respond_by=None))
    scene.then_bad(("question_sv", "required"), ("respond_by", "required"))


def test_refused_every_bad_field_at_once() -> None:
    scene = given_an_issue()
    command = scene.send(
        "partner_nordstan",
        question_sv="Kort.",
        wanted_sv=None,
        respond_by=START + timedelta(minutes=59),
        occurred_at=START + timedelta(minutes=6),
    )
    scene.when(command).then_bad(
        ("occurred_at", "in_the_future"),
        ("question_sv", "too_short"),
        ("type", "not_to_partner"),
        ("wanted_sv", "required"),
        ("respond_by", "too_soon"),
    )


@pytest.mark.parametrize(
    ("respond_by", "code"),
    [
        (START + timedelta(minutes=59), "too_soon"),
        (START - timedelta(days=1), "too_soon"),
        (START + timedelta(days=367), "too_late"),
        (datetime(2026, 2, 1, 12), "no_time_zone"),  # noqa: DTZ001  the mistake to refuse
    ],
)
def test_refused_time_to_answer(respond_by: datetime, code: str) -> None:
    scene = given_an_issue()
    scene.when(scene.send("social", respond_by=respond_by)).then_bad(("respond_by", code))


def test_accepted_shortest_and_longest_time_to_answer() -> None:
    for wait in (timedelta(hours=1), timedelta(days=366)):
        scene = given_an_issue()
        scene.when(scene.send("social", respond_by=START + wait)).then(ReferralSent)


def test_accepted_again_to_an_agency_that_declined_bounces() -> None:
    scene = declined_by(given_an_issue(), "social")
    scene.when(scene.send("social")).then(ReferralSent, bounces=True)
    assert scene.issue.ping_pong


def test_accepted_again_to_an_agency_that_returned_bounces() -> None:
    scene = given_an_issue().with_a_transfer_to("police").accepted()
    command = scene.on_referral(
        ReturnReferral, reason_code=DeclineReason.NOT_OUR_MANDATE, reason_sv=REASON
    )
    scene.given(command, "police")
    scene.when(scene.send("police")).then(ReferralSent, bounces=True)
    assert scene.issue.ping_pong


def test_accepted_assist_to_an_agency_that_declined_does_not_bounce() -> None:
    scene = declined_by(given_an_issue(), "social")
    scene.when(scene.send("social", ASSIST)).then(ReferralSent, bounces=False)
    assert not scene.issue.ping_pong


def test_accepted_third_decline_bounces_whoever_declined() -> None:
    scene = given_an_issue()
    for agency in ("social", "police"):
        declined_by(scene, agency)
    assert not scene.issue.ping_pong
    declined_by(scene, "city_env")
    assert scene.issue.ping_pong


def test_accepted_late_with_clocks_from_when_it_happened() -> None:
    scene = given_an_issue(priority=Priority.HIGH).later(days=3)
    command = scene.send("police", occurred_at=START + timedelta(hours=1))
    sent = scene.when(command).then(ReferralSent, occurred_at=START + timedelta(hours=1))
    assert sent.timestamp == START + timedelta(days=3)
    assert sent.deadlines.respond_by == START + timedelta(days=1, hours=1)


def test_accepted_clocks_keep_the_priority_of_the_time_of_sending() -> None:
    scene = given_an_issue(priority=Priority.LOW).with_a_transfer_to("social")
    due = scene.referral.deadlines
    scene.given(scene.on_issue(ChangePriority, priority=Priority.URGENT))
    assert scene.referral.deadlines == due


def test_refused_by_a_role_that_sends_nothing() -> None:
    scene = given_an_issue()
    scene.when(scene.send("social"), of("district", Role.FIELD_OFFICER))
    scene.then_refused(NotAllowed, "role_not_allowed", who_may=("caseworker", "coordinator"))


def test_refused_personal_data_in_what_is_disclosed() -> None:
    scene = given_an_issue()
    scene.when(scene.send("social", items_disclosed=("Anteckning", "Ring 070-123 45 67")))
    scene.then_bad(("items_disclosed", "looks_like_phone"))


def test_sender_is_the_agency_of_whoever_sends() -> None:
    assert "from_agency" not in SendReferral.__dataclass_fields__
