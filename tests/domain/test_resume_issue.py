"""ResumeIssue: by the responsible agency at any time, by the system when the time has come."""

from datetime import timedelta

import pytest

from domain.action import PerformAction
from domain.codes import ActionType, IssueStatus
from domain.follow_up import ScheduleFollowUp
from domain.lifecycle import IssueResumed, ParkIssue, ResumeIssue
from domain.refusals import Conflict, NotAllowed
from tests.clock import START
from tests.domain.given import Scene, given_an_issue

PARKED_FOR = timedelta(days=60)


def parked(scene: Scene) -> Scene:
    return scene.given(scene.on_issue(ParkIssue, until=START + PARKED_FOR, reason_sv="Vila."))


def test_accepted_by_hand_at_any_time() -> None:
    scene = parked(given_an_issue()).later(days=1)
    scene.when(scene.on_issue(ResumeIssue, reason_sv="Det har börjat igen."))
    scene.then(IssueResumed, reason_sv="Det har börjat igen.")
    assert scene.issue.parked_until is None


def test_accepted_by_the_system_when_the_time_has_come() -> None:
    scene = parked(given_an_issue()).at(START + PARKED_FOR)
    scene.when(scene.on_issue(ResumeIssue), "system").then(IssueResumed, reason_sv=None)


def test_refused_by_the_system_a_moment_before() -> None:
    scene = parked(given_an_issue()).at(START + PARKED_FOR - timedelta(microseconds=1))
    scene.when(scene.on_issue(ResumeIssue), "system")
    scene.then_refused(Conflict, "not_due", happened="IssueParked")


def test_accepted_goes_back_to_where_it_stood() -> None:
    new = parked(given_an_issue())
    active = parked(given_an_issue().with_a_transfer_to("social"))
    follow_up = given_an_issue()
    due_at = START + timedelta(days=9)
    parked(follow_up.given(follow_up.on_issue(ScheduleFollowUp, due_at=due_at)))
    for scene, status in (
        (new, IssueStatus.NEW),
        (active, IssueStatus.ACTIVE),
        (follow_up, IssueStatus.FOLLOW_UP),
    ):
        scene.given(scene.on_issue(ResumeIssue))
        assert scene.issue.status is status


def test_accepted_goes_to_work_that_began_meanwhile() -> None:
    scene = parked(given_an_issue())
    scene.given(scene.on_issue(PerformAction, action_type=ActionType.CLEANING), "city_env")
    scene.given(scene.on_issue(ResumeIssue))
    assert scene.issue.status is IssueStatus.ACTIVE


@pytest.mark.parametrize("agency", ["social", "police"])
def test_refused_by_another_agency(agency: str) -> None:
    scene = parked(given_an_issue().with_a_transfer_to("social"))
    scene.when(scene.on_issue(ResumeIssue), agency)
    scene.then_refused(NotAllowed, "other_agency", who_may=("district",))


def test_refused_when_it_is_not_parked() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(ResumeIssue))
    scene.then_refused(Conflict, "wrong_issue_status", happened="new")
