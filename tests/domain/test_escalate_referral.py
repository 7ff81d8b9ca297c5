"""EscalateReferral: at 150, 200 and 300 % of the time, level by level; nothing moves (DOMAIN 8)."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.codes import Priority, ReferralStatus
from domain.escalation import EscalateReferral, ReferralEscalated
from domain.refusals import Conflict
from tests.clock import START
from tests.domain.given import Scene, given_an_issue


def unanswered(**after: float) -> Scene:
    """An urgent transfer, to be answered within eight hours."""
    scene = given_an_issue(priority=Priority.URGENT).with_a_transfer_to("police")
    return scene.later(**after)


def escalate(scene: Scene, level: int) -> Scene:
    return scene.when(scene.on_referral(EscalateReferral, level=level), "system")


def test_accepted_level_by_level() -> None:
    scene = unanswered()
    for level, hours, to_role in (
        (1, 12, "receiving_manager"),
        (2, 16, "coordinator"),
        (3, 24, "steering_group"),
    ):
        scene.at(START + timedelta(hours=hours))
        escalate(scene, level).then(
            ReferralEscalated,
            level=level,
            to_role=to_role,
            overdue_since=START + timedelta(hours=8),
        )
        assert scene.referral.escalated == level
    assert scene.referral.status is ReferralStatus.SENT
    assert scene.issue.responsible_agency == "district"


def test_accepted_by_working_days_over_a_weekend() -> None:
    """Story 12: sent on Monday for three working days, level 1 after five, 2 after six."""
    scene = given_an_issue(priority=Priority.MEDIUM).at(datetime(2026, 3, 9, 9, tzinfo=UTC))
    scene.with_a_transfer_to("social")
    assert scene.referral.deadlines is not None
    assert scene.referral.deadlines.respond_by == datetime(2026, 3, 12, 9, tzinfo=UTC)
    assert scene.referral.deadlines.escalate_at == (
        datetime(2026, 3, 16, 9, tzinfo=UTC),
        datetime(2026, 3, 17, 9, tzinfo=UTC),
        datetime(2026, 3, 20, 9, tzinfo=UTC),
    )


def test_refused_a_moment_before() -> None:
    escalate(unanswered(hours=12, microseconds=-1), 1).then_refused(Conflict, "not_due")


def test_ignored_level_that_was_reached() -> None:
    scene = escalate(unanswered(hours=99), 1)
    escalate(scene, 1).then_refused(Conflict, "referral_escalated", happened="ReferralEscalated")


@pytest.mark.parametrize("level", [2, 3, 4])
def test_refused_level_out_of_turn(level: int) -> None:
    escalate(unanswered(hours=99), level).then_bad(("level", "not_the_next_level"))


def test_refused_level_beyond_the_last() -> None:
    scene = unanswered(hours=99)
    for level in (1, 2, 3):
        scene = escalate(scene, level)
    escalate(scene, 4).then_bad(("level", "not_the_next_level"))


def test_refused_after_an_answer() -> None:
    escalate(unanswered().accepted().later(hours=99), 1).then_refused(Conflict, "referral_accepted")
