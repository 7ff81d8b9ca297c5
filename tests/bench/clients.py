"""Clients that ask over open connections and cost next to nothing: 2 cores serve them and us."""

import asyncio
import time
from collections.abc import Sequence
from statistics import quantiles
from typing import Final

_END: Final = b"\r\n\r\n"


def asked(port: int, requests: Sequence[bytes], *, clients: int, seconds: float) -> list[float]:
    """Let so many clients ask one after the other, for so long; gives the seconds of each answer.

    Raises:
        RuntimeError: an answer was not 200.
    """
    return asyncio.run(_asked(port, requests, clients, seconds))


def get(path: str, token: str) -> bytes:
    """A request as it goes over the wire."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\n\r\n"
    ).encode()


def within(times: Sequence[float], percent: int) -> float:
    """How many milliseconds so many percent of the answers took at most."""
    return quantiles(times, n=100)[percent - 1] * 1_000


async def _asked(port: int, requests: Sequence[bytes], clients: int, seconds: float) -> list[float]:
    end = time.perf_counter() + seconds
    times = await asyncio.gather(
        *(_client(port, [*requests[nth:], *requests[:nth]], end) for nth in range(clients))
    )
    return [each for one in times for each in one]


async def _client(port: int, requests: Sequence[bytes], end: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    times: list[float] = []
    try:
        while (began := time.perf_counter()) < end:
            writer.write(requests[len(times) % len(requests)])
            head = await reader.readuntil(_END)
            if b" 200 " not in head[:16]:
                raise RuntimeError(head.decode())
            await reader.readexactly(_length(head))
            times.append(time.perf_counter() - began)
    finally:
        writer.close()
        await writer.wait_closed()
    return times


def _length(head: bytes) -> int:
    _, _, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0])
