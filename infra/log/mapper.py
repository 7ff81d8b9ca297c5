"""Translate between the domain's events and the bytes of the log."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TypeGuard
from uuid import UUID

from eventsourcing.domain import CanMutateAggregate, DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.utils import get_topic, resolve_topic

from domain.log_entry import LogEntry
from infra.database import from_microseconds, microseconds
from infra.log.codec import Codec, codec_of
from infra.log.errors import EventUnreadable
from infra.log.stored import TimedEvent, TimedNotification, as_uuid


def new_salt() -> str:
    """Give 16 random bytes as hex: nobody can guess an event from the hash of its bytes."""
    return secrets.token_hex(16)


class EventMapper(Mapper[UUID]):
    """The library's mapper with our stored form: JSON of a fixed order, read back typed."""

    def __init__(self, salt: Callable[[], str] = new_salt) -> None:
        """Take the source of salts; tests with frozen bytes give their own."""
        super().__init__(transcoder=JSONTranscoder())
        self._salt = salt

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> TimedEvent:
        """Give the bytes of an event and what lies in columns beside them."""
        if not isinstance(domain_event, CanMutateAggregate):
            raise TypeError(f"{domain_event!r} is not an event of an aggregate.")
        event_class = type(domain_event)
        return TimedEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=get_topic(event_class),
            state=codec_of(event_class).encode(domain_event, self._salt()),
            recorded_at=microseconds(domain_event.timestamp),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> CanMutateAggregate[UUID]:
        """Make the event again.

        Raises:
            EventUnreadable: if the topic is unknown or the bytes are not such an event.
        """
        if not isinstance(stored_event, (TimedEvent, TimedNotification)):
            topic, version = stored_event.topic, stored_event.originator_version
            why = "it has no time of recording"
            raise EventUnreadable(topic, stored_event.originator_id, version, why)
        return _event(
            stored_event.topic,
            stored_event.state,
            as_uuid(stored_event.originator_id),
            stored_event.originator_version,
            from_microseconds(stored_event.recorded_at),
        )


def event_of(entry: LogEntry) -> CanMutateAggregate[UUID]:
    """Make the event of an entry; raises EventUnreadable as the mapper does."""
    return _event(entry.topic, entry.state, entry.stream_id, entry.version, entry.recorded_at)


def _event(
    topic: str, state: bytes, stream_id: UUID, version: int, recorded_at: datetime
) -> CanMutateAggregate[UUID]:
    try:
        codec = _codecs.get(topic)
        if codec is None:
            codec = _codecs[topic] = codec_of(_event_class(topic))
        return codec.decode(state, stream_id, version, recorded_at)
    except Exception as error:
        raise EventUnreadable(topic, stream_id, version, error) from error


_codecs: dict[str, Codec] = {}
"""By topic, once it was found: finding it takes as long as reading the bytes."""


def _event_class(topic: str) -> type[CanMutateAggregate[UUID]]:
    found: object = resolve_topic(topic)
    if not _is_event_class(found):
        raise TypeError("its topic is not an event")
    return found


def _is_event_class(found: object) -> TypeGuard[type[CanMutateAggregate[UUID]]]:
    return isinstance(found, type) and issubclass(found, CanMutateAggregate)
