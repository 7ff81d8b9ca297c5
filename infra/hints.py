"""Hints between processes through Redis: "the log has grown"; losing one costs a poll, no more.

A hint is sent after the commit and never waited for: a slow or dead Redis must not slow a command.
"""

import threading
from collections.abc import Callable
from typing import Final, TypedDict, cast

import structlog
from redis import Redis
from redis.exceptions import RedisError

CHANNEL: Final = "samsyn:log"
TIMEOUT_SECONDS: Final = 2.0
FIRST_DELAY_SECONDS: Final = 0.2
MOST_DELAY_SECONDS: Final = 10.0
_LISTEN_SECONDS: Final = 0.2
"""So often whoever listens looks whether to end: a program that is told to stop waits for it."""
_BETWEEN_SECONDS: Final = 0.02
"""Between two hints: each costs the processor of every process that hears it."""

log = structlog.get_logger(__name__)


class _Published(TypedDict):
    data: bytes


class Hints:
    """Sends this process's hints and hears those of all, in two threads of its own."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._stop = threading.Event()
        self._to_send = threading.Event()
        self._position = 0
        self._listeners: list[Callable[[int], None]] = []
        self._threads = [
            threading.Thread(target=self._forever, args=(work,), name=name, daemon=True)
            for name, work in (("hints-out", self._send), ("hints-in", self._hear))
        ]

    @property
    def on_hint(self) -> list[Callable[[int], None]]:
        """Called with a position of the log whenever any process says that it has grown."""
        return self._listeners

    def start(self) -> None:
        """Begin; Redis may come later."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads."""
        self._stop.set()
        self._to_send.set()
        for thread in self._threads:
            thread.join(2 * TIMEOUT_SECONDS)

    def tell(self, position: int) -> None:
        """Say that the log has grown; returns at once, many calls become one hint."""
        self._position = position
        self._to_send.set()

    def _forever(self, work: Callable[[Redis], None]) -> None:
        delay = FIRST_DELAY_SECONDS
        while not self._stop.is_set():
            redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # redis-py leaves its options untyped
                self._redis_url,
                socket_connect_timeout=TIMEOUT_SECONDS,
                socket_timeout=TIMEOUT_SECONDS,
            )
            try:
                redis.ping()  # pyright: ignore[reportUnknownMemberType]  # as above
                delay = FIRST_DELAY_SECONDS
                work(redis)
            except (RedisError, OSError) as error:
                log.warning("hints_wait_for_redis", error=type(error).__name__)
                self._stop.wait(delay)
                delay = min(2 * delay, MOST_DELAY_SECONDS)
            finally:
                redis.close()

    def _send(self, redis: Redis) -> None:
        while not self._stop.is_set():
            self._to_send.wait()
            self._to_send.clear()
            if not self._stop.is_set():
                redis.publish(CHANNEL, str(self._position))  # pyright: ignore[reportUnknownMemberType]  # as above
                self._stop.wait(_BETWEEN_SECONDS)

    def _hear(self, redis: Redis) -> None:
        with redis.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
            subscription.subscribe(CHANNEL)
            # Whatever was said while nobody listened is made good by looking once.
            self._pass_on(0)
            while not self._stop.is_set():
                message = cast(
                    "_Published | None", subscription.get_message(timeout=_LISTEN_SECONDS)
                )
                if message is not None:
                    self._pass_on(int(message["data"]))

    def _pass_on(self, position: int) -> None:
        for listener in list(self._listeners):
            listener(position)
