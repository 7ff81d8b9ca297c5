"""Connect to SQLite or PostgreSQL in the way the log and the read tables need it."""

import select
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.types import TypeDecorator

from infra.turn import Turn

if TYPE_CHECKING:
    import psycopg

BUSY_TIMEOUT_SECONDS = 10
MOST_PAGES = 10_000
"""Of SQLite's write-ahead log, before a commit copies them back itself."""
CONNECTIONS = 20
"""Most connections of one engine to PostgreSQL, kept open once they are."""
PATIENCE_SECONDS = 10
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A day from the ends of time: so that they can be told in any place's time.
_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def connect(
    url: str | URL, connections: int = CONNECTIONS, patience: int = PATIENCE_SECONDS
) -> Engine:
    """Open an engine for a SQLite file or a PostgreSQL database; raises ValueError for others.

    ``connections`` is the most it opens to PostgreSQL; who wants another one waits for its turn,
    at most ``patience`` seconds, as for a server that does not answer.

    On SQLite a transaction that is going to write must say so before it begins,
    ``engine.execution_options(writes=True).begin()``: it then waits for its turn at the start
    instead of failing when its first write finds a newer snapshot. PostgreSQL ignores the option.
    Who writes often takes the engine's option ``turn`` as well, a lock: SQLite lets who finds the
    file taken sleep up to a tenth of a second, however soon it is free again.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _connect_sqlite(parsed)
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return _connect_postgresql(
            parsed.set(drivername="postgresql+psycopg"), connections, patience
        )
    raise ValueError(
        f"DATABASE_URL must begin with sqlite: or postgresql:, not {parsed.drivername}:"
    )


def without_transactions(engine: Engine) -> Engine:
    """The same connections for reading; on PostgreSQL no BEGIN and ROLLBACK around each reading.

    Each statement then sees what was committed when it began, as it does at PostgreSQL's own
    level of isolation anyway. SQLite needs a transaction for its snapshot and costs no way to it.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970 UTC; raises TypeError for a time without a zone."""
    return (at - EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Give the time in UTC that ``microseconds`` counted; one of no year is the nearest there is.

    Somebody wrote it by hand: whoever reads past it must not be stopped, and least of all everyone.
    """
    try:
        return EPOCH + timedelta(0, 0, value)
    except OverflowError:
        return _LATEST if value > 0 else _EARLIEST


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time as microseconds since 1970 UTC: the same and sortable on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn a time into its count of microseconds."""
        del dialect
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn a count of microseconds into a time."""
        del dialect
        return None if value is None else from_microseconds(value)


def _connect_postgresql(url: URL, connections: int, patience: int) -> Engine:
    engine = create_engine(
        url,
        # None beyond those that are kept: opening one costs more than most of what is asked.
        pool_size=connections,
        max_overflow=0,
        pool_timeout=patience,
        # What people wrote must not stand in an error's message, and so not in a log line.
        hide_parameters=True,
        connect_args={
            "connect_timeout": patience,
            "application_name": "samsyn",
            # A host that is gone without a word is noticed within half a minute, not two hours.
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,
        },
    )
    event.listen(engine, "do_connect", _connect_patiently)
    event.listen(engine, "checkout", _refuse_what_ended)
    return engine


def _connect_patiently(
    _dialect: Dialect, _record: object, args: Sequence[Any], options: Mapping[str, Any]
) -> "psycopg.Connection":
    from infra.patience import PatientConnection  # noqa: PLC0415  the driver, not for SQLite

    return PatientConnection.connect(*args, **options)


def _refuse_what_ended(connection: "psycopg.Connection", _record: object, _proxy: object) -> None:
    """A connection that died while it lay in the pool must not fail somebody's command.

    Nothing is said on one that lies idle: what can be read there is its end. So no question has
    to go to the server and back for each use, as it would to find out by asking.
    """
    if connection.closed:
        raise DisconnectionError
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise DisconnectionError


def _connect_sqlite(url: URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        raise ValueError("SQLite needs a file: readers and the writer are different connections.")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=16,
        max_overflow=48,
        pool_timeout=10,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_SECONDS},
        execution_options={"turn": Turn()},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own BEGIN is switched off: it comes too late and is never IMMEDIATE.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}")
    _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    # The net beneath `infra.wal`, where no worker runs; SQLite's own would be a tenth of it.
    connection.execute(f"PRAGMA wal_autocheckpoint = {MOST_PAGES}")
    connection.execute("PRAGMA foreign_keys = ON")


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    # The busy timeout does not cover this switch when several processes open a new file at once.
    give_up_at = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
