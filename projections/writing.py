"""Append many rows to a table in the fastest way its database has."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Date, Dialect, Integer, String, Table
from sqlalchemy.types import TypeEngine

from projections.columns import PLAIN, column_writer

_Encode = Callable[[Sequence[Any]], Sequence[Any]]
_PLAIN_TEXT = frozenset({str, type(None)})
_SLICE = 2_000


_DRIVER_TYPES: Sequence[tuple[type, str]] = (
    (BigInteger, "int8"),
    (Integer, "int4"),
    (Boolean, "bool"),
    (Date, "date"),
    (String, "text"),
)


def append(db: Connection, table: Table, rows: Sequence[Any]) -> None:
    """Insert rows whose keys the table does not have; they must name every column.

    Of a table that is ``PLAIN`` they are tuples.
    """
    if not rows:
        return
    (_copy if db.dialect.name == "postgresql" else _insert)(db, table, rows)


def _copy(db: Connection, table: Table, rows: Sequence[Any]) -> None:
    # The driver's own cursor: SQLAlchemy has no COPY. Same connection, same transaction.
    cursor: Any = db.connection.cursor()
    statement = f"COPY {_quoted(db, table.name)} ({_names(db, table)}) FROM STDIN (FORMAT BINARY)"
    with cursor, cursor.copy(statement) as copy:
        copy.set_types([_driver_type(column.type) for column in table.columns])
        write = copy.write_row
        for part in _slices(rows):
            for row in _tuples(db, table, part):
                write(row)


def _insert(db: Connection, table: Table, rows: Sequence[Any]) -> None:
    marks = ", ".join("?" * len(table.columns))
    statement = f"INSERT INTO {_quoted(db, table.name)} ({_names(db, table)}) VALUES ({marks})"  # noqa: S608  names of our own tables
    for part in _slices(rows):
        db.exec_driver_sql(statement, _tuples(db, table, part))


def _slices(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """As many rows as may lie in memory a second time."""
    for start in range(0, len(rows), _SLICE):
        yield rows[start : start + _SLICE]


def _tuples(db: Connection, table: Table, rows: Sequence[Any]) -> Sequence[tuple[Any, ...]]:
    """The rows as they are stored: encoded column by column, which is faster than row by row."""
    if table.info == PLAIN:
        return rows
    pick, encoders = _how(table, db.dialect)
    picked = list(map(pick, rows))
    columns: list[Sequence[Any]] = list(zip(*picked, strict=True))
    for at, encode in encoders:
        columns[at] = encode(columns[at])
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=128)
def _how(
    table: Table, dialect: Dialect
) -> tuple[Callable[[dict[str, Any]], tuple[Any, ...]], Sequence[tuple[int, _Encode]]]:
    """What takes a table's columns out of a row, and what is to be encoded of them, by place."""
    names = [column.name for column in table.columns]
    pick: Any = itemgetter(*names) if len(names) > 1 else partial(_only, names[0])
    encoders = [(at, _encoder(column.type, dialect)) for at, column in enumerate(table.columns)]
    return pick, [(at, encode) for at, encode in encoders if encode is not None]


def _only(name: str, row: dict[str, Any]) -> tuple[Any, ...]:
    return (row[name],)


def _encoder(kind: TypeEngine[Any], dialect: Dialect) -> _Encode | None:
    if isinstance(kind, Boolean):
        return None
    encode = column_writer(kind, dialect)
    if encode is None and isinstance(kind, String):
        return _plain_texts
    return encode


def _plain_texts(values: Sequence[Any]) -> Sequence[Any]:
    # COPY's encoder takes no enums.
    if {*map(type, values)} <= _PLAIN_TEXT:
        return values
    return [value if value is None else str(value) for value in values]


def _driver_type(kind: Any) -> str:  # noqa: ANN401  SQLAlchemy's types are generic
    plain = getattr(kind, "impl_instance", kind)
    for known, name in _DRIVER_TYPES:
        if isinstance(plain, known):
            return name
    raise TypeError(f"rows with a column of type {kind!r} cannot be copied")


def _names(db: Connection, table: Table) -> str:
    return ", ".join(_quoted(db, column.name) for column in table.columns)


def _quoted(db: Connection, name: str) -> str:
    return db.dialect.identifier_preparer.quote(name)
