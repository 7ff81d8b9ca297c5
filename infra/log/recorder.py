"""The library's application recorder on our log, one class for SQLite and PostgreSQL."""

import json
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC, datetime
from threading import Event
from typing import Final
from uuid import UUID

from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent, Subscription
from sqlalchemy import ARRAY, Engine, Text, cast, func, select

from infra.database import microseconds
from infra.log.appender import Appender
from infra.log.batch import Append
from infra.log.errors import CommandKey, KeptReceipt
from infra.log.series import Draw
from infra.log.stored import TimedEvent, TimedNotification
from infra.log.tables import claims as claimed
from infra.log.tables import command_keys, events

DEADLINE_SECONDS: Final = 15.0
POLL_SECONDS: Final = 0.25
"""How late a subscription may see what another process appended."""
_RECEIPT: Final = (
    command_keys.c.key,
    command_keys.c.fingerprint,
    command_keys.c.created_id,
    command_keys.c.position,
    command_keys.c.stream_id,
    command_keys.c.version,
)


class LogRecorder(ApplicationRecorder):
    """Appends through the process's one appender and reads from the table of events."""

    def __init__(self, engine: Engine, *, deadline: float = DEADLINE_SECONDS) -> None:
        """Prepare; nothing is opened before the first call.

        A caller waits ``deadline`` seconds for its append: a stopped database must not hold
        callers for ever.
        """
        self._engine = engine
        self._deadline = deadline
        self.appender = Appender(engine)

    def insert_events(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        keys: Sequence[CommandKey] = (),
        claims: Sequence[str] = (),
        draws: Sequence[Draw] = (),
        **_kwargs: object,
    ) -> Sequence[int] | None:
        """Append, wait until it is durable and give the positions; None if there are no events.

        Raises:
            StreamConflict, KeyTaken, ClaimTaken: nothing was written.
            LogBusy, AppendFailed: nothing was written, for now.
            OutcomeUnknown: ask again with the same key.
        """
        if not stored_events:
            return None
        append = _append(stored_events, keys, claims, draws)
        return self.appender.append(append, self._deadline)

    async def insert_events_async(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        keys: Sequence[CommandKey] = (),
        claims: Sequence[str] = (),
        draws: Sequence[Draw] = (),
    ) -> list[int]:
        """As ``insert_events``, for a coroutine; cancelling it does not cancel other appends."""
        append = _append(stored_events, keys, claims, draws)
        return await self.appender.append_async(append, self._deadline)

    def submit(
        self,
        stored_events: Sequence[StoredEvent],
        *,
        keys: Sequence[CommandKey] = (),
        claims: Sequence[str] = (),
        wait: bool,
    ) -> Future[list[int]]:
        """Queue an append; ``wait`` says whether to wait for room in a full queue."""
        return self.appender.submit(_append(stored_events, keys, claims), wait=wait)

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Read a stream, versions above ``gt`` and up to ``lte``."""
        version = events.c.version
        query = select(version, events.c.topic, events.c.state, events.c.recorded_at)
        query = query.where(events.c.stream_id == originator_id)
        if gt is not None:
            query = query.where(version > gt)
        if lte is not None:
            query = query.where(version <= lte)
        query = query.order_by(version.desc() if desc else version).limit(limit)
        with self._engine.connect() as db:
            return [
                TimedEvent(originator_id, number, topic, state, recorded_at)
                for number, topic, state, recorded_at in db.execute(query)
            ]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[TimedNotification]:
        """Read the log in order of position, from ``start`` to ``stop``."""
        position = events.c.position
        query = select(
            position,
            events.c.stream_id,
            events.c.version,
            events.c.topic,
            events.c.state,
            events.c.recorded_at,
        )
        if start is not None:
            query = query.where(position >= start if inclusive_of_start else position > start)
        if stop is not None:
            query = query.where(position <= stop)
        if topics:
            query = query.where(events.c.topic.in_(topics))
        with self._engine.connect() as db:
            return [
                TimedNotification(stream_id, version, topic, state, number, recorded_at)
                for number, stream_id, version, topic, state, recorded_at in db.execute(
                    query.order_by(position).limit(limit)
                )
            ]

    def max_notification_id(self) -> int | None:
        """Give the last position, None in an empty log."""
        with self._engine.connect() as db:
            last: int | None = db.scalar(select(func.max(events.c.position)))
        return last

    def is_claimed(self, name: str) -> bool:
        """Whether a name is claimed."""
        query = select(claimed.c.name).where(claimed.c.name == name)
        with self._engine.connect() as db:
            return db.execute(query).first() is not None

    def highest_claim(self, prefix: str) -> str | None:
        """Give the longest, then highest claimed name that begins with a prefix."""
        query = (
            select(claimed.c.name)
            .where(claimed.c.name >= prefix, claimed.c.name < prefix + "\uffff")
            .order_by(func.length(claimed.c.name).desc(), claimed.c.name.desc())
            .limit(1)
        )
        with self._engine.connect() as db:
            return db.scalar(query)

    def find_key(self, key: str) -> KeptReceipt | None:
        """Give what was recorded with an idempotency key."""
        query = select(*_RECEIPT).where(command_keys.c.key == key)
        with self._engine.connect() as db:
            row = db.execute(query).mappings().one_or_none()
        return None if row is None else KeptReceipt(**row)

    def find_keys(self, keys: Sequence[str]) -> dict[str, KeptReceipt]:
        """Give what was recorded with those of the keys that were used, in one query."""
        asked = (
            func.json_each(json.dumps([*keys]))
            if self._engine.dialect.name == "sqlite"
            else func.unnest(cast([*keys], ARRAY(Text)))
        ).column_valued("value")
        query = select(*_RECEIPT).where(command_keys.c.key.in_(select(asked)))
        with self._engine.connect() as db:
            rows = db.execute(query).mappings()
            return {row["key"]: KeptReceipt(**row) for row in rows}

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LogSubscription":
        """Follow the log from after ``gt``: at once for this process's appends, else by polling."""
        return LogSubscription(self, gt=gt, topics=topics)


class LogSubscription(Subscription[LogRecorder]):
    """An endless iterator over the log, woken by the appender, with polling as the net beneath."""

    def __init__(self, recorder: LogRecorder, gt: int | None, topics: Sequence[str]) -> None:
        """Begin to listen; nothing is read before the first step."""
        super().__init__(recorder, gt, topics)
        self._page: list[Notification] = []
        self._woken = Event()
        recorder.appender.on_append.append(self._wake_up)

    def __next__(self) -> Notification:
        """Wait for the next event; the iteration ends when the subscription is stopped."""
        while not self._has_been_stopped:
            if self._page:
                notification = self._page.pop()
                self._last_notification_id = notification.id
                return notification
            self._woken.clear()
            found = self._recorder.select_notifications(
                self._last_notification_id, 500, topics=self._topics, inclusive_of_start=False
            )
            self._page = [*reversed(found)]
            if not found:
                self._woken.wait(POLL_SECONDS)
        raise StopIteration

    def stop(self) -> None:
        """End the iteration, also one that is waiting in another thread."""
        if not self._has_been_stopped:
            self._recorder.appender.on_append.remove(self._wake_up)
        super().stop()
        self._woken.set()

    def _wake_up(self, _position: int) -> None:
        self._woken.set()


def _append(
    stored_events: Sequence[StoredEvent],
    keys: Sequence[CommandKey],
    claims: Sequence[str],
    draws: Sequence[Draw] = (),
) -> Append:
    events = [_timed(event) for event in stored_events]
    return Append(events, tuple(keys), tuple(claims), tuple(draws))


def _timed(event: StoredEvent) -> TimedEvent:
    if isinstance(event, TimedEvent):
        return event
    # Only the library's plain events come without a time; ours bring the domain's clock.
    return TimedEvent(
        event.originator_id,
        event.originator_version,
        event.topic,
        event.state,
        microseconds(datetime.now(UTC)),
    )
