"""Describes types as JSON Schema (2020-12): what commands take and what queries answer."""

import dataclasses
import inspect
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin
from uuid import UUID

import msgspec

from domain.labels import LABELS
from service.forms.words import FIELD_WORDS
from service.reading import (
    LEAST_NUMBER,
    MOST_CHARACTERS,
    MOST_ITEMS,
    MOST_NUMBER,
    hints_of,
    take_apart,
)

Schema = dict[str, Any]

_PLAIN: Final[Mapping[Any, Schema]] = {
    bool: {"type": "boolean"},
    str: {"type": "string"},
    UUID: {"type": "string", "format": "uuid"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    timedelta: {"type": "string", "format": "duration"},
    int: {"type": "integer"},
    float: {"type": "number"},
    NoneType: {"type": "null"},
    object: {},
    Any: {},
}


class Schemas:
    """Collects named schemas; `taken` describes what is sent in, with every limit of reading."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}
        self._classes: dict[str, Any] = {}

    def answered(self, hint: Any) -> Schema:  # noqa: ANN401  any annotation
        """The schema of something that is answered."""
        return self._of(hint, taken=False)

    def taken(
        self, wanted: type[Any], name: str, *, without: frozenset[str] = frozenset()
    ) -> Schema:
        """The schema of a dataclass that is sent in, without fields that stand in the path."""
        self.components[name] = self._object(wanted, without=without, taken=True)
        return reference(name)

    def field(self, wanted: type[Any], name: str) -> Schema:
        """The schema of one field that is sent in."""
        return self._field(wanted, name, taken=True)

    def _of(self, hint: Any, *, taken: bool) -> Schema:  # noqa: ANN401  any annotation
        if kinds := _alternatives(hint):
            return {"anyOf": [self._of(kind, taken=taken) for kind in kinds]}
        wanted = take_apart(hint)
        schema = self._of_kind(wanted.kind, taken=taken)
        if wanted.text is not None:
            schema = schema | {"minLength": wanted.text.least, "maxLength": wanted.text.most}
        elif taken and wanted.kind is str:
            schema = schema | {"maxLength": MOST_CHARACTERS}
        return _or_null(schema) if wanted.optional else schema

    def _of_kind(self, kind: Any, *, taken: bool) -> Schema:  # noqa: ANN401  any annotation
        if kind in _PLAIN:
            bounds = {"minimum": LEAST_NUMBER, "maximum": MOST_NUMBER}
            return _PLAIN[kind] | (bounds if taken and kind in (int, float) else {})
        origin = get_origin(kind) or kind
        if origin in (tuple, list):
            most = {"maxItems": MOST_ITEMS} if taken else {}
            return {"type": "array", "items": self._of(get_args(kind)[0], taken=taken), **most}
        if isinstance(origin, type) and issubclass(origin, Mapping):
            values = get_args(kind)[1] if get_args(kind) else object
            return {"type": "object", "additionalProperties": self._of(values, taken=taken)}
        if isinstance(origin, type) and issubclass(origin, StrEnum):
            return self._named(origin.__name__, kind, lambda: _codes(origin))
        if isinstance(origin, type) and _has_fields(origin):
            name = origin.__name__ + "Of".join(["", *map(_name, get_args(kind))])
            if taken:
                name += "Given"
            return self._named(name, kind, lambda: self._object(kind, taken=taken))
        raise TypeError(f"no schema for {kind}")

    def _named(self, name: str, kind: Any, make: Any) -> Schema:  # noqa: ANN401  any annotation
        if self._classes.setdefault(name, kind) != kind:
            raise TypeError(f"two different classes are called {name}")
        if name not in self.components:
            self.components[name] = {}  # so that a class may refer to itself
            self.components[name] = make()
        return reference(name)

    def _object(
        self,
        kind: Any,  # noqa: ANN401  a dataclass, perhaps with parameters
        *,
        taken: bool,
        without: frozenset[str] = frozenset(),
    ) -> Schema:
        origin = get_origin(kind) or kind
        names = [name for name in names_of(origin) if name not in without]
        schema: Schema = {
            "type": "object",
            "properties": {name: self._field(kind, name, taken=taken) for name in names},
            "additionalProperties": False,
        }
        required = names
        if taken:
            known = {field.name: field for field in dataclasses.fields(origin)}
            required = [name for name in names if is_required(known[name])]
        if required:
            schema["required"] = required
        if said := inspect.getdoc(origin):
            schema["description"] = said
        return schema

    def _field(self, kind: Any, name: str, *, taken: bool) -> Schema:  # noqa: ANN401  a dataclass
        origin = get_origin(kind) or kind
        hint = hints_of(origin)[name]
        parameters = dict(zip(getattr(origin, "__parameters__", ()), get_args(kind), strict=True))
        if open_ := getattr(hint, "__parameters__", ()):
            hint = hint[tuple(parameters[each] for each in open_)]
        hint = parameters.get(hint, hint) if parameters else hint
        schema = self._of(hint, taken=taken)
        if not taken:
            return schema
        field = next(field for field in dataclasses.fields(origin) if field.name == name)
        if field.default not in (dataclasses.MISSING, None, ()):
            schema = schema | {"default": field.default}
        if name in FIELD_WORDS:
            schema = schema | {"description": FIELD_WORDS[name].en}
        return schema


def names_of(kind: type[Any]) -> list[str]:
    """The fields of a dataclass, or of a struct, which rows of long lists are."""
    if issubclass(kind, msgspec.Struct):
        return list(kind.__struct_fields__)
    return [field.name for field in dataclasses.fields(kind)]


def _has_fields(kind: type[Any]) -> bool:
    return dataclasses.is_dataclass(kind) or issubclass(kind, msgspec.Struct)


def _alternatives(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401  any annotation
    """The kinds of a union of several."""
    if get_origin(hint) not in (Union, UnionType):
        return ()
    return get_args(hint) if len(set(get_args(hint)) - {NoneType}) > 1 else ()


def _name(kind: Any) -> str:  # noqa: ANN401  any annotation
    return "Or".join(map(_name, _alternatives(kind))) or kind.__name__


def reference(name: str) -> Schema:
    """A reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def is_required(field: dataclasses.Field[Any]) -> bool:
    """Whether a field has no default."""
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _or_null(schema: Schema) -> Schema:
    kind = schema.get("type")
    if isinstance(kind, str):
        return schema | {"type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


def _codes(kind: type[StrEnum]) -> Schema:
    schema: Schema = {"type": "string", "enum": [member.value for member in kind]}
    said = inspect.getdoc(kind) or ""
    words = LABELS.get(kind)
    if words:
        listed = "\n".join(f"- `{member.value}`: {words[member].en}" for member in kind)
        said = f"{said}\n\n{listed}"
    return schema | {"description": said}
