"""CancelAction: by the agency that planned it or the responsible one, with a reason."""

from datetime import date

import pytest

from domain.action import ActionCancelled, CancelAction, PerformAction, PlanAction
from domain.codes import ActionType
from domain.refusals import Conflict, NotAllowed, NotFound
from tests.domain.given import NO_ID, Scene, given_an_issue


def planned(by: str = "police") -> Scene:
    scene = given_an_issue()
    command = scene.on_issue(PlanAction, action_type=ActionType.CLEANING, due_on=date(2026, 2, 1))
    return scene.given(command, by)


def cancel(scene: Scene, by: str, reason_sv: str = "Behövs inte.") -> Scene:
    command = scene.on_issue(CancelAction, action_id=scene.action_id, reason_sv=reason_sv)
    return scene.when(command, by)


@pytest.mark.parametrize("agency", ["police", "district"])
def test_accepted_by_planner_and_responsible(agency: str) -> None:
    scene = planned()
    cancel(scene, agency).then(ActionCancelled, action_id=scene.action_id, reason_sv="Behövs inte.")
    assert scene.issue.open_actions() == []


def test_refused_by_another_that_takes_part() -> None:
    scene = planned()
    scene.given(scene.on_issue(PerformAction, action_type=ActionType.OUTREACH), "social")
    command = scene.on_issue(CancelAction, action_id=next(iter(scene.issue.actions)), reason_sv="x")
    scene.when(command, "social").then_refused(NotAllowed, "other_agency", who_may=("police",))


def test_refused_second_time() -> None:
    scene = cancel(planned(), "police")
    cancel(scene, "police").then_refused(Conflict, "action_settled", happened="ActionCancelled")


def test_refused_after_it_was_performed() -> None:
    scene = planned()
    scene.given(scene.on_issue(PerformAction, action_id=scene.action_id), "police")
    cancel(scene, "police").then_refused(Conflict, "action_settled", happened="ActionPerformed")


def test_refused_unknown_action() -> None:
    scene = given_an_issue()
    scene.action_id = NO_ID
    cancel(scene, "district").then_refused(NotFound, "no_such_action")


def test_refused_without_a_reason() -> None:
    cancel(planned(), "police", "").then_bad(("reason_sv", "too_short"))
