"""PlanAction: any authority plans its own actions on any issue it can see."""

from datetime import date

from domain.action import ActionPlanned, PlanAction
from domain.codes import ActionType, Horizon, IssueStatus
from tests.domain.given import given_an_issue


def test_accepted_begins_the_work_and_makes_the_agency_a_part() -> None:
    scene = given_an_issue()
    command = scene.on_issue(
        PlanAction,
        action_type=ActionType.LIGHTING_FIX,
        due_on=date(2026, 3, 20),
        owner="Belysningsgruppen",
        expected_effect_sv="Stråket upplevs som tryggare.",
    )
    scene.when(command, "city_env").then(
        ActionPlanned,
        action_id=scene.created,
        action_type=ActionType.LIGHTING_FIX,
        agency_id="city_env",
        due_on=date(2026, 3, 20),
        owner="Belysningsgruppen",
        horizon=Horizon.SHORT,
    )
    assert scene.issue.status is IssueStatus.ACTIVE
    assert "city_env" in scene.issue.involved
    assert [each.action_id for each in scene.issue.open_actions()] == [scene.created]


def test_accepted_for_today() -> None:
    scene = given_an_issue()
    command = scene.on_issue(PlanAction, action_type=ActionType.CLEANING, due_on=date(2026, 1, 12))
    scene.when(command).then(ActionPlanned)


def test_refused_for_a_day_that_has_passed() -> None:
    scene = given_an_issue()
    command = scene.on_issue(PlanAction, action_type=ActionType.CLEANING, due_on=date(2026, 1, 11))
    scene.when(command).then_bad(("due_on", "in_the_past"))
