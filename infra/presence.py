"""Who has which issue open: in Redis for all processes, else in this one; forgotten by itself."""

import secrets
import threading
import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final, Protocol, cast
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

KEPT_SECONDS: Final = 20.0
"""So long somebody counts as present after having been seen, if nobody says that they left."""
_KEY: Final = "samsyn:open:"
_TIMEOUT_SECONDS: Final = 0.5
_MILLISECOND: Final = 1_000

Opened = tuple[UUID, str]
"""An issue and the user who has it open."""


class Presence(Protocol):
    """Keeps user ids by issue, for seconds; names are looked up by whoever may see them."""

    def note(self, opened: Collection[Opened], left: Collection[Opened]) -> None:
        """Note who has which issue open in this process, and who no longer has."""

    def of(self, issue_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
        """Give the users who have them open; issues that nobody has open may be left out."""
        ...

    def close(self) -> None:
        """Let go."""


class PresenceHere:
    """In this process alone; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[Opened, float] = {}

    def note(self, opened: Collection[Opened], left: Collection[Opened]) -> None:
        """Note who has which issue open in this process, and who no longer has."""
        now = time.monotonic()
        with self._lock:
            kept = {each: until for each, until in self._until.items() if until > now}
            self._until = kept | dict.fromkeys(opened, now + KEPT_SECONDS)
            for each in left:
                self._until.pop(each, None)

    def of(self, issue_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
        """Give the users who have them open."""
        now = time.monotonic()
        with self._lock:
            there = [each for each, until in self._until.items() if until > now]
        return {
            issue_id: frozenset(user_id for of, user_id in there if of == issue_id)
            for issue_id in issue_ids
        }

    def close(self) -> None:
        """Nothing to let go of."""


class PresenceInRedis:
    """A sorted set for each issue, by when each user's time runs out on the clock of Redis.

    Raises `RedisError` or `OSError` while Redis is away; when it is back all is as before, since
    whoever is still there is noted anew within seconds.
    """

    def __init__(self, redis_url: str) -> None:
        # A member names its process too: who leaves here may still be there in another.
        self._here = secrets.token_hex(4)
        self._redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # redis-py leaves its options untyped
            redis_url,
            decode_responses=True,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            socket_timeout=_TIMEOUT_SECONDS,
            # Once at once, for a connection that a restarted Redis has forgotten; a page waits.
            retry=Retry(NoBackoff(), 1),
        )

    def note(self, opened: Collection[Opened], left: Collection[Opened]) -> None:
        """Note who has which issue open in this process, and who no longer has."""
        if not opened and not left:
            return
        now = self._now()
        with self._redis.pipeline(transaction=False) as all_at_once:  # pyright: ignore[reportUnknownMemberType]  # as above
            for issue_id, user_id in left:
                all_at_once.zrem(_key(issue_id), self._member(user_id))
            for issue_id in {issue_id for issue_id, _ in opened}:
                all_at_once.zremrangebyscore(_key(issue_id), "-inf", now)
            for issue_id, user_id in opened:
                all_at_once.zadd(_key(issue_id), {self._member(user_id): now + KEPT_SECONDS})
                all_at_once.pexpire(_key(issue_id), round(KEPT_SECONDS * _MILLISECOND))
            all_at_once.execute()

    def of(self, issue_ids: Iterable[UUID]) -> Mapping[UUID, frozenset[str]]:
        """Give the users who have them open."""
        wanted = list(issue_ids)
        if not wanted:
            return {}
        now = self._now()
        with self._redis.pipeline(transaction=False) as all_at_once:  # pyright: ignore[reportUnknownMemberType]  # as above
            for issue_id in wanted:
                all_at_once.zrangebyscore(_key(issue_id), now, "+inf")  # pyright: ignore[reportUnknownMemberType]  # as above
            found = cast("list[list[str]]", all_at_once.execute())
        return {
            issue_id: frozenset(member.rpartition(" ")[0] for member in members)
            for issue_id, members in zip(wanted, found, strict=True)
        }

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()

    def _member(self, user_id: str) -> str:
        return f"{user_id} {self._here}"

    def _now(self) -> float:
        seconds, microseconds = self._redis.time()  # pyright: ignore[reportUnknownMemberType]  # as above
        return seconds + microseconds / 1_000_000


def _key(issue_id: UUID) -> str:
    return f"{_KEY}{issue_id}"
