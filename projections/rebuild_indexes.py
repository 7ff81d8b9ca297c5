"""Keys and indexes of the copies that a rebuild fills: built at the end, in one sort each."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine, Index, Table, inspect, text

from projections.store import Tables

_T = TypeVar("_T")

_AT_ONCE: Final = 4
"""Indexes built, or tables looked through, side by side: two compute while others wait for disk."""
_SETTINGS: Final = (
    "SET LOCAL maintenance_work_mem = '100MB'; SET LOCAL max_parallel_maintenance_workers = 0;"
    # The swap waits for the disk; an index that is lost before is built again.
    " SET LOCAL synchronous_commit = off"
)
_SAMPLE: Final = "SET LOCAL default_statistics_target = 50"
"""15,000 rows of a table are looked at: enough to choose plans by, for half of the usual cost."""


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
    _add_keys(engine, [table for _, table in copies])


def index(engine: Engine, copies: Iterable[Tables]) -> None:
    """Build keys and indexes that are missing, each in a transaction of its own, and statistics.

    Those of all the read models together, the largest first: so no core is left without work
    before the last ones.
    """
    tables = _largest_first(engine, [table for each in copies for _, table in each])
    if not tables:
        return
    _add_keys(engine, tables)
    there = inspect(engine).get_multi_indexes(filter_names=[each.name for each in tables])
    known = {index["name"] for indexes in there.values() for index in indexes}
    missing = [
        each
        for table in tables
        for each in sorted(table.indexes, key=lambda index: str(index.name))
        if each.name not in known
    ]
    _side_by_side(engine, missing, lambda each: _create(engine, each))
    _side_by_side(engine, tables, lambda table: _look_through(engine, table))


def _largest_first(engine: Engine, tables: Sequence[Table]) -> Sequence[Table]:
    if engine.dialect.name != "postgresql":
        return tables
    with engine.connect() as db:
        size = {
            table: db.scalar(text("SELECT pg_relation_size(:name)"), {"name": table.name})
            for table in tables
        }
    return sorted(tables, key=lambda table: size[table] or 0, reverse=True)


def _add_keys(engine: Engine, tables: Sequence[Table]) -> None:
    if engine.dialect.name != "postgresql":
        return
    there = inspect(engine).get_multi_pk_constraint(filter_names=[each.name for each in tables])
    known = {name for (_, name), key in there.items() if key["constrained_columns"]}
    missing = [table for table in tables if table.name not in known]
    _side_by_side(engine, missing, lambda table: _add_key(engine, table))


def _side_by_side(engine: Engine, items: Iterable[_T], do: Callable[[_T], None]) -> None:
    # SQLite has one writer: others would only wait, and not for ever.
    with ThreadPoolExecutor(_AT_ONCE if engine.dialect.name == "postgresql" else 1) as threads:
        for done in [threads.submit(do, item) for item in items]:
            done.result()


def _add_key(engine: Engine, table: Table) -> None:
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
        if db.dialect.name != "postgresql":
            db.execute(text(f"ANALYZE {name}"))
            return
        db.execute(text(_SETTINGS))
        db.execute(text(f"ALTER TABLE {name} RESET (autovacuum_enabled)"))
        db.execute(text(_SAMPLE))
        # Of all columns: else autovacuum would come at once and do it again.
        db.execute(text(f"ANALYZE {name}"))


def _key_name(db: Connection, table: Table) -> str:
    """The name that PostgreSQL gives a key by itself."""
    return _quoted(db, f"{table.name}_pkey")


def _quoted(db: Connection, name: str) -> str:
    return db.dialect.identifier_preparer.quote(name)
