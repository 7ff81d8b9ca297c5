"""Reads the log page by page for whoever follows it closely: a connection of its own, a plan kept.

Through the pool such a read costs ten times as much: BEGIN, ROLLBACK and the making of a statement.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from domain.log_entry import LogEntry
from infra.database import from_microseconds
from infra.log.mapper import event_of
from infra.log.stored import as_uuid

_SELECT: Final = (
    "SELECT position, stream_id, version, topic, recorded_at, state FROM events"
    " WHERE position > {0} ORDER BY position LIMIT {0}"
)
_ON_POSTGRESQL: Final = _SELECT.format("%s")
_ON_SQLITE: Final = _SELECT.format("?")


class Follower:
    """One reader; any thread may use it."""

    def __init__(self, engine: Engine) -> None:
        """Prepare; nothing is opened yet."""
        self._engine = engine
        self._lock = Lock()
        self._driver: Any = None
        self._cursor: Any = None

    def read(self, after: int, limit: int) -> list[LogEntry]:
        """Read at most ``limit`` entries after a position, in strict order of position.

        Raises:
            DBAPIError: what the database said; the next read opens another connection.
        """
        with self._lock:
            return [
                LogEntry(
                    position=position,
                    stream_id=stream_id,
                    version=version,
                    topic=topic,
                    recorded_at=from_microseconds(recorded_at),
                    state=state,
                    decode=event_of,
                )
                for position, stream_id, version, topic, recorded_at, state in self._rows(
                    after, limit
                )
            ]

    def close(self) -> None:
        """Hang up; a later read opens anew."""
        with self._lock:
            self._hang_up()

    def _rows(self, after: int, limit: int) -> Sequence[tuple[Any, ...]]:
        errors = self._engine.dialect.loaded_dbapi.Error
        try:
            cursor = self._open()
            if self._engine.dialect.name == "sqlite":
                rows = cursor.execute(_ON_SQLITE, (after, limit)).fetchall()
                return [(row[0], as_uuid(row[1]), *row[2:]) for row in rows]
            cursor.execute(_ON_POSTGRESQL, (after, limit), prepare=True)
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
        except errors as error:
            closed = self._hang_up()
            raise DBAPIError.instance(
                None, None, error, errors, connection_invalidated=closed
            ) from error
        return found

    def _open(self) -> Any:  # noqa: ANN401  the drivers' cursors share no type
        if self._cursor is not None:
            return self._cursor
        # Never back to the pool: it stays without transactions.
        db = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        db.detach()
        self._driver = db.connection.dbapi_connection
        on_sqlite = self._engine.dialect.name == "sqlite"
        self._cursor = self._driver.cursor() if on_sqlite else self._driver.cursor(binary=True)
        return self._cursor

    def _hang_up(self) -> bool:
        """Close; whether the connection had ended before."""
        driver, self._driver, self._cursor = self._driver, None, None
        if driver is None:
            return True
        ended = bool(getattr(driver, "closed", False))
        driver.close()
        return ended
