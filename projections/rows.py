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

    ``replaced`` are the keys of those ``rows`` that the table may have already. They are of the
    kind ``Row``, of a table that rows are added to as stored tuples (see `columns.as_added`).
    """

    gone: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    replaced: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    rows: list[Any] = field(default_factory=list[Any])


class _Slot:
    """What is known of one key; its row is None if there is none.

    ``touched``: to be written; ``fresh``: the table does not have it yet; ``listed``: among those
    that are looked through when the changes are written.
    """

    __slots__ = ("fresh", "key", "listed", "row", "touched")

    def __init__(self, key: Key, row: Row | None) -> None:
        self.key = key
        self.row = row
        self.touched = self.fresh = self.listed = False


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
        # Looked up once for each step: hashing a UUID costs more than all else here.
        self._slots: dict[Key, _Slot] = {}
        self._touched: list[_Slot] = []
        self._warm: list[_Slot] = []  # what the last changes touched
        self._groups: dict[str, _Groups] = {}

    def __len__(self) -> int:
        """How many rows are here."""
        return len(self._slots)

    def prefetch(self, keys: Iterable[Key]) -> None:
        """Read the rows with these keys, those already here excepted."""
        if self._whole:
            return
        missing = [key for key in dict.fromkeys(keys) if key not in self._slots]
        self._load(self._key, [self._columns(key) for key in missing])
        self.begin(missing)

    def begin(self, keys: Iterable[Key]) -> None:
        """Know, without reading, that the table has no rows with these keys: who owns them begins.

        Rows and checkpoint are written together, so nothing of a stream is there before its first
        entry is folded.
        """
        if self._whole:
            return
        for key in keys:
            if key not in self._slots:
                self._slots[key] = _Slot(key, None)

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
        return [slot.row for slot in groups.slots.get(value, ()) if slot.row is not None]

    def get(self, key: Key) -> Mapping[str, Any] | None:
        """Give the row as it is after all changes so far, only to be read."""
        slot = self._find(key)
        return None if slot is None else slot.row

    def change(self, key: Key) -> Row | None:
        """Give the row to be changed in place."""
        slot = self._slots.get(key) or self._find(key)
        if slot is None or slot.row is None:
            return None
        if not slot.touched:
            self._touch(slot)
        return slot.row

    def put(self, row: Row) -> Row:
        """Insert or replace a whole row; columns left out are NULL. Gives the row to change on."""
        whole = self._blank | row
        if len(whole) > len(self._blank):
            unknown = whole.keys() - self._blank.keys()
            raise KeyError(f"{self._table.name} has no column {', '.join(sorted(unknown))}")
        key = self.key_of(whole)
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = _Slot(key, None)
            slot.fresh = self._whole
        elif not slot.touched:
            slot.fresh = slot.row is None
        self._touch(slot)
        self._keep(slot, whole)
        return whole

    def delete(self, key: Key) -> None:
        """Delete the row if it exists."""
        slot = self._slots.get(key)
        if slot is None:
            slot = self._slots[key] = _Slot(key, None)
            if not self._whole:
                self._touch(slot)
        elif slot.fresh:
            # The table never saw it.
            slot.fresh = slot.touched = False
        elif slot.row is not None:
            self._touch(slot)
        slot.row = None

    def touched(self) -> Iterator[tuple[Key, Row]]:
        """Give the rows that were put or changed since the changes were last written."""
        for slot in self._touched:
            if slot.touched and slot.row is not None:
                yield slot.key, slot.row

    def is_fresh(self, key: Key) -> bool:
        """Whether a touched row is one that the table does not have yet."""
        slot = self._slots.get(key)
        return slot is not None and slot.fresh

    def changes(self) -> Changes:
        """Hand over what was touched: whoever calls writes it, or gives up this map of rows."""
        changes = Changes()
        for slot in self._touched:
            slot.listed = False
            if not slot.touched:
                continue
            key, row = slot.key, slot.row
            if row is None:
                changes.gone.append(self._columns(key))
            else:
                now = self.key_of(row)
                if now is not key and now != key:
                    raise ValueError(f"{self._table.name}: the key of a row was changed in place")
                if not slot.fresh:
                    changes.replaced.append(self._columns(key))
                changes.rows.append(row)
            slot.touched = slot.fresh = False
        self._warm, self._touched = self._touched, []
        return changes

    def evict(self, most: int) -> None:
        """Keep no more than ``most`` rows, those touched last before the flush. Write first."""
        before = self._slots
        warm = (slot for slot in islice(reversed(self._warm), most) if slot.row is not None)
        self._slots = {slot.key: slot for slot in warm}
        self._warm = []
        was_whole, self._whole = self._whole, False
        for column, groups in self._groups.items():
            cold = {s.row[column] for key, s in before.items() if s.row and key not in self._slots}
            groups.slots = {}
            for slot in self._slots.values():
                if slot.row is not None:
                    groups.slots.setdefault(slot.row[column], {})[slot] = None
            here = groups.slots.keys()
            groups.complete = (set(here) if was_whole else groups.complete & here) - cold

    def _touch(self, slot: _Slot) -> None:
        slot.touched = True
        if not slot.listed:
            slot.listed = True
            self._touched.append(slot)

    def _find(self, key: Key) -> _Slot | None:
        slot = self._slots.get(key)
        if slot is None and not self._whole:
            self.single_reads += 1
            self.prefetch([key])
            slot = self._slots[key]
        return slot

    def _columns(self, key: Key) -> tuple[Any, ...]:
        return key if len(self._key) > 1 else (key,)

    def _load(self, columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]) -> None:
        if not keys:
            return
        with self._connect() as db:
            for row in fetch(db, self._table, columns, keys):
                key = self.key_of(row)
                # What is here already may be changed or deleted: it is newer than the table.
                if key not in self._slots:
                    slot = self._slots[key] = _Slot(key, None)
                    self._keep(slot, row)

    def _keep(self, slot: _Slot, row: Row) -> None:
        slot.row = row
        for column, groups in self._groups.items():
            groups.slots.setdefault(row[column], {})[slot] = None

    def _grouped(self, column: str) -> "_Groups":
        groups = self._groups.get(column)
        if groups is None:
            groups = self._groups[column] = _Groups()
            for slot in self._slots.values():
                if slot.row is not None:
                    groups.slots.setdefault(slot.row[column], {})[slot] = None
        return groups


@dataclass
class _Groups:
    """Rows by the value of one column, and for which values all of them are here."""

    slots: dict[object, dict[_Slot, None]] = field(default_factory=dict[object, dict[_Slot, None]])
    complete: set[object] = field(default_factory=set[object])


def write(db: Connection, table: Table, changes: Changes) -> None:
    """Write what was touched: one DELETE, one upsert."""
    # Deleted first: a new row may take over a unique value of a deleted one.
    remove(db, table, list(table.primary_key.columns), changes.gone)
    upsert(db, table, changes.rows)
