"""What a fold may read and write: the rows of its projection's tables, kept until they are flushed.

The live projection has a store for each batch; a rebuild keeps one over many pages.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from sqlalchemy import Connection, Table

from projections.rows import Row, Rows, upsert

Connect = Callable[[], AbstractContextManager[Connection]]


class Tables:
    """The tables a fold writes, by their live names: the live ones or the copies of a rebuild."""

    def __init__(self, by_name: Mapping[str, Table]) -> None:
        self._by_name = dict(sorted(by_name.items()))

    def __getitem__(self, name: str) -> Table:
        return self._by_name[name]

    def __iter__(self) -> Iterator[tuple[str, Table]]:
        return iter(self._by_name.items())


class Store:
    """The rows of all tables of one projection."""

    def __init__(self, tables: Tables, connect: Connect) -> None:
        """Read through connections that ``connect`` opens when a row is not here."""
        self._tables = tables
        self._connect = connect
        self._rows: dict[str, Rows] = {}
        self._added: dict[str, list[Row]] = {}

    @classmethod
    def within(cls, db: Connection, tables: Tables) -> Self:
        """Give a store that lives in one transaction."""
        return cls(tables, lambda: nullcontext(db))

    def rows(self, table: str) -> Rows:
        """The one identity map of a table."""
        rows = self._rows.get(table)
        if rows is None:
            rows = self._rows[table] = Rows(self._tables[table], self._connect)
        return rows

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Take rows whose keys are new by construction: keyed by position or event.

        They must name every column; nobody reads them again through this store.
        """
        self._added.setdefault(table, []).extend(rows)

    def flush(self, db: Connection) -> None:
        """Write everything that was changed or added."""
        for rows in self._rows.values():
            rows.flush(db)
        for table, added in self._added.items():
            upsert(db, self._tables[table], added)
        self._added.clear()


Fold = Callable[[Sequence[Any], Store], None]
