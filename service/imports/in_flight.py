"""Appends that were handed over and are not durable yet: many at a time, but never too many."""

from collections import deque
from concurrent.futures import Future
from typing import Generic, TypeVar

from infra.log.errors import ClaimTaken, KeyTaken, StreamConflict

MOST_IN_FLIGHT = 2_000
"""Appends: enough to fill the log's transactions, few enough to hold in memory."""

T = TypeVar("T")


class InFlight(Generic[T]):
    """Waits for the oldest append when there are too many, and keeps what lost a race.

    `appended` counts the events that have become durable. Whatever else went wrong with an append
    is raised by the next call.
    """

    def __init__(self, most: int = MOST_IN_FLIGHT) -> None:
        self.lost: list[T] = []
        self.appended = 0
        self._most = most
        self._waiting: deque[tuple[Future[list[int]], T]] = deque()

    def add(self, future: Future[list[int]], what: T) -> None:
        """Take over an append of `what`."""
        self._waiting.append((future, what))
        while len(self._waiting) > self._most:
            self._settle()

    def drain(self) -> None:
        """Wait until nothing is in flight."""
        while self._waiting:
            self._settle()

    def take_lost(self) -> list[T]:
        """What somebody else was quicker with: decide on it again."""
        lost, self.lost = self.lost, []
        return lost

    def _settle(self) -> None:
        future, what = self._waiting.popleft()
        try:
            self.appended += len(future.result())
        except (ClaimTaken, KeyTaken, StreamConflict):
            self.lost.append(what)
