"""ReceiveReport: anybody with an account may report; the triage clock starts (R14, R15, L11)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.codes import Certainty, EstimatedPeople, ReportChannel, ReportKind
from domain.refusals import Invalid
from domain.report import ReportReceived
from domain.values import Actor, Place, Role
from tests.clock import START
from tests.domain.given import given_nothing, receive_report

REPORTER = Actor(user_id="u-rep-01", agency_id="partner_nordstan", role=Role.REPORTER)


def test_accepted_for_another_agency() -> None:
    scene = given_nothing()
    scene.when(receive_report(text="  Det säljs narkotika öppet.  ", wants_reply=True), REPORTER)
    received = scene.then(
        ReportReceived,
        receiving_agency="district",
        registering_agency="district",
        actor=REPORTER,
        wants_reply=True,
        anonymous=False,
    )
    assert received.content.text == "Det säljs narkotika öppet."
    assert received.content.occurred_from == START
    assert received.content.kind is ReportKind.OBSERVATION
    assert scene.created == scene.report_id
    assert scene.report.wants_reply


def test_accepted_for_the_own_agency_where_none_is_named() -> None:
    scene = given_nothing().when(receive_report(receiving_agency=None), "u-con-01")
    scene.then(ReportReceived, receiving_agency="contact_center")


def test_accepted_with_everything() -> None:
    start, end = START - timedelta(hours=3), START - timedelta(hours=1)
    command = receive_report(
        occurred_from=start,
        occurred_to=end,
        channel=ReportChannel.SAFETY_WALK,
        certainty=Certainty.LIKELY,
        perceived_unsafety=4,
        estimated_people=EstimatedPeople.CROWD,
        est_week="2026-W03",
        reporter_ref="r-7",
        anonymous=True,
    )
    content = given_nothing().when(command).then(ReportReceived, anonymous=True).content
    assert (content.occurred_from, content.occurred_to) == (start, end)
    assert content.perceived_unsafety == 4


@pytest.mark.parametrize(
    ("category", "after"),
    [
        ("robbery", timedelta(hours=4)),
        ("drug_dealing", timedelta(days=1)),
        ("disorder", timedelta(days=2)),
        ("noise", timedelta(days=7)),  # five working days and a weekend
        (None, timedelta(days=2)),
    ],
)
def test_accepted_triage_clock_follows_the_category(category: str | None, after: timedelta) -> None:
    scene = given_nothing().when(receive_report(category=category))
    scene.then(ReportReceived, triage_by=START + after)


def test_accepted_triage_clock_skips_the_eves() -> None:
    scene = given_nothing().at(datetime(2026, 6, 18, 8, tzinfo=UTC))  # the day before the eve
    scene.when(receive_report(category="drug_dealing"))
    scene.then(ReportReceived, triage_by=datetime(2026, 6, 22, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"text": "Kort."}, "text", "too_short"),
        ({"text": "x" * 4001}, "text", "too_long"),
        ({"category": "unheard_of"}, "category", "unknown_category"),
        ({"perceived_unsafety": 0}, "perceived_unsafety", "out_of_range"),
        ({"perceived_unsafety": 5}, "perceived_unsafety", "out_of_range"),
        ({"occurred_from": START + timedelta(minutes=6)}, "occurred_from", "in_the_future"),
        ({"occurred_to": START + timedelta(minutes=6)}, "occurred_to", "in_the_future"),
        (
            {"occurred_from": START, "occurred_to": START - timedelta(hours=1)},
            "occurred_to",
            "before_start",
        ),
        ({"occurred_at": START + timedelta(minutes=6)}, "occurred_at", "in_the_future"),
        ({"occurred_at": datetime(2026, 1, 1)}, "occurred_at", "no_time_zone"),  # noqa: DTZ001  the mistake to refuse
        ({"occurred_at": datetime.max.replace(tzinfo=UTC)}, "occurred_at", "in_the_future"),
        ({"receiving_agency": "nobody"}, "receiving_agency", "unknown_agency"),
        ({"receiving_agency": "district_2018"}, "receiving_agency", "unknown_agency"),
        ({"wants_reply": True, "anonymous": True}, "wants_reply", "anonymous"),
        ({"place": Place(name="")}, "place", "no_name"),
        ({"reporter_ref": "070-123 45 67"}, "reporter_ref", "looks_like_phone"),
    ],
)
def test_refused_bad_field(changes: dict[str, Any], field: str, code: str) -> None:
    given_nothing().when(receive_report(**changes)).then_bad((field, code))


def test_accepted_a_little_ahead_of_the_clock() -> None:
    ahead = START + timedelta(minutes=5)
    given_nothing().when(receive_report(occurred_at=ahead)).then(ReportReceived, occurred_at=ahead)


def test_accepted_late_keeps_both_times() -> None:
    late = START - timedelta(days=400)
    scene = given_nothing().when(receive_report(occurred_at=late))
    scene.then(ReportReceived, occurred_at=late, timestamp=START)


def test_refused_personal_identity_number_in_the_words_of_the_law() -> None:
    scene = given_nothing().when(receive_report(text="Det var 19121212-1212 som ringde."))
    scene.then_bad(("text", "looks_like_personal_identity_number"))
    assert isinstance(scene.refusal, Invalid)
    assert scene.refusal.errors[0].sv == (
        "Texten ser ut att innehålla ett personnummer. "
        "Ta bort det eller flytta till sekretessdelen."
    )


def test_accepted_when_confirmed_keeps_the_confirmation_in_the_event() -> None:
    text = "Skylten visar ABC123 och 19121212-1212, påhittade båda."
    scene = given_nothing().when(receive_report(text=text, not_personal=True))
    scene.then(ReportReceived, confirmed_not_personal=("personal_identity_number", "plate"))


def test_accepted_confirmation_of_nothing_is_not_kept() -> None:
    scene = given_nothing().when(receive_report(not_personal=True))
    scene.then(ReportReceived, confirmed_not_personal=())


def test_accepted_words_that_may_describe_somebody() -> None:
    text = "Signalement: lång, mörk jacka, cirka 25 år."
    given_nothing().when(receive_report(text=text)).then(ReportReceived, confirmed_not_personal=())
