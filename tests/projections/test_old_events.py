"""Bytes of an earlier schema version load, replay, project and stay as they are in the log."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.action import ActionPerformed
from domain.codes import ActionType, Effect, IssueStatus
from domain.follow_up import RecordFollowUp
from domain.issue import Issue
from infra.log.stored import TimedEvent
from infra.log.tables import events
from projections.catalogue import PROJECTIONS
from projections.issue_story_queries import actions_of, story
from projections.rebuild import rebuild
from service.viewers import viewer_of
from tests.examples import Started, a_started_samsyn, actor, an_assigned_issue
from tests.golden.freeze import frozen_bytes, golden
from tests.projections.event_examples import AT

OLD_BYTES = frozen_bytes(golden("ActionPerformed", 1))
RECORDED_AT = int(AT.timestamp() * 1_000_000)


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url) as started:
        yield started


@pytest.fixture
def issue_id(started: Started) -> UUID:
    """An issue whose third event was written by a program that knew version 1 only."""
    issue_id = an_assigned_issue(started)
    old = TimedEvent(issue_id, 3, "ActionPerformed", OLD_BYTES, RECORDED_AT)
    started.samsyn.casework.recorder.insert_events([old])
    return issue_id


def stored_state(started: Started, issue_id: UUID) -> bytes:
    query = select(events.c.state).where(events.c.stream_id == issue_id, events.c.version == 3)
    with started.samsyn.engine.connect() as db:
        return bytes(db.execute(query).scalar_one())


def test_it_is_read_in_todays_form(started: Started, issue_id: UUID) -> None:
    last = started.samsyn.casework.read(started.samsyn.casework.head() - 1, 1)[0]
    assert isinstance(last.event, ActionPerformed)
    assert (last.stream_id, last.version, last.recorded_at) == (issue_id, 3, AT)
    assert last.event.together_with == ()
    assert last.event.agency_id == "social"


def test_the_issue_replays_and_goes_on(started: Started, issue_id: UUID) -> None:
    issue: Issue = started.samsyn.casework.repository.get(issue_id)
    assert [each.action_type for each in issue.actions.values()] == [ActionType.FOOT_PATROL]
    assert issue.status is IssueStatus.ACTIVE
    assert "social" in issue.involved
    receipt = started.execute(
        RecordFollowUp(issue_id=issue_id, effect=Effect.IMPROVED, evidence_sv="11 blev 4."),
        by="u-soc-01",
    )
    assert receipt.version == 4


def test_it_is_projected_and_rebuilt(started: Started, issue_id: UUID) -> None:
    started.catch_up()
    samsyn = started.samsyn
    for projection in PROJECTIONS:
        rebuild(samsyn.engine, projection, samsyn.casework.read, samsyn.casework.head)
    viewer = viewer_of(actor("u-dis-01"), samsyn.execution.agencies())
    with samsyn.engine.connect() as db:
        [action] = actions_of(db, viewer, issue_id)
        told = [line.topic for line in story(db, viewer, issue_id)]
    assert (action.agency_id, action.together_with) == ("social", ())
    assert told[-1] == "ActionPerformed"


def test_stored_bytes_are_not_touched(started: Started, issue_id: UUID) -> None:
    started.samsyn.casework.repository.get(issue_id)
    started.catch_up()
    assert b'"schema_version":1' in OLD_BYTES
    assert stored_state(started, issue_id) == OLD_BYTES
