"""The log's writer on SQLite: one BEGIN IMMEDIATE, the checks, the rows, one COMMIT."""

import json
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cache
from uuid import UUID

from sqlalchemy import Engine, PoolProxiedConnection

from infra.log.batch import Draft, DrawnAt, Known
from infra.log.errors import READ_ONLY, KeptReceipt, LogReadOnly
from infra.log.series import first_free, numbered
from infra.log.stored import as_uuid
from infra.log.writer import Rejected, Unreachable, Writer
from infra.turn import Turn

# Ids are 32 hex digits, as SQLAlchemy stores a Uuid here.
_VERSION = "SELECT max(version) FROM events WHERE stream_id = ?"
_KEY = (
    "SELECT key, fingerprint, created_id, position, stream_id, version"
    " FROM command_keys WHERE key = ?"
)
_CLAIM = "SELECT 1 FROM claims WHERE name = ?"
_FIND = "SELECT position, state FROM events WHERE stream_id = ? AND version = ?"
# Few statements of one row each, whatever is asked: at every row and every end of a statement the
# driver gives up the interpreter's lock, and the threads that wait for it have it in turn.
_HEAD_AND_VERSIONS = """
SELECT (SELECT coalesce(max(position), 0) FROM events), EXISTS (SELECT 1 FROM audit_behind),
       json_group_array((SELECT max(version) FROM events WHERE stream_id = asked.value))
FROM json_each(?) AS asked"""
_KEY_USED = """
SELECT 1 FROM json_each(?) AS asked JOIN command_keys AS kept ON kept.key = asked.value LIMIT 1"""
_CLAIMED = """
SELECT 1 FROM json_each(?) AS asked JOIN claims AS kept ON kept.name = asked.value LIMIT 1"""
_INSERT_EVENTS = "INSERT INTO events (position, stream_id, version, topic, recorded_at, state)"
_INSERT_KEYS = (
    "INSERT INTO command_keys (key, fingerprint, created_id, position, stream_id, version)"
)
_INSERT_CLAIMS = "INSERT INTO claims (name, position)"
_MOST_ROWS = 64


class SqliteWriter(Writer):
    """Writes with the driver itself; the engine's pool prepares the connection."""

    # A commit stops for the disk and hands the interpreter from thread to thread: fewer are better.
    gather_seconds = 0.001

    def __init__(self, engine: Engine) -> None:
        """Prepare; nothing is opened yet."""
        self._engine = engine
        self._turn: Turn = engine.get_execution_options()["turn"]
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
        with self._turn, _told():
            db.execute("BEGIN IMMEDIATE")
            try:
                head = _head_if_it_holds(db, draft)
                drawn = [] if head is None else _insert(db, draft, head)
            except BaseException:
                self.close()
                raise
            db.execute("ROLLBACK" if head is None else "COMMIT")
        for each, number in drawn:
            each.learn(number)
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

    def find(self, draft: Draft) -> int | None:
        """What a reader sees is durable here; see Writer."""
        found: dict[int, tuple[int, bytes]] = {}
        with _told():
            for row in draft.sought():
                event = draft.rows[row]
                asked = (as_uuid(event.originator_id).hex, event.originator_version)
                if (there := self._db().execute(_FIND, asked).fetchone()) is not None:
                    found[row] = there
        is_it = draft.recognise({row: state for row, (_, state) in found.items()})
        return found[0][0] - 1 if is_it else None

    def close(self) -> None:
        """Close it for good; SQLite rolls back what was open."""
        if self._pooled is not None:
            self._pooled.invalidate()
            self._pooled = self._driver = None

    def _db(self) -> sqlite3.Connection:
        if self._driver is None:
            raise Unreachable("The log's connection is closed.")
        return self._driver


def _head_if_it_holds(db: sqlite3.Connection, draft: Draft) -> int | None:
    """The last position, if the log is as the draft assumes."""
    streams = json.dumps([stream_id.hex for stream_id in draft.expected])
    found: tuple[int, int, str] = db.execute(_HEAD_AND_VERSIONS, (streams,)).fetchone()
    head, is_behind, versions = found[0], found[1], json.loads(found[2])
    if is_behind:
        raise LogReadOnly(READ_ONLY)
    for version, expected in zip(versions, draft.expected.values(), strict=True):
        if version != expected and (version is not None or expected not in {-1, 0}):
            return None
    taken = any(
        given and db.execute(check, (json.dumps([*given]),)).fetchone()
        for check, given in ((_KEY_USED, draft.keys), (_CLAIMED, draft.claims))
    )
    return None if taken else head


def _insert(db: sqlite3.Connection, draft: Draft, head: int) -> list[tuple[DrawnAt, int]]:
    """Write everything; gives the numbers drawn."""
    if draft.claims:
        claims = [(name, head + offset) for name, offset in draft.claims.items()]
        _insert_all(db, _INSERT_CLAIMS, claims)
    drawn = _draw(db, draft)
    events = [*draft.rows]
    for each, number in drawn:
        events[each.row] = each.draw.mended(events[each.row], number)
    rows = [
        (
            position,
            as_uuid(event.originator_id).hex,
            event.originator_version,
            event.topic,
            event.recorded_at,
            event.state,
        )
        for position, event in enumerate(events, head + 1)
    ]
    _insert_all(db, _INSERT_EVENTS, rows)
    if draft.keys:
        _insert_all(db, _INSERT_KEYS, [_key_row(key.receipt(head)) for key in draft.keys.values()])
    if drawn:
        names = [
            (numbered(each.draw.names(), number), head + each.row + 1) for each, number in drawn
        ]
        _insert_all(db, _INSERT_CLAIMS, names)
    return drawn


def _draw(db: sqlite3.Connection, draft: Draft) -> list[tuple[DrawnAt, int]]:
    """Find a number for each event that takes one: nobody else can claim it meanwhile."""
    drawn: list[tuple[DrawnAt, int]] = []
    last: dict[str, int] = {}
    for each in draft.series():
        series = each.draw.names()

        def is_taken(number: int, series: str = series) -> bool:
            return db.execute(_CLAIM, (numbered(series, number),)).fetchone() is not None

        last[series] = first_free(max(each.draw.number, last.get(series, 0) + 1), is_taken)
        drawn.append((each, last[series]))
    return drawn


def _insert_all(db: sqlite3.Connection, insert: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert in as few statements as there can be; each is made once and kept by the driver."""
    written = 0
    for at in range(0, len(rows), _MOST_ROWS):
        some = rows[at : at + _MOST_ROWS]
        values = [value for row in some for value in row]
        statement = _statement(insert, len(some), len(rows[0]))
        written += db.execute(statement, values).rowcount
    # A store that reports success for what it did not write is worse than one that stops.
    if written != len(rows):
        raise Rejected(f"{written} rows were written instead of {len(rows)}.", of_the_batch=True)


@cache
def _statement(insert: str, rows: int, columns: int) -> str:
    marks = f"({', '.join('?' * columns)})"
    return f"{insert} VALUES {', '.join([marks] * rows)}"


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


@contextmanager
def _told() -> Generator[None]:
    """Say in the appender's words what SQLite said."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unreachable(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Rejected(str(error), of_the_batch=True) from error
