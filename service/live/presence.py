"""Keeps up who has which issue open, and tells open pages when that has changed."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from infra.presence import Opened, Presence, PresenceHere, PresenceInRedis
from service.live.stream import Stream

AGAIN_SECONDS: Final = 2.0
"""So often it is looked who is there, in other processes too; well within what is remembered."""
LEFT_SECONDS: Final = 2.0
"""Whoever has closed an issue for so long has left it: a page of the same issue may follow."""
_REST_SECONDS: Final = 0.2

log = structlog.get_logger(__name__)


class Present:
    """Who is present, for all open pages of a process; asks Redis in a thread of its own."""

    def __init__(
        self,
        redis_url: str | None,
        streams: Callable[[], Sequence[Stream]],
        soon: Callable[..., None],
    ) -> None:
        """`streams` gives the open pages; `soon` does something in their event loop."""
        self._kept: Presence = PresenceInRedis(redis_url) if redis_url else PresenceHere()
        self._streams = streams
        self._soon = soon
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._seen_at: dict[Opened, float] = {}
        self._away = False

    def others(self, issue_id: UUID, user_id: str) -> frozenset[str]:
        """Who else has an issue open; nobody while that cannot be known."""
        try:
            return self._kept.of([issue_id]).get(issue_id, frozenset()) - {user_id}
        except (RedisError, OSError):
            return frozenset()

    def wake(self) -> None:
        """A page of an issue was opened: note it at once."""
        self._wake.set()

    def begin(self) -> None:
        """Be ready to `run`, once more perhaps."""
        self._stop.clear()

    def run(self) -> None:
        """Note who is there, again and again, until `stop`."""
        while not self._stop.is_set():
            self._wake.wait(AGAIN_SECONDS)
            self._wake.clear()
            streams = [each for each in self._streams() if each.issue_id is not None]
            if (streams or self._seen_at) and not self._stop.is_set():
                self._look(streams)
            self._stop.wait(_REST_SECONDS)

    def stop(self) -> None:
        """Make `run` return."""
        self._stop.set()
        self._wake.set()

    def close(self) -> None:
        """Let go of what it is kept in; `run` has returned."""
        self._kept.close()

    def _look(self, streams: Sequence[Stream]) -> None:
        opened = {(each.issue_id, each.user_id) for each in streams if each.issue_id is not None}
        now = time.monotonic()
        self._seen_at |= dict.fromkeys(opened, now)
        left = [each for each, at in self._seen_at.items() if now - at >= LEFT_SECONDS]
        try:
            self._kept.note(opened, left)
            there = self._kept.of({issue_id for issue_id, _ in opened})
        except (RedisError, OSError) as error:
            if not self._away:
                log.warning("presence_waits_for_redis", error=type(error).__name__)
            self._away = True
            return
        self._away = False
        for each in left:
            del self._seen_at[each]
        for stream in streams:
            if stream.issue_id is not None:
                others = there.get(stream.issue_id, frozenset()) - {stream.user_id}
                if others != stream.others:
                    self._soon(_tell, stream, others)


def _tell(stream: Stream, others: frozenset[str]) -> None:
    if others != stream.others:
        stream.others = others
        stream.others_changed = True
        stream.changed.set()
