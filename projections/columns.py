"""Column types that hold the same bytes, order and hash on SQLite and on PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import GenericAlias
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Dialect,
    MetaData,
    String,
    Table,
    Text,
    tuple_,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UUID_OR_NONE = frozenset({UUID, type(None)})


def in_microseconds(at: datetime) -> int:
    """An aware time as it is stored: whole microseconds since 1970 UTC; naive is a TypeError."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_microseconds(stored: int) -> datetime:
    """The time in UTC that is stored as this number of microseconds since 1970."""
    return _EPOCH + timedelta(0, 0, stored)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored as whole microseconds since 1970 UTC; a naive one is a TypeError."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        del dialect
        return None if value is None else in_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else from_microseconds(value)


class UuidText(TypeDecorator[UUID]):
    """A UUID as its 36 characters; whatever is not a UUID is a TypeError."""

    impl = String(36)
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        del dialect
        # A text would find its row in SQL but not in Rows, whose keys are UUIDs: refuse it early.
        if value is not None and not isinstance(value, UUID):
            raise TypeError(f"a UUID is needed here, not {type(value).__name__}")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> UUID | None:
        del dialect
        return None if value is None else msgspec.convert(value, UUID)


class Json(TypeDecorator[Any]):
    """Lists, dicts and plain values as JSON text, keys in fixed order; None is NULL.

    Read back they are plain JSON: times and ids inside come back as text.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ANN401 - any JSON value
        del dialect
        if value is None:
            return None
        return _in_order(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any | None:  # noqa: ANN401 - any JSON value
        del dialect
        return None if value is None else msgspec.json.decode(value)


def column_writer(
    type_: TypeEngine[Any], dialect: Dialect
) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """How to write the values of a whole column: the driver takes what comes out; None: as is."""
    if isinstance(type_, UuidText):
        return _uuids_written
    if isinstance(type_, UtcDateTime):
        return _times_written
    if isinstance(type_, Json):
        return _json_written
    convert = type_.dialect_impl(dialect).bind_processor(dialect)
    return None if convert is None else lambda values: [convert(value) for value in values]


def _uuids_written(values: Sequence[Any]) -> Sequence[Any]:
    if not {*map(type, values)} <= _UUID_OR_NONE:
        raise TypeError("a UUID is needed here")
    written: list[str | None] = msgspec.to_builtins(values)
    return written


def _times_written(values: Sequence[Any]) -> Sequence[Any]:
    return [None if value is None else in_microseconds(value) for value in values]


def _json_written(values: Sequence[Any]) -> Sequence[Any]:
    return [None if value is None else _in_order(value).decode() for value in values]


_in_order = msgspec.json.Encoder(order="sorted").encode


def column_reader(
    type_: TypeEngine[Any],
    dialect: Dialect,
    kind: Any = None,  # noqa: ANN401  any annotation
) -> Callable[[Sequence[Any]], Sequence[Any]] | None:
    """How to read the values of a whole column, as the driver gave them; None: as they are.

    ``kind`` is the annotation of what a value is to be, say an enumeration or what JSON holds.
    """
    # As a column: several times faster than one by one.
    if isinstance(type_, UuidText):
        return lambda values: msgspec.convert(values, list[UUID | None])
    if isinstance(type_, UtcDateTime):
        return lambda values: [
            None if value is None else _EPOCH + timedelta(0, 0, value) for value in values
        ]
    if isinstance(type_, Json):
        whole: Any = GenericAlias(list, Any if kind is None else kind)
        decode = msgspec.json.Decoder(whole).decode
        return lambda values: decode("[" + ",".join([each or "null" for each in values]) + "]")
    convert = type_.dialect_impl(dialect).result_processor(dialect, None)
    if convert is not None:
        return lambda values: [None if value is None else convert(value) for value in values]
    if kind is not None:
        whole = GenericAlias(list, kind)
        return lambda values: msgspec.convert(values, whole)
    return None


AS_STORED = {"rows are added as stored": True}
"""The ``info`` of a table to which a fold adds rows as they are stored (see `as_added`)."""

PLAIN = {"nothing is converted on the way to the database": True}
"""The ``info`` of a table whose rows are tuples of what the driver takes."""


@lru_cache(maxsize=64)
def as_added(table: Table) -> Table:
    """The table as rows are added to it.

    Where they are added as stored it has plain columns, so that nothing is converted on the way:
    ids and JSON are text, times microseconds, and a row is a tuple of all columns in order.
    """
    if table.info != AS_STORED:
        return table
    columns = (
        Column(each.name, _stored_type(each.type), primary_key=each.primary_key)
        for each in table.columns
    )
    return Table(table.name, MetaData(), *columns, info=PLAIN)


def _stored_type(kind: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's types are generic in what they give
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def beyond(
    columns: Sequence[ColumnElement[Any]], last: Sequence[object], *, descending: bool = False
) -> ColumnElement[bool]:
    """Keyset paging: the rows after ``last``, the values of these columns in the last row shown.

    Order by the same columns, all in the same direction, and let the last one be unique.
    """
    edge = tuple_(*last, types=[column.type for column in columns])
    here = tuple_(*columns)
    return here < edge if descending else here > edge
