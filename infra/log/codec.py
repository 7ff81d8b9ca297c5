"""How the events of one class become bytes and are read back: made once for each class."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Annotated, Any, Final, TypeGuard, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import BaseAggregate, CanInitAggregate, CanMutateAggregate
from eventsourcing.utils import get_topic, resolve_topic
from msgspec.structs import astuple

# The order in which the envelope lies in the bytes. It is part of the format: the audit tree
# hashes the bytes as stored.
ENVELOPE: Final = (
    "event_id",
    "schema_version",
    "occurred_at",
    "actor",
    "on_behalf_of",
    "registering_agency",
    "layer",
    "secrecy",
    "causation_id",
    "correlation_id",
    "confirmed_not_personal",
    "salt",
    "data",
)
_NOT_OF_THE_EVENT: Final = frozenset({"schema_version", "salt", "data"})
_IN_COLUMNS: Final = frozenset({"originator_id", "originator_version", "timestamp"})
_AwareDatetime: Final = Annotated[datetime, msgspec.Meta(tz=True)]


class _Head(msgspec.Struct):
    schema_version: int


class Codec:
    """Encodes and decodes the events of one class."""

    def __init__(self, event_class: type[CanMutateAggregate[UUID]]) -> None:
        """Derive the stored form from the class's fields; raises TypeError without an envelope."""
        self.event_class = event_class
        self.schema_version: int = getattr(event_class, "schema_version", 1)
        self.aggregate_topic = _aggregate_topic(event_class)
        fields = {field.name: field for field in dataclasses.fields(event_class)}  # type: ignore[arg-type]  # eventsourcing's metaclass makes every event a dataclass
        self._envelope = tuple(name for name in ENVELOPE if name not in _NOT_OF_THE_EVENT)
        missing = [name for name in self._envelope if name not in fields]
        if missing:
            raise TypeError(f"{event_class.__qualname__} lacks {', '.join(missing)}.")
        apart = {*self._envelope, *_IN_COLUMNS, "originator_topic"}
        self._own = tuple(name for name in fields if name not in apart)
        hints = get_type_hints(event_class, include_extras=True)
        self._data = msgspec.defstruct(
            f"{event_class.__name__}Data",
            [_struct_field(fields[name], hints[name]) for name in self._own],
            forbid_unknown_fields=True,
            kw_only=True,
        )
        types = {**hints, "schema_version": int, "salt": str, "data": self._data}
        self._state = msgspec.defstruct(
            f"{event_class.__name__}State",
            [(name, _stored_type(types[name])) for name in ENVELOPE],
            forbid_unknown_fields=True,
        )
        # Written from structs of their own, which take their fields by place: as fast as it gets.
        self._data_to_write = msgspec.defstruct(f"{event_class.__name__}DataOut", self._own)
        self._state_to_write = msgspec.defstruct(f"{event_class.__name__}StateOut", ENVELOPE)
        self._own_of = _values_of(self._own)
        self._envelope_of = _values_of(self._envelope)
        created = () if self.aggregate_topic is None else (self.aggregate_topic,)
        self._created = created
        self._names = (
            "originator_id",
            "originator_version",
            "timestamp",
            *(("originator_topic",) if created else ()),
            *self._envelope,
            *self._own,
        )
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(self._state)
        self._head = msgspec.json.Decoder(_Head)

    def encode(self, event: CanMutateAggregate[UUID], salt: str) -> bytes:
        """Give the bytes to store."""
        values = vars(event)
        event_id, occurred_at, *others = self._envelope_of(values)
        data = self._data_to_write(*self._own_of(values))
        state = self._state_to_write(
            event_id, self.schema_version, occurred_at.astimezone(UTC), *others, salt, data
        )
        return self._encoder.encode(state)

    def decode(
        self, state: bytes, stream_id: UUID, version: int, recorded_at: datetime
    ) -> CanMutateAggregate[UUID]:
        """Make the event again, mended to today's schema; raises ValueError or TypeError."""
        stored = astuple(self._read(state))
        # Without the version, the salt and the box around the data.
        values = (stream_id, version, recorded_at, *self._created, stored[0])
        values += stored[2:-2] + astuple(stored[-1])
        event = object.__new__(self.event_class)
        # The fields are set as a whole: events are frozen, and __init__ costs more than the rest.
        object.__setattr__(event, "__dict__", dict(zip(self._names, values, strict=False)))
        return event

    def _read(self, state: bytes) -> Any:  # noqa: ANN401  a struct made from the event's class
        try:
            stored: Any = self._decoder.decode(state)
        except msgspec.ValidationError:
            # Old bytes rarely fit today's fields. Where they claim today's version, it is damage.
            if self._head.decode(state).schema_version == self.schema_version:
                raise
        else:
            if stored.schema_version == self.schema_version:
                return stored
        return msgspec.convert(self._upcast(msgspec.json.decode(state)), self._state)

    def _upcast(self, state: dict[str, Any]) -> dict[str, Any]:
        found: int = state["schema_version"]
        if not 1 <= found < self.schema_version:
            raise ValueError(
                f"it has schema version {found}, this program knows 1 to {self.schema_version}"
            )
        for step in range(found, self.schema_version):
            mend: Callable[[Any], None] = getattr(self.event_class, f"upcast_v{step}_v{step + 1}")
            mend(state["data"])
        state["schema_version"] = self.schema_version
        return state


def _values_of(names: Sequence[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    """Give what takes these values out of an event's fields, in one step."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


_codecs: dict[type[CanMutateAggregate[UUID]], Codec] = {}


def codec_of(event_class: type[CanMutateAggregate[UUID]]) -> Codec:
    """Give the one codec of an event class."""
    codec = _codecs.get(event_class)
    if codec is None:
        codec = _codecs[event_class] = Codec(event_class)
    return codec


def _stored_type(hint: Any) -> Any:  # noqa: ANN401  a type form: class, union or annotated
    return _AwareDatetime if hint is datetime else hint


def _struct_field(field: dataclasses.Field[Any], hint: Any) -> tuple[str, Any, Any]:  # noqa: ANN401  as above
    """Keep a field's default, so that a field with one may be added to old events."""
    if field.default is not dataclasses.MISSING:
        return field.name, _stored_type(hint), msgspec.field(default=field.default)
    if field.default_factory is not dataclasses.MISSING:
        return field.name, _stored_type(hint), msgspec.field(default_factory=field.default_factory)
    return field.name, _stored_type(hint), msgspec.field()


def _aggregate_topic(event_class: type[CanMutateAggregate[UUID]]) -> str | None:
    """Find the aggregate that a first event creates: it is not stored, so it may move freely."""
    if not issubclass(event_class, CanInitAggregate):
        return None
    fixed: str | None = getattr(event_class, "AGGREGATE_TOPIC", None)
    if fixed is not None:
        return fixed
    for base in event_class.__mro__:
        owner = base.__qualname__.rpartition(".")[0]
        if not owner or base.__module__.startswith("eventsourcing."):
            continue
        aggregate: object = resolve_topic(f"{base.__module__}:{owner}")
        if _is_aggregate_class(aggregate):
            return get_topic(aggregate)
    raise TypeError(f"{event_class.__qualname__} derives from no aggregate's Event.")


def _is_aggregate_class(found: object) -> TypeGuard[type[BaseAggregate[UUID]]]:
    return isinstance(found, type) and issubclass(found, BaseAggregate)
