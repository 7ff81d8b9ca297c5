"""Which fields of an event leave the house in an OCEL file: codes, numbers, times, never words.

Decided by what a field is, so that a new event is safe before anybody thinks of it. A text goes out
only if its name is one of codes; everything that somebody typed stays.
"""

import dataclasses
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, cast, get_args, get_origin

from domain.agencies import Agencies
from domain.categories import CATEGORIES
from domain.envelope import RecordedEvent
from projections.occurrence import told_fields
from service.reading import hints_of, take_apart

Codes = Mapping[str, Container[str] | None]
"""By the name of a field of plain text: the codes it may hold. None: the program gave it out."""

CODED: Final = frozenset({"area_id", "category", "number", "place_id", "to_role"})
"""Fields of plain text that hold codes, also with `from_` or `to_` before them."""

_KINDS: Final[Mapping[type[Any], str]] = {
    bool: "boolean",
    int: "integer",
    datetime: "time",
    date: "string",
}


def codes_of(agencies: Agencies) -> Codes:
    """The codes there are, by the directory: whatever else stands in such a field was typed."""
    return {
        "area_id": agencies.areas.keys(),
        "category": CATEGORIES.keys(),
        "place_id": agencies.places.keys(),
        "number": None,
        "to_role": None,
    }


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribute:
    """One attribute of OCEL: its type there, and where it lies in the event's data."""

    name: str
    kind: str
    path: tuple[str, ...]
    coded: str | None = None


@cache
def attributes_of(event_class: type[RecordedEvent]) -> tuple[Attribute, ...]:
    """The attributes of an event class, in the order of its fields."""
    hints = hints_of(event_class)
    return tuple(
        attribute
        for name in told_fields(event_class)
        for attribute in _attributes(name, hints[name], (name,), "")
    )


def values_of(
    event_class: type[RecordedEvent], data: Mapping[str, Any], codes: Codes
) -> Iterator[tuple[str, str]]:
    """Name and value of every attribute that the data of an event have; values are text."""
    for attribute in attributes_of(event_class):
        value: Any = data
        for name in attribute.path:
            value = None if value is None else value.get(name)
        if value is None or not _is_known(value, attribute, codes):
            continue
        if said := _said(value, attribute.kind):
            yield attribute.name, said


def moment(at: datetime) -> str:
    """A time, always to the microsecond: readers guess one form from the first that they meet."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _attributes(
    name: str,
    hint: Any,  # noqa: ANN401  any annotation
    path: tuple[str, ...],
    before: str,
) -> Iterator[Attribute]:
    kind = take_apart(hint).kind
    if dataclasses.is_dataclass(kind):
        inner = hints_of(cast("type[Any]", kind))
        # `from_place` gives `from_place_id`, `content` just `category`.
        before += "".join(name.rpartition("_")[:2])
        for each, its in inner.items():
            yield from _attributes(each, its, (*path, each), before)
        return
    if get_origin(kind) is tuple:
        if _is_code(get_args(kind)[0]):
            yield Attribute(name=before + name, kind="string", path=path)
        return
    coded = name.removeprefix("from_").removeprefix("to_") if name not in CODED else name
    if _is_code(kind):
        yield Attribute(name=before + name, kind="string", path=path)
    elif kind is str and coded in CODED:
        yield Attribute(name=before + name, kind="string", path=path, coded=coded)
    elif kind in _KINDS:
        yield Attribute(name=before + name, kind=_KINDS[kind], path=path)


def _is_known(value: Any, attribute: Attribute, codes: Codes) -> bool:  # noqa: ANN401  a JSON value
    known = None if attribute.coded is None else codes[attribute.coded]
    return known is None or value in known


def _is_code(kind: Any) -> bool:  # noqa: ANN401  as above
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _said(value: Any, kind: str) -> str:  # noqa: ANN401  a JSON value
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return " ".join(cast("list[str]", value))
        case str() if kind == "time":
            return moment(datetime.fromisoformat(value))
        case _:
            return str(value)
