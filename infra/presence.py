"""Who has which issue open: in Redis for all processes, else in this one; forgotten by itself."""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import Final, Protocol, cast
from uuid import UUID

from redis import Redis

KEPT_SECONDS: Final = 20
"""So long somebody counts as present after having been seen."""
_KEY: Final = "samsyn:open:"
_TIMEOUT_SECONDS: Final = 0.5


class Presence(Protocol):
    """Keeps user ids by issue, for seconds; names are looked up by whoever may see them."""

    def seen(self, opened: Iterable[tuple[UUID, str]]) -> None:
        """Note that these users have these issues open."""

    def of(self, issue_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
        """Give the users who have them open; issues that nobody has open may be left out."""
        ...

    def close(self) -> None:
        """Let go."""


class PresenceHere:
    """In this process alone; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[UUID, dict[str, float]] = {}

    def seen(self, opened: Iterable[tuple[UUID, str]]) -> None:
        """Note that these users have these issues open."""
        now = time.monotonic()
        with self._lock:
            for issue_id, user_id in opened:
                self._until.setdefault(issue_id, {})[user_id] = now + KEPT_SECONDS
            self._forget(now)

    def of(self, issue_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
        """Give the users who have them open."""
        with self._lock:
            self._forget(time.monotonic())
            return {each: frozenset(self._until.get(each, ())) for each in issue_ids}

    def close(self) -> None:
        """Nothing to let go of."""

    def _forget(self, now: float) -> None:
        kept = {
            issue_id: {user_id: until for user_id, until in users.items() if until > now}
            for issue_id, users in self._until.items()
        }
        self._until = {issue_id: users for issue_id, users in kept.items() if users}


class PresenceInRedis:
    """A sorted set for each issue, by when each user's time runs out on the clock of Redis.

    Raises `RedisError` or `OSError` while Redis is away; when it is back all is as before, since
    whoever is still there is noted anew within seconds.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # redis-py leaves its options untyped
            redis_url,
            decode_responses=True,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            socket_timeout=_TIMEOUT_SECONDS,
        )

    def seen(self, opened: Iterable[tuple[UUID, str]]) -> None:
        """Note that these users have these issues open."""
        until = self._now() + KEPT_SECONDS
        with self._redis.pipeline(transaction=False) as all_at_once:  # pyright: ignore[reportUnknownMemberType]  # as above
            for issue_id, user_id in opened:
                all_at_once.zadd(_key(issue_id), {user_id: until})
                all_at_once.expire(_key(issue_id), KEPT_SECONDS)
            all_at_once.execute()

    def of(self, issue_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
        """Give the users who have them open."""
        wanted = list(issue_ids)
        now = self._now()
        with self._redis.pipeline(transaction=False) as all_at_once:  # pyright: ignore[reportUnknownMemberType]  # as above
            for issue_id in wanted:
                all_at_once.zrangebyscore(_key(issue_id), now, "+inf")  # pyright: ignore[reportUnknownMemberType]  # as above
            found = cast("list[list[str]]", all_at_once.execute())
        return {each: frozenset(users) for each, users in zip(wanted, found, strict=True)}

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def _now(self) -> float:
        seconds, microseconds = self._redis.time()  # pyright: ignore[reportUnknownMemberType]  # as above
        return seconds + microseconds / 1_000_000


def _key(issue_id: UUID) -> str:
    return f"{_KEY}{issue_id}"
