"""The entry of the audit log that an event becomes: a pure function of what the log stores."""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from domain.log_entry import LogEntry

VERSION: Final = 1
"""Of the form of entries; stands in each of them."""

ISSUES: Final = "issues"
"""The kind of log that holds every event."""
STATE: Final = b"\x02"
OPEN_LAYER: Final = "A"
SALT_HEX: Final = 32


class NoLeaf(ValueError):
    """What is stored is no event that an entry could be made of."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry before it has an index: its place in what is audited, and its bytes.

    ``event_id`` names what it is about; ``year`` is the calendar year in UTC of its recording.
    """

    position: int
    event_id: UUID
    year: int
    entry: bytes


Leaves = Callable[[int, int], Sequence[Leaf]]
"""Gives at most so many leaves after a position, in strict order."""


class _Head(msgspec.Struct):
    event_id: UUID
    registering_agency: str
    layer: str
    salt: str


# The fields are in the order of their names: that is what makes the bytes canonical (RFC 8785).
class _Open(msgspec.Struct):
    agency: str
    at: str
    event: str
    n: int
    payload: str
    stream: str
    type: str
    v: int


class _Closed(msgspec.Struct):
    at: str
    event: str
    payload: str
    v: int


class _Stream(msgspec.Struct):
    stream: UUID | None = None


class Facts(msgspec.Struct, frozen=True):
    """What an entry says of its event; a closed one says neither whose nor what it is."""

    recorded_at: datetime = msgspec.field(name="at")
    event: UUID
    payload: str
    agency: str | None = None
    stream: UUID | None = None
    n: int | None = None
    type: str | None = None


_read_stream: Final = msgspec.json.Decoder(_Stream).decode
_read_facts: Final = msgspec.json.Decoder(Facts).decode
_read_head: Final = msgspec.json.Decoder(_Head).decode
_encode: Final = msgspec.json.Encoder().encode


def payload_of(state: bytes) -> str:
    """What an entry says of the stored bytes: SHA-256 after 0x02, in hex. The bytes hold a salt."""
    return hashlib.sha256(STATE + state).hexdigest()


def leaf_of(entry: LogEntry) -> Leaf:
    """The leaf of an event; nothing but what is stored goes into it.

    What is of another layer than A is closed: time, event and commitment, and not whose it is.

    Raises:
        NoLeaf: the stored bytes are no event of ours, or hold no salt to hide them.
    """
    try:
        head = _read_head(entry.state)
    except msgspec.MsgspecError as error:
        raise NoLeaf(f"position {entry.position}: the stored bytes are no event") from error
    if len(head.salt) != SALT_HEX:
        raise NoLeaf(f"position {entry.position}: the stored bytes hold no salt of 16 bytes")
    payload = payload_of(entry.state)
    if head.layer == OPEN_LAYER:
        written = _encode(
            _Open(
                head.registering_agency,
                written_time(entry.recorded_at),
                str(head.event_id),
                entry.version,
                payload,
                str(entry.stream_id),
                entry.topic,
                VERSION,
            )
        )
    else:
        written = closed_entry(entry.recorded_at, head.event_id, payload)
    return Leaf(entry.position, head.event_id, entry.recorded_at.year, written)


def closed_entry(at: datetime, event_id: UUID, payload: str) -> bytes:
    """An entry that says when something was recorded and commits to it, and no more."""
    return _encode(_Closed(written_time(at), str(event_id), payload, VERSION))


def leaves_of(read: Callable[[int, int], Iterable[LogEntry]]) -> Leaves:
    """The leaves of the log that is read so."""

    def after(position: int, limit: int) -> list[Leaf]:
        return [leaf_of(entry) for entry in read(position, limit)]

    return after


def link_entry(origin: str, size: int, root: bytes) -> bytes:
    """The first entry of a new year: it names the last checkpoint of the year before."""
    link = {"previous": {"origin": origin, "root": root.hex(), "size": size}, "v": VERSION}
    return json.dumps(link, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def stream_in(entry: bytes) -> UUID | None:
    """The stream that an entry names; None for one that is closed, no event's, or none of ours."""
    try:
        return _read_stream(entry).stream
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def facts_in(entry: bytes) -> Facts | None:
    """What an entry says of its event; None if it is about none."""
    try:
        return _read_facts(entry)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def written_time(at: datetime) -> str:
    """A time as entries have it: UTC, to the microsecond."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
