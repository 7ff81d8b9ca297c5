"""What a fold may read and write: the rows of its projection's tables, kept until they are flushed.

The live projection has a store for each batch; a rebuild has another kind, in bulk_store.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Connection, Table

from projections.columns import as_added
from projections.rows import Changes, Connect, Row, Rows, write

Diff = list[tuple[Mapping[str, Any], int]]
"""Rows that came (1) and went (-1)."""


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
        self.tables = tables
        self._connect = connect
        self._rows: dict[str, Rows] = {}
        self._added: dict[str, list[Any]] = {}
        self._settling: dict[Callable[[Store], None], None] = {}
        self.shared: dict[int, Any] | None = None
        """What one fold made of the entries of this page, by position, for others in step."""

    @classmethod
    def within(cls, db: Connection, tables: Tables) -> Self:
        """Give a store that lives in one transaction."""
        return cls(tables, lambda: nullcontext(db))

    def rows(self, table: str) -> Rows:
        """The one identity map of a table."""
        rows = self._rows.get(table)
        if rows is None:
            rows = self._rows[table] = self._new_rows(self.tables[table])
        return rows

    def add(self, table: str, rows: Sequence[Row] | Sequence[tuple[Any, ...]]) -> None:
        """Take rows whose keys are new by construction: keyed by position or event.

        They must name every column; nobody reads them again through this store. To a table that
        says so they are added as stored, as tuples in its columns' order (see `columns.as_added`).
        """
        self._added.setdefault(table, []).extend(rows)

    def owns(self, stream_id: UUID) -> bool:
        """Whether rows of this stream are written here; not so in another part of a rebuild."""
        del stream_id
        return True

    def before_flush(self, settle: Callable[["Store"], None]) -> None:
        """Have the rows that follow from others made once a flush, not once a batch."""
        self._settling[settle] = None

    def replace(
        self, table: str, groups: Mapping[UUID, Sequence[Row]], fresh: frozenset[UUID]
    ) -> Diff:
        """Make these all the rows that have an ``issue_id``; of ``fresh`` ones there are none yet.

        Gives what changed, where it is counted by the fold; a rebuild counts at its end.
        """
        rows = self.rows(table)
        rows.begin_by("issue_id", fresh)
        rows.prefetch_by("issue_id", groups)
        key_of = rows.key_of
        changed: Diff = []
        for issue_id, wanted in groups.items():
            before = {key_of(row): row for row in rows.by("issue_id", issue_id)}
            for row in wanted:
                known = before.pop(key_of(row), None)
                if known is None:
                    changed.append((row, 1))
                if known != row:
                    rows.put(row)
            for key, old in before.items():
                rows.delete(key)
                changed.append((old, -1))
        return changed

    def flush(self, db: Connection) -> None:
        """Write everything that was changed or added."""
        for table, changes in self.changes():
            write(db, table, changes)

    def changes(self) -> Iterator[tuple[Table, Changes]]:
        """Hand over what was changed or added: whoever calls writes it, or gives up this store."""
        self._settle()
        for name, rows in self._rows.items():
            yield self.tables[name], rows.changes()
        for name, added in self._added.items():
            yield as_added(self.tables[name]), Changes(rows=added)
        self._added = {}

    def _settle(self) -> None:
        for settle in self._settling:
            settle(self)
        self._settling.clear()

    def _new_rows(self, table: Table) -> Rows:
        return Rows(table, self._connect)
