"""What queues and clocks know of an issue agrees with the issue itself, whatever happened to it."""

from random import Random
from typing import Any

import pytest

from domain.codes import IssueStatus
from domain.issue import Issue
from domain.log_entry import LogEntry
from infra.log.mapper import event_of
from projections.issue_changes import after
from projections.issue_state import IssueNow
from tests.domain.issue_life import IssueLife

SAME = (
    *("number", "title", "public_title", "category", "priority", "status", "responsible_agency"),
    *("parked_until", "caseworkers", "secrecy_marks", "follow_up_due", "unassessed_since"),
    *("declines", "ping_pong", "version"),
)


CLOCKS = {"follow_up_due", "unassessed_since"}
ENDED = (IssueStatus.MERGED, IssueStatus.VOIDED)


def known(issue: Issue | IssueNow) -> dict[str, Any]:
    """What both know; no clock runs in an issue that has ended."""
    left_out = CLOCKS if issue.status in ENDED else set[str]()
    return {name: getattr(issue, name) for name in SAME if name not in left_out}


def folded(life: IssueLife, told_before: int, so_far: IssueNow | None) -> IssueNow | None:
    """The state after what the last step recorded."""
    for event in life.scene.told[told_before:]:
        if event.originator_id == life.scene.issue_id:
            entry = LogEntry(
                position=0,
                stream_id=event.originator_id,
                version=event.originator_version,
                topic=type(event).__name__,
                recorded_at=event.timestamp,
                state=b"",
                decode=event_of,
                known=event,
            )
            so_far = after(so_far, entry)
    return so_far


@pytest.mark.parametrize("seed", range(30))
def test_after_every_step_of_a_long_life(seed: int) -> None:
    dice, life = Random(seed), IssueLife()
    now = folded(life, 0, None)
    for _ in range(200):
        told_before = len(life.scene.told)
        dice.choice(IssueLife.steps)(life, dice)
        now = folded(life, told_before, now)
        issue = life.scene.issue
        assert now is not None
        assert known(now) == known(issue), life.scene.events
        assert now.place_name == issue.place.name
        assert dict(now.open_referrals()).keys() == {
            each.referral_id for each in issue.open_referrals()
        }
        for id_, referral in now.open_referrals():
            kept = issue.referrals[id_]
            assert (referral.status, referral.deadlines) == (kept.status, kept.deadlines)
            assert (referral.reminded, referral.escalated) == (kept.reminded, kept.escalated)
        assert now.actions.keys() == {each.action_id for each in issue.open_actions()}
