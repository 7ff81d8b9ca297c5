"""Read from an entry's bytes only what a fold needs of it, instead of making the whole event."""

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, get_type_hints

import msgspec

from domain.envelope import RecordedEvent
from domain.log_entry import LogEntry

_Time = Annotated[datetime, msgspec.Meta(tz=True)]


class _Acting(msgspec.Struct):
    agency_id: str


class Envelope(msgspec.Struct):
    """What of an event's envelope is read: as in the event, with the event's own fields apart."""

    schema_version: int
    occurred_at: _Time
    actor: _Acting


class Said(Envelope):
    """An event's envelope, and its own fields in ``data``."""

    data: Any


class Lean:
    """Reads some fields of the events of some topics.

    What is read has ``occurred_at``, ``actor.agency_id`` and, in ``data``, the fields named for
    the event's class. Bytes of an earlier schema version go through the event, which mends them.
    """

    def __init__(self, fields: Mapping[type[RecordedEvent], Iterable[str]]) -> None:
        self._decoders: dict[str, tuple[int, msgspec.json.Decoder[Any]]] = {
            topic_of(event): (event.schema_version, msgspec.json.Decoder(_struct(event, names)))
            for event, names in fields.items()
        }

    def read(self, entry: LogEntry) -> Any:  # noqa: ANN401  a struct made for the event's class
        """Read an entry of one of the topics; raises what making its event raises."""
        if entry.known is None:
            version, decoder = self._decoders[entry.topic]
            try:
                said = decoder.decode(entry.state)
            except msgspec.DecodeError:
                # Old bytes rarely fit today's fields; making the event mends or refuses them.
                return _of_event(entry)
            if said.schema_version == version:
                return said
        return _of_event(entry)


def topic_of(event: type[RecordedEvent]) -> str:
    """The fixed name of an event class."""
    topic: str = vars(event)["TOPIC"]
    return topic


def _of_event(entry: LogEntry) -> Said:
    event = entry.event
    return Said(
        schema_version=event.schema_version,
        occurred_at=event.occurred_at,
        actor=_Acting(event.actor.agency_id),
        data=event,
    )


def _struct(event: type[RecordedEvent], names: Iterable[str]) -> type[msgspec.Struct]:
    hints = get_type_hints(event, include_extras=True)
    known = {field.name: field for field in dataclasses.fields(event)}
    data = msgspec.defstruct(
        f"{event.__name__}Lean",
        [_field(known[name], hints[name]) for name in names],
        kw_only=True,
    )
    return msgspec.defstruct(f"{event.__name__}Said", [("data", data)], bases=(Envelope,))


def _field(field: dataclasses.Field[Any], hint: Any) -> tuple[str, Any, Any]:  # noqa: ANN401  a type form
    kind = _Time if hint is datetime else hint
    if field.default is not dataclasses.MISSING:
        return field.name, kind, msgspec.field(default=field.default)
    if field.default_factory is not dataclasses.MISSING:
        return field.name, kind, msgspec.field(default_factory=field.default_factory)
    return field.name, kind, msgspec.field()
