"""RegisterRecord: each agency enters the issue in its own register, once (L13, L14)."""

from datetime import date, timedelta

import pytest

from domain.classification import RecordRegistered, RegisterRecord
from domain.refusals import Conflict
from domain.values import Role
from tests.clock import START
from tests.domain.given import Scene, given_an_issue, of

REGISTRAR = of("district", Role.REGISTRAR)


def register(scene: Scene, ref: str = "SFC-2026-00031", **data: object) -> Scene:
    command = scene.on_issue(
        RegisterRecord, registry_ref=ref, subject_sv="Synpunkt om otrygghet", **data
    )
    return scene.when(command, REGISTRAR)


def test_accepted_with_the_day_on_which_it_was_recorded() -> None:
    scene = register(given_an_issue())
    scene.then(
        RecordRegistered,
        registry_ref="SFC-2026-00031",
        agency_id="district",
        received_or_created_on=date(2026, 1, 12),
        sender_or_receiver=None,
        subject_sv="Synpunkt om otrygghet",
    )
    assert scene.issue.registered == {"district": "SFC-2026-00031"}


def test_accepted_with_the_day_on_which_it_came_in() -> None:
    day = date(2026, 1, 9)
    register(given_an_issue(), received_or_created_on=day).then(
        RecordRegistered, received_or_created_on=day
    )


def test_accepted_once_for_each_agency() -> None:
    scene = register(given_an_issue())
    command = scene.on_issue(RegisterRecord, registry_ref="5000-K1-26", subject_sv="Narkotika")
    scene.when(command, "police").then(RecordRegistered, agency_id="police")


def test_refused_second_time() -> None:
    scene = register(register(given_an_issue()), "SFC-2026-00032")
    refusal = scene.then_refused(Conflict, "registered_already", happened="RecordRegistered")
    assert "SFC-2026-00031" in refusal.sv


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"ref": ""}, "registry_ref", "too_short"),
        (
            {"received_or_created_on": START.date() + timedelta(days=1)},
            "received_or_created_on",
            "in_the_future",
        ),
        ({"sender_or_receiver": "anna@example.se"}, "sender_or_receiver", "looks_like_email"),
    ],
)
def test_refused_bad_field(data: dict[str, object], field: str, code: str) -> None:
    register(given_an_issue(), **data).then_bad((field, code))  # type: ignore[arg-type]  # as typed above
