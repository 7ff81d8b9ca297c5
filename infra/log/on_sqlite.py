"""The log's writer on SQLite: one BEGIN IMMEDIATE, the checks, the rows, one COMMIT."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Engine, PoolProxiedConnection

from infra.log.batch import Draft, Known
from infra.log.errors import KeptReceipt
from infra.log.stored import TimedEvent, as_uuid
from infra.log.writer import Rejected, Unreachable, Writer

# Ids are 32 hex digits, as SQLAlchemy stores a Uuid here.
_HEAD = "SELECT coalesce(max(position), 0) FROM events"
_VERSION = "SELECT max(version) FROM events WHERE stream_id = ?"
_KEY = (
    "SELECT key, fingerprint, created_id, position, stream_id, version"
    " FROM command_keys WHERE key = ?"
)
_CLAIM = "SELECT 1 FROM claims WHERE name = ?"
_FIND = "SELECT position, state FROM events WHERE stream_id = ? AND version = ?"
_INSERT_EVENT = (
    "INSERT INTO events (position, stream_id, version, topic, recorded_at, state)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_INSERT_KEY = (
    "INSERT INTO command_keys (key, fingerprint, created_id, position, stream_id, version)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)
_INSERT_CLAIM = "INSERT INTO claims (name, position) VALUES (?, ?)"


class SqliteWriter(Writer):
    """Writes with the driver itself; the engine's pool prepares the connection."""

    def __init__(self, engine: Engine) -> None:
        """Prepare; nothing is opened yet."""
        self._engine = engine
        self._pooled: PoolProxiedConnection | None = None
        self._driver: sqlite3.Connection | None = None

    def open(self) -> None:
        """Have a connection; an earlier one was closed, and took its transaction with it."""
        if self._driver is None:
            with _told():
                pooled = self._engine.raw_connection()
                driver = pooled.driver_connection
                if not isinstance(driver, sqlite3.Connection):
                    raise TypeError(f"{driver!r} is not a connection to SQLite.")
                self._pooled, self._driver = pooled, driver

    def write(self, draft: Draft) -> int | None:
        """Check and write under the one lock of the file; see Writer."""
        db = self._db()
        with _told():
            db.execute("BEGIN IMMEDIATE")
            try:
                head: int | None = None
                if _holds(db, draft):
                    head = int(db.execute(_HEAD).fetchone()[0])
                    _insert(db, draft, head)
            except BaseException:
                self.close()
                raise
            db.execute("ROLLBACK" if head is None else "COMMIT")
        return head

    def look_up(self, streams: Sequence[UUID], keys: Sequence[str], names: Sequence[str]) -> Known:
        """Read row by row: there is no network between."""
        db = self._db()
        with _told():
            kept = [row for key in keys for row in db.execute(_KEY, (key,))]
            return Known(
                versions={one: db.execute(_VERSION, (one.hex,)).fetchone()[0] for one in streams},
                receipts={row[0]: _receipt(*row) for row in kept},
                claimed={name for name in names if db.execute(_CLAIM, (name,)).fetchone()},
            )

    def find(self, event: TimedEvent) -> int | None:
        """What a reader sees is durable here; see Writer."""
        stream_id = as_uuid(event.originator_id).hex
        with _told():
            row = self._db().execute(_FIND, (stream_id, event.originator_version)).fetchone()
        return row[0] if row is not None and row[1] == event.state else None

    def close(self) -> None:
        """Close it for good; SQLite rolls back what was open."""
        if self._pooled is not None:
            self._pooled.invalidate()
            self._pooled = self._driver = None

    def _db(self) -> sqlite3.Connection:
        if self._driver is None:
            raise Unreachable("The log's connection is closed.")
        return self._driver


def _holds(db: sqlite3.Connection, draft: Draft) -> bool:
    for stream_id, expected in draft.expected.items():
        version = db.execute(_VERSION, (stream_id.hex,)).fetchone()[0]
        if version != expected and (version is not None or expected not in {-1, 0}):
            return False
    return not any(db.execute(_KEY, (key,)).fetchone() for key in draft.keys) and not any(
        db.execute(_CLAIM, (name,)).fetchone() for name in draft.claims
    )


def _insert(db: sqlite3.Connection, draft: Draft, head: int) -> None:
    rows = [
        (
            position,
            as_uuid(event.originator_id).hex,
            event.originator_version,
            event.topic,
            event.recorded_at,
            event.state,
        )
        for position, event in enumerate(draft.rows, head + 1)
    ]
    _all_written(db.executemany(_INSERT_EVENT, rows), len(rows))
    if draft.keys:
        kept = [_key_row(key.receipt(head)) for key in draft.keys.values()]
        _all_written(db.executemany(_INSERT_KEY, kept), len(kept))
    if draft.claims:
        claims = [(name, head + offset) for name, offset in draft.claims.items()]
        _all_written(db.executemany(_INSERT_CLAIM, claims), len(claims))


def _key_row(kept: KeptReceipt) -> tuple[str, str, str | None, int, str, int]:
    created = None if kept.created_id is None else kept.created_id.hex
    return kept.key, kept.fingerprint, created, kept.position, kept.stream_id.hex, kept.version


def _receipt(
    key: str, fingerprint: str, created: str | None, position: int, stream_id: str, version: int
) -> KeptReceipt:
    return KeptReceipt(
        key=key,
        fingerprint=fingerprint,
        created_id=None if created is None else UUID(created),
        position=position,
        stream_id=UUID(stream_id),
        version=version,
    )


def _all_written(cursor: sqlite3.Cursor, expected: int) -> None:
    # A store that reports success for what it did not write is worse than one that stops.
    if cursor.rowcount != expected:
        raise Rejected(
            f"{cursor.rowcount} rows were written instead of {expected}.", of_the_batch=True
        )


@contextmanager
def _told() -> Generator[None]:
    """Say in the appender's words what SQLite said."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unreachable(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Rejected(str(error), of_the_batch=True) from error
