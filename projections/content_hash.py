"""One hash of all rows of a projection, made inside the database, to tell two copies apart."""

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    text,
    type_coerce,
)
from sqlalchemy.types import TypeDecorator

from projections.store import Tables

_WORD_BYTES = 8
_WORDS = 1 << (8 * _WORD_BYTES)


def content_hash(db: Connection, tables: Tables) -> str:
    """Hash every cell as it is stored: equal for equal rows, whatever order they were written in.

    The same rows have the same hash on SQLite and on PostgreSQL.
    """
    sums = _sums_on_postgresql if db.dialect.name == "postgresql" else _sums_on_sqlite
    whole = hashlib.sha256()
    for name, table in tables:
        whole.update(name.encode() + b"\0")
        # The sum of the rows' hashes needs neither sorting nor agreement on how text is sorted.
        for total in sums(db, table):
            whole.update((int(total) % _WORDS).to_bytes(_WORD_BYTES))
    return whole.hexdigest()


def _sums_on_postgresql(db: Connection, table: Table) -> list[int]:
    hashed = func.sha256(func.convert_to(_row_as_text(table), "UTF8")).label("hash")
    # OFFSET 0 keeps PostgreSQL from making the hash twice, once for each word.
    rows = select(hashed).select_from(table).offset(0).subquery()
    number = "('x' || encode(substr(hash, {}, 8), 'hex'))::bit(64)::bigint::numeric"
    words = [text(f"coalesce(sum({number.format(start)}), 0)") for start in (1, 9)]
    return [*db.execute(select(*words).select_from(rows)).one()]


class _HashSum:
    """An aggregate for SQLite: two words, the sums of those of the rows' hashes."""

    def __init__(self) -> None:
        self._sums = [0, 0]

    def step(self, row: str) -> None:
        digest = hashlib.sha256(row.encode()).digest()
        self._sums[0] += int.from_bytes(digest[:8])
        self._sums[1] += int.from_bytes(digest[8:16])

    def finalize(self) -> str:
        return " ".join(map(str, self._sums))


def _sums_on_sqlite(db: Connection, table: Table) -> list[int]:
    driver: Any = db.connection.driver_connection
    create: Callable[[str, int, type], None] = driver.create_aggregate
    create("samsyn_hash_sum", 1, _HashSum)
    query = select(func.samsyn_hash_sum(_row_as_text(table))).select_from(table)
    # Without rows SQLite does not even begin the sum.
    return [int(word) for word in (db.scalar(query) or "0 0").split()]


def _row_as_text(table: Table) -> ColumnElement[str]:
    """Put all cells in one text; each has its length in front, so that none runs into the next."""
    whole: ColumnElement[str] = literal("", Text)
    for column in table.columns:
        kind = column.type
        plain: Any = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
        cell = type_coerce(column, plain)
        number = cast(cell, Integer) if isinstance(plain, Boolean) else cell
        written = cast(number, Text)
        marked = cast(func.length(written), Text) + literal(":", Text) + written
        whole = whole + case((column.is_(None), literal("-", Text)), else_=marked)
    return whole
