"""How an append can fail, and what a key that was used before answers."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    MapperDeserialisationError,
    OperationalError,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandKey:
    """An idempotency key to store with an append; ``fingerprint`` tells what was asked for."""

    key: str
    fingerprint: str
    created_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptReceipt:
    """What the append that first used a key recorded.

    ``position`` is that of its last event, ``stream_id`` its first event's stream and ``version``
    the version that stream had reached when the append was done.
    """

    key: str
    fingerprint: str
    created_id: UUID | None
    position: int
    stream_id: UUID
    version: int


class StreamConflict(IntegrityError):
    """Somebody else appended to the stream first: load it again and decide again."""

    def __init__(self, stream_id: UUID | str, expected: int, actual: int) -> None:
        """Keep the stream's expected and actual version (0: the stream is empty)."""
        super().__init__(f"Stream {stream_id} is at version {actual}, not at {expected}.")
        self.stream_id = stream_id
        self.expected = expected
        self.actual = actual


class KeyTaken(IntegrityError):
    """The idempotency key was used before: nothing was written, ``receipt`` is the first answer."""

    def __init__(self, receipt: KeptReceipt) -> None:
        """Keep the first answer."""
        super().__init__(f"The key {receipt.key!r} was used at position {receipt.position}.")
        self.receipt = receipt


class ClaimTaken(IntegrityError):
    """A name that may be claimed only once is already claimed."""

    def __init__(self, name: str) -> None:
        """Keep the name."""
        super().__init__(f"The name {name!r} is already claimed.")
        self.name = name


class LogBusy(OperationalError):
    """Too many appends are waiting: nothing was written, try again shortly."""


class AppendFailed(OperationalError):
    """The database refused the append or could not be reached: nothing was written."""


READ_ONLY: Final = "Witnesses have signed more than the database holds: it is only read."


class LogReadOnly(AppendFailed):
    """A witness has signed more than the database holds: nothing is written until that is healed.

    What was written now would stand in the place of what is missing.
    """


class OutcomeUnknown(OperationalError):
    """The connection was lost and it could not be found out whether the append was written.

    The same command with the same idempotency key gives certainty.
    """


class EventUnreadable(MapperDeserialisationError):
    """Stored bytes that cannot be read as the event their topic names."""

    def __init__(self, topic: str, stream_id: UUID | str, version: int, why: object) -> None:
        """Name the event and what is wrong with it."""
        super().__init__(f"Cannot read {topic} at version {version} of stream {stream_id}: {why}")
        self.topic = topic
        self.stream_id = stream_id
        self.version = version

    @property
    def named(self) -> str:
        """Which event it is, and nothing of what it says."""
        return f"{self.topic}, number {self.version} of stream {self.stream_id}"
