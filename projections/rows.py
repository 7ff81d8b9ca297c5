"""The rows of one table that a fold touches: read at once, changed in memory, written at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Table

from projections.row_statements import fetch, remove, upsert

Row = dict[str, Any]
# The value of a primary key of one column; of several columns the tuple in the table's order.
Key = Any

Connect = Callable[[], AbstractContextManager[Connection]]
"""Opens a connection to read with."""


@dataclass
class Changes:
    """What is to be written of one table: first the keys to take out, then the rows to put in.

    ``replaced`` are the keys of those ``rows`` that the table may have already.
    """

    gone: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    replaced: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    rows: list[Row] = field(default_factory=list[Row])


class Rows:
    """An identity map of one table.

    ``get`` gives a row to read, ``change`` a row to write to; ``put`` and ``delete`` do what they
    say; nothing reaches the database before its owner writes the ``changes``, and then each row
    once, however often it was changed. Fetch what a batch needs with ``prefetch``: a key met later
    is read by itself, which is correct and slow, and counted in ``single_reads``. Keys and columns
    that rows are found ``by`` must not be changed in place.
    """

    def __init__(self, table: Table, connect: Connect, *, whole: bool = False) -> None:
        """``whole``: the table has no row that is not here, so nothing is ever read."""
        self.single_reads = 0
        self._connect = connect
        self._table = table
        self._whole = whole
        self._blank: Row = dict.fromkeys(column.name for column in table.columns)
        self._key = list(table.primary_key.columns)
        names = [column.name for column in self._key]
        self.key_of: Callable[[Mapping[str, Any]], Key] = itemgetter(*names)
        self._rows: dict[Key, Row | None] = {}  # None: known not to exist
        self._touched: dict[Key, None] = {}  # a set that keeps its order
        self._fresh: set[Key] = set()  # those of the touched that the table does not have yet
        self._warm: dict[Key, None] = {}  # what the last changes touched
        self._groups: dict[str, _Groups] = {}

    def __len__(self) -> int:
        """How many rows are here."""
        return len(self._rows)

    def prefetch(self, keys: Iterable[Key]) -> None:
        """Read the rows with these keys, those already here excepted."""
        if self._whole:
            return
        missing = [key for key in dict.fromkeys(keys) if key not in self._rows]
        self._load(self._key, [self._columns(key) for key in missing])
        for key in missing:
            self._rows.setdefault(key, None)

    def begin(self, keys: Iterable[Key]) -> None:
        """Know, without reading, that the table has no rows with these keys: who owns them begins.

        Rows and checkpoint are written together, so nothing of a stream is there before its first
        entry is folded.
        """
        for key in keys:
            self._rows.setdefault(key, None)

    def begin_by(self, column: str, values: Iterable[object]) -> None:
        """Know, without reading, that the table has no rows with these values in a column."""
        self._grouped(column).complete.update(values)

    def prefetch_by(self, column: str, values: Iterable[object]) -> None:
        """Read all rows that have one of these values in a column, for instance all of an issue."""
        groups = self._grouped(column)
        if self._whole:
            return
        missing = [value for value in dict.fromkeys(values) if value not in groups.complete]
        self._load([self._table.c[column]], [(value,) for value in missing])
        groups.complete.update(missing)

    def by(self, column: str, value: object) -> list[Mapping[str, Any]]:
        """Give all rows that have this value in a column, only to be read."""
        groups = self._grouped(column)
        if not self._whole and value not in groups.complete:
            self.single_reads += 1
            self.prefetch_by(column, [value])
        rows = (self._rows.get(key) for key in groups.keys.get(value, ()))
        return [row for row in rows if row is not None]

    def get(self, key: Key) -> Mapping[str, Any] | None:
        """Give the row as it is after all changes so far, only to be read."""
        return self._find(key)

    def change(self, key: Key) -> Row | None:
        """Give the row to be changed in place."""
        row = self._rows.get(key)
        if row is None:
            row = self._find(key)
            if row is None:
                return None
        self._touched[key] = None
        return row

    def put(self, row: Row) -> Row:
        """Insert or replace a whole row; columns left out are NULL. Gives the row to change on."""
        whole = self._blank | row
        if len(whole) > len(self._blank):
            unknown = whole.keys() - self._blank.keys()
            raise KeyError(f"{self._table.name} has no column {', '.join(sorted(unknown))}")
        key = self.key_of(whole)
        if key not in self._touched:
            if self._absent(key):
                self._fresh.add(key)
            self._touched[key] = None
        self._keep(key, whole)
        return whole

    def delete(self, key: Key) -> None:
        """Delete the row if it exists."""
        if key in self._fresh:
            # The table never saw it.
            self._fresh.discard(key)
            del self._touched[key]
        elif not self._absent(key):
            self._touched[key] = None
        self._rows[key] = None

    def touched(self) -> Iterator[tuple[Key, Row]]:
        """Give the rows that were put or changed since the changes were last written."""
        for key in self._touched:
            row = self._rows[key]
            if row is not None:
                yield key, row

    def is_fresh(self, key: Key) -> bool:
        """Whether a touched row is one that the table does not have yet."""
        return key in self._fresh

    def changes(self) -> Changes:
        """Hand over what was touched: whoever calls writes it, or gives up this map of rows."""
        changes = Changes()
        for key in self._touched:
            row = self._rows[key]
            if row is None:
                changes.gone.append(self._columns(key))
                continue
            if key != self.key_of(row):
                raise ValueError(f"{self._table.name}: the key of a row was changed in place")
            if key not in self._fresh:
                changes.replaced.append(self._columns(key))
            changes.rows.append(row)
        self._warm, self._touched = self._touched, {}
        self._fresh = set()
        return changes

    def evict(self, most: int) -> None:
        """Keep no more than ``most`` rows, those touched last before the flush. Write first."""
        warm = islice(reversed(self._warm), most)
        before = self._rows
        self._rows = {key: row for key in warm if (row := before.get(key)) is not None}
        self._warm = {}
        was_whole, self._whole = self._whole, False
        for column, groups in self._groups.items():
            cold = {row[column] for key, row in before.items() if row and key not in self._rows}
            groups.keys = {}
            for key, row in self._rows.items():
                if row is not None:
                    groups.keys.setdefault(row[column], {})[key] = None
            here = groups.keys.keys()
            groups.complete = (set(here) if was_whole else groups.complete & here) - cold

    def _absent(self, key: Key) -> bool:
        if key in self._rows:
            return self._rows[key] is None and key not in self._touched
        return self._whole

    def _find(self, key: Key) -> Row | None:
        if key not in self._rows:
            if self._whole:
                return None
            self.single_reads += 1
            self.prefetch([key])
        return self._rows[key]

    def _columns(self, key: Key) -> tuple[Any, ...]:
        return key if len(self._key) > 1 else (key,)

    def _load(self, columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]) -> None:
        if not keys:
            return
        with self._connect() as db:
            for row in fetch(db, self._table, columns, keys):
                key = self.key_of(row)
                # What is here already may be changed or deleted: it is newer than the table.
                if key not in self._rows:
                    self._keep(key, row)

    def _keep(self, key: Key, row: Row) -> None:
        self._rows[key] = row
        for column, groups in self._groups.items():
            groups.keys.setdefault(row[column], {})[key] = None

    def _grouped(self, column: str) -> "_Groups":
        groups = self._groups.get(column)
        if groups is None:
            groups = self._groups[column] = _Groups()
            for key, row in self._rows.items():
                if row is not None:
                    groups.keys.setdefault(row[column], {})[key] = None
        return groups


@dataclass
class _Groups:
    """The keys of rows by the value of one column, and for which values all of them are here."""

    keys: dict[object, dict[Key, None]] = field(default_factory=dict[object, dict[Key, None]])
    complete: set[object] = field(default_factory=set[object])


def write(db: Connection, table: Table, changes: Changes) -> None:
    """Write what was touched: one DELETE, one upsert."""
    # Deleted first: a new row may take over a unique value of a deleted one.
    remove(db, table, list(table.primary_key.columns), changes.gone)
    upsert(db, table, changes.rows)
