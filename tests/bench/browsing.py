"""A lean browser for load: one page at a time, its stream of hints, and the parts it asks for."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from typing import Final
from urllib.parse import urlencode

HOST: Final = "127.0.0.1"
_END: Final = b"\r\n\r\n"
_LIVE: Final = re.compile(r'<meta name="live" content="(\d+)"(?: data-issue="([^"]+)")?')
_PART: Final = re.compile(r'hx-get="(/live/[^"]+)" hx-trigger="(live-\w+) from:body"')
_COUNT: Final = re.compile(r'data-live="([^"]+)">(\d+)')
_CSRF: Final = re.compile(r'name="_csrf_token" value="([^"]+)"')
_MOST_BYTES: Final = 1 << 22
_PATIENCE_SECONDS: Final = 60.0
_RETRY_SECONDS: Final = 2.0
_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Answer:
    """What a request was answered with."""

    status: int
    head: str
    text: str

    @property
    def location(self) -> str:
        """Where it leads."""
        found = re.search(r"^location: (.+?)\r?$", self.head, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


@dataclass
class Counted:
    """What all browsers together were answered: how often with which status, and how fast."""

    statuses: dict[int, int] = field(default_factory=dict[int, int])
    page_seconds: list[float] = field(default_factory=list[float])
    part_seconds: list[float] = field(default_factory=list[float])
    hints: int = 0
    unexpected: list[str] = field(default_factory=list[str])

    def note(self, path: str, answer: Answer) -> None:
        """Note an answer; a fault of ours, whatever people do, is kept with its path."""
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        if answer.status >= 500 or answer.status in (400, 401, 404, 429):
            self.unexpected.append(f"{answer.status} {path.partition('?')[0]}")


class _Line:
    """One kept-alive connection; who asks on it waits for whoever asked before."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = asyncio.Lock()
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send a request and read its whole answer."""
        async with self._turn, asyncio.timeout(_PATIENCE_SECONDS):
            try:
                return await self._answer(request)
            except BaseException:
                # Whoever left did not take the answer along: it must not be the next one's.
                self.close()
                raise

    async def _answer(self, request: bytes) -> Answer:
        if self._ends is None:
            self._ends = await asyncio.open_connection(HOST, self._port, limit=_MOST_BYTES)
        reader, writer = self._ends
        writer.write(request)
        head = await reader.readuntil(_END)
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length or 0))
        return Answer(int(head[9:12]), head.decode(), body.decode())

    def close(self) -> None:
        """Hang up."""
        if self._ends is not None:
            self._ends[1].close()
            self._ends = None


class Browser:
    """Somebody's browser: `shown` is what the counters say now, and since `changed_at`."""

    def __init__(self, port: int, token: str, counted: Counted) -> None:
        self._port = port
        self._cookies = {"samsyn_session": token}
        self._counted = counted
        self._pages, self._parts = _Line(port), _Line(port)
        self._csrf = ""
        self._stream: asyncio.Task[None] | None = None
        self.shown: Mapping[str, int] = {}
        self.changed_at = 0.0
        self._changed = asyncio.Event()

    async def open(self, path: str) -> str:
        """Go to a page, as by a link; its stream begins and that of the page before ends."""
        await self.close_page()
        began = time.perf_counter()
        answer = await self._ask(self._pages, "GET", path)
        self._counted.page_seconds.append(time.perf_counter() - began)
        self._read_counts(answer.text)
        if found := _CSRF.search(answer.text):
            self._csrf = found[1]
        if live := _LIVE.search(answer.text):
            parts = [(unescape(path), name) for path, name in _PART.findall(answer.text)]
            self._stream = asyncio.create_task(self._listen(live[1], live[2] or "", parts))
        return answer.text

    async def send(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form; the open page stays as it is."""
        body = urlencode({"_csrf_token": self._csrf, **fields})
        began = time.perf_counter()
        answer = await self._ask(self._pages, "POST", path, body)
        self._counted.page_seconds.append(time.perf_counter() - began)
        return answer

    async def shows(self, counters: Mapping[str, int]) -> None:
        """Wait until the counters of the open page are these.

        Raises:
            RuntimeError: the page does not hear of changes any more.
            TimeoutError: it heard of everything and shows something else.
        """
        give_up_at = time.perf_counter() + _PATIENCE_SECONDS
        while self.shown != counters:
            if self._stream is None:
                raise RuntimeError("the page has no stream")
            if self._stream.done():
                raise RuntimeError("the stream broke") from self._stream.exception()
            if time.perf_counter() > give_up_at:
                raise TimeoutError(f"shows {self.shown} and not {counters}")
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _LOOK_SECONDS)

    async def close_page(self) -> None:
        """Leave the page: its stream ends."""
        if self._stream is not None:
            self._stream.cancel()
            with suppress(asyncio.CancelledError):
                await self._stream
            self._stream = None

    async def close(self) -> None:
        """Leave the page and hang up."""
        await self.close_page()
        self._pages.close()
        self._parts.close()

    async def _ask(self, line: _Line, method: str, path: str, body: str = "") -> Answer:
        answer = await line.ask(self._request(method, path, body))
        for name, value in re.findall(r"(?mi)^set-cookie: ([^=]+)=([^;\r]*)", answer.head):
            self._cookies[name] = value
        self._counted.note(path, answer)
        return answer

    def _request(self, method: str, path: str, body: str = "", accept: str = "text/html") -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{self._port}\r\nCookie: {cookies}\r\n"
            f"Accept: {accept}\r\n{form if body else ''}\r\n{body}"
        ).encode()

    def _read_counts(self, text: str) -> None:
        # A page without the menu says nothing of the counters.
        if 'id="menu"' not in text:
            return
        shown = {path: int(count) for path, count in _COUNT.findall(text)}
        if shown != self.shown:
            self.shown, self.changed_at = shown, time.perf_counter()
            self._changed.set()

    async def _listen(self, after: str, issue: str, parts: list[tuple[str, str]]) -> None:
        while True:
            async for name, event_id in self._events(after, issue):
                after = event_id or after
                self._counted.hints += 1
                for path, trigger in parts:
                    if trigger == f"live-{name}":
                        began = time.perf_counter()
                        answer = await self._ask(self._parts, "GET", path)
                        self._counted.part_seconds.append(time.perf_counter() - began)
                        self._read_counts(answer.text)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _events(self, after: str, issue: str) -> AsyncGenerator[tuple[str, str]]:
        """The hints of one stream: their names and positions."""
        query = urlencode({"after": after} | ({"issue": issue} if issue else {}))
        reader, writer = await asyncio.open_connection(HOST, self._port)
        try:
            writer.write(self._request("GET", f"/live?{query}", accept="text/event-stream"))
            head = await reader.readuntil(_END)
            answer = Answer(int(head[9:12]), head.decode(), "")
            self._counted.note("/live", answer)
            if answer.status != 200:
                return
            name = event_id = ""
            while line := await reader.readline():
                word, _, value = line.decode().rstrip().partition(": ")
                if word == "event":
                    name, event_id = value, ""
                elif word == "id":
                    event_id = value
                elif word == "data":
                    yield name, event_id
        finally:
            writer.close()
