"""Grows the read tables of a short log to any number of issues, in SQL, for pages to be read."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from infra.log.casework import Casework
from infra.migrate import migrate
from projections.catalogue import PROJECTIONS
from projections.runner import Runner
from tests.bench.big_log import WAVES, fill, played

RESTRICTED_OF: Final = 3
"""Every third issue gets a category that only its parties may read."""
GROWN: Final = ("issue_access", "issue_party", "queue_issues", "queue_items")
_IDS: Final = frozenset({"issue_id", "item_id", "referral_id"})
_CHANGED: Final[Mapping[str, str]] = {
    # Later by some seconds: a queue whose lines are all due at once is nobody's.
    "sort_at": "sort_at + copy::bigint * 7000000",
    "due_at": "due_at + copy::bigint * 7000000",
    "number": "left(number, 9) || lpad((copy * 1000)::text, 8, '0') || right(number, 5)",
}
_MOVED: Final = """
CREATE OR REPLACE FUNCTION pg_temp.moved(id text, copies bigint) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT left(hex, 8) || '-' || right(hex, 4) || substr(id, 14)
    FROM (SELECT lpad(to_hex(
        ('x' || left(id, 8) || substr(id, 10, 4))::bit(48)::bigint + copies * 1048576
    ), 12, '0') AS hex) AS later
$$
"""
_RESTRICT: Final = """
UPDATE issue_access SET restricted = true
WHERE ('x' || substr(md5(issue_id), 1, 6))::bit(24)::int % :of = 0
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
    with engine.begin() as db:
        db.execute(text(_MOVED))
        for table in GROWN:
            _grow(db, table, copies)
        db.execute(text("UPDATE queue_counts SET lines = lines * :copies"), {"copies": copies})
        db.execute(text(_RESTRICT), {"of": RESTRICTED_OF})
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        for table in GROWN:
            db.execute(text(f"VACUUM (ANALYZE) {table}"))
    return copies * issues_of_one()


def _grow(db: Connection, table: str, copies: int) -> None:
    names = [str(column["name"]) for column in inspect(db).get_columns(table)]
    told = ", ".join(
        f"pg_temp.moved({name}, copy * {WAVES})" if name in _IDS else _CHANGED.get(name, name)
        for name in names
    )
    db.execute(
        text(
            f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608  names of our own tables
            f"SELECT {told} FROM {table}, generate_series(1, :more) AS copy"
        ),
        {"more": copies - 1},
    )
