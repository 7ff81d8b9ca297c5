"""Sends head and body of an answer as one: each write is a system call and wakes a client."""

import asyncio
from typing import Any


class OneWrite:
    """A transport of a connection that collects what is written in one turn of the event loop.

    The server writes an answer's head and its body one after the other. What is collected goes
    out at the end of the same turn, or before the connection is closed.
    """

    __slots__ = ("_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Stand in front of a transport; all but writing and closing is its own."""
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  whatever the transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send these bytes soon, in their order."""
        if not self._held:
            self._loop.call_soon(self._send)
        self._held.append(data)

    def close(self) -> None:
        """Send what is held, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        held, self._held = self._held, []
        if held and not self._transport.is_closing():
            self._transport.write(b"".join(held))
