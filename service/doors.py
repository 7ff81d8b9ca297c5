"""Two ways to wait for the log, for threads and for coroutines, and whose turn it is."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeVar
from uuid import UUID

from domain.command import Command
from infra.log.errors import KeptReceipt
from infra.lookups import Question
from service.batch import Batch, Surroundings

LONGEST_TURN_SECONDS: Final = 2.0
_T = TypeVar("_T")


class Door(Protocol):
    """What carrying out a command waits for."""

    async def ask(self, *questions: Question) -> list[Any]:
        """The answers of the database."""
        ...

    async def find_number(self, batch: Batch, command: Command) -> None:
        """Have a batch know the number of the issue that a command opens."""
        ...

    async def save(self, batch: Batch) -> list[int]:
        """The positions of what was decided, once it is durable."""
        ...

    async def find_key(self, key: str) -> KeptReceipt | None:
        """What was recorded with a key."""
        ...


class Waiting(Door):
    """Waits with its whole thread: nothing here ever suspends, so `run_now` can run it."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    async def ask(self, *questions: Question) -> list[Any]:
        return self._around.lookups.ask(*questions) if questions else []

    async def find_number(self, batch: Batch, command: Command) -> None:
        batch.find_number(command)

    async def save(self, batch: Batch) -> list[int]:
        return [recording.notification.id for recording in batch.save()]

    async def find_key(self, key: str) -> KeptReceipt | None:
        return self._around.casework.find_key(key)


class Awaiting(Door):
    """Waits as a coroutine; its event loop goes on."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    async def ask(self, *questions: Question) -> list[Any]:
        return await self._around.lookups.ask_async(*questions) if questions else []

    async def find_number(self, batch: Batch, command: Command) -> None:
        # Only the first number of a year, and one wanted, is asked for: the loop must not wait.
        if not batch.find_number(command, known=True):
            await asyncio.to_thread(batch.find_number, command)

    async def save(self, batch: Batch) -> list[int]:
        return await batch.save_async()

    async def find_key(self, key: str) -> KeptReceipt | None:
        return await asyncio.to_thread(self._around.casework.find_key, key)


def run_now(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine that waits with its thread, in this thread."""
    try:
        work.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    work.close()
    raise RuntimeError("it would have waited for an event loop")


class Turns:
    """Lets the commands of one event loop on one stream go one after the other.

    Each would otherwise be decided on what the one before it has not yet written, lose the race
    and be decided again. Only a courtesy: who waits too long goes without a turn.
    """

    def __init__(self) -> None:
        self._locks: dict[UUID, tuple[asyncio.Lock, list[None]]] = {}

    @asynccontextmanager
    async def turn(self, stream_id: UUID | None) -> AsyncGenerator[None]:
        """Wait until nobody else is at this stream."""
        if stream_id is None:
            yield
            return
        lock, here = self._locks.setdefault(stream_id, (asyncio.Lock(), []))
        here.append(None)
        has_turn = await _has_turn(lock)
        try:
            yield
        finally:
            if has_turn:
                lock.release()
            here.pop()
            if not here:
                del self._locks[stream_id]


async def _has_turn(lock: asyncio.Lock) -> bool:
    if not lock.locked():
        return await lock.acquire()
    try:
        async with asyncio.timeout(LONGEST_TURN_SECONDS):
            return await lock.acquire()
    except TimeoutError:
        return False
