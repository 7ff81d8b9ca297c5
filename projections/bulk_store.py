"""The store of a rebuild: rows stay in memory over many pages and are written by the thousand.

The tables are copies that nobody else reads or writes. Rows that are only added need not even wait
for the others: they are written by the batch, so that they do not crowd out what is changed again
and again. As long as nothing was evicted, and the
rebuild began with empty tables, every row there is is here, and nothing is read.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, Table

from domain.stream_range import EVERY, StreamRange
from projections.columns import as_added
from projections.row_statements import remove
from projections.rows import Connect, Row, Rows
from projections.store import Diff, Store, Tables
from projections.writing import append


class BulkStore(Store):
    """The rows of one projection, or of some streams, during a rebuild."""

    def __init__(
        self,
        tables: Tables,
        connect: Connect,
        streams: StreamRange = EVERY,
        *,
        derived: frozenset[str],
        whole: bool,
    ) -> None:
        """``derived`` tables are left to the end of the rebuild; ``whole``: all are empty now."""
        super().__init__(tables, connect)
        self._streams = streams
        self._derived = derived
        self._whole = whole
        self._outdated: dict[str, list[UUID]] = {}
        self._anew: dict[str, list[Row]] = {}
        self._columns = {
            name: sum(getattr(column.type, "cells", 1) for column in table.columns)
            for name, table in tables
        }

    def owns(self, stream_id: UUID) -> bool:
        """Whether a stream is one of these."""
        return self._streams.has(stream_id)

    @property
    def cells(self) -> int:
        """How much is in memory: columns of rows."""
        kinds = (self._rows, self._added, self._anew)
        return sum(len(rows) * self._columns[name] for kind in kinds for name, rows in kind.items())

    @property
    def added(self) -> int:
        """How many rows were only added since they were last written."""
        return sum(map(len, self._added.values()))

    def replace(
        self, table: str, groups: Mapping[UUID, Sequence[Row]], fresh: frozenset[UUID]
    ) -> Diff:
        """Write all rows of an issue anew: nothing of them needs to be known or kept."""
        self._outdated.setdefault(table, []).extend(k for k in groups if k not in fresh)
        anew = self._anew.setdefault(table, [])
        for rows in groups.values():
            anew.extend(rows)
        return []

    def write_added(self, db: Connection) -> None:
        """Write the rows that were only added: nothing that comes later changes them."""
        for name, added in self._added.items():
            append(db, as_added(self.tables[name]), added)
        self._added.clear()

    def flush(self, db: Connection) -> None:
        """Write everything that was changed or added."""
        self._settle()
        for name, rows in self._rows.items():
            table = self.tables[name]
            changes = rows.changes()
            if name not in self._derived:
                keys = list(table.primary_key.columns)
                remove(db, table, keys, [*changes.gone, *changes.replaced])
                append(db, table, changes.rows)
        for name, issues in self._outdated.items():
            table = self.tables[name]
            remove(db, table, [table.c["issue_id"]], [(each,) for each in issues])
        for name, anew in self._anew.items():
            append(db, self.tables[name], anew)
        self._outdated.clear()
        self._anew.clear()
        self.write_added(db)

    def evict(self, most: int) -> None:
        """Keep at most so many cells of each table, those used last; only right after a flush."""
        self._whole = False
        for name, rows in self._rows.items():
            rows.evict(most // self._columns[name])

    def _new_rows(self, table: Table) -> Rows:
        return Rows(table, self._connect, whole=self._whole)
