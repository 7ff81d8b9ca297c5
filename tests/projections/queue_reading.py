"""Reads queues in tests: short words for where an issue stands and what the lines say."""

from uuid import UUID

from domain.values import SYSTEM
from projections.queues import Bucket
from projections.queues_queries import QueueItem, counters, queue_of, queues_with
from projections.viewer import Viewer
from service.viewers import viewer_of
from tests.examples import Started, actor

EVERYTHING = Viewer(SYSTEM, authority=True)


def viewer(started: Started, by: str) -> Viewer:
    """A user of the presets as a viewer."""
    return viewer_of(actor(by), started.samsyn.execution.agencies())


def stands(started: Started, issue_id: UUID, as_seen_by: Viewer = EVERYTHING) -> set[str]:
    """Where an issue stands now: "agency bucket" of every queue that shows it."""
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        found = queues_with(db, as_seen_by, issue_id, started.clock.now)
    assert len(found) == len(set(found))
    return {f"{agency_id} {bucket}" for agency_id, bucket in found}


def lines(
    started: Started,
    agency_id: str,
    bucket: Bucket,
    as_seen_by: Viewer = EVERYTHING,
    limit: int = 200,
) -> list[QueueItem]:
    """A whole bucket, page by page; its counter must agree."""
    started.catch_up()
    found: list[QueueItem] = []
    after = None
    with started.samsyn.engine.connect() as db:
        while True:
            page = queue_of(
                db, as_seen_by, agency_id, bucket, now=started.clock.now, after=after, limit=limit
            )
            assert len(page.items) <= limit
            found += page.items
            after = page.next
            if after is None:
                break
        counted = counters(db, as_seen_by, agency_id, started.clock.now)
    assert counted[bucket] == len(found), bucket
    return found


def the_line(started: Started, agency_id: str, bucket: Bucket) -> QueueItem:
    """The one line of a bucket."""
    (line,) = lines(started, agency_id, bucket)
    return line
