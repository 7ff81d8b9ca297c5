"""An event whose topic this program does not know: never passed over, by nobody who reads it."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from domain.events import EVENTS
from infra.log.errors import EventUnreadable
from infra.log.stored import TimedEvent
from projections.catalogue import PROJECTIONS
from projections.past import past
from projections.rebuild import rebuild
from projections.runner import Runner
from service.rebuilding import rebuild_together
from tests.examples import Started, a_started_samsyn, an_open_issue, open_issue
from tests.projections.event_examples import AT

TOPIC = "TreePlanted"
RECORDED_AT = int(AT.timestamp() * 1_000_000)


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url) as started:
        yield started


@pytest.fixture
def issue_id(started: Started) -> UUID:
    """An issue whose last event was written by a newer program."""
    issue_id = an_open_issue(started)
    started.catch_up()
    version: int = started.samsyn.casework.repository.get(issue_id).version
    newer = TimedEvent(issue_id, version + 1, TOPIC, b'{"schema_version":1}', RECORDED_AT)
    started.samsyn.casework.recorder.insert_events([newer])
    return issue_id


def test_it_stops_every_read_model_and_is_named(started: Started, issue_id: UUID) -> None:
    at = started.samsyn.casework.head()
    # What comes later, of another issue, is recorded all the same.
    later = started.execute(open_issue())
    runner = started.samsyn.runner
    assert not runner.catch_up()
    lines = runner.status(started.samsyn.casework.head())
    assert len(lines) == len(PROJECTIONS)
    for line in lines:
        assert line.stopped is not None, line.name
        assert (line.stopped.position, line.stopped.topic) == (at, TOPIC)
        assert (line.position, line.lag) == (at - 1, later.position - at + 1)


def test_a_program_that_knows_it_goes_on_where_the_older_one_stopped(
    started: Started, issue_id: UUID
) -> None:
    samsyn = started.samsyn
    started.execute(open_issue())
    assert not samsyn.runner.catch_up()
    newer = [replace(each, known={*EVENTS, TOPIC}) for each in PROJECTIONS]
    assert Runner(samsyn.engine, samsyn.casework.read, newer).catch_up()
    assert samsyn.runner.catch_up(), "nothing is left that the older one could not read"
    built = [
        rebuild(samsyn.engine, each, samsyn.casework.read, samsyn.casework.head) for each in newer
    ]
    assert [each.name for each in built if not each.hash_copy or not each.same] == []


def test_a_rebuild_ends_there_and_leaves_the_live_tables(started: Started, issue_id: UUID) -> None:
    samsyn = started.samsyn
    later = [replace(each, version=each.version + 1) for each in PROJECTIONS]
    generations = {each.name: each.generation for each in samsyn.runner.status(0)}
    for projection in later:  # of another version, so that it is to go beyond the live one
        with pytest.raises(EventUnreadable, match=TOPIC):
            rebuild(samsyn.engine, projection, samsyn.casework.read, samsyn.casework.head)
    assert {each.name: each.generation for each in samsyn.runner.status(0)} == generations


def test_a_rebuild_side_by_side_reads_it_too(
    started: Started, issue_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    samsyn = started.samsyn
    queues = next(each for each in PROJECTIONS if each.name == "queues")
    newer = replace(queues, version=queues.version + 1)
    monkeypatch.setattr("service.rebuilding.PROJECTIONS", [newer])
    with pytest.raises(EventUnreadable, match=TOPIC):
        rebuild_together(samsyn.engine, [newer], processes=1)


def test_the_past_with_it_is_refused_and_the_past_before_it_is_not(
    started: Started, issue_id: UUID
) -> None:
    casework = started.samsyn.casework
    head = casework.head()
    with past(casework.history([issue_id], head - 1), None):
        pass
    with (
        pytest.raises(EventUnreadable, match=TOPIC),
        past(casework.history([issue_id], head), None),
    ):
        pass
