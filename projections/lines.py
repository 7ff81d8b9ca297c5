"""An event as a row of the tables that only grow, made from its stored bytes, not from the event.

Such a table has a row for every event, so what a row costs is what a rebuild costs. The event's
data go from the log to the row as the text they are; only bytes of an earlier schema version are
made into the event, mended and written anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec

from domain.access_review import AccessReview
from domain.directory import Directory
from domain.events import EVENTS
from domain.issue import Issue
from domain.log_entry import LogEntry
from domain.report import Report
from projections.columns import in_microseconds
from projections.occurrence import data_of, told_fields

ISSUE, REPORT, DIRECTORY, REVIEW = "issue", "report", "directory", "access_review"

_NOBODY_ELSE = '"on_behalf_of":null,"confirmed_not_personal":[]}'


class _Actor(msgspec.Struct):
    user_id: str
    agency_id: str
    role: str


class _Stored(msgspec.Struct):
    event_id: str
    schema_version: int
    occurred_at: Annotated[datetime, msgspec.Meta(tz=True)]
    actor: _Actor
    on_behalf_of: str | None
    registering_agency: str
    causation_id: str
    confirmed_not_personal: tuple[str, ...]
    data: msgspec.Raw


class _Named(msgspec.Struct):
    referral_id: str | None


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is the same in every line of a topic."""

    stream: str
    schema_version: int
    names_referral: bool


def line_of(entry: LogEntry) -> tuple[Any, ...]:
    """The row of an event as it is stored: ids and JSON are text, times microseconds.

    It has the order of the columns of ``trail_lines``. The kind is the stream's: issue, report,
    directory or access_review. The data are what an event says, without who, when and where.

    Raises:
        EventUnreadable: the bytes are not such an event.
    """
    kind = _KINDS[entry.topic]
    stored, own = _read(entry, kind)
    actor = stored.actor
    stream_id: str = msgspec.to_builtins(entry.stream_id)  # a fourth of what str() costs
    return (
        entry.position,
        kind.stream,
        stream_id if kind.stream is ISSUE else None,
        stream_id if kind.stream is REPORT else None,
        _named.decode(own).referral_id if kind.names_referral else None,
        entry.version,
        entry.topic,
        stored.event_id,
        stored.causation_id,
        in_microseconds(stored.occurred_at),
        in_microseconds(entry.recorded_at),
        actor.user_id,
        actor.agency_id,
        actor.role,
        stored.registering_agency,
        _told(own, stored),
    )


def _read(entry: LogEntry, kind: _Kind) -> tuple[_Stored, bytes]:
    """The envelope, and the event's own fields as they are stored."""
    try:
        stored = _decoder.decode(entry.state)
    except msgspec.DecodeError:
        return _mended(entry)
    own = bytes(stored.data)
    if stored.schema_version != kind.schema_version or own[:1] != b"{":
        return _mended(entry)
    return stored, own


def _mended(entry: LogEntry) -> tuple[_Stored, bytes]:
    """By way of the event, which is of today's schema; bytes that are none are refused there."""
    event = entry.event
    data = data_of(event)
    stored = _Stored(
        event_id=str(event.event_id),
        schema_version=event.schema_version,
        occurred_at=event.occurred_at,
        actor=_Actor(event.actor.user_id, event.actor.agency_id, event.actor.role.value),
        on_behalf_of=data.pop("on_behalf_of"),
        registering_agency=event.registering_agency,
        causation_id=str(event.causation_id),
        confirmed_not_personal=data.pop("confirmed_not_personal"),
        data=msgspec.Raw(msgspec.json.encode(data)),
    )
    return stored, bytes(stored.data)


def _told(own: bytes, stored: _Stored) -> str:
    begun = "{" if own == b"{}" else f"{own[:-1].decode()},"
    if stored.on_behalf_of is None and not stored.confirmed_not_personal:
        return begun + _NOBODY_ELSE
    rest = {
        "on_behalf_of": stored.on_behalf_of,
        "confirmed_not_personal": stored.confirmed_not_personal,
    }
    return begun + msgspec.json.encode(rest)[1:].decode()


_decoder = msgspec.json.Decoder(_Stored)
_named = msgspec.json.Decoder(_Named)

_STREAMS = (
    (ISSUE, Issue),
    (REPORT, Report),
    (DIRECTORY, Directory),
    (REVIEW, AccessReview),
)

_KINDS: Mapping[str, _Kind] = {
    topic: _Kind(stream, event.schema_version, "referral_id" in told_fields(event))
    for stream, of in _STREAMS
    for topic, event in EVENTS.items()
    if issubclass(event, of.Event)
}

TOPICS = frozenset(_KINDS)
"""Only of streams of which it is decided, in the queries, who may read them; a test holds it."""
