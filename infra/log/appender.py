"""Group commit: one thread of the process gathers all waiting appends into one transaction."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition, Lock, Thread
from typing import Final

import structlog
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from infra.log.batch import Append, Outcome, write
from infra.log.errors import AppendFailed, LogBusy, OutcomeUnknown
from infra.log.statements import statements_for
from infra.log.tables import events

MOST_APPENDS: Final = 1_000
MOST_EVENTS: Final = 5_000
MOST_WAITING: Final = 10_000
PATIENCE_SECONDS: Final = 10.0
_PAUSE_SECONDS: Final = 0.1
_log: Final = structlog.get_logger()


class Appender:
    """The one writer of this process to the log; any thread may submit."""

    def __init__(
        self,
        engine: Engine,
        *,
        most_waiting: int = MOST_WAITING,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        """Prepare; the thread starts with the first append.

        A lost database is tried again for ``patience`` seconds before the callers get an error.
        """
        self.on_append: list[Callable[[int], None]] = []
        self._engine = engine.execution_options(writes=True)
        self._statements = statements_for(engine.dialect.name)
        self._most_waiting = most_waiting
        self._patience = patience
        self._waiting: deque[Append] = deque()
        lock = Lock()
        self._filled = Condition(lock)
        self._freed = Condition(lock)
        self._closed = False
        self._thread: Thread | None = None
        self._db: Connection | None = None

    def submit(self, append: Append, *, wait: bool) -> Future[list[int]]:
        """Queue an append; the future gives its positions once they are durable, or the conflict.

        ``wait`` says what to do when the queue is full: wait for room, or raise LogBusy.
        """
        with self._filled:
            while len(self._waiting) >= self._most_waiting and not self._closed:
                if not wait:
                    raise LogBusy("Too many changes are waiting to be written.")
                self._freed.wait()
            if self._closed:
                raise AppendFailed("The log is closed.")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="log-appender", daemon=True)
                self._thread.start()
            self._waiting.append(append)
            self._filled.notify()
        return append.future

    def close(self) -> None:
        """Take no more appends, and return when all that were accepted are answered."""
        with self._filled:
            self._closed = True
            self._filled.notify_all()
            self._freed.notify_all()
        if self._thread is not None:
            self._thread.join()
        self._disconnect()

    def _run(self) -> None:
        while batch := self._take():
            # Who cancelled before this point is not written; from here on it has no effect.
            wanted = [one for one in batch if one.future.set_running_or_notify_cancel()]
            if wanted:
                self._answer(wanted)

    def _take(self) -> list[Append]:
        """All that wait, up to the bounds of one transaction; empty when closed and done."""
        batch: list[Append] = []
        with self._filled:
            while not self._waiting and not self._closed:
                self._filled.wait()
            count = 0
            while self._waiting and len(batch) < MOST_APPENDS and count < MOST_EVENTS:
                append = self._waiting.popleft()
                count += len(append.events)
                batch.append(append)
            self._freed.notify_all()
        return batch

    def _answer(self, batch: Sequence[Append]) -> None:
        try:
            outcomes = self._commit(batch)
        except OutcomeUnknown as error:
            _fail(batch, OutcomeUnknown, error)
        except (OperationalError, InterfaceError, AppendFailed) as error:
            # The database is the trouble, not one append: nothing of the batch was written.
            _fail(batch, AppendFailed, error)
        except Exception as error:  # noqa: BLE001  whatever it is, every caller gets an answer
            if len(batch) == 1:
                _fail(batch, AppendFailed, error)
                return
            # One append that the database cannot take must not fail its neighbours.
            for one in batch:
                self._answer([one])
        else:
            self._tell(batch, outcomes)

    def _tell(self, batch: Sequence[Append], outcomes: Sequence[Outcome]) -> None:
        # What is told here is committed and survives a crash of the process or the machine.
        last = 0
        for append, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, list):
                last = outcome[-1]
                append.future.set_result(outcome)
            else:
                append.future.set_exception(outcome)
        for wake_up in self.on_append if last else ():
            try:
                wake_up(last)
            except Exception:  # noqa: BLE001  a lost hint is late, not lost: readers poll as well
                _log.exception("append_hint_failed", position=last)

    def _commit(self, batch: Sequence[Append]) -> list[Outcome]:
        give_up_at = time.monotonic() + self._patience
        while True:
            outcomes: list[Outcome] | None = None
            try:
                db = self._connect()
                with db.begin():
                    outcomes = write(db, self._statements, batch)
                    # From here until the commit has returned, a lost connection leaves it open
                    # whether the events are written.
            except DBAPIError as error:
                lost = self._db is None or error.connection_invalidated
                self._disconnect()
                if outcomes is not None:
                    return self._settle(batch, outcomes, give_up_at)
                if not lost or time.monotonic() > give_up_at:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return outcomes

    def _settle(
        self, batch: Sequence[Append], outcomes: list[Outcome], give_up_at: float
    ) -> list[Outcome]:
        """Find out whether a commit whose answer was lost has happened.

        The lock is taken first: once it is ours, the lost transaction is over, one way or the
        other, and cannot be committed behind our back after we have looked.
        """
        written = [
            one for one, outcome in zip(batch, outcomes, strict=True) if isinstance(outcome, list)
        ]
        if not written:
            return outcomes
        while time.monotonic() < give_up_at:
            try:
                db = self._connect()
                with db.begin():
                    self._statements.lock(db)
                    found = _is_recorded(db, written[0])
            except DBAPIError:
                self._disconnect()
                time.sleep(_PAUSE_SECONDS)
                continue
            if found:
                return outcomes
            raise AppendFailed("The connection was lost before the commit.")
        raise OutcomeUnknown("The connection was lost during the commit.")

    def _connect(self) -> Connection:
        if self._db is None:
            self._db = self._engine.connect()
        return self._db

    def _disconnect(self) -> None:
        if self._db is not None:
            db, self._db = self._db, None
            db.invalidate()
            db.close()


def _is_recorded(db: Connection, append: Append) -> bool:
    """Whether the log holds this very append: the salt makes its bytes unlike any other's."""
    last = append.events[-1]
    query = select(events.c.state).where(
        events.c.stream_id == last.originator_id, events.c.version == last.originator_version
    )
    return db.scalar(query) == last.state


def _fail(
    batch: Sequence[Append], kind: type[AppendFailed | OutcomeUnknown], cause: Exception
) -> None:
    for append in batch:
        error = kind(str(cause))
        error.__cause__ = cause
        append.future.set_exception(error)
