"""One open page's stream of events: hints that something has changed, never what has changed."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from litestar.response.base import ASGIResponse, Response
from litestar.types import Receive, Send

from service.live.pace import SECONDS_AN_ASK

PING_SECONDS: Final = 15.0
"""So long a stream is silent at most: proxies close what is silent for longer."""
LIFE_SECONDS: Final = 600.0
"""Then the browser connects anew, perhaps to another process."""
SLOW_SECONDS: Final = 20.0
"""Who does not take in a few bytes for so long is dropped."""
_SPREAD: Final = 0.1
"""Streams that began together do not all end together."""
MOST_SPREAD_SECONDS: Final = 1.0
"""Pages that are told of the same change do not all ask at the same moment: one after the other."""
_RETRY_MILLISECONDS: Final = 1_000, 4_000

HEADERS: Final = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
}


@dataclass(eq=False)
class Stream:
    """What is known of an open page; only the event loop changes it.

    `told` is the position of the last hint, or of what the page showed when it was made. `others`
    are who else has its issue open, as last told.
    """

    token: str
    user_id: str
    told: int
    issue_id: UUID | None = None
    others: frozenset[str] = frozenset()
    others_changed: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        """Let the stream end at once."""
        self.ending.set()
        self.changed.set()


@dataclass(frozen=True, kw_only=True)
class Source:
    """What streams are told of: the position of the newest hint, to how many, and their end."""

    position: Callable[[], int]
    open_streams: Callable[[], int]
    close: Callable[[Stream], None]


async def events(stream: Stream, source: Source) -> AsyncGenerator[bytes]:
    """The text of the stream, until it ends (HTML standard, 9.2 server-sent events)."""
    loop = asyncio.get_running_loop()
    until = loop.time() + LIFE_SECONDS * random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311  spread, no secret
    yield f"retry: {random.randint(*_RETRY_MILLISECONDS)}\n\n".encode()  # noqa: S311  as above
    while not stream.ending.is_set() and loop.time() < until:
        stream.changed.clear()
        if source.position() > stream.told:
            await _within(_apart(source.open_streams()), stream.ending)
            here = stream.told = source.position()
            yield f"event: changed\nid: {here}\ndata: {here}\n\n".encode()
        elif stream.others_changed:
            stream.others_changed = False
            yield b"event: present\ndata: -\n\n"
        elif not await _within(PING_SECONDS, stream.changed):
            yield b": still here\n\n"


def _apart(streams: int) -> float:
    return random.uniform(0, min(streams * SECONDS_AN_ASK, MOST_SPREAD_SECONDS))  # noqa: S311  spread, no secret


class LiveResponse(Response[None]):
    """Answers with a stream for as long as page, session and process last."""

    def __init__(self, stream: Stream, source: Source) -> None:
        super().__init__(None, media_type="text/event-stream", headers=HEADERS)
        self._told = stream, source

    def to_asgi_response(self, *_told: Any, **_more: Any) -> ASGIResponse:  # noqa: ANN401  whatever Litestar passes on
        """What is sent."""
        return _Sending(*self._told)


class _Sending(ASGIResponse):
    """Sends a stream by itself: it must see who does not read, which an iterator cannot."""

    _should_set_content_length = False

    def __init__(self, stream: Stream, source: Source) -> None:
        super().__init__(media_type="text/event-stream", headers=HEADERS)
        self._stream, self._source = stream, source

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Send what there is until the page is closed or the stream ends."""
        watching = asyncio.create_task(self._end_when_closed(receive))
        try:
            async for text in events(self._stream, self._source):
                async with asyncio.timeout(SLOW_SECONDS):
                    await send({"type": "http.response.body", "body": text, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            # The server closes the connection of an answer that was not finished.
            return
        finally:
            watching.cancel()
            self._source.close(self._stream)

    async def _end_when_closed(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stream.end()


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Whether something comes about in time."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
