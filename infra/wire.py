"""A connection of an event loop: questions follow each other on it and nobody waits in a thread.

It speaks libpq's pipeline mode through the driver's own wrapper. A statement is prepared when it
is first asked; each question ends in a synchronisation point of its own, so that the error of one
is not another's, and its statements are one transaction.
"""

import asyncio
import os
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as TooSlow

CONNECT_SECONDS: Final = 3
DEADLINE_SECONDS: Final = 5.0
"""No answer is awaited for longer: a server that is frozen never gives one."""
_MOST_TRIES: Final = 2
_PAGE_WIRES: Final = 2

Parameter: TypeAlias = str | int | None
Part: TypeAlias = tuple[str, Sequence[Parameter]]
"""A statement with `$1`, `$2` … and the values of these parameters."""
Rows: TypeAlias = list[tuple[Any, ...]]


@dataclass(eq=False)
class _Asked:
    parts: Sequence[Part]
    future: "asyncio.Future[list[Rows]]"
    until: float
    tries: int = 0
    results: list[pq.abc.PGresult] = field(default_factory=list[pq.abc.PGresult])
    error: psycopg.Error | None = None


class Wire:
    """Belongs to the loop it is made in; connects with the first question and again when lost."""

    def __init__(self, engine: Engine, settings: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Prepare; ``settings`` are statements that are run on each new connection."""
        self._engine, self._settings, self._seconds = engine, settings, seconds
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Asked] = deque()
        self._sent: deque[_Asked] = deque()
        self._names: dict[str, bytes] = {}
        self._prepared = 0
        self._driver: psycopg.Connection | None = None
        self._made: psycopg.Connection | None = None
        self._handing_over = threading.Lock()
        self._connecting: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._watched = -1

    @property
    def load(self) -> int:
        """How many questions are not yet answered."""
        return len(self._waiting) + len(self._sent)

    async def ask(self, parts: Sequence[Part]) -> list[Rows]:
        """The rows of each statement. Only for reading: a lost connection is asked once more.

        Raises:
            TooSlow: the server did not answer in time; the connection is given up.
            DBAPIError: it cannot be reached, or does not take a statement.
        """
        if self._closed:
            raise TooSlow("The program is closing.")
        until = self._loop.time() + self._seconds
        asked = _Asked(parts, self._loop.create_future(), until)
        self._forward(asked)
        if self._timer is None:
            self._timer = self._loop.call_at(until, self._look)
        return await asked.future

    def close(self) -> None:
        """Hang up; who still waits is told. In the wire's loop, or when that is closed."""
        with self._handing_over:
            self._closed = True
            made, self._made = self._made, None
        if made is not None:
            made.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._connecting is not None:
            self._connecting.cancel()
        self._hang_up()
        self._fail(TooSlow("The program is closing."))

    def _forward(self, asked: _Asked) -> None:
        if self._driver is None:
            self._waiting.append(asked)
            self._connect()
        else:
            self._send(self._driver.pgconn, asked)

    def _connect(self) -> None:
        if self._connecting is None:
            self._connecting = self._loop.create_task(self._connected())

    async def _connected(self) -> None:
        args, options = self._engine.dialect.create_connect_args(self._engine.url)
        options["connect_timeout"] = CONNECT_SECONDS
        options["application_name"] = "samsyn reads"

        def make() -> None:
            driver = psycopg.connect(*args, autocommit=True, **options)
            with self._handing_over:
                if not self._closed:
                    self._made = driver
                    return
            driver.close()  # nobody waits for it any more

        try:
            await asyncio.to_thread(make)
        except psycopg.Error as error:
            self._connecting = None
            self._fail(OperationalError(None, None, error))
            return
        self._connecting = None
        driver, self._made = self._made, None
        if driver is None:
            return
        wire = driver.pgconn
        wire.nonblocking = 1
        wire.enter_pipeline_mode()
        self._driver, self._names = driver, {}
        # One of our own: libpq closes its own when the connection breaks, while it is watched.
        self._watched = os.dup(wire.socket)
        self._loop.add_reader(self._watched, self._read, wire)
        milliseconds = int(self._seconds * 1_000)
        first = [*self._settings.split(";"), f"SET statement_timeout = {milliseconds}"]
        for statement in filter(str.strip, first):
            wire.send_query_params(statement.encode(), None)
        wire.pipeline_sync()
        self._sent.append(_Asked((), self._loop.create_future(), self._loop.time() + self._seconds))
        waiting, self._waiting = self._waiting, deque()
        for asked in waiting:
            self._forward(asked)

    def _send(self, wire: pq.abc.PGconn, asked: _Asked) -> None:
        asked.tries += 1
        self._sent.append(asked)
        try:
            for statement, given in asked.parts:
                name = self._names.get(statement)
                if name is None:
                    self._prepared += 1
                    name = self._names[statement] = b"s%d" % self._prepared
                    wire.send_prepare(name, statement.encode())
                values = [None if each is None else str(each).encode() for each in given]
                wire.send_query_prepared(name, values, None, pq.Format.BINARY)
            wire.pipeline_sync()
            self._flush(wire)
        except psycopg.Error as error:
            self._lose(error)

    def _flush(self, wire: pq.abc.PGconn) -> None:
        if wire.flush():
            self._loop.add_writer(self._watched, self._write, wire)

    def _write(self, wire: pq.abc.PGconn) -> None:
        try:
            if not wire.flush():
                self._loop.remove_writer(self._watched)
        except psycopg.Error as error:
            self._lose(error)

    def _read(self, wire: pq.abc.PGconn) -> None:
        try:
            wire.consume_input()
            while self._sent and not wire.is_busy():
                result = wire.get_result()
                if result is not None:
                    self._take(result)
        except psycopg.Error as error:
            self._lose(error)

    def _take(self, result: pq.abc.PGresult) -> None:
        asked = self._sent[0]
        match result.status:
            case pq.ExecStatus.TUPLES_OK:
                asked.results.append(result)
            case pq.ExecStatus.FATAL_ERROR:
                asked.error = error_from_result(result)
            case pq.ExecStatus.PIPELINE_SYNC:
                self._sent.popleft()
                self._tell(asked)
            case _:
                pass  # something was prepared or set, or passed over after an error

    def _tell(self, asked: _Asked) -> None:
        if asked.error is not None:
            for statement, _ in asked.parts:
                self._names.pop(statement, None)  # it may never have been prepared
        if asked.future.done():
            return
        if asked.error is not None:
            asked.future.set_exception(DBAPIError(None, None, asked.error))
        else:
            asked.future.set_result([_rows(result) for result in asked.results])

    def _look(self) -> None:
        """End the waiting of whoever was not answered in time, and of all behind."""
        now = self._loop.time()
        first = next((each[0] for each in (self._sent, self._waiting) if each), None)
        if first is not None and first.until <= now:
            self._hang_up()
            self._fail(TooSlow("The database did not answer in time."))
            first = None
        self._timer = None if first is None else self._loop.call_at(first.until, self._look)

    def _lose(self, error: psycopg.Error) -> None:
        """The connection broke: ask once more, for it may have died while it lay idle."""
        self._hang_up()
        asked = [*self._sent, *self._waiting]
        self._sent.clear()
        self._waiting.clear()
        for each in asked:
            if each.future.done() or not each.parts:
                continue
            if each.tries < _MOST_TRIES and not self._closed:
                each.results, each.error = [], None
                self._waiting.append(each)
            else:
                each.future.set_exception(OperationalError(None, None, error))
        if self._waiting:
            self._connect()

    def _fail(self, error: Exception) -> None:
        asked = [*self._sent, *self._waiting]
        self._sent.clear()
        self._waiting.clear()
        for each in asked:
            if each.parts and not each.future.done():
                each.future.set_exception(error)

    def _hang_up(self) -> None:
        driver, self._driver = self._driver, None
        if driver is None:
            return
        if not self._loop.is_closed():
            self._loop.remove_reader(self._watched)
            self._loop.remove_writer(self._watched)
        os.close(self._watched)
        driver.close()


class Wires:
    """The wires of each event loop of the process: one for lookups and some for pages."""

    def __init__(self, engine: Engine) -> None:
        """Prepare; they are made when they are first needed."""
        self._engine = engine
        self._of: WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Wire, ...]] = (
            WeakKeyDictionary()
        )

    def for_lookups(self) -> Wire:
        """The one on which rows are looked up by their keys; nobody waits there behind a page."""
        return self._mine()[0]

    def for_pages(self) -> Wire:
        """The one on which the fewest questions wait."""
        return min(self._mine()[1:], key=lambda wire: wire.load)

    def close(self) -> None:
        """Hang up on all, also those of loops that were closed."""
        for loop, wires in list(self._of.items()):
            for wire in wires:
                if loop.is_running():
                    loop.call_soon_threadsafe(wire.close)
                else:
                    wire.close()

    def _mine(self) -> tuple[Wire, ...]:
        loop = asyncio.get_running_loop()
        wires = self._of.get(loop)
        if wires is None:
            # Planning takes as long as reading a page, and the same questions come again and again.
            # A plan made while a table was empty must not be one that reads the whole table.
            by_keys = (
                "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
                " SET enable_hashjoin = off; SET enable_mergejoin = off"
            )
            wires = tuple(Wire(self._engine, by_keys) for _ in range(1 + _PAGE_WIRES))
            self._of[loop] = wires
        return wires


def _rows(result: pq.abc.PGresult) -> Rows:
    transformer = Transformer()
    transformer.set_pgresult(result)
    return transformer.load_rows(0, result.ntuples, tuple)
