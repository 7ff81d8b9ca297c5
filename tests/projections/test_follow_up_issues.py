"""K6-K15: what becomes of issues, each figure against an example by hand."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.action import ActionCancelled
from domain.answer import (
    ReferralDeclined,
)
from domain.codes import DeclineReason, Effect
from domain.lifecycle import IssueParked, IssueResumed
from domain.opening import IssueReopened
from domain.report import FeedbackSent
from domain.values import Place, PlacePrecision
from tests.projections.follow_up_examples import (
    HOUR,
    answer,
    at,
    cell,
    close,
    figure,
    follow_up,
    medians,
    share,
)
from tests.projections.written_log import WrittenLog


def test_k6_is_of_open_issues(engine: Engine) -> None:
    log = WrittenLog()
    calm, bounced, declined, closed = (log.issue(n, at(0)) for n in (1, 2, 3, 4))
    log.refer(bounced, at(1), at(9), "police", bounces=True)
    for hours in (1, 2, 3):
        referral_id = log.refer(declined, at(hours), at(99), "police")
        answer(
            log, declined, hours + 0.5, referral_id, ReferralDeclined,
            reason_code=DeclineReason.OTHER,
        )  # fmt: skip
    log.transfer(calm, at(5), "district", "police")
    log.transfer(calm, at(6), "police", "social")
    log.refer(closed, at(1), at(9), "police", bounces=True)
    close(log, closed, 9)
    found = figure(engine, log, "K6")
    assert share(found) == (2, 3)
    assert found.average == pytest.approx(2 / 3)
    assert share(cell(found, "handovers", "0")) == (2, 3)
    assert share(cell(found, "handovers", "2")) == (1, 3)


def test_k7_is_to_the_earliest_action_without_parked_time(engine: Engine) -> None:
    log = WrittenLog()
    told_late, parked, before, _none = (log.issue(n, at(10)) for n in (1, 2, 3, 4))
    log.action(told_late, at(40), "police")
    log.action(told_late, at(16), "police")
    log.append(IssueParked, parked, at(11), until=at(99))
    log.append(IssueResumed, parked, at(31))
    log.action(parked, at(34), "police")
    log.action(before, at(8), "police")
    found = figure(engine, log, "K7")
    assert medians(found) == (3, 4.0, 5.6)  # of 0, 4 and 6 hours
    assert found.parked_seconds == 20 * HOUR


def test_k8_counts_from_the_day_until_it_is_done(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    done, cancelled, _undone = (
        log.plan(issue_id, at(1), "city_env", date(2026, 4, 15)) for _ in range(3)
    )
    log.action(issue_id, datetime(2026, 4, 17, 8, tzinfo=UTC), "city_env", action_id=done)
    log.append(ActionCancelled, issue_id, datetime(2026, 4, 18, 8, tzinfo=UTC), action_id=cancelled)
    counts = [
        figure(engine, log, "K8", now=datetime(2026, 4, day, 12, tzinfo=UTC)).count
        for day in (14, 15, 16, 17, 18)
    ]
    assert counts == [0, 3, 3, 2, 1]


def test_k9_needs_an_effect_that_is_assessed(engine: Engine) -> None:
    log = WrittenLog()
    followed, too_early, unfollowed, untouched = (log.issue(n, at(0)) for n in (1, 2, 3, 4))
    for issue_id in (followed, too_early, unfollowed):
        log.action(issue_id, at(1), "police")
    follow_up(log, followed, 2, Effect.UNCHANGED)
    follow_up(log, too_early, 2, Effect.TOO_EARLY)
    for issue_id in (followed, too_early, unfollowed, untouched):
        close(log, issue_id, 3)
    assert share(figure(engine, log, "K9")) == (1, 3)


def test_k10_takes_the_latest_effect_of_each_issue(engine: Engine) -> None:
    log = WrittenLog()
    for stream, effects in enumerate(
        [
            (Effect.TOO_EARLY, Effect.IMPROVED),
            (Effect.RESOLVED,),
            (Effect.UNCHANGED,),
            (Effect.IMPROVED, Effect.TOO_EARLY),
        ]
    ):
        issue_id = log.issue(stream, at(0))
        for hours, effect in enumerate(effects):
            follow_up(log, issue_id, 1 + hours, effect)
    found = figure(engine, log, "K10")
    assert share(found) == (2, 3)
    effects_shown = [(c.key, c.count) for c in found.cells if c.kind == "effect"]
    assert effects_shown == [("resolved", 1), ("improved", 1), ("unchanged", 1), ("too_early", 1)]
    assert cell(found, "effect", "too_early").share is None


def test_k11_counts_an_issue_reopened_within_ninety_days(engine: Engine) -> None:
    log = WrittenLog()
    soon, late, never = (log.issue(n, at(0)) for n in (1, 2, 3))
    for issue_id in (soon, late, never):
        close(log, issue_id, 24)
    log.append(IssueReopened, soon, at(24 * 27), reason_sv="Nya kanyler på samma plats.")
    close(log, soon, 24 * 50)
    log.append(IssueReopened, late, at(24 * 92), reason_sv="Igen.")
    found = figure(engine, log, "K11")
    assert share(found) == (1, 3)
    assert medians(found)[:2] == (1, 26 * 24)


def test_k12_is_answered_at_all_and_within_four_weeks(engine: Engine) -> None:
    log = WrittenLog()
    # Four weeks over the change to summer time end at the same time of the clock, an hour sooner.
    just, late, _never = (log.report(n, at(0), wants_reply=True) for n in (1, 2, 3))
    log.append(FeedbackSent, log.report(4, at(0)), at(1))
    log.append(FeedbackSent, just, at(28 * 24 - 1))
    log.append(FeedbackSent, late, at(28 * 24 - 0.9))
    found = figure(engine, log, "K12")
    assert share(found) == (2, 3)
    assert share(cell(found, "reply", "within_4_weeks")) == (1, 3)


def test_k14_needs_actions_of_two_agencies(engine: Engine) -> None:
    log = WrittenLog()
    alone, two, together, unknown, _none = (log.issue(n, at(0)) for n in (1, 2, 3, 4, 5))
    for _ in range(2):
        log.action(alone, at(1), "police")
    log.action(two, at(1), "police")
    log.action(two, at(2), "social")
    log.action(together, at(1), "environment", together_with=("police",))
    log.action(unknown, at(1), None)
    log.action(unknown, at(2), "police")
    assert share(figure(engine, log, "K14")) == (2, 5)


def test_k15_needs_three_issues_of_a_group_in_ninety_days(engine: Engine) -> None:
    log = WrittenLog()
    named = {"place": Place(name="Vid kanalen")}
    opened: list[tuple[int, dict[str, Any]]] = [
        (0, {}), (40, {"category": "needles"}), (90, {"category": "alcohol_intoxication"}),
        (91, {"category": "noise"}),
        (0, named), (91, named), (92, {"place": Place(name="vid  Kanalen")}),
        *[(1, {"place": Place(name="C", precision=PlacePrecision.AREA)})] * 3,
    ]  # fmt: skip
    for stream, (day, changes) in enumerate(opened):
        log.issue(stream, at(24 * day), **changes)
    found = figure(engine, log, "K15")
    assert found.count == 1
    assert cell(found, "place", "brunnsparken>drugs_alcohol").count == 3
    assert figure(engine, log, "K15", since=at(24 * 91)).count == 0
