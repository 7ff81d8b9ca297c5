"""A lean HTTP client for load: kept-alive connections, requests ready-made, bounded in time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, cast

import uvloop

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
_STATUS: Final = slice(9, 12)
_PATIENCE_SECONDS: Final = 30.0

Source = Callable[[], bytes]
"""Gives the next request, head and body, ready to be sent."""


@dataclass
class Load:
    """What came back: how long each answer took in seconds, and how many of each status."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list[float])
    statuses: dict[str, int] = field(default_factory=dict[str, int])

    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """The time in seconds within which this share of the answers came."""
        return sorted(self.times)[min(int(len(self.times) * share), len(self.times) - 1)]


def load(port: int, clients: int, seconds: float, source: Source) -> Load:
    """Let each client ask again as soon as it is answered.

    Raises:
        RuntimeError: a connection was closed by the other side.
        TimeoutError: the last answers did not come.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_load(port, clients, seconds, source))


async def _load(port: int, clients: int, seconds: float, source: Source) -> Load:
    loop, found = asyncio.get_running_loop(), Load()
    began = time.perf_counter()
    started = [
        await loop.create_connection(
            lambda: _Client(source, found, began + seconds), "127.0.0.1", port
        )
        for _ in range(clients)
    ]
    async with asyncio.timeout(seconds + _PATIENCE_SECONDS):
        await asyncio.gather(*(client.done for _, client in started))
    found.seconds = time.perf_counter() - began
    return found


class _Client(asyncio.Protocol):
    def __init__(self, source: Source, found: Load, until: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._source = source
        self._found = found
        self._until = until
        self._answer = b""
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head = self._answer.find(_HEAD_END)
        if head < 0:
            return
        told = self._answer[:head].lower().partition(_LENGTH)[2].partition(b"\r\n")[0]
        if len(self._answer) < head + len(_HEAD_END) + int(told):
            return
        now, found = time.perf_counter(), self._found
        found.times.append(now - self._asked_at)
        status = self._answer[_STATUS].decode()
        found.statuses[status] = found.statuses.get(status, 0) + 1
        self._answer = b""
        if now < self._until:
            self._ask()
        else:
            self.done.set_result(None)
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or RuntimeError("the server closed a connection"))

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(self._source())
