"""Grows the read tables of a short log to any number of issues, in SQL, for pages to be read."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from infra.log.casework import Casework
from infra.migrate import migrate
from projections.catalogue import PROJECTIONS
from projections.runner import Runner
from tests.bench.big_log import WAVES, fill, played

RESTRICTED_OF: Final = 3
"""Every third issue gets a category that only its parties may read."""
GROWN: Final = ("queue_items", "queue_issues", "issue_party", "issue_access")
_IDS: Final = frozenset({"issue_id", "item_id", "referral_id"})
_RESTRICT: Final = """
UPDATE issue_access SET restricted = true
WHERE ('x' || substr(md5(issue_id), 1, 6))::bit(24)::int % :of = 0
"""
_CHANGED: Final[Mapping[str, str]] = {
    # Later by some seconds: a queue whose lines are all due at once is nobody's.
    "sort_at": "sort_at + copy::bigint * 7000000",
    "due_at": "due_at + copy::bigint * 7000000",
    "number": "left(number, 9) || lpad((copy * 1000)::text, 8, '0') || right(number, 5)",
}
# One expression, so that PostgreSQL puts it in place of the call.
_MOVED: Final = """
CREATE OR REPLACE FUNCTION pg_temp.moved(id text, copies bigint) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT overlay(lpad(to_hex(
        ('x' || left(id, 8) || substr(id, 10, 4))::bit(48)::bigint + copies * 1048576
    ), 12, '0') PLACING '-' FROM 9 FOR 0) || substr(id, 14)
$$
"""
_INDEXES: Final = """
SELECT indexdef FROM pg_indexes WHERE tablename = :name
AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = CAST(:name AS regclass))
"""
_KEYS: Final = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = CAST(:name AS regclass) AND contype = 'p'
"""


def issues_of_one() -> int:
    """How many issues the short log has."""
    return WAVES * sum(event[3] == "IssueOpened" for event in played().events)


def a_short_log(engine: Engine) -> None:
    """Write a short log into an empty database and let every projection follow it."""
    migrate(engine)
    fill(engine, WAVES * len(played().events))
    casework = Casework(engine)
    Runner(engine, casework.read, PROJECTIONS).catch_up()
    casework.close()


def grow(engine: Engine, issues: int) -> int:
    """Tell the rows of a short log's issues again under other ids; gives how many issues it made.

    The counters follow. A third of the issues becomes one that only its parties may read.
    """
    copies = max(1, -(-issues // issues_of_one()))
    with ThreadPoolExecutor(max_workers=2) as pool:
        growing = [pool.submit(_grow, engine, table, copies) for table in GROWN]
    for each in growing:
        each.result()
    with engine.begin() as db:
        db.execute(text("UPDATE queue_counts SET lines = lines * :copies"), {"copies": copies})
    return copies * issues_of_one()


def _grow(engine: Engine, table: str, copies: int) -> None:
    names = [str(column["name"]) for column in inspect(engine).get_columns(table)]
    told = ", ".join(
        f"pg_temp.moved({name}, copy * {WAVES})" if name in _IDS else _CHANGED.get(name, name)
        for name in names
    )
    with engine.begin() as db:
        db.execute(text(_MOVED))
        db.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        put_back = _without_indexes(db, table)
        db.execute(
            text(
                f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608  names of our own tables
                f"SELECT {told} FROM {table}, generate_series(1, :more) AS copy"
            ),
            {"more": copies - 1},
        )
        if table == "issue_access":
            # Rewritten while it has no index yet, which is quick.
            db.execute(text(_RESTRICT), {"of": RESTRICTED_OF})
        for statement in put_back:
            db.execute(text(statement))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        db.execute(text(f"VACUUM (ANALYZE) {table}"))


def _without_indexes(db: Connection, table: str) -> list[str]:
    """Drop a table's indexes; gives the statements that make them again."""
    told = {"name": table}
    put_back = [str(definition) for (definition,) in db.execute(text(_INDEXES), told)]
    for definition in put_back:
        db.execute(text(f"DROP INDEX {definition.split()[2]}"))
    for name, definition in db.execute(text(_KEYS), told).all():
        db.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
        put_back.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    return put_back
