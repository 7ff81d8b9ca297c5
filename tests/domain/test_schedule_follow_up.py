"""ScheduleFollowUp: by an agency for any later time, by the system when the clock has run out."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.action import PerformAction
from domain.codes import ActionType, Effect, IssueStatus, Priority
from domain.follow_up import FollowUpScheduled, RecordFollowUp, ScheduleFollowUp
from domain.refusals import Conflict
from tests.clock import START
from tests.domain.given import Scene, given_an_issue

AHEAD = START + timedelta(days=30)


def schedule(scene: Scene, by: str = "district", **data: Any) -> Scene:
    return scene.when(scene.on_issue(ScheduleFollowUp, **data), by)


def acted(priority: Priority = Priority.MEDIUM) -> Scene:
    scene = given_an_issue(priority=priority)
    return scene.given(scene.on_issue(PerformAction, action_type=ActionType.CLEANING))


def test_accepted_stands_in_follow_up_until_then() -> None:
    scene = schedule(given_an_issue(), due_at=AHEAD)
    scene.then(FollowUpScheduled, due_at=AHEAD, responsible_agency="district")
    assert scene.issue.status is IssueStatus.FOLLOW_UP
    assert scene.issue.follow_up_due == AHEAD


def test_accepted_for_another_agency() -> None:
    scene = schedule(given_an_issue(), due_at=AHEAD, responsible_agency="social")
    scene.then(FollowUpScheduled, responsible_agency="social")


def test_accepted_again_for_another_time() -> None:
    scene = schedule(given_an_issue(), due_at=AHEAD)
    later = AHEAD + timedelta(days=9)
    schedule(scene, due_at=later).then(FollowUpScheduled, due_at=later)


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({}, "due_at", "required"),
        ({"due_at": START}, "due_at", "in_the_past"),
        ({"due_at": datetime(2026, 2, 1, 12)}, "due_at", "no_time_zone"),  # noqa: DTZ001  the mistake to refuse
        ({"due_at": AHEAD, "responsible_agency": "nobody"}, "responsible_agency", "unknown_agency"),
        (
            {"due_at": AHEAD, "responsible_agency": "partner_guards"},
            "responsible_agency",
            "not_an_authority",
        ),
    ],
)
def test_refused_bad_field(data: dict[str, Any], field: str, code: str) -> None:
    schedule(given_an_issue(), **data).then_bad((field, code))


@pytest.mark.parametrize(
    ("priority", "days"),
    [(Priority.URGENT, 7), (Priority.HIGH, 14), (Priority.MEDIUM, 30), (Priority.LOW, 60)],
)
def test_accepted_by_the_system_so_long_after_the_last_action(
    priority: Priority, days: int
) -> None:
    scene = acted(priority).later(days=days)
    schedule(scene, "system").then(FollowUpScheduled, due_at=START + timedelta(days=days))


def test_refused_by_the_system_before_the_clock_has_run_out() -> None:
    scene = acted().later(days=30, microseconds=-1)
    schedule(scene, "system").then_refused(Conflict, "not_due", happened="not_due")


def test_ignored_by_the_system_when_it_is_scheduled() -> None:
    scene = schedule(acted(), due_at=AHEAD).later(days=99)
    schedule(scene, "system").then_refused(Conflict, "follow_up_settled")


def test_ignored_by_the_system_when_nothing_was_done() -> None:
    schedule(given_an_issue().later(days=99), "system").then_refused(Conflict, "follow_up_settled")


def test_ignored_by_the_system_when_it_was_followed_up() -> None:
    scene = acted()
    scene.given(scene.on_issue(RecordFollowUp, effect=Effect.UNCHANGED, evidence_sv="6, 5, 6."))
    schedule(scene.later(days=99), "system").then_refused(Conflict, "follow_up_settled")
