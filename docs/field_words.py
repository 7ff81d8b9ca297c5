"""How the generated pages write the fields of commands and events: types, limits, defaults."""

import dataclasses
import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from types import NoneType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

_PLAIN: Mapping[Any, str] = {
    str: "text",
    bool: "yes or no",
    int: "whole number",
    float: "number",
    UUID: "id",
    datetime: "moment",
    date: "day",
    NoneType: "nothing",
}


def type_words(hint: Any) -> str:  # noqa: ANN401  any annotation
    """A type in words: `list of text`, `day or nothing`, `ReferralType`."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(type_words(each) for each in get_args(hint))
    if get_origin(hint) is tuple:
        inner = [each for each in get_args(hint) if each is not ...]
        several = len(inner) > 1
        return (
            " and ".join(map(type_words, inner)) if several else f"list of {type_words(inner[0])}"
        )
    return f"`{hint.__name__}`"


def code_lists(hint: Any) -> Iterator[type[StrEnum]]:  # noqa: ANN401  as above
    """The lists of codes that a type mentions."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        yield hint
    for inner in get_args(hint):
        yield from code_lists(inner)


def default_words(field: "dataclasses.Field[Any]") -> str:
    """What is taken when a field is left out; `required` where nothing is."""
    if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
        return "required"
    if field.default is None or field.default == ():
        return ""
    return f"{field.default}" if not isinstance(field.default, bool) else "no"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table of Markdown."""
    head = list(head)
    return [
        "| " + " | ".join(head) + " |",
        "|" + " --- |" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
