"""Makes the entries of the log anew from stored rows, many at a time, for the check of all of it.

It gives what `leaf.leaf_of` gives of one event, with less ado: no objects in between.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import Engine

from domain.log_entry import LogEntry
from infra.audit.leaf import OPEN_LAYER, SALT_HEX, STATE, VERSION, Leaf, leaf_of
from infra.log.rows import EventRow, entry_of, event_rows

Made: TypeAlias = tuple[int, str, bytes, int, Any]
"""Position, event's id, entry, microseconds since 1970 UTC of its recording, and the stored row.

The entry is empty where none can be made.
"""
Scan: TypeAlias = Callable[[int, int], Iterator[Iterable[Made]]]


@dataclass(frozen=True)
class Log:
    """What is audited: its last position, and what its rows become from one position to another.

    A row that does not become what is in the log is looked at closely: as an entry, and its leaf.
    """

    head: Callable[[], int]
    scan: Scan
    entry_of: Callable[[Any], LogEntry]
    leaf_of: Callable[[LogEntry], Leaf]
    disposed_before: str = ""
    """Entries with an earlier time need no row any more: a decision in the log says so."""


_DAY: Final = 86_400
_SECOND: Final = 1_000_000
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()
_CLOCK: Final = [
    f"T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}." for second in range(_DAY)
]
_sha256 = hashlib.sha256


class _Head(msgspec.Struct):
    event_id: str
    registering_agency: str
    layer: str
    salt: str


_read_head: Final = msgspec.json.Decoder(_Head).decode


def log_of_events(engine: Engine, head: Callable[[], int]) -> Log:
    """The log of all events, for ``check_log``."""

    def scan(after: int, until: int) -> Iterator[Iterable[Made]]:
        return (made_of(rows) for rows in event_rows(engine, after, until))

    return Log(head, scan, entry_of, leaf_of)


def made_of(rows: Iterable[EventRow]) -> Iterator[Made]:
    """What each event becomes.

    The id is as it stands in the stored bytes: whoever compares must know that it is one.
    """
    for row in rows:
        try:
            event_id, entry = _entry(row)
        except (msgspec.MsgspecError, UnicodeError, ValueError, OverflowError):
            event_id, entry = "", b""
        yield row[0], event_id, entry, row[4], row


def _entry(row: EventRow) -> tuple[str, bytes]:
    _, stream, version, topic, at, state = row
    head = _read_head(state)
    if len(head.salt) != SALT_HEX:
        return "", b""
    event_id, payload = head.event_id, _sha256(STATE + state).hexdigest()
    seconds, part = divmod(at, _SECOND)
    day, second = divmod(seconds, _DAY)
    told = f'"at":"{_date(day)}{_CLOCK[second]}{part:06d}Z","event":"{event_id}",'
    if head.layer == OPEN_LAYER:
        agency = _quoted(head.registering_agency)
        text = f'{{"agency":{agency},{told}"n":{version},"payload":"{payload}",'
        text += f'"stream":"{stream}","type":{_quoted(topic)},"v":{VERSION}}}'
    else:
        text = f'{{{told}"payload":"{payload}","v":{VERSION}}}'
    return event_id, text.encode()


@lru_cache(4_096)
def _date(day: int) -> str:
    return date.fromordinal(_FIRST_DAY + day).isoformat()


@lru_cache(4_096)
def _quoted(word: str) -> str:
    """A word as JSON; there are few of them."""
    return msgspec.json.encode(word).decode()
