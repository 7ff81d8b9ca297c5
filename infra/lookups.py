"""Group read: everything that waits for single rows is asked together, by a thread or on a wire."""

import asyncio
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Condition, Thread, current_thread
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as TooSlow

from infra.wire import Parameter, Rows, Wire, Wires

MOST_TOGETHER: Final = 200
"""So many callers are answered by one round of queries."""
DEADLINE_SECONDS: Final = 10.0
_log: Final = structlog.get_logger(__name__)

Lookup: TypeAlias = Callable[[Connection, Sequence[Any]], Mapping[Any, Any]]
"""Answers many keys with one query; a key that it leaves out is answered with None."""


@dataclass(frozen=True)
class WireLookup:
    """A lookup that coroutines can also ask on a wire, and how: the keys as one parameter each."""

    by_connection: Lookup
    statement: str
    given: Callable[[Sequence[Any]], Sequence[Parameter]]
    found: Callable[[Sequence[Any], Rows], Mapping[Any, Any]]

    def __call__(self, db: Connection, keys: Sequence[Any]) -> Mapping[Any, Any]:
        """Ask on a connection."""
        return self.by_connection(db, keys)


Question: TypeAlias = tuple[Lookup, Any]
Waiter: TypeAlias = "Future[list[Any]] | asyncio.Future[list[Any]]"
_Asked: TypeAlias = tuple[tuple[Question, ...], Waiter]
_Told: TypeAlias = "tuple[Waiter, list[Any] | Exception]"


class Lookups:
    """Few small questions of many callers; what is answered was read after it was asked.

    No timer: when idle a question goes out at once, and while a round is under way the next one
    gathers. For single rows by their key only: nobody may wait behind a slow query.
    """

    def __init__(
        self, engine: Engine, wires: Wires | None = None, *, deadline: float = DEADLINE_SECONDS
    ) -> None:
        """Prepare; the thread and its connection begin with the first question."""
        self._wires = wires
        self._rounds: WeakKeyDictionary[AbstractEventLoop, _Rounds] = WeakKeyDictionary()
        self._engine = engine
        self._deadline = deadline
        self._waiting: deque[_Asked] = deque()
        self._filled = Condition()
        self._closed = False
        self._thread: Thread | None = None

    def ask(self, *questions: Question) -> list[Any]:
        """Wait for the answers, in the order of the questions.

        Raises:
            DBAPIError, TooSlow: the database cannot be asked.
        """
        future: Future[list[Any]] = Future()
        self._queue(questions, future)
        try:
            return future.result(self._deadline)
        except TimeoutError as error:
            raise self._too_slow() from error

    async def ask_async(self, *questions: Question) -> list[Any]:
        """The same for a coroutine, where there are wires without any thread."""
        if self._wires is not None and all(isinstance(each[0], WireLookup) for each in questions):
            loop = asyncio.get_running_loop()
            rounds = self._rounds.get(loop)
            if rounds is None:
                rounds = self._rounds[loop] = _Rounds(loop, self._wires.for_lookups())
            return await rounds.ask(questions)
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._queue(questions, future)
        try:
            async with asyncio.timeout(self._deadline):
                return await future
        except TimeoutError as error:
            raise self._too_slow() from error

    def close(self) -> None:
        """Answer what was asked, then let the connection go."""
        with self._filled:
            self._closed = True
            self._filled.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(self._deadline)

    def _queue(self, questions: tuple[Question, ...], waiter: Waiter) -> None:
        with self._filled:
            if self._closed:
                raise TooSlow("The program is closing.")
            self._waiting.append((questions, waiter))
            if self._thread is None:
                self._thread = Thread(target=self._run, name="lookups", daemon=True)
                self._thread.start()
            self._filled.notify()

    def _too_slow(self) -> TooSlow:
        # A server that is frozen never answers: who asks next gets a thread and connection anew.
        with self._filled:
            self._thread = None
            self._filled.notify_all()
        return TooSlow("The database did not answer in time.")

    def _run(self) -> None:
        asking = _Asking(self._engine)
        while batch := self._take():
            try:
                found = asking.answers([question for asked, _ in batch for question in asked])
            except Exception as error:  # noqa: BLE001  whatever it is, every caller is told
                _tell_all([(waiter, error) for _, waiter in batch])
            else:
                _tell_all([(waiter, [found[each] for each in asked]) for asked, waiter in batch])
        asking.end()

    def _take(self) -> list[_Asked]:
        """All that wait; nothing when closed and done, or when another thread took over."""
        with self._filled:
            while not self._waiting and not self._closed and self._is_mine():
                self._filled.wait()
            most = min(len(self._waiting), MOST_TOGETHER) if self._is_mine() else 0
            return [self._waiting.popleft() for _ in range(most)]

    def _is_mine(self) -> bool:
        return self._thread is current_thread()


class _Rounds:
    """The same on a wire: what a loop's coroutines ask while a round is under way is the next."""

    def __init__(self, loop: AbstractEventLoop, wire: Wire) -> None:
        self._loop, self._wire = loop, wire
        self._waiting: deque[tuple[tuple[Question, ...], asyncio.Future[list[Any]]]] = deque()
        self._under_way: asyncio.Task[None] | None = None

    def ask(self, questions: tuple[Question, ...]) -> "asyncio.Future[list[Any]]":
        future: asyncio.Future[list[Any]] = self._loop.create_future()
        self._waiting.append((questions, future))
        if self._under_way is None:
            self._under_way = self._loop.create_task(self._run())
        return future

    async def _run(self) -> None:
        while self._waiting:
            most = min(len(self._waiting), MOST_TOGETHER)
            batch = [self._waiting.popleft() for _ in range(most)]
            try:
                found = await self._answers(question for asked, _ in batch for question in asked)
            except (TooSlow, DBAPIError) as error:
                _tell_each([(waiter, error) for _, waiter in batch])
            else:
                _tell_each([(waiter, [found[each] for each in asked]) for asked, waiter in batch])
        self._under_way = None

    async def _answers(self, questions: Iterable[Question]) -> dict[Question, Any]:
        keys: dict[Any, dict[Any, None]] = {}
        for lookup, key in questions:
            keys.setdefault(lookup, {})[key] = None
        wanted = [(lookup, list(some)) for lookup, some in keys.items()]
        parts = [(lookup.statement, lookup.given(some)) for lookup, some in wanted]
        answers: dict[Question, Any] = {}
        for (lookup, some), rows in zip(wanted, await self._wire.ask(parts), strict=True):
            found = lookup.found(some, rows)
            answers.update(((lookup, key), found.get(key)) for key in some)
        return answers


class _Asking:
    """The connection of the thread that asks."""

    def __init__(self, engine: Engine) -> None:
        # Each statement sees what was committed before it began; no transaction stays open.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._db: Connection | None = None

    def answers(self, questions: Iterable[Question]) -> dict[Question, Any]:
        """Ask all; once more where the connection turns out to have died while it lay idle."""
        try:
            return self._answers(questions)
        except DBAPIError as error:
            self.end()
            if not error.connection_invalidated:
                raise
        return self._answers(questions)

    def end(self) -> None:
        if self._db is not None:
            db, self._db = self._db, None
            db.close()

    def _answers(self, questions: Iterable[Question]) -> dict[Question, Any]:
        keys: dict[Lookup, set[Any]] = {}
        for lookup, key in questions:
            keys.setdefault(lookup, set()).add(key)
        answers: dict[Question, Any] = {}
        db = self._connected()
        with db.begin():
            for lookup, wanted in keys.items():
                found = lookup(db, [*wanted])
                answers.update(((lookup, key), found.get(key)) for key in wanted)
        return answers

    def _connected(self) -> Connection:
        if self._db is None:
            self._db = db = self._engine.connect()
            # Never back to the pool: its settings are not for others.
            db.detach()
            if db.dialect.name == "postgresql":
                # A plan made while a table was empty must not be one that reads the whole table.
                with db.begin():
                    db.exec_driver_sql("SET enable_seqscan = off")
        return self._db


def _tell_all(told: Sequence[_Told]) -> None:
    loops: dict[AbstractEventLoop, list[_Told]] = {}
    for waiter, answer in told:
        if isinstance(waiter, asyncio.Future):
            # Its loop is woken once for all of its coroutines.
            loops.setdefault(waiter.get_loop(), []).append((waiter, answer))
        else:
            _tell(waiter, answer)
    for loop, some in loops.items():
        try:
            loop.call_soon_threadsafe(_tell_each, some)
        except RuntimeError:
            _log.warning("lookups_nobody_waits", callers=len(some))  # the loop was closed


def _tell_each(told: Sequence[_Told]) -> None:
    for waiter, answer in told:
        _tell(waiter, answer)


def _tell(waiter: Waiter, answer: list[Any] | Exception) -> None:
    if waiter.done():
        return
    if isinstance(answer, Exception):
        waiter.set_exception(answer)
    else:
        waiter.set_result(answer)
