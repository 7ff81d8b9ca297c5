"""The connection on which one loop writes read models: its own, faster to commit, soon let go."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine

PAUSE_SECONDS: Final = 4
"""So long may a writer fall silent in a transaction before the database ends its session."""
PAUSE_BY_HAND_SECONDS: Final = 30
"""The same for who folds by hand: large batches, and nobody waits for it to take over."""

# Rows and checkpoint are one transaction, which the log can redo: it need not wait for the disk.
# A process that is stopped inside one must not keep the next leader waiting for its locks.
_POSTGRESQL: Final = (
    "SET synchronous_commit = off",
    f"SET idle_in_transaction_session_timeout = '{PAUSE_SECONDS}s'",
)
# In WAL mode this loses the latest transactions in a power cut, never what was durable before.
_SQLITE: Final = ("PRAGMA synchronous = NORMAL",)


def bound_pause(db: Connection, seconds: int) -> None:
    """Have the database end this transaction when its owner falls silent in it for so long."""
    if db.dialect.name == "postgresql":
        db.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{seconds}s'")


class Pen:
    """One connection for one thread, kept from batch to batch and outside the pool."""

    def __init__(self, engine: Engine) -> None:
        self._writing = engine.execution_options(writes=True)
        self._settings = _POSTGRESQL if engine.dialect.name == "postgresql" else _SQLITE
        self._db: Connection | None = None

    @property
    def db(self) -> Connection:
        """The connection of the transaction that is open."""
        if self._db is None:
            raise LookupError("no transaction is open")
        return self._db

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """Open a transaction; after an error of the database ``drop`` the pen."""
        if self._db is None:
            self._db = self._open()
        with self._db.begin():
            yield self._db

    def drop(self) -> None:
        """Close the connection; the next transaction opens another."""
        if self._db is not None:
            db, self._db = self._db, None
            raw = None if db.invalidated else db.connection.dbapi_connection
            # Not asked to roll back: it may be broken. Closing it does that as well.
            db.invalidate()
            db.close()
            if raw is not None:
                raw.close()

    def _open(self) -> Connection:
        db = self._writing.connect()
        # Never back to the pool: commands must not commit with these settings.
        db.detach()
        raw = db.connection.dbapi_connection
        if raw is None:
            raise LookupError("the connection is closed")
        cursor = raw.cursor()
        for setting in self._settings:
            cursor.execute(setting)
        cursor.close()
        raw.commit()
        return db
