"""Tells all open pages of a process when read models have moved; one thread, however many."""

import asyncio
import signal
import threading
import time
from collections.abc import AsyncGenerator, Callable, Collection, Generator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any, Final

import structlog
from litestar import Litestar
from sqlalchemy.exc import SQLAlchemyError

from projections import leases
from projections.audit_trail import AUDIT_TRAIL
from projections.inbox import INBOX
from projections.issue_story import ISSUE_STORY
from projections.queues import QUEUES
from projections.visibility import VISIBILITY
from service import metrics
from service.assembly import Samsyn
from service.live.pace import Pace
from service.live.presence import Present
from service.live.stream import Source, Stream

FOLLOWED: Final = (
    *(VISIBILITY.name, QUEUES.name, INBOX.name),
    *(ISSUE_STORY.name, AUDIT_TRAIL.name),
)
"""What pages show that change by themselves."""
POLL_SECONDS: Final = 3.0
"""So often it is looked if nobody says that anything has happened."""
CHECK_SECONDS: Final = 5.0
"""So often it is asked whether the sessions of the open pages are still good."""
MOST_OF_A_SESSION: Final = 30
"""Pages that one session may have open; a browser allows far fewer over one connection each."""
_LEAST_PAUSE_SECONDS: Final = 0.05
_MOST_PAUSE_SECONDS: Final = 0.25
"""While the log is known to have grown and read models have not: they will, in a moment."""
_LINGER_SECONDS: Final = 30.0
"""So long it is followed on after the last page: the next one mostly comes at once."""
_JOIN_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)

Token = str
UserId = str


class Live:
    """The open pages of this process, and how far read models have come; one for the program.

    Streams belong to the event loop, everything that asks a server to threads of their own: two
    for all pages together, with one connection of the database while they look.
    """

    def __init__(
        self,
        samsyn: Samsyn,
        redis_url: str | None,
        still_good: Callable[[Collection[tuple[Token, UserId]]], set[Token]],
    ) -> None:
        """`still_good` tells which of these sessions are; it may ask the database."""
        self._samsyn = samsyn
        self._still_good = still_good
        self._streams: set[Stream] = set()
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._position = 0
        self._told = 0
        self._log_at = 0
        self._left_at = float("-inf")
        self._pace = Pace()
        self.present = Present(redis_url, self._all, self._soon)
        self.source = Source(
            position=lambda: self._told, open_streams=lambda: self.open_streams, close=self.close
        )

    @property
    def position(self) -> int:
        """How far all that pages show had come when it was last looked at; 0 before."""
        return self._position

    @property
    def open_streams(self) -> int:
        """How many pages are open."""
        return len(self._streams)

    def open(self, stream: Stream) -> bool:
        """Begin to tell a page; False when its session has too many open. In the event loop."""
        with self._lock:
            if sum(each.token == stream.token for each in self._streams) >= MOST_OF_A_SESSION:
                return False
            self._streams.add(stream)
        metrics.LIVE_STREAMS.inc()
        if self._stopping.is_set():
            stream.end()
        self._wake.set()
        if stream.issue_id is not None:
            self.present.wake()
        return True

    def close(self, stream: Stream) -> None:
        """The page is closed. In the event loop."""
        with self._lock:
            self._streams.discard(stream)
        metrics.LIVE_STREAMS.dec()
        self._left_at = time.monotonic()
        if stream.issue_id is not None:
            self.present.wake()

    def look(self) -> int:
        """Ask the database how far read models are; if that is further, pages are told soon.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        here = self._look()
        # Whoever tells pages must know of it, and when.
        self._wake.set()
        return here

    def end_all(self) -> None:
        """End every stream, from any thread or signal: the process is about to stop."""
        # No lock is taken here: a signal may come while this very thread holds it.
        self._soon(self._end_all)

    @asynccontextmanager
    async def beside_the_requests(self, _app: Litestar) -> AsyncGenerator[None]:
        """Follow for as long as the application runs; end all streams when it is told to stop."""
        self._loop = asyncio.get_running_loop()
        self._stopping.clear()
        self.present.begin()
        wakers = self._wakers()
        for waker in wakers:
            waker.append(self._log_has_grown)
        self._samsyn.runner.on_moved.append(self._something_moved)
        threads = [
            threading.Thread(target=self._follow, name="live", daemon=True),
            threading.Thread(target=self.present.run, name="presence", daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            with _on_signal(self.end_all):
                yield
        finally:
            self._end_all()
            self._samsyn.runner.on_moved.remove(self._something_moved)
            for waker in wakers:
                waker.remove(self._log_has_grown)
            self._wake.set()
            self.present.stop()
            for thread in threads:
                thread.join(_JOIN_SECONDS)
            self.present.close()
            self._loop = None

    def _wakers(self) -> list[list[Callable[[int], None]]]:
        hints = self._samsyn.hints
        return [self._samsyn.casework.on_append, *([hints.on_hint] if hints else [])]

    def _log_has_grown(self, position: int) -> None:
        self._log_at = max(self._log_at, position)
        self._something_moved()

    def _something_moved(self) -> None:
        # With no page open nobody looks: each look costs as much as a command.
        if self._is_watched():
            self._wake.set()

    def _is_watched(self) -> bool:
        return bool(self._streams) or time.monotonic() - self._left_at <= _LINGER_SECONDS

    def _follow(self) -> None:
        pause, checked_at = _LEAST_PAUSE_SECONDS, time.monotonic()
        while not self._stopping.is_set():
            try:
                self._look()
                self._tell_when_due()
                if time.monotonic() - checked_at >= CHECK_SECONDS:
                    checked_at = time.monotonic()
                    self._end_what_is_not_good()
            except SQLAlchemyError as error:
                log.warning("live_waits_for_database", error=type(error).__name__)
                self._stopping.wait(POLL_SECONDS)
            self._stopping.wait(_LEAST_PAUSE_SECONDS)
            if not self._is_watched():
                self._wake.wait()
            woken = self._wake.wait(self._pause(pause))
            pause = _LEAST_PAUSE_SECONDS if woken else min(2 * pause, _MOST_PAUSE_SECONDS)
            self._wake.clear()

    def _pause(self, pause: float) -> float:
        """For how long to wait for a word; the log's growth is no progress of read models yet."""
        due_in = self._pace.due_in(time.monotonic(), self.open_streams)
        behind = pause if self._position < self._log_at else POLL_SECONDS
        return behind if due_in is None else min(behind, due_in)

    def _tell_when_due(self) -> None:
        now = time.monotonic()
        if self._pace.due_in(now, self.open_streams) == 0.0:
            self._pace.told(now, self.open_streams)
            self._told = self._position
            self._soon(self._tell)

    def _look(self) -> int:
        with self._looking:
            with self._samsyn.engine.connect() as db:
                standing = leases.standing(db)
            # A read model that stands still must not keep pages from hearing of the others.
            runner = self._samsyn.runner
            moving = [
                there.position
                for there, lease in (standing[name] for name in FOLLOWED if name in standing)
                if runner.stopped_at(there, lease) is None
            ]
            here = min(moving, default=self._position)
            if here != self._position:
                self._position = here
                self._pace.moved(time.monotonic())
            return here

    def _end_what_is_not_good(self) -> None:
        streams = self._all()
        good = self._still_good({(each.token, each.user_id) for each in streams})
        for stream in streams:
            if stream.token not in good:
                self._soon(stream.end)

    def _all(self) -> list[Stream]:
        with self._lock:
            return list(self._streams)

    def _tell(self) -> None:
        for stream in self._all():
            stream.changed.set()

    def _end_all(self) -> None:
        self._stopping.set()
        for stream in self._all():
            stream.end()

    def _soon(self, work: Callable[..., None], *told: Any) -> None:  # noqa: ANN401  whatever the work takes
        """Have something done in the event loop."""
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(work, *told)
        except RuntimeError:
            # The loop has just ended, and every stream with it.
            log.debug("live_has_ended")


@contextmanager
def _on_signal(tell: Callable[[], None]) -> Generator[None]:
    """Hear when the process is told to stop, before the server does: it waits for open answers."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}

    def stop(number: int, frame: FrameType | None) -> None:
        tell()
        handler = earlier[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for each in earlier:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in earlier.items():
            signal.signal(each, handler)
