"""Group commit: one thread of the process gathers all waiting appends into one transaction."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from threading import Condition, Lock, Thread
from typing import Final
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine

from infra.log.batch import Append, Outcome
from infra.log.committing import Committer
from infra.log.errors import AppendFailed, LogBusy, OutcomeUnknown
from infra.log.on_postgresql import PostgresqlWriter
from infra.log.on_sqlite import SqliteWriter
from infra.log.waiting import (
    Patience,
    Told,
    Waiter,
    WaitingFuture,
    WaitingTask,
    WaitingThread,
    tell_all,
)
from infra.log.writer import Writer

MOST_APPENDS: Final = 1_000
MOST_EVENTS: Final = 5_000
MOST_BYTES: Final = 8_000_000
"""The bounds of one transaction; a single append may be larger."""
MOST_WAITING: Final = 10_000
PATIENCE_SECONDS: Final = 10.0
_log: Final = structlog.get_logger()


def writer_on(engine: Engine) -> Writer:
    """Choose by SQLAlchemy's name of the dialect."""
    return SqliteWriter(engine) if engine.dialect.name == "sqlite" else PostgresqlWriter(engine)


class Appender:
    """The one writer of this process to the log; any thread and any coroutine may append."""

    def __init__(
        self,
        engine: Engine,
        *,
        most_waiting: int = MOST_WAITING,
        patience: float = PATIENCE_SECONDS,
        writer: Writer | None = None,
    ) -> None:
        """Prepare; the thread starts with the first append.

        A lost database is tried again for ``patience`` seconds before the callers get an error.
        """
        self.on_append: list[Callable[[int], None]] = []
        """Called with the last position after each commit, on the log's thread."""
        self.on_written: list[Callable[[Sequence[Append], Sequence[Outcome]], None]] = []
        """Called before those with a batch and what became of it; read only."""
        self.on_batch: list[Callable[[int, int, float], None]] = []
        """Called after each commit with its appends, events and seconds, on the log's thread."""
        self._committer = Committer(writer or writer_on(engine), patience)
        self._most_waiting = most_waiting
        self._waiting: deque[tuple[Append, Waiter]] = deque()
        self._patience_of: WeakKeyDictionary[asyncio.AbstractEventLoop, Patience] = (
            WeakKeyDictionary()
        )
        self._lock = Lock()
        self._freed = Condition(self._lock)
        # A bare lock as a bell: the thread sleeps on it only when nothing waits.
        self._bell = Lock()
        self._bell.acquire()
        self._idle = False
        self._gathers = self._committer.gather_seconds > 0
        # So many must wait before the thread wakes: as many as were under way when it last took.
        self._enough = 1
        self._closed = False
        self._thread: Thread | None = None

    @property
    def waiting(self) -> int:
        """How many appends wait for a transaction."""
        return len(self._waiting)

    def append(self, append: Append, seconds: float) -> list[int]:
        """Append and wait until it is durable; give its positions.

        Raises:
            StreamConflict, KeyTaken, ClaimTaken: nothing was written.
            LogBusy, AppendFailed: nothing was written, for now.
            OutcomeUnknown: after ``seconds``, or as the writer says.
        """
        waiter = WaitingThread()
        self._queue(append, waiter)
        positions = waiter.wait(seconds)
        if positions is None:
            self._withdraw(append, waiter)
            raise OutcomeUnknown("The database did not answer in time.")
        return positions

    async def append_async(self, append: Append, seconds: float) -> list[int]:
        """The same for a coroutine. One that is cancelled leaves the others of its batch alone."""
        loop = asyncio.get_running_loop()
        waiter = WaitingTask(loop, loop.time() + seconds)
        self._queue(append, waiter)
        patience = self._patience_of.get(loop)
        if patience is None:
            patience = self._patience_of[loop] = Patience(loop)
        patience.watch(waiter)
        try:
            return await waiter.future
        except TimeoutError:
            self._withdraw(append, waiter)
            raise OutcomeUnknown("The database did not answer in time.") from None

    def submit(self, append: Append, *, wait: bool) -> Future[list[int]]:
        """Queue an append; the future gives its positions once they are durable, or the conflict.

        ``wait`` says what to do when the queue is full: wait for room, or raise LogBusy.
        """
        waiter = WaitingFuture()
        self._queue(append, waiter, wait=wait)
        return waiter.future

    def close(self) -> None:
        """Take no more appends, and return when all that were accepted are answered."""
        with self._lock:
            self._closed = True
            self._freed.notify_all()
            self._ring()
        if self._thread is not None:
            self._thread.join()

    def _queue(self, append: Append, waiter: Waiter, *, wait: bool = False) -> None:
        with self._lock:
            while len(self._waiting) >= self._most_waiting and not self._closed:
                if not wait:
                    raise LogBusy("Too many changes are waiting to be written.")
                self._freed.wait()
            if self._closed:
                raise AppendFailed("The log is closed.")
            self._waiting.append((append, waiter))
            if self._idle and len(self._waiting) >= self._enough:
                self._ring()
            elif self._thread is None:
                self._thread = Thread(target=self._run, name="log-appender", daemon=True)
                self._thread.start()

    def _ring(self) -> None:
        if self._idle:
            self._idle = False
            self._bell.release()

    def _withdraw(self, append: Append, waiter: Waiter) -> None:
        """Take an append back that still waits: then it is certain that it is not written."""
        with self._lock:
            try:
                self._waiting.remove((append, waiter))
            except ValueError:
                return
        raise LogBusy("The database is too slow; nothing was written.")

    def _run(self) -> None:
        while batch := self._take():
            # Who gave up before this point is not written; from here on it has no effect.
            wanted = [one for one in batch if one[1].is_there()]
            if wanted:
                self._answer(wanted)
        self._committer.close()

    def _take(self) -> Sequence[tuple[Append, Waiter]]:
        """All that wait, up to the bounds of one transaction; empty when closed and done."""
        expected = self._enough
        while True:
            with self._lock:
                if len(self._waiting) >= expected or (self._waiting and self._closed):
                    return self._up_to_bounds()
                if self._closed:
                    return ()
                self._idle = True
                begun = bool(self._waiting)
                self._enough = expected if begun else 1
            if begun:
                self._gather()
                expected = 1
            else:
                self._bell.acquire()

    def _gather(self) -> None:
        """Sleep until those who were just answered are back with more, but not for long."""
        if self._bell.acquire(timeout=self._committer.gather_seconds):
            return
        with self._lock:
            if self._idle:
                self._idle = False
            else:
                # It rang just now: taken back, or the next sleep would end at once.
                self._bell.acquire()

    def _up_to_bounds(self) -> Sequence[tuple[Append, Waiter]]:
        batch: list[tuple[Append, Waiter]] = []
        events = size = 0
        while self._waiting and len(batch) < MOST_APPENDS:
            append = self._waiting[0][0]
            events += len(append.events)
            size += append.size
            if batch and (events > MOST_EVENTS or size > MOST_BYTES):
                break
            batch.append(self._waiting.popleft())
        under_way = len(batch) + len(self._waiting)
        self._enough = min(under_way, MOST_APPENDS) if self._gathers else 1
        self._freed.notify_all()
        return batch

    def _answer(self, batch: Sequence[tuple[Append, Waiter]]) -> None:
        began = time.perf_counter()
        appends = [append for append, _ in batch]
        try:
            outcomes = self._committer.commit(appends)
        except (AppendFailed, OutcomeUnknown) as error:
            # The database is the trouble, not one append.
            tell_all([(waiter, _copy(error)) for _, waiter in batch])
        except Exception as error:  # noqa: BLE001  whatever it is, every caller gets an answer
            if len(batch) > 1:
                # One append that the database cannot take must not fail its neighbours.
                for one in batch:
                    self._answer([one])
                return
            tell_all([(batch[0][1], _copy(AppendFailed(str(error)), error))])
        else:
            # What is told here is committed and survives a crash of the process or the machine.
            told: list[Told] = [
                (waiter, outcome) for (_, waiter), outcome in zip(batch, outcomes, strict=True)
            ]
            tell_all(told)
            self._report(appends, outcomes, time.perf_counter() - began)

    def _report(
        self, appends: Sequence[Append], outcomes: Sequence[Outcome], seconds: float
    ) -> None:
        written = [outcome for outcome in outcomes if isinstance(outcome, list)]
        if not written:
            return
        last, events = written[-1][-1], sum(map(len, written))
        calls = [partial(hear, appends, outcomes) for hear in self.on_written]
        calls += [partial(wake_up, last) for wake_up in self.on_append]
        calls += [partial(observe, len(appends), events, seconds) for observe in self.on_batch]
        for call in calls:
            try:
                call()
            except Exception:  # noqa: BLE001  a lost hint is late, not lost: readers poll as well
                _log.exception("append_hint_failed", position=last)


def _copy(
    error: AppendFailed | OutcomeUnknown, cause: BaseException | None = None
) -> AppendFailed | OutcomeUnknown:
    """Give each caller an error of its own: raising it notes where it was raised."""
    copy = type(error)(str(error))
    copy.__cause__ = cause or error.__cause__ or error
    return copy
