"""Hints through a real Redis: heard by others, healed after a restart, never in a command's way."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from redis import Redis

from infra.hints import CHANNEL, Hints
from tests import servers
from tests.faults.waiting import PATIENCE_SECONDS, wait_until


class Heard:
    """What a listener was told."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.positions: list[int] = []

    def __call__(self, position: int) -> None:
        with self._condition:
            self.positions.append(position)
            self._condition.notify_all()

    def waits_for(self, holds: Callable[[list[int]], bool]) -> bool:
        with self._condition:
            return self._condition.wait_for(lambda: holds(self.positions), PATIENCE_SECONDS)


@contextmanager
def _hints(url: str) -> Generator[tuple[Hints, Heard]]:
    hints, heard = Hints(url), Heard()
    hints.on_hint.append(heard)
    hints.start()
    try:
        yield hints, heard
    finally:
        hints.stop()


def test_a_hint_is_heard_by_another_process(redis_url: str) -> None:
    with _hints(redis_url) as (sender, _), _hints(redis_url) as (_, heard):
        assert heard.waits_for(lambda positions: 0 in positions)
        sender.tell(17)
        assert heard.waits_for(lambda positions: 17 in positions)


def test_many_tellings_become_few_hints_and_the_last_position_is_among_them(
    redis_url: str,
) -> None:
    with _hints(redis_url) as (sender, heard):
        assert heard.waits_for(lambda positions: 0 in positions)
        for position in range(1, 1001):
            sender.tell(position)
        assert heard.waits_for(lambda positions: 1000 in positions)


def test_after_a_restart_of_redis_hints_are_heard_again() -> None:
    with servers.redis_server() as url, _hints(url) as (sender, heard):
        assert heard.waits_for(lambda positions: 0 in positions)
        with Redis.from_url(url) as redis:
            # Cuts every subscriber and sender, as a restart does.
            redis.client_kill_filter(_type="pubsub")
            redis.client_kill_filter(_type="normal", skipme=True)
        assert heard.waits_for(lambda positions: positions.count(0) > 1)
        sender.tell(5)
        sender.tell(6)
        assert heard.waits_for(lambda positions: 6 in positions)


def test_without_redis_telling_returns_and_stopping_ends() -> None:
    hints = Hints("redis://127.0.0.1:1/0")
    hints.start()
    hints.tell(1)
    hints.stop()
    assert not any(thread.is_alive() for thread in hints._threads)  # noqa: SLF001  they must end


def test_the_channel_carries_positions_only(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis, redis.pubsub() as subscription:
        subscription.subscribe(CHANNEL)
        with _hints(redis_url) as (sender, heard):
            assert heard.waits_for(lambda positions: 0 in positions)
            sender.tell(23)
            assert heard.waits_for(lambda positions: 23 in positions)
        wait_until(lambda: data_of(subscription.get_message(timeout=1.0)) == b"23", "the hint")


def data_of(message: dict[str, Any] | None) -> object:
    return message["data"] if message else None
