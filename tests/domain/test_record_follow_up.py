"""RecordFollowUp: the effect with its evidence; too early to tell needs a new date (R11)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.action import PerformAction
from domain.codes import ActionType, Effect, IssueStatus, NextStep, ReferralType
from domain.follow_up import FollowUpRecorded, FollowUpScheduled, RecordFollowUp
from domain.lifecycle import ParkIssue
from tests.clock import START
from tests.domain.given import Scene, given_an_issue

AHEAD = START + timedelta(days=14)


def follow_up(scene: Scene, by: str = "district", **data: Any) -> Scene:
    given = {"effect": Effect.IMPROVED, "evidence_sv": "11 rapporter blev 4."} | data
    return scene.when(scene.on_issue(RecordFollowUp, **given), by)


def acted() -> Scene:
    scene = given_an_issue()
    return scene.given(scene.on_issue(PerformAction, action_type=ActionType.CLEANING))


def test_accepted_settles_what_was_not_assessed() -> None:
    scene = follow_up(
        acted(), agencies_present=("police", "social"), before_count=11, after_count=4
    )
    scene.then(
        FollowUpRecorded,
        effect=Effect.IMPROVED,
        evidence_sv="11 rapporter blev 4.",
        next_step=NextStep.CONTINUE,
        agencies_present=("police", "social"),
        before_count=11,
        after_count=4,
    )
    assert scene.issue.unassessed_since is None
    assert scene.issue.assessed_since_open
    assert scene.issue.status is IssueStatus.ACTIVE


def test_accepted_resolved_leads_to_closing() -> None:
    scene = follow_up(acted(), effect=Effect.RESOLVED)
    scene.then(FollowUpRecorded, next_step=NextStep.CLOSE, agencies_present=("district",))
    assert scene.issue.status is IssueStatus.FOLLOW_UP


def test_accepted_resolved_with_another_follow_up_goes_on() -> None:
    scene = follow_up(acted(), effect=Effect.RESOLVED, next_follow_up_at=AHEAD)
    scene.then(FollowUpRecorded, FollowUpScheduled, due_at=AHEAD, responsible_agency="district")
    assert scene.events[0].next_step is NextStep.CONTINUE  # type: ignore[attr-defined]  # its first event
    assert scene.issue.status is IssueStatus.FOLLOW_UP


def test_accepted_next_step_as_told() -> None:
    follow_up(acted(), next_step=NextStep.ESCALATE).then(
        FollowUpRecorded, next_step=NextStep.ESCALATE
    )


def test_accepted_too_early_with_a_new_date_is_no_assessment() -> None:
    scene = follow_up(acted(), effect=Effect.TOO_EARLY, next_follow_up_at=AHEAD)
    scene.then(FollowUpRecorded, FollowUpScheduled)
    assert not scene.issue.assessed_since_open


def test_accepted_by_one_that_helps() -> None:
    scene = given_an_issue().with_a_referral("social", ReferralType.ASSIST).accepted()
    follow_up(scene, "social").then(FollowUpRecorded, agencies_present=("social",))


def test_accepted_while_parked_stays_parked() -> None:
    scene = acted()
    scene.given(scene.on_issue(ParkIssue, until=AHEAD, reason_sv="Vila."))
    follow_up(scene).then(FollowUpRecorded)
    assert scene.issue.status is IssueStatus.PARKED


@pytest.mark.parametrize(
    ("data", "field", "code"),
    [
        ({"effect": Effect.TOO_EARLY}, "next_follow_up_at", "required"),
        ({"next_follow_up_at": START}, "next_follow_up_at", "in_the_past"),
        (
            {"next_follow_up_at": datetime(2026, 2, 1, 12)},  # noqa: DTZ001  the mistake to refuse
            "next_follow_up_at",
            "no_time_zone",
        ),
        ({"before_count": -1}, "before_count", "negative"),
        ({"after_count": -1}, "after_count", "negative"),
        ({"agencies_present": ("nobody",)}, "agencies_present", "unknown_agency"),
        ({"evidence_sv": " "}, "evidence_sv", "too_short"),
    ],
)
def test_refused_bad_field(data: dict[str, Any], field: str, code: str) -> None:
    follow_up(acted(), **data).then_bad((field, code))
