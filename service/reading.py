"""Reads what was sent into a dataclass, field by field, and notes every bad field at once."""

import dataclasses
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from domain.command import Text
from domain.refusals import FieldError, Problems
from service import reading_words as words

MOST_CHARACTERS = 200
"""Of a text for which the domain sets no limit: ids, codes, names."""
MOST_ITEMS = 100
LEAST_NUMBER, MOST_NUMBER = -(2**31), 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1900, 2200
_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,39}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_hints: dict[type[Any], dict[str, Any]] = {}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a field must be, taken apart: `kind` without `None` and without marks."""

    kind: Any
    optional: bool
    text: Text | None


@dataclass(frozen=True)
class Reading:
    """The fields that could be read, and what is wrong with the others."""

    values: dict[str, object]
    errors: tuple[FieldError, ...]


def read_fields(
    wanted: type[Any], given: Mapping[str, object], *, from_text: bool = False
) -> Reading:
    """Convert each field on its own; `from_text` reads numbers and yes or no from strings."""
    problems = Problems()
    values = _read_dataclass(wanted, given, "", problems, from_text=from_text)
    return Reading(values, tuple(problems))


def hints_of(wanted: type[Any]) -> dict[str, Any]:
    """The annotations of a dataclass with their marks."""
    if wanted not in _hints:
        _hints[wanted] = get_type_hints(wanted, include_extras=True)
    return _hints[wanted]


@cache
def take_apart(hint: Any) -> Wanted:  # noqa: ANN401  any annotation
    """See through `Annotated` and `| None`, in any order."""
    optional, text = False, None
    while True:
        if get_origin(hint) is Annotated:
            hint, *marks = get_args(hint)
            text = next((mark for mark in marks if isinstance(mark, Text)), text)
        elif get_origin(hint) in (Union, types.UnionType):
            kinds = [kind for kind in get_args(hint) if kind is not type(None)]
            optional = len(kinds) < len(get_args(hint))
            if len(kinds) != 1:
                raise TypeError(f"a field of one kind or none, not {hint}")
            hint = kinds[0]
        else:
            return Wanted(kind=hint, optional=optional, text=text)


def _read_dataclass(
    wanted: type[Any],
    given: Mapping[str, object],
    prefix: str,
    problems: Problems,
    *,
    from_text: bool,
) -> dict[str, object]:
    hints = hints_of(wanted)
    fields = {field.name: field for field in dataclasses.fields(wanted)}
    for name in given:
        if name not in fields:
            # What is no name of a field may be anything, also what nobody should read in a log.
            shown = name if _FIELD_NAME.fullmatch(name) else "?"
            problems.add(prefix + shown, *words.UNKNOWN)
    values: dict[str, object] = {}
    for name, field in fields.items():
        if name in given:
            before = len(problems.errors)
            value = _read(hints[name], given[name], prefix + name, problems, from_text=from_text)
            if len(problems.errors) == before:
                values[name] = value
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            problems.add(prefix + name, *words.REQUIRED)
    return values


def _read(
    hint: Any,  # noqa: ANN401  any annotation
    value: object,
    name: str,
    problems: Problems,
    *,
    from_text: bool,
) -> object:
    wanted = take_apart(hint)
    if wanted.optional and value is None:
        return None
    if value is None:
        problems.add(name, *words.REQUIRED)
        return None
    if dataclasses.is_dataclass(wanted.kind):
        if not isinstance(value, Mapping):
            problems.add(name, *words.NOT_AN_OBJECT)
            return None
        kind: Any = wanted.kind
        given = cast("Mapping[str, object]", value)
        before = len(problems.errors)
        read = _read_dataclass(kind, given, f"{name}.", problems, from_text=from_text)
        return kind(**read) if len(problems.errors) == before else None
    if get_origin(wanted.kind) is tuple:
        return _read_items(wanted, value, name, problems, from_text=from_text)
    return _read_one(wanted, value, name, problems, from_text=from_text)


def _read_items(
    wanted: Wanted, value: object, name: str, problems: Problems, *, from_text: bool
) -> object:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        problems.add(name, *words.NOT_A_LIST)
        return None
    items = cast("Sequence[object]", value)
    if len(items) > MOST_ITEMS:
        problems.add(name, *words.too_many(MOST_ITEMS))
        return None
    kind = get_args(wanted.kind)[0]
    return tuple(
        _read(kind, item, f"{name}.{index}", problems, from_text=from_text)
        for index, item in enumerate(items)
    )


def _read_one(
    wanted: Wanted, value: object, name: str, problems: Problems, *, from_text: bool
) -> object:
    try:
        read: object = msgspec.convert(value, wanted.kind, strict=not from_text)
    except msgspec.ValidationError:
        problems.add(name, *_not_of_kind(wanted.kind))
        return None
    match read:
        case StrEnum() | bool() | UUID():
            pass
        case str():
            _check_text(read, wanted.text, name, problems)
        case int() | float() if not LEAST_NUMBER <= read <= MOST_NUMBER:
            problems.add(name, *words.OUT_OF_RANGE)
        case datetime() if read.tzinfo is None:
            problems.add(name, *words.NO_TIME_ZONE)
        case datetime() if not FIRST_YEAR <= read.year < LAST_YEAR:
            problems.add(name, *words.OUT_OF_RANGE)
        case _:
            pass
    return read


def _check_text(read: str, limit: Text | None, name: str, problems: Problems) -> None:
    if _CONTROL.search(read):
        problems.add(name, *words.BAD_CHARACTER)
    most = limit.most if limit else MOST_CHARACTERS
    if limit and len(read) < limit.least:
        problems.add(name, *words.too_short(limit.least, len(read)))
    if len(read) > most:
        problems.add(name, *words.too_long(most, len(read)))


def _not_of_kind(kind: type[Any]) -> tuple[str, str, str]:
    if issubclass(kind, StrEnum):
        return words.not_one_of([member.value for member in kind])
    return words.NOT_OF_KIND[kind]
