"""The library's stored event and notification, together with the time of recording."""

from dataclasses import dataclass
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent


@dataclass(frozen=True)
class TimedEvent(StoredEvent):
    """An event as bytes, with ``recorded_at`` in microseconds since 1970 UTC."""

    recorded_at: int


@dataclass(frozen=True)
class TimedNotification(Notification):
    """An event as bytes at its position, with ``recorded_at`` in microseconds since 1970 UTC."""

    recorded_at: int


def as_uuid(value: UUID | str) -> UUID:
    """Give a stream's id as a UUID; the library's types allow text as well."""
    return value if isinstance(value, UUID) else UUID(value)
