"""Keys and indexes of the copies that a rebuild fills: built at the end, in one sort each."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, Index, Table, inspect, text

from projections.store import Tables

_T = TypeVar("_T")

_AT_ONCE: Final = 2
"""Indexes built, or tables looked through, side by side: each by one process, so with less work."""
_SETTINGS: Final = (
    "SET LOCAL maintenance_work_mem = '100MB'; SET LOCAL max_parallel_maintenance_workers = 0"
)


def prepare_to_fill(db: Connection, copies: Tables, *, in_parts: bool) -> None:
    """Take away from new tables what costs time while they are filled.

    In parts each row is written once, so that nobody looks for one by its key meanwhile; its
    columns stay without NULL.
    """
    if db.dialect.name != "postgresql":
        return
    for _, table in copies:
        name = _quoted(db, table.name)
        db.execute(text(f"ALTER TABLE {name} SET (autovacuum_enabled = off)"))
        if in_parts:
            db.execute(text(f"ALTER TABLE {name} DROP CONSTRAINT {_key_name(db, table)}"))


def add_keys(engine: Engine, copies: Tables) -> None:
    """Build the primary keys that are missing; nobody may have a transaction open on a table."""
    if engine.dialect.name == "postgresql":
        _side_by_side([table for _, table in copies], lambda table: _add_key(engine, table))


def index(engine: Engine, copies: Tables) -> None:
    """Build keys and indexes that are missing, each in a transaction of its own, and statistics."""
    add_keys(engine, copies)
    found = inspect(engine)
    missing = [
        each
        for _, table in copies
        for known in [{each["name"] for each in found.get_indexes(table.name)}]
        for each in sorted(table.indexes, key=lambda index: str(index.name))
        if each.name not in known
    ]
    _side_by_side(missing, lambda each: _create(engine, each))
    _side_by_side([table for _, table in copies], lambda table: _look_through(engine, table))


def _side_by_side(items: Iterable[_T], do: Callable[[_T], None]) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for done in [threads.submit(do, item) for item in items]:
            done.result()


def _add_key(engine: Engine, table: Table) -> None:
    if inspect(engine).get_pk_constraint(table.name)["constrained_columns"]:
        return
    with engine.execution_options(writes=True).begin() as db:
        name = _quoted(db, table.name)
        # Another process of the rebuild may be about to do the same.
        db.execute(text(f"LOCK TABLE {name}"))
        if inspect(db).get_pk_constraint(table.name)["constrained_columns"]:
            return
        columns = ", ".join(_quoted(db, column.name) for column in table.primary_key.columns)
        db.execute(text(_SETTINGS))
        db.execute(
            text(
                f"ALTER TABLE {name} ADD CONSTRAINT {_key_name(db, table)} PRIMARY KEY ({columns})"
            )
        )


def _create(engine: Engine, index: Index) -> None:
    with engine.execution_options(writes=True).begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(text(_SETTINGS))
        index.create(db)


def _look_through(engine: Engine, table: Table) -> None:
    """Make statistics: from the swap on it is asked at once, and no plan must be a guess."""
    with engine.execution_options(writes=True).begin() as db:
        name = _quoted(db, table.name)
        if db.dialect.name == "postgresql":
            db.execute(text(f"ALTER TABLE {name} RESET (autovacuum_enabled)"))
        db.execute(text(f"ANALYZE {name}"))


def _key_name(db: Connection, table: Table) -> str:
    """The name that PostgreSQL gives a key by itself."""
    return _quoted(db, f"{table.name}_pkey")


def _quoted(db: Connection, name: str) -> str:
    return db.dialect.identifier_preparer.quote(name)
