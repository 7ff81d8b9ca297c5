"""PerformAction: what was done, by whom and when, also late (R14); the effect is another matter."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from domain.action import ActionPerformed, CancelAction, PerformAction, PlanAction
from domain.codes import ActionType, Implementation, IssueStatus
from domain.refusals import Conflict, NotAllowed, NotFound
from domain.values import Place
from tests.clock import START
from tests.domain.given import NO_ID, Scene, given_an_issue


def perform(scene: Scene, by: str = "district", **data: Any) -> Scene:
    given = {"action_type": ActionType.FOOT_PATROL} | data
    return scene.when(scene.on_issue(PerformAction, **given), by)


def planned(by: str = "district") -> Scene:
    scene = given_an_issue()
    command = scene.on_issue(PlanAction, action_type=ActionType.CLEANING, due_on=date(2026, 2, 1))
    return scene.given(command, by)


def test_accepted_without_a_plan_by_any_authority() -> None:
    scene = perform(given_an_issue(), "police", people=6, result_sv="Insats genomförd.")
    scene.then(
        ActionPerformed,
        action_id=scene.created,
        action_type=ActionType.FOOT_PATROL,
        agency_id="police",
        performed_from=START,
        performed_to=None,
        people=6,
        implementation=Implementation.DONE,
    )
    assert "police" in scene.issue.involved
    assert scene.issue.status is IssueStatus.ACTIVE
    assert scene.issue.unassessed_since == START


def test_accepted_as_planned_settles_the_plan() -> None:
    scene = planned()
    perform(scene, action_id=scene.action_id, action_type=None).then(
        ActionPerformed, action_id=scene.action_id, action_type=ActionType.CLEANING
    )
    assert scene.issue.open_actions() == []
    assert scene.issue.actions[scene.action_id].last_event == "ActionPerformed"


def test_accepted_as_planned_with_another_type() -> None:
    scene = planned()
    perform(scene, action_id=scene.action_id, action_type=ActionType.GRAFFITI_REMOVAL).then(
        ActionPerformed, action_type=ActionType.GRAFFITI_REMOVAL
    )


def test_accepted_late_with_times_and_company() -> None:
    start, end = START - timedelta(days=2), START - timedelta(days=2, hours=-3)
    place = Place(name="Heden")
    perform(
        given_an_issue(),
        performed_from=start,
        performed_to=end,
        together_with=("police", "partner_guards"),
        place=place,
        result_sv="",
        implementation=Implementation.NOT_DONE,
        implementation_reason_sv="Regn.",
    ).then(
        ActionPerformed,
        performed_from=start,
        performed_to=end,
        together_with=("police", "partner_guards"),
        place=place,
        implementation=Implementation.NOT_DONE,
    )


def test_accepted_without_a_time_of_its_own_takes_when_it_occurred() -> None:
    at = START - timedelta(days=1)
    perform(given_an_issue(), occurred_at=at).then(ActionPerformed, performed_from=at)


def test_accepted_by_nobody_known() -> None:
    scene = given_an_issue()
    perform(scene, "police", performer_unknown=True).then(ActionPerformed, agency_id=None)
    assert scene.issue.involved == {"district"}


def test_accepted_follow_up_counts_from_the_latest_end() -> None:
    scene = given_an_issue().later(days=9)
    for days in (5, 7, 6):
        perform(scene, performed_from=START, performed_to=START + timedelta(days=days))
    assert scene.issue.unassessed_since == START + timedelta(days=7)


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"action_type": None}, "action_type", "required"),
        ({"performed_to": START - timedelta(hours=1)}, "performed_to", "before_start"),
        ({"performed_from": START + timedelta(minutes=6)}, "performed_from", "in_the_future"),
        ({"performed_from": datetime(2026, 1, 1)}, "performed_from", "no_time_zone"),  # noqa: DTZ001  the mistake to refuse
        ({"people": -1}, "people", "out_of_range"),
        ({"people": 10_001}, "people", "out_of_range"),
        ({"implementation": Implementation.NOT_DONE}, "implementation_reason_sv", "required"),
        ({"together_with": ("nobody",)}, "together_with", "unknown_agency"),
        ({"place": Place(name="")}, "place", "no_name"),
        ({"result_sv": "Ring 070-123 45 67"}, "result_sv", "looks_like_phone"),
    ],
)
def test_refused_bad_field(data: dict[str, Any], field: str, code: str) -> None:
    perform(given_an_issue(), **data).then_bad((field, code))


def test_refused_every_bad_field_at_once() -> None:
    perform(given_an_issue(), people=-1, action_type=None, together_with=("nobody",)).then_bad(
        ("people", "out_of_range"),
        ("together_with", "unknown_agency"),
        ("action_type", "required"),
    )


def test_refused_another_agencys_plan() -> None:
    scene = planned("police")
    perform(scene, action_id=scene.action_id).then_refused(
        NotAllowed, "other_agency", who_may=("police",)
    )


def test_refused_plan_that_is_settled() -> None:
    scene = planned()
    scene.given(scene.on_issue(CancelAction, action_id=scene.action_id, reason_sv="Behövs inte."))
    perform(scene, action_id=scene.action_id).then_refused(
        Conflict, "action_settled", happened="ActionCancelled"
    )


def test_refused_unknown_plan() -> None:
    perform(given_an_issue(), action_id=NO_ID).then_refused(NotFound, "no_such_action")


def test_first_version_named_nobody_besides() -> None:
    data: dict[str, Any] = {"agency_id": "police"}
    ActionPerformed.upcast_v1_v2(data)
    assert data == {"agency_id": "police", "together_with": []}
