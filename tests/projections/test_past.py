"""The past of an issue: at every position just what the live read models showed there."""

from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from domain.events import EVENTS
from projections.issue_story_queries import (
    actions_of,
    follow_ups_of,
    issue_head,
    notes_of,
    referrals_of,
    reports_of,
    story,
)
from projections.past import past, report_ids
from projections.queues_queries import queues_with
from projections.viewer import Viewer
from tests.examples import Started, a_started_samsyn
from tests.projections.queue_reading import EVERYTHING, viewer
from tests.random_walk import Walk

AT_ONCE = 3
"""Issues that are looked at after a step."""


@dataclass
class Seen:
    """What was shown of an issue once the log had come to a position."""

    position: int
    issue_id: UUID
    by: Viewer
    now: Any
    shown: list[Any]


def shown(db: Connection, by: Viewer, issue_id: UUID, now: Any) -> list[Any]:
    return [
        issue_head(db, by, issue_id),
        queues_with(db, by, issue_id, now),
        *(
            part(db, by, issue_id)
            for part in (referrals_of, actions_of, reports_of, follow_ups_of, notes_of, story)
        ),
    ]


def shown_as_of(started: Started, position: int, by: Viewer, issue_id: UUID, now: Any) -> list[Any]:
    casework = started.samsyn.casework
    entries = casework.history([issue_id], position)
    entries += casework.history(report_ids(entries), position)
    entries.sort(key=lambda entry: entry.position)
    with started.samsyn.engine.connect() as live, past(entries, live) as db:
        return shown(db, by, issue_id, now)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 8])
def test_the_past_is_what_the_live_read_models_showed(database_url: str, seed: int) -> None:
    with a_started_samsyn(database_url) as started:
        walk, dice = Walk(started, seed), Random(seed)
        seen: list[Seen] = []

        def look() -> None:
            if dice.random() > 0.3 or not walk.issues:
                return
            started.catch_up()
            now = started.clock.now
            position = started.samsyn.casework.head()
            with started.samsyn.engine.connect() as db:
                for issue_id in dice.sample(walk.issues, min(len(walk.issues), AT_ONCE)):
                    found = shown(db, EVERYTHING, issue_id, now)
                    seen.append(Seen(position, issue_id, EVERYTHING, now, found))

        walk.steps(150, look)
        started.catch_up()
        topics: set[str] = set()
        for each in seen:
            found = shown_as_of(started, each.position, each.by, each.issue_id, each.now)
            assert found == each.shown, f"{each.issue_id} at {each.position}"
            topics |= {line.topic for line in found[-1]}
        assert len(seen) > 80
        assert len(topics) > len(EVENTS) / 3


def test_todays_rights_hold_for_the_past(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        walk = Walk(started, 4)
        walk.steps(150)
        started.catch_up()
        head = started.samsyn.casework.head()
        shown_to, hidden_from = 0, 0
        for by in ("u-dis-01", "u-pol-01", "u-con-01", "u-adm-01", "u-par-02"):
            looks = viewer(started, by)
            with started.samsyn.engine.connect() as live:
                for issue_id in walk.issues:
                    now = started.clock.now
                    today = shown(live, looks, issue_id, now)
                    assert shown_as_of(started, head, looks, issue_id, now) == today
                    hidden_from += today[0] is None
                    shown_to += today[0] is not None
                    before = shown_as_of(started, head - 40, looks, issue_id, now)
                    assert before[0] is None or today[0] is not None
        assert shown_to > 5
        assert hidden_from > 5


def test_the_past_holds_nothing_of_other_streams(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        walk = Walk(started, 6)
        walk.steps(60)
        started.catch_up()
        one, other = walk.issues[:2]
        head = started.samsyn.casework.head()
        entries = started.samsyn.casework.history([one], head)
        with started.samsyn.engine.connect() as live, past(entries, live) as db:
            assert issue_head(db, EVERYTHING, one) is not None
            assert issue_head(db, EVERYTHING, other) is None
        with started.samsyn.engine.connect() as live, past((), live) as db:
            assert issue_head(db, EVERYTHING, one) is None
