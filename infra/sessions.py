"""Sessions of people who have signed in: found by the hash of a token, ended at any time."""

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, RowMapping, delete, insert, or_, select, update

from infra.account_tables import sessions
from infra.database import without_transactions

IDLE: Final = timedelta(minutes=30)
"""How long a session lives without a request."""
FIELD_IDLE: Final = timedelta(hours=4)
"""The same for field officers, whose telephone lies in a pocket between two actions."""
ABSOLUTE: Final = timedelta(hours=12)
"""How long a session lives at most: a working day."""
_TOUCH_AFTER: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Session:
    """One sign-in that is still good."""

    token_hash: str
    user_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


class Sessions:
    """Keeps sessions; `idle_of` tells for a user how long a session may rest."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        idle_of: Callable[[str], timedelta],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._idle_of = idle_of
        self._reading = without_transactions(engine)

    def start(self, user_id: str) -> str:
        """Begin a session; gives its token, which is shown this once and never kept.

        A new token at every sign-in: one that an attacker chose or saw before is worth nothing.
        """
        token = secrets.token_urlsafe(32)
        now = self._clock()
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                insert(sessions).values(
                    token_hash=_hash(token),
                    user_id=user_id,
                    created_at=now,
                    last_seen_at=now,
                    expires_at=now + ABSOLUTE,
                )
            )
        return token

    def find(self, token: str, *, touch: bool = True) -> Session | None:
        """Give the session of a token if it is good, and note that it was seen.

        Without `touch` nothing is noted: what an open page asks by itself is no sign of a person.
        """
        now = self._clock()
        with self._reading.connect() as db:
            row = (
                db.execute(
                    select(sessions).where(
                        sessions.c.token_hash == _hash(token),
                        sessions.c.revoked_at.is_(None),
                        sessions.c.expires_at > now,
                    )
                )
                .mappings()
                .one_or_none()
            )
        if row is None or now - row["last_seen_at"] >= self._idle_of(row["user_id"]):
            return None
        if touch and now - row["last_seen_at"] >= _TOUCH_AFTER:
            self._touch(row["token_hash"], now)
        return _session(row)

    def good(self, tokens: Collection[str]) -> set[str]:
        """Those of these tokens whose sessions are good; nothing is noted of them."""
        now = self._clock()
        by_hash = {_hash(token): token for token in tokens}
        query = select(sessions).where(
            sessions.c.token_hash.in_(by_hash),
            sessions.c.revoked_at.is_(None),
            sessions.c.expires_at > now,
        )
        with self._reading.connect() as db:
            rows = db.execute(query).mappings().all()
        return {
            by_hash[row["token_hash"]]
            for row in rows
            if now - row["last_seen_at"] < self._idle_of(row["user_id"])
        }

    def revoke(self, token: str) -> None:
        """End one session."""
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                update(sessions)
                .where(sessions.c.token_hash == _hash(token), sessions.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )

    def revoke_all(self, user_id: str) -> int:
        """End every session of a user: sign out everywhere; gives how many there were."""
        with self._engine.execution_options(writes=True).begin() as db:
            ended = db.execute(
                update(sessions)
                .where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
        return ended.rowcount

    def of_user(self, user_id: str) -> list[Session]:
        """Give a user's sessions that are neither ended nor too old, the newest first."""
        now = self._clock()
        with self._engine.connect() as db:
            rows = db.execute(
                select(sessions)
                .where(
                    sessions.c.user_id == user_id,
                    sessions.c.revoked_at.is_(None),
                    sessions.c.expires_at > now,
                    sessions.c.last_seen_at > now - self._idle_of(user_id),
                )
                .order_by(sessions.c.created_at.desc())
            ).mappings()
            return [_session(row) for row in rows]

    def forget(self, before: datetime) -> int:
        """Delete sessions that ended before a time; gives how many."""
        with self._engine.execution_options(writes=True).begin() as db:
            gone = db.execute(
                delete(sessions).where(
                    or_(sessions.c.expires_at < before, sessions.c.revoked_at < before)
                )
            )
        return gone.rowcount

    def _touch(self, token_hash: str, now: datetime) -> None:
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                update(sessions)
                .where(sessions.c.token_hash == token_hash, sessions.c.last_seen_at < now)
                .values(last_seen_at=now)
            )


def _hash(token: str) -> str:
    # The token is 256 random bits: there is nothing to guess, so a fast hash is right.
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: RowMapping) -> Session:
    return Session(
        token_hash=row["token_hash"],
        user_id=row["user_id"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        expires_at=row["expires_at"],
    )
