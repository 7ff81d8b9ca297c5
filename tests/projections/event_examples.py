"""An event of any type with something in every field; texts that nobody may find in a line."""

import dataclasses
import types
import typing
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.envelope import RecordedEvent
from domain.events import EVENTS
from domain.values import Actor, Role
from projections.occurrence import told_fields

WRITTEN = "Fritext som någon skrev"
AT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
ACTOR = Actor(user_id="u-pol-01", agency_id="police", role=Role.CASEWORKER)

IDENTITIES = {
    *("agency_id", "from_agency", "to_agency", "proposed_agency", "suggested_agency"),
    *("receiving_agency", "responsible_agency", "user_id", "successor_id"),
    *("together_with", "agencies_present", "on_behalf_of"),
}
CODES = {
    "category": "graffiti",
    "from_category": "noise",
    "to_category": "graffiti",
    "number": "TIC-2026-00042",
    "merged_number": "TIC-2026-00042",
    "into_number": "TIC-2026-00043",
    "to_role": "coordinator",
}


def example(hint: Any, field: str) -> Any:
    """A value of this type; every text is one that nobody may find in a line."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return example(next(a for a in typing.get_args(hint) if a is not type(None)), field)
    if origin is tuple:
        inner = [a for a in typing.get_args(hint) if a is not ...]
        return tuple(example(one, field) for one in inner)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return next(iter(hint))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{f.name: example(hints[f.name], f.name) for f in dataclasses.fields(hint)})
    plain = {UUID: UUID(int=7), datetime: AT, date: AT.date(), int: 2, float: 1.5, bool: True}
    if hint in plain:
        return plain[hint]
    assert hint is str, f"{field}: no example of {hint}"
    return f"{WRITTEN} ({field})"


def an_event(topic: str, actor: Actor = ACTOR, **changes: Any) -> RecordedEvent:
    """An event with something in every field."""
    event_class = EVENTS[topic]
    hints = typing.get_type_hints(event_class)
    values: dict[str, Any] = {"originator_id": UUID(int=1), "originator_version": 1}
    for name in told_fields(event_class):
        values[name] = example(hints[name], name)
        if name in IDENTITIES:
            values[name] = ("social",) if isinstance(values[name], tuple) else "social"
        values[name] = CODES.get(name, values[name])
    values["confirmed_not_personal"] = ("phone",)
    values |= {"actor": actor, "timestamp": AT, "occurred_at": AT, **changes}
    event = object.__new__(event_class)
    object.__setattr__(event, "__dict__", values)  # frozen, and __init__ wants more
    return event
