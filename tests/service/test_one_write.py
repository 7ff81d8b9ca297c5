"""What a server writes in one turn of its event loop goes out as one, in order; none is lost."""

import asyncio
from collections.abc import Callable
from typing import cast

import pytest
import uvloop

from service.one_write import OneWrite

Answer = Callable[[OneWrite, asyncio.AbstractEventLoop], None]


class _Server(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        loop = asyncio.get_running_loop()
        self._answer(OneWrite(cast("asyncio.Transport", transport), loop), loop)


class _Client(asyncio.Protocol):
    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.heard.append(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the protocol's name
        if not self.ended.done():
            self.ended.set_result(None)


def heard(answer: Answer) -> list[bytes]:
    """What a client hears, piece by piece, until the server closes."""

    async def ask() -> list[bytes]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Server(answer), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transport, client = await loop.create_connection(_Client, "127.0.0.1", port)
        try:
            async with asyncio.timeout(10):
                await client.ended
        finally:
            transport.close()
            server.close()
        return client.heard

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(ask())


def test_head_and_body_come_as_one() -> None:
    def answer(transport: OneWrite, loop: asyncio.AbstractEventLoop) -> None:
        transport.write(b"head ")
        transport.write(b"body")
        loop.call_later(0.01, transport.close)

    assert heard(answer) == [b"head body"]


def test_what_is_written_before_the_connection_is_closed_comes() -> None:
    def answer(transport: OneWrite, _loop: asyncio.AbstractEventLoop) -> None:
        transport.write(b"the last ")
        transport.write(b"word")
        transport.close()

    assert b"".join(heard(answer)) == b"the last word"


@pytest.mark.parametrize("many", [1, 2_000])
def test_turns_follow_each_other(many: int) -> None:
    wanted = [b"%d,%s" % (each, b"-" * (each % 90)) for each in range(many)]

    def answer(transport: OneWrite, loop: asyncio.AbstractEventLoop) -> None:
        left = iter(wanted)

        def turn() -> None:
            piece = next(left, None)
            if piece is None:
                transport.close()
                return
            transport.write(piece[:2])
            transport.write(piece[2:])
            loop.call_soon(turn)

        turn()

    assert b"".join(heard(answer)) == b"".join(wanted)


def test_a_connection_that_is_gone_is_left_alone() -> None:
    def answer(transport: OneWrite, _loop: asyncio.AbstractEventLoop) -> None:
        transport.abort()
        transport.write(b"too late")
        assert transport.is_closing()

    assert heard(answer) == []
