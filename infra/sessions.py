"""Sessions of people who have signed in: found by the hash of a token, ended at any time."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update

from infra.account_tables import accounts, sessions
from infra.database import from_microseconds, without_transactions
from infra.lookups import Question, WireLookup
from infra.wire import Rows

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

    def recognise(self, row: Mapping[Any, Any] | None, *, touch: bool = True) -> Session | None:
        """Give the session of a row of `who_has`, if it is good now, and note that it was seen.

        Without `touch` nothing is noted: what an open page asks by itself is no sign of a person.
        """
        if row is None:
            return None
        now = self._clock()
        ended = row["revoked_at"] is not None or row["expires_at"] <= now
        if ended or now - row["last_seen_at"] >= self._idle_of(row["user_id"]):
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


def who_has(token: str) -> Question:
    """Ask for the row of a token's session, with the name and language of its account if any."""
    return _rows_by_hash, _hash(token)


_COLUMNS: Final = (*sessions.c, accounts.c.display_name, accounts.c.language)
_TIMES: Final = ("created_at", "last_seen_at", "expires_at", "revoked_at")
_BY_HASH: Final = (
    f"SELECT {', '.join(str(column) for column in _COLUMNS)}"  # noqa: S608  names of our own tables
    " FROM sessions LEFT JOIN accounts ON accounts.user_id = sessions.user_id"
    " WHERE token_hash = ANY($1::text[])"
)


def _by_connection(db: Connection, hashes: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    query = select(*_COLUMNS).outerjoin(accounts, accounts.c.user_id == sessions.c.user_id)
    found = db.execute(query.where(sessions.c.token_hash.in_(hashes))).mappings()
    return {row["token_hash"]: dict(row) for row in found}


def _given(hashes: Sequence[str]) -> tuple[str]:
    return ("{" + ",".join(hashes) + "}",)


def _found(_hashes: Sequence[str], rows: Rows) -> Mapping[str, Mapping[str, Any]]:
    names = [column.name for column in _COLUMNS]
    found: list[dict[str, Any]] = [dict(zip(names, values, strict=True)) for values in rows]
    for row in found:
        for name in _TIMES:
            row[name] = None if row[name] is None else from_microseconds(row[name])
    return {row["token_hash"]: row for row in found}


_rows_by_hash: Final = WireLookup(_by_connection, _BY_HASH, _given, _found)


def _hash(token: str) -> str:
    # The token is 256 random bits: there is nothing to guess, so a fast hash is right.
    return hashlib.sha256(token.encode()).hexdigest()


def _session(row: Mapping[Any, Any]) -> Session:
    return Session(
        token_hash=row["token_hash"],
        user_id=row["user_id"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        expires_at=row["expires_at"],
    )
