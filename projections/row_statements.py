"""The statements that read and write many rows of a table at once: each made once, and then sent.

All rows or keys of a statement are one parameter, a JSON text that the database takes apart:
making it costs a fraction of what a parameter for each value, or an array for each column, does.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Final, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Column, Connection, Dialect, Table, TextClause, text
from sqlalchemy.sql.selectable import TextualSelect
from sqlalchemy.types import TypeDecorator

from projections.columns import PLAIN, UuidText

_KEYS_IN_ONE_STATEMENT: Final = 5_000
_STATEMENTS: Final = 512
"""That are kept; the copies of a rebuild have their own."""

T = TypeVar("T")
Convert = Callable[[Any], Any]


def fetch(
    db: Connection, table: Table, columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]
) -> Iterator[dict[str, Any]]:
    """Read the rows that have one of these combinations of values in the columns."""
    names = tuple(column.name for column in columns)
    for part in _parts(keys):
        keys_told = {"keys": _json(table, names, part, db.dialect)}
        for row in db.execute(_select(table, names, db.dialect), keys_told).mappings():
            yield dict(row)


def remove(
    db: Connection, table: Table, columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]
) -> None:
    """Delete the rows that have one of these combinations of values in the columns."""
    names = tuple(column.name for column in columns)
    for part in _parts(keys):
        db.execute(
            _delete(table, names, db.dialect), {"keys": _json(table, names, part, db.dialect)}
        )


def upsert(db: Connection, table: Table, rows: Sequence[Any]) -> None:
    """Insert rows or replace those with the same key, in one statement.

    Also for tables that only grow: folding an entry again writes the same row again. Every row
    must name the same columns, and no key may come twice; what is no column is left out. Of a table
    that is ``PLAIN`` they are tuples.
    """
    if not rows:
        return
    if table.info == PLAIN:
        rows = _named(table, rows)
    names = tuple(column.name for column in table.columns if column.name in rows[0])
    if db.dialect.name != "postgresql":
        # Past SQLAlchemy's parameters, which it makes anew for every row.
        converts = _bound(table, names, db.dialect)
        every = [
            tuple([to(row[name]) for name, to in zip(names, converts, strict=True)]) for row in rows
        ]
        db.exec_driver_sql(_upsert_each(table, names, db.dialect), every)
        return
    values = [tuple(row[name] for name in names) for row in rows]
    db.execute(
        _upsert_all(table, names, db.dialect), {"rows": _json(table, names, values, db.dialect)}
    )


def delete_by_key(table: Table, dialect: Dialect, parameter: str) -> str:
    """The statement that deletes the rows whose keys stand in a parameter of JSON."""
    names = tuple(column.name for column in table.primary_key.columns)
    return f"DELETE FROM {_name(table, dialect)} WHERE {_among(table, names, dialect, parameter)}"  # noqa: S608  names of our own tables


def upsert_whole(table: Table, dialect: Dialect, parameter: str) -> str:
    """The statement that puts in or replaces the whole rows in a parameter of JSON (PostgreSQL)."""
    return _upsert_text(table, tuple(column.name for column in table.columns), dialect, parameter)


def keys_as_json(table: Table, keys: Sequence[tuple[Any, ...]], dialect: Dialect) -> str | None:
    """The parameter of ``delete_by_key``, None for no keys."""
    names = tuple(column.name for column in table.primary_key.columns)
    return _json(table, names, keys, dialect) if keys else None


def rows_as_json(table: Table, rows: Sequence[Any], dialect: Dialect) -> str | None:
    """The parameter of ``upsert_whole``, None for no rows."""
    if not rows:
        return None
    if table.info == PLAIN:
        return msgspec.json.encode(_named(table, rows)).decode()
    converts = _whole_converts(table, dialect)
    # A copy and a few values in it: that costs half of making each row value by value. What a row
    # names beside the columns the database does not look at.
    told = [dict(row) for row in rows]
    for row in told:
        for name, to in converts:
            row[name] = to(row[name])
    return msgspec.json.encode(told).decode()


def _named(table: Table, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in rows]


@lru_cache(_STATEMENTS)
def _select(table: Table, names: tuple[str, ...], dialect: Dialect) -> TextualSelect:
    every = _quoted(tuple(column.name for column in table.columns), dialect)
    among = _among(table, names, dialect, ":keys")
    return text(
        f"SELECT {every} FROM {_name(table, dialect)} WHERE {among}"  # noqa: S608  as above
    ).columns(*table.columns)


@lru_cache(_STATEMENTS)
def _delete(table: Table, names: tuple[str, ...], dialect: Dialect) -> TextClause:
    return text(
        f"DELETE FROM {_name(table, dialect)} WHERE {_among(table, names, dialect, ':keys')}"  # noqa: S608  as above
    )


@lru_cache(_STATEMENTS)
def _upsert_all(table: Table, names: tuple[str, ...], dialect: Dialect) -> TextClause:
    return text(_upsert_text(table, names, dialect, ":rows"))


def _upsert_text(table: Table, names: tuple[str, ...], dialect: Dialect, parameter: str) -> str:
    return (
        f"INSERT INTO {_name(table, dialect)} ({_quoted(names, dialect)}) "
        f"{_recordset(table, names, dialect, parameter)} {_replacing(table, names, dialect)}"
    )


@lru_cache(_STATEMENTS)
def _upsert_each(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    return (
        f"INSERT INTO {_name(table, dialect)} ({_quoted(names, dialect)}) "  # noqa: S608  as above
        f"VALUES ({', '.join('?' * len(names))}) {_replacing(table, names, dialect)}"
    )


def _replacing(table: Table, names: tuple[str, ...], dialect: Dialect) -> str:
    keys, rest = _split(table, names)
    replaced = ", ".join(
        f"{_quoted((n,), dialect)} = excluded.{_quoted((n,), dialect)}" for n in rest
    )
    doing = f"UPDATE SET {replaced}" if rest else "NOTHING"
    return f"ON CONFLICT ({_quoted(keys, dialect)}) DO {doing}"


def _split(table: Table, names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    keys = tuple(column.name for column in table.primary_key.columns)
    return keys, tuple(name for name in names if name not in keys)


def _among(table: Table, names: tuple[str, ...], dialect: Dialect, parameter: str) -> str:
    """The condition that the columns have one of the combinations in the parameter."""
    if dialect.name == "postgresql":
        # A list of tuples would make PostgreSQL compare every row with every one of them.
        return f"({_quoted(names, dialect)}) IN ({_recordset(table, names, dialect, parameter)})"
    values = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(names)))
    return f"({_quoted(names, dialect)}) IN (SELECT {values} FROM json_each({parameter}))"  # noqa: S608  as above


def _recordset(table: Table, names: tuple[str, ...], dialect: Dialect, parameter: str) -> str:
    """Rows of the columns' own types out of an array of objects."""
    typed = ", ".join(
        f"{_quoted((name,), dialect)} {table.c[name].type.compile(dialect)}" for name in names
    )
    return f"SELECT * FROM json_to_recordset(CAST({parameter} AS json)) AS given({typed})"  # noqa: S608  as above


def _json(
    table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]], dialect: Dialect
) -> str:
    converts = _converts(table, names, dialect)
    if dialect.name != "postgresql":
        every: list[Any] = [
            [to(value) for to, value in zip(converts, row, strict=True)] for row in rows
        ]
    else:
        every = [
            {name: to(value) for name, to, value in zip(names, converts, row, strict=True)}
            for row in rows
        ]
    return msgspec.json.encode(every).decode()


@lru_cache(_STATEMENTS)
def _whole_converts(table: Table, dialect: Dialect) -> tuple[tuple[str, Convert], ...]:
    """The columns whose values JSON does not hold as they are stored, and what makes them so."""
    return tuple(
        (column.name, _a_uuid if isinstance(column.type, UuidText) else _convert(column, dialect))
        for column in table.columns
        if isinstance(column.type, TypeDecorator)
    )


def _a_uuid(value: Any) -> UUID | None:  # noqa: ANN401  that is what is found out
    """A UUID, which JSON holds as it is stored; whatever else is a TypeError."""
    if value is None or isinstance(value, UUID):
        return value
    raise TypeError(f"a UUID is needed here, not {type(value).__name__}")


@lru_cache(_STATEMENTS)
def _bound(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[Convert, ...]:
    """What makes of each column's value the one that the driver takes."""
    processors = [
        table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names
    ]
    return tuple([_as_it_is if to is None else to for to in processors])


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  any column's value
    return value


@lru_cache(_STATEMENTS)
def _converts(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[Convert, ...]:
    return tuple(_convert(table.c[name], dialect) for name in names)


def _convert(column: Column[Any], dialect: Dialect) -> Convert:
    kind = column.type
    if isinstance(kind, TypeDecorator):
        return partial(kind.process_bind_param, dialect=dialect)
    return _as_it_is


def _name(table: Table, dialect: Dialect) -> str:
    return dialect.identifier_preparer.format_table(table)


def _quoted(names: Sequence[str], dialect: Dialect) -> str:
    return ", ".join(dialect.identifier_preparer.quote(name) for name in names)


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _KEYS_IN_ONE_STATEMENT):
        yield items[start : start + _KEYS_IN_ONE_STATEMENT]
