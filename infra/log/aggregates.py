"""What a process has loaded lately: a bounded cache that saves replaying, never reading."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, Final
from uuid import UUID

from eventsourcing.domain import Aggregate
from sqlalchemy import Connection, select

from infra.log.stored import TimedEvent
from infra.log.tables import events
from infra.lookups import WireLookup

MOST_EVENTS: Final = 100_000
"""So many events are kept in applied form, of all aggregates together."""
After = tuple[UUID, int]
"""A stream, and the version after which its events are wanted."""


class Aggregates:
    """Aggregates as of some version; whoever takes one owns it until it is given back.

    It must be brought up to date with the events after its version before anything is decided on
    it, and may be given back only when all that was decided on it stands in the log.
    """

    def __init__(self, most_events: int = MOST_EVENTS) -> None:
        """Begin empty."""
        self._most_events = most_events
        self._events = 0
        self._kept: OrderedDict[UUID, Aggregate] = OrderedDict()
        self._lock = Lock()

    def take(self, stream_id: UUID) -> Aggregate | None:
        """Take an aggregate out; None if it is not here or somebody else has it."""
        with self._lock:
            aggregate = self._kept.pop(stream_id, None)
            self._events -= aggregate.version if aggregate else 0
        return aggregate

    def give_back(self, aggregates: Iterable[Aggregate]) -> None:
        """Keep aggregates as they stand in the log; the longest unused make room."""
        with self._lock:
            for aggregate in aggregates:
                older = self._kept.pop(aggregate.id, None)
                self._kept[aggregate.id] = aggregate
                self._events += aggregate.version - (older.version if older else 0)
            while self._events > self._most_events:
                _, dropped = self._kept.popitem(last=False)
                self._events -= dropped.version


def _by_connection(db: Connection, wanted: Sequence[After]) -> Mapping[After, list[TimedEvent]]:
    """Read what several streams hold after a version each, in order of version."""
    found: dict[After, list[TimedEvent]] = {each: [] for each in wanted}
    if db.dialect.name == "postgresql":
        rows = db.exec_driver_sql(_AFTER.format("%b", "%b"), _streams_and_versions(wanted))
        return _by_stream(wanted, [tuple(row) for row in rows])
    for stream_id, after in wanted:
        query = (
            select(events.c.version, events.c.topic, events.c.state, events.c.recorded_at)
            .where(events.c.stream_id == stream_id, events.c.version > after)
            .order_by(events.c.version)
        )
        found[stream_id, after] = [
            TimedEvent(stream_id, version, topic, state, recorded_at)
            for version, topic, state, recorded_at in db.execute(query)
        ]
    return found


_AFTER: Final = """
SELECT s.id, s.after, e.version, e.topic, e.state, e.recorded_at
FROM unnest({}::uuid[], {}::int[]) AS s(id, after) CROSS JOIN LATERAL
    (SELECT version, topic, state, recorded_at FROM events
     WHERE stream_id = s.id AND version > s.after ORDER BY version) AS e"""


def _streams_and_versions(wanted: Sequence[After]) -> tuple[str, str]:
    """The parameters of `_AFTER`: arrays as PostgreSQL writes them."""
    return (
        "{" + ",".join([str(stream_id) for stream_id, _ in wanted]) + "}",
        "{" + ",".join([str(after) for _, after in wanted]) + "}",
    )


def _by_stream(
    wanted: Sequence[After], rows: Iterable[tuple[Any, ...]]
) -> Mapping[After, list[TimedEvent]]:
    found: dict[After, list[TimedEvent]] = {each: [] for each in wanted}
    for stream_id, after, version, topic, state, recorded_at in rows:
        found[stream_id, after].append(TimedEvent(stream_id, version, topic, state, recorded_at))
    return found


events_after: Final = WireLookup(
    _by_connection, _AFTER.format("$1", "$2"), _streams_and_versions, _by_stream
)
"""Reads what several streams hold after a version each, in order of version."""
