"""The connection on which one loop writes read models: its own, faster to commit, soon let go."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from projections import checkpoints
from projections.checkpoints import Checkpoint
from projections.draft import MOVED, Draft, call, function, new_checkpoint
from projections.rows import write

PAUSE_SECONDS: Final = 4
"""So long may a writer fall silent in a transaction before the database ends its session."""
PAUSE_BY_HAND_SECONDS: Final = 30
"""The same for who folds by hand: large batches, and nobody waits for it to take over."""

# Rows and checkpoint are one transaction, which the log can redo: it need not wait for the disk.
_POSTGRESQL: Final = (
    "SET synchronous_commit = off",
    # Rows are found by their keys. A plan that was made while the tables were empty would
    # otherwise read all of them for each batch, until somebody has counted them.
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
    "SET plan_cache_mode = force_generic_plan",
)
# In WAL mode this loses the latest transactions in a power cut, never what was durable before.
_SQLITE: Final = ("PRAGMA synchronous = NORMAL",)


def bound_pause(db: Connection, seconds: int) -> None:
    """Have the database end this transaction when its owner falls silent in it for so long."""
    if db.dialect.name == "postgresql":
        db.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = '{seconds}s'")


class _Moved(Exception):
    """A checkpoint is not where its draft says; rolls everything back."""


class Pen:
    """One connection for one thread, kept from batch to batch and outside the pool.

    After an error of the database ``drop`` it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._in_one_call = engine.dialect.name == "postgresql"
        # Of the threads of this process one after the other, where the file has one writer.
        self._turn: AbstractContextManager[Any] = engine.get_execution_options().get(
            "turn", nullcontext()
        )
        self._db: Connection | None = None
        self._functions: set[str] = set()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Give a connection to read rows with; no transaction stays open."""
        if self._in_one_call:
            yield self._open()
            return
        with self._engine.connect() as db:
            yield db

    def write(self, drafts: Sequence[Draft]) -> list[Checkpoint] | None:
        """Write all the drafts and move their checkpoints, or nothing at all.

        None when one of the checkpoints is no longer where its draft found it.
        """
        db = self._open()
        return self._call(db, drafts) if self._in_one_call else self._write(db, drafts)

    def drop(self) -> None:
        """Close the connection; whatever comes next opens another."""
        if self._db is not None:
            db, self._db = self._db, None
            raw = None if db.invalidated else db.connection.dbapi_connection
            # Not asked to roll back: it may be broken. Closing it does that as well.
            db.invalidate()
            db.close()
            if raw is not None:
                raw.close()

    def _call(self, db: Connection, drafts: Sequence[Draft]) -> list[Checkpoint] | None:
        for draft in drafts:
            if draft.projection.name not in self._functions:
                db.exec_driver_sql(function(draft.projection, db.dialect))
                self._functions.add(draft.projection.name)
        new = [new_checkpoint(draft) for draft in drafts]
        try:
            self._say(db, *call([*zip(drafts, new, strict=True)], db.dialect))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == MOVED:
                return None
            raise
        return new

    def _say(self, db: Connection, statement: str, given: Sequence[Any]) -> None:
        """Straight to the driver, with a plan kept: through SQLAlchemy it costs half as much again.

        Raises:
            DBAPIError: what the database said, as SQLAlchemy tells it.
        """
        driver: Any = db.connection.dbapi_connection
        errors = db.dialect.loaded_dbapi.Error
        try:
            driver.execute(statement, given, prepare=True)
        except errors as error:
            raise DBAPIError.instance(
                None, None, error, errors, connection_invalidated=driver.closed
            ) from error

    def _write(self, db: Connection, drafts: Sequence[Draft]) -> list[Checkpoint] | None:
        new: list[Checkpoint] = []
        try:
            with self._turn, db.begin():
                for draft in drafts:
                    new.append(_advanced(db, draft))
                    for table, changes in draft.changes:
                        write(db, table, changes)
        except _Moved:
            return None
        return new

    def _open(self) -> Connection:
        if self._db is not None:
            return self._db
        db = self._engine.execution_options(writes=True).connect()
        if self._in_one_call:
            db = db.execution_options(isolation_level="AUTOCOMMIT")
        # Never back to the pool: commands must not commit with these settings.
        db.detach()
        raw = db.connection.dbapi_connection
        if raw is None:
            raise LookupError("the connection is closed")
        cursor = raw.cursor()
        for setting in _POSTGRESQL if self._in_one_call else _SQLITE:
            cursor.execute(setting)
        cursor.close()
        raw.commit()
        self._functions.clear()
        self._db = db
        return db


def _advanced(db: Connection, draft: Draft) -> Checkpoint:
    moved = checkpoints.advance(db, draft.old, draft.position)
    if moved is None:
        raise _Moved
    return moved
