"""Which faults are the database's and pass, and where in a fold a fault of its own arose."""

import sqlite3
import traceback
from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

_PASSING_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_INTERRUPT,
}
# Classes of SQLSTATE: connection, rollback (deadlock), resources, lock, operator, system.
_PASSING_POSTGRESQL = {"08", "40", "53", "55", "57", "58"}


def passes(error: BaseException | None) -> bool:
    """Say whether the same work can succeed later: a lost connection, a lock, a full disk."""
    if isinstance(error, NoFreeConnection):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if isinstance(error.orig, sqlite3.Error):
        # The low byte is the kind, the rest its variety.
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _PASSING_SQLITE
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        # The server was not there to give a state.
        return isinstance(error, OperationalError)
    return state[:2] in _PASSING_POSTGRESQL


def kind_and_place(error: BaseException) -> str:
    """Name type and line of an error, never its text: that could quote what an event says."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in frame.filename and Path(frame.filename).is_absolute()
    ]
    kind = type(error).__name__
    return f"{kind} at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else kind
