"""Keeps SQLite's write-ahead log short, beside those who write instead of in one of their commits.

SQLite itself copies the log back into the file (a checkpoint, sqlite.org/wal.html) in whichever
commit finds it too long: somebody's append, or what makes it visible, then waits until some
thousand pages are written and twice for the disk.
"""

import sqlite3
import struct
import threading
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from infra.turn import Turn

LONG_PAGES: Final = 5_000
"""A log of so many pages is copied back: the longer, the more of them are only written once."""
_LOOK_SECONDS: Final = 0.05
_FEW_PAGES: Final = 100
"""So many may be left when writers are kept out of the way: they take some milliseconds."""
_MOST_ROUNDS: Final = 5
_REST_SECONDS: Final = 1.0
"""After a fault, or while a reader needs what is in the log."""
# The header of the index beside the log, sqlite.org/walformat.html, 2.1: in the host's byte order.
_HEADER_BYTES: Final = 136
_COMMITTED, _COPIED = struct.Struct("=16xI"), struct.Struct("=96xI")

_log = structlog.get_logger(__name__)


class _Done(NamedTuple):
    """What a checkpoint says: whether another was at it, pages in the log, pages copied back."""

    hindered: int
    pages: int
    copied: int


class WriteAheadLog:
    """The log beside one database file; any number of processes may keep it short."""

    def __init__(self, engine: Engine) -> None:
        """``engine`` is one of SQLite; nothing is opened yet."""
        self._engine = engine
        self._turn: Turn = engine.get_execution_options()["turn"]
        self._index = Path(f"{engine.url.database}-shm")

    @property
    def waiting(self) -> int:
        """How many pages of the log are not copied back yet."""
        try:
            with self._index.open("rb") as file:
                header = file.read(_HEADER_BYTES)
        except FileNotFoundError:
            return 0
        if len(header) < _HEADER_BYTES:
            return 0
        committed: int = _COMMITTED.unpack_from(header)[0]
        copied: int = _COPIED.unpack_from(header)[0]
        return max(0, committed - copied)

    def run(self, stop: threading.Event) -> None:
        """Look now and then, and shorten what has become long, until told to stop."""
        rest = _LOOK_SECONDS
        while not stop.wait(rest):
            rest = _LOOK_SECONDS
            if self.waiting < LONG_PAGES:
                continue
            try:
                whole = self.shorten()
            except (sqlite3.Error, NoFreeConnection) as error:
                _log.warning("write_ahead_log_stays_long", error=type(error).__name__)
                whole = False
            if not whole:
                rest = _REST_SECONDS

    def shorten(self) -> bool:
        """Copy all of it back; whether that is done, so that it is written from its beginning.

        It is not while somebody reads what the file had before. Writers wait only for the last
        pages, for in between they write more.
        """
        # The driver's own: SQLAlchemy begins a transaction, and in one there is no checkpoint.
        with closing(self._engine.raw_connection()) as db:

            def checkpoint() -> _Done:
                return _Done(*db.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone())

            for _ in range(_MOST_ROUNDS):
                done = checkpoint()
                if self.waiting <= _FEW_PAGES:
                    break
                if done.hindered or done.copied < done.pages:
                    return False
            with self._turn:
                done = checkpoint()
        return not done.hindered and done.copied == done.pages
