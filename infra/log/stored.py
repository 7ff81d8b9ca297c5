"""The library's stored event and notification, together with the time of recording."""

from dataclasses import dataclass
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

# Both are made for every event that is written or read. A frozen dataclass's own __init__ sets
# field by field past the freeze, which costs several times as much as setting them as a whole.


@dataclass(frozen=True, init=False)
class TimedEvent(StoredEvent):
    """An event as bytes, with ``recorded_at`` in microseconds since 1970 UTC."""

    recorded_at: int

    def __init__(
        self,
        originator_id: UUID | str,
        originator_version: int,
        topic: str,
        state: bytes,
        recorded_at: int,
    ) -> None:
        """Take the fields in the library's order."""
        self.__dict__.update(
            originator_id=originator_id,
            originator_version=originator_version,
            topic=topic,
            state=state,
            recorded_at=recorded_at,
        )


@dataclass(frozen=True, init=False)
class TimedNotification(Notification):
    """An event as bytes at its position, with ``recorded_at`` in microseconds since 1970 UTC."""

    recorded_at: int

    def __init__(
        self,
        originator_id: UUID | str,
        originator_version: int,
        topic: str,
        state: bytes,
        id: int,  # noqa: A002  the library's name
        recorded_at: int,
    ) -> None:
        """Take the fields in the library's order."""
        self.__dict__.update(
            originator_id=originator_id,
            originator_version=originator_version,
            topic=topic,
            state=state,
            id=id,
            recorded_at=recorded_at,
        )


def as_uuid(value: UUID | str) -> UUID:
    """Give a stream's id as a UUID; the library's types allow text as well."""
    return value if isinstance(value, UUID) else UUID(value)
