"""The application: load aggregates, save what they decided, read the log in its order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from eventsourcing.application import Application, Repository
from eventsourcing.domain import Aggregate, CanMutateAggregate
from eventsourcing.persistence import Recording, StoredEvent
from eventsourcing.utils import Environment, EnvType
from sqlalchemy import Engine

from domain.log_entry import LogEntry
from domain.stream_range import EVERY, StreamRange
from infra.database import from_microseconds
from infra.log.batch import Append, Outcome
from infra.log.errors import CommandKey, KeptReceipt
from infra.log.following import Follower
from infra.log.history import history, position_at
from infra.log.mapper import EventMapper, event_of
from infra.log.recorder import LogRecorder
from infra.log.scan import scan
from infra.log.series import Draw
from infra.log.stored import TimedEvent, TimedNotification, as_uuid


class Casework(Application[UUID]):
    """All streams of the log behind one repository; safe to use from many threads."""

    name = "Casework"
    env: ClassVar[dict[str, str]] = {}
    recorder: LogRecorder

    def __init__(self, engine: Engine) -> None:
        """Stand on a migrated database."""
        self._engine = engine
        super().__init__()
        # Called with the last position after each commit of this process, on the log's thread.
        self.on_append: list[Callable[[int], None]] = self.recorder.appender.on_append
        # Called before those with the entries themselves, which need not be read again.
        self.on_entries: list[Callable[[Sequence[LogEntry]], None]] = []
        self.recorder.appender.on_written.append(self._hand_on)
        self._follower = Follower(engine)

    def save(  # type: ignore[override]  # only aggregates and what our log knows
        self,
        *aggregates: Aggregate,
        keys: Sequence[CommandKey] = (),
        claims: Sequence[str] = (),
        draws: Sequence[Draw] = (),
    ) -> list[Recording[UUID]]:
        """Append what the aggregates decided, all or nothing; durable when it returns.

        Without events nothing is written, no key either, and the list is empty. The draws hold
        the numbers drawn afterwards, the aggregates do not yet.

        Raises:
            StreamConflict, KeyTaken, ClaimTaken: nothing was written; load the aggregates again.
            LogBusy, AppendFailed: nothing was written, for now.
            OutcomeUnknown: ask again with the same key.
        """
        return self.events.put(_collect(aggregates), keys=keys, claims=claims, draws=draws)

    def save_later(
        self,
        *aggregates: Aggregate,
        keys: Sequence[CommandKey] = (),
        claims: Sequence[str] = (),
    ) -> Future[list[int]]:
        """Append without waiting: the future gives the positions once they are durable.

        For bulk work: many appends in flight share a transaction. It waits for room while the
        queue is full. Appends are written in the order in which they were handed over.
        """
        stored = [self.mapper.to_stored_event(event) for event in _collect(aggregates)]
        if not stored:
            nothing: Future[list[int]] = Future()
            nothing.set_result([])
            return nothing
        return self.recorder.submit(stored, keys=keys, claims=claims, wait=True)

    async def save_async(
        self,
        *aggregates: Aggregate,
        keys: Sequence[CommandKey] = (),
        claims: Sequence[str] = (),
        draws: Sequence[Draw] = (),
    ) -> list[int]:
        """As ``save``, for a coroutine; gives the positions."""
        stored = [self.mapper.to_stored_event(event) for event in _collect(aggregates)]
        if not stored:
            return []
        return await self.recorder.insert_events_async(
            stored, keys=keys, claims=claims, draws=draws
        )

    def foreseen(self, *aggregates: Aggregate) -> list[LogEntry]:
        """Give the entries that saving would append now, and append nothing.

        The aggregates are not to be saved afterwards: what they decided is taken from them.
        """
        stored = [self.mapper.to_stored_event(event) for event in _collect(aggregates)]
        entries = [cast("TimedEvent", each) for each in stored]
        return [_entry(at, each) for at, each in enumerate(entries, self.head() + 1)]

    def replay(self, aggregate: Any, stored: Iterable[StoredEvent]) -> Any:  # noqa: ANN401  any aggregate
        """Bring an aggregate, None for one not yet begun, up to date with what was recorded since.

        Raises:
            EventUnreadable: naming the event.
        """
        mapper = cast("EventMapper", self.mapper)
        return _replay(aggregate, (mapper.to_domain_event(each) for each in stored))

    def find_key(self, key: str) -> KeptReceipt | None:
        """Give what was recorded with an idempotency key, None if it was never used."""
        return self.recorder.find_key(key)

    def find_keys(self, keys: Sequence[str]) -> dict[str, KeptReceipt]:
        """Give what was recorded with those of many idempotency keys that were used."""
        return self.recorder.find_keys(keys)

    def is_claimed(self, name: str) -> bool:
        """Whether a name that may be claimed only once is taken."""
        return self.recorder.is_claimed(name)

    def highest_claim(self, prefix: str) -> str | None:
        """Give the longest, then highest claimed name that begins with a prefix."""
        return self.recorder.highest_claim(prefix)

    def read(self, after: int, limit: int) -> list[LogEntry]:
        """Read the entries after a position, in strict order of position, at most ``limit``.

        Their events raise EventUnreadable when asked for, if the bytes cannot be read.
        """
        found = self.recorder.select_notifications(after, limit, inclusive_of_start=False)
        return [_entry(notification.id, notification) for notification in found]

    def follow(self, after: int, limit: int) -> list[LogEntry]:
        """The same, for who asks all the time: on a connection of its own.

        Raises:
            DBAPIError: what the database said; asking again opens another connection.
        """
        return self._follower.read(after, limit)

    def scan(
        self, after: int, until: int, streams: StreamRange = EVERY, besides: Sequence[int] = ()
    ) -> Iterator[list[LogEntry]]:
        """Read much of the log as fast as it goes, all of it or some of its streams."""
        return scan(self._engine, after, until, streams, besides)

    def history(self, stream_ids: Sequence[UUID], until: int) -> list[LogEntry]:
        """Read all of some streams up to a position, that one included, in the log's order."""
        return history(self._engine, stream_ids, until)

    def position_at(self, at: datetime) -> int:
        """Give the last position recorded by a time, 0 if there was none."""
        return position_at(self._engine, at)

    def head(self) -> int:
        """Give the last position, 0 in an empty log."""
        return self.recorder.max_notification_id() or 0

    def close(self) -> None:
        """Answer everything that was accepted, then stop; the engine stays open."""
        self.recorder.appender.close()
        self._follower.close()
        super().close()

    def construct_env(self, name: str, env: EnvType | None = None) -> Environment:
        """Leave the surroundings out: nothing in the process's environment changes the log."""
        return Environment(name, {**type(self).env, **(env or {})})

    def construct_mapper(self) -> EventMapper:
        """Use our stored form."""
        return EventMapper()

    def construct_recorder(self) -> LogRecorder:
        """Use our log."""
        return LogRecorder(self._engine)

    def construct_repository(self) -> Repository[UUID]:
        """Load by replaying the whole stream, without a cache."""
        return StreamRepository(event_store=self.events)

    def _hand_on(self, appends: Sequence[Append], outcomes: Sequence[Outcome]) -> None:
        if not self.on_entries:
            return
        entries = [
            _entry(position, event)
            for append, outcome in zip(appends, outcomes, strict=True)
            if isinstance(outcome, list)
            for position, event in zip(outcome, append.events, strict=True)
        ]
        for hear in list(self.on_entries):
            hear(entries)


class StreamRepository(Repository[UUID]):
    """The library's repository, without its slow check of every event against a protocol."""

    def get(self, aggregate_id: UUID, *, version: int | None = None, **options: Any) -> Any:  # noqa: ANN401  the caller names the aggregate's class
        """Load an aggregate; raises AggregateNotFoundError."""
        options.setdefault("projector_func", _replay)
        return super().get(aggregate_id, version=version, **options)


def _replay(aggregate: Any, events: Iterable[CanMutateAggregate[UUID]]) -> Any:  # noqa: ANN401  any aggregate
    for event in events:
        aggregate = event.mutate(aggregate)
    return aggregate


def _entry(position: int, stored: TimedEvent | TimedNotification) -> LogEntry:
    return LogEntry(
        position=position,
        stream_id=as_uuid(stored.originator_id),
        version=stored.originator_version,
        topic=stored.topic,
        recorded_at=from_microseconds(stored.recorded_at),
        state=stored.state,
        decode=event_of,
    )


def _collect(aggregates: Iterable[Aggregate]) -> list[CanMutateAggregate[UUID]]:
    return [event for aggregate in aggregates for event in aggregate.collect_events()]
