"""Who waits for an append: a thread, a coroutine, or whoever holds a future."""

from abc import ABC, abstractmethod
from asyncio import AbstractEventLoop, TimerHandle
from asyncio import Future as LoopFuture
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from threading import Lock

import structlog

from infra.log.batch import Outcome
from infra.log.errors import AppendFailed, OutcomeUnknown

Answer = Outcome | AppendFailed | OutcomeUnknown
_log = structlog.get_logger()


class Waiter(ABC):
    """One caller, told once."""

    __slots__ = ()

    @abstractmethod
    def is_there(self) -> bool:
        """Whether the append is still wanted; asked once, when its transaction begins."""

    @abstractmethod
    def tell(self, answer: Answer) -> None:
        """Give the positions, or the error to raise."""


class WaitingThread(Waiter):
    """A thread that sleeps on a bare lock: a future costs it several times as much."""

    __slots__ = ("_answer", "_told")

    def __init__(self) -> None:
        """Begin to wait."""
        self._answer: Answer | None = None
        self._told = Lock()
        self._told.acquire()

    def is_there(self) -> bool:
        """It waits until it is told, or takes its append out of the queue."""
        return True

    def tell(self, answer: Answer) -> None:
        """Wake the thread."""
        self._answer = answer
        self._told.release()

    def wait(self, seconds: float) -> list[int] | None:
        """Give the positions, or raise what went wrong; None if nothing was told in time."""
        if not self._told.acquire(timeout=seconds):
            return None
        if isinstance(self._answer, list):
            return self._answer
        raise self._answer or AssertionError("told nothing")


class WaitingFuture(Waiter):
    """Somebody who holds a future and may look at it later, or cancel it in time."""

    __slots__ = ("future",)

    def __init__(self) -> None:
        """Make the future."""
        self.future: Future[list[int]] = Future()

    def is_there(self) -> bool:
        """From here on it cannot be cancelled any more."""
        return self.future.set_running_or_notify_cancel()

    def tell(self, answer: Answer) -> None:
        """Settle the future."""
        if isinstance(answer, list):
            self.future.set_result(answer)
        else:
            self.future.set_exception(answer)


class WaitingTask(Waiter):
    """A coroutine; its loop is woken once for all of its coroutines in a batch."""

    __slots__ = ("future", "loop", "until")

    def __init__(self, loop: AbstractEventLoop, until: float) -> None:
        """Wait in a loop, which must be the running one, until a time of its clock."""
        self.loop = loop
        self.until = until
        self.future: LoopFuture[list[int]] = loop.create_future()

    def is_there(self) -> bool:
        """A coroutine that was cancelled in time has nothing written."""
        return not self.future.done()

    def tell(self, answer: Answer) -> None:
        """Settle the future; only in its own loop."""
        if self.future.done():
            return
        if isinstance(answer, list):
            self.future.set_result(answer)
        else:
            self.future.set_exception(answer)

    def give_up(self) -> None:
        """End the waiting of whoever was not told in time."""
        if not self.future.done():
            self.future.set_exception(TimeoutError())


class Patience:
    """Ends the waiting of coroutines that are not told in time: one timer for all of a loop.

    A timer for each append would cost more than all the rest of its waiting.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        """Begin with nobody."""
        self._loop = loop
        self._waiting: deque[WaitingTask] = deque()
        self._timer: TimerHandle | None = None

    def watch(self, waiter: WaitingTask) -> None:
        """Take one in; each that is taken in later waits longer."""
        self._forget_the_told()
        self._waiting.append(waiter)
        if self._timer is None:
            self._timer = self._loop.call_at(waiter.until, self._look)

    def _look(self) -> None:
        now = self._loop.time()
        while self._waiting and self._waiting[0].until <= now:
            self._waiting.popleft().give_up()
        self._forget_the_told()
        first = self._waiting[0] if self._waiting else None
        self._timer = None if first is None else self._loop.call_at(first.until, self._look)

    def _forget_the_told(self) -> None:
        while self._waiting and self._waiting[0].future.done():
            self._waiting.popleft()


Told = tuple[Waiter, Answer]


def tell_all(told: Iterable[Told]) -> None:
    """Tell everyone of a batch, coroutines in their own loops."""
    loops: dict[AbstractEventLoop, list[Told]] = {}
    for waiter, answer in told:
        if isinstance(waiter, WaitingTask):
            loops.setdefault(waiter.loop, []).append((waiter, answer))
        else:
            waiter.tell(answer)
    for loop, some in loops.items():
        try:
            loop.call_soon_threadsafe(_tell, some)
        except RuntimeError:
            _log.warning("append_nobody_waits", appends=len(some))  # the loop was closed


def _tell(told: Iterable[Told]) -> None:
    for waiter, answer in told:
        waiter.tell(answer)
