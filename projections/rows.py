"""The rows of one table that a batch touches: read at once, changed in memory, written at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    delete,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

Row = dict[str, Any]
# The value of a primary key of one column; of several columns the tuple in the table's order.
Key = Any

_KEYS_IN_ONE_STATEMENT = 5_000

T = TypeVar("T")


class Rows:
    """An identity map of one table for one batch.

    ``get`` gives a row to read, ``change`` a row to write to; ``put`` and ``delete`` do what they
    say; nothing reaches the database before ``flush``, and then each row once, however often it
    was changed. Fetch what the batch needs with ``prefetch``: a key met later is read by itself,
    which is correct and slow, and counted in ``single_reads``.
    """

    def __init__(self, db: Connection, table: Table, keys: Iterable[Key] = ()) -> None:
        self.single_reads = 0
        self._db = db
        self._table = table
        self._names = [column.name for column in table.columns]
        self._key = list(table.primary_key.columns)
        self._key_names = [column.name for column in self._key]
        self._rows: dict[tuple[Any, ...], Row | None] = {}  # None: known not to exist
        self._touched: dict[tuple[Any, ...], None] = {}  # a set that keeps its order
        self.prefetch(keys)

    def prefetch(self, keys: Iterable[Key]) -> None:
        """Read the rows with these keys, those already here excepted."""
        missing = [k for k in dict.fromkeys(map(self._whole, keys)) if k not in self._rows]
        for part in _parts(missing):
            self._load(_among(self._db, self._key, part))
        for key in missing:
            self._rows.setdefault(key, None)

    def prefetch_by(self, column: str, values: Iterable[object]) -> None:
        """Read all rows that have one of these values in a column, for instance all of an issue."""
        for part in _parts([(value,) for value in dict.fromkeys(values)]):
            self._load(_among(self._db, [self._table.c[column]], part))

    def get(self, key: Key) -> Mapping[str, Any] | None:
        """Give the row as it is after all changes so far, only to be read."""
        return self._find(key)

    def change(self, key: Key) -> Row | None:
        """Give the row to be changed in place; ``flush`` writes it."""
        row = self._find(key)
        if row is not None:
            self._touched[self._whole(key)] = None
        return row

    def put(self, row: Mapping[str, Any]) -> Row:
        """Insert or replace a whole row; columns left out are NULL. Gives the row to change on."""
        unknown = row.keys() - set(self._names)
        if unknown:
            raise KeyError(f"{self._table.name} has no column {', '.join(sorted(unknown))}")
        whole = {name: row.get(name) for name in self._names}
        key = tuple(whole[name] for name in self._key_names)
        self._rows[key] = whole
        self._touched[key] = None
        return whole

    def delete(self, key: Key) -> None:
        """Delete the row if it exists."""
        self._rows[self._whole(key)] = None
        self._touched[self._whole(key)] = None

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        """All rows known so far, changes included, only to be read."""
        return iter([row for row in self._rows.values() if row is not None])

    def flush(self) -> None:
        """Write what was touched: one DELETE, one upsert."""
        rows: list[Row] = []
        gone: list[tuple[Any, ...]] = []
        for key in self._touched:
            row = self._rows[key]
            if row is None:
                gone.append(key)
                continue
            if key != tuple(row[name] for name in self._key_names):
                raise ValueError(f"{self._table.name}: the key of a row was changed in place")
            rows.append(row)
        # Deleted first: a new row may take over a unique value of a deleted one.
        for part in _parts(gone):
            self._db.execute(delete(self._table).where(_among(self._db, self._key, part)))
        upsert(self._db, self._table, rows)
        self._touched.clear()

    def _find(self, key: Key) -> Row | None:
        if self._whole(key) not in self._rows:
            self.single_reads += 1
            self.prefetch([key])
        return self._rows[self._whole(key)]

    def _whole(self, key: Key) -> tuple[Any, ...]:
        return (key,) if len(self._key_names) == 1 else tuple(key)

    def _load(self, condition: ColumnElement[bool]) -> None:
        for found in self._db.execute(select(self._table).where(condition)).mappings():
            row = dict(found)
            # What is here already may be changed or deleted: it is newer than the table.
            self._rows.setdefault(tuple(row[name] for name in self._key_names), row)


def upsert(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows or replace those with the same key, in one statement.

    Also for tables that only grow: folding an entry again writes the same row again. Every row
    must have the same columns, and no key may come twice.
    """
    if not rows:
        return
    keys = [column.name for column in table.primary_key.columns]
    names = list(rows[0])
    rest = [name for name in names if name not in keys]
    if db.dialect.name == "postgresql":
        # One array a column: many times faster than a statement for each row.
        columns = [table.c[name] for name in names]
        lined_up = _unnested(columns, [tuple(row[name] for name in names) for row in rows])
        into = postgresql.insert(table).from_select(names, lined_up)
        replaced = {name: into.excluded[name] for name in rest}
        db.execute(
            into.on_conflict_do_update(index_elements=keys, set_=replaced)
            if rest
            else into.on_conflict_do_nothing(index_elements=keys)
        )
        return
    values = sqlite.insert(table)
    replaced = {name: values.excluded[name] for name in rest}
    db.execute(
        values.on_conflict_do_update(index_elements=keys, set_=replaced)
        if rest
        else values.on_conflict_do_nothing(index_elements=keys),
        rows,
    )


def _among(
    db: Connection, columns: Sequence[Column[Any]], keys: Sequence[tuple[Any, ...]]
) -> ColumnElement[bool]:
    if db.dialect.name == "postgresql":
        # A list of tuples makes PostgreSQL compare every row with every one of them.
        return tuple_(*columns).in_(_unnested(columns, keys))
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _unnested(
    columns: Sequence[Column[Any]], rows: Sequence[tuple[Any, ...]]
) -> Select[tuple[Any, ...]]:
    """Make a table of rows out of one array a column."""
    arrays = [
        literal([row[at] for row in rows], postgresql.ARRAY(column.type, dimensions=1))
        for at, column in enumerate(columns)
    ]
    names = [column.name for column in columns]
    lined_up = func.unnest(*arrays).table_valued(*names).render_derived()
    return select(*(lined_up.c[name] for name in names))


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _KEYS_IN_ONE_STATEMENT):
        yield items[start : start + _KEYS_IN_ONE_STATEMENT]
