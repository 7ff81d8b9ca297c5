"""Tokens with which programs use the API: `svc_<id>_<secret>`, of which only a hash is kept."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, insert, or_, select, update

from infra.account_tables import tokens
from infra.database import from_microseconds
from infra.ids import new_id
from infra.lookups import WireLookup
from infra.wire import Rows

_PREFIX: Final = "svc"
_PARTS: Final = 3
_USED_AGAIN_AFTER: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Token:
    """What is known of a token; the secret is not."""

    token_id: UUID
    user_id: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Shown:
    """What somebody shows as a token, not yet looked at."""

    token_id: UUID
    secret: str


class Tokens:
    """Keeps the tokens of programs; safe to use from many threads."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def issue(self, user_id: str, name: str, *, expires_at: datetime | None) -> tuple[UUID, str]:
        """Make a token that acts as a user; gives its id and its text, shown this once."""
        token_id, secret = new_id(), secrets.token_urlsafe(32)
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                insert(tokens).values(
                    id=token_id,
                    secret_hash=_hash(secret),
                    user_id=user_id,
                    name=name,
                    created_at=self._clock(),
                    expires_at=expires_at,
                )
            )
        return token_id, f"{_PREFIX}_{token_id.hex}_{secret}"

    def find(self, text: str) -> Token | None:
        """Give the token if it is known, not expired and not revoked, and note its use."""
        shown = shown_in(text)
        if shown is None:
            return None
        with self._engine.connect() as db:
            row = rows_by_id(db, [shown.token_id]).get(shown.token_id)
        token = self.recognise(shown, row)
        if token is not None and self.is_use_worth_noting(token):
            self.note_use(token)
        return token

    def recognise(self, shown: Shown, row: Mapping[str, Any] | None) -> Token | None:
        """Give the token if what was shown fits the row, which is good now; notes nothing."""
        if row is None or not secrets.compare_digest(row["secret_hash"], _hash(shown.secret)):
            return None
        token = _token(row)
        if token.revoked_at is not None or (
            token.expires_at is not None and token.expires_at <= self._clock()
        ):
            return None
        return token

    def is_use_worth_noting(self, token: Token) -> bool:
        """Once a minute is enough to see that a token is in use, and spares a write a request."""
        used_at = token.last_used_at
        return used_at is None or self._clock() - used_at >= _USED_AGAIN_AFTER

    def revoke(self, token_id: UUID) -> bool:
        """End a token; False if there is none or it has ended already."""
        with self._engine.execution_options(writes=True).begin() as db:
            ended = db.execute(
                update(tokens)
                .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
        return ended.rowcount == 1

    def all(self, user_id: str | None = None) -> list[Token]:
        """Give every token, of one user or of all, the oldest first."""
        wanted = select(tokens).order_by(tokens.c.created_at, tokens.c.id)
        if user_id is not None:
            wanted = wanted.where(tokens.c.user_id == user_id)
        with self._engine.connect() as db:
            return [_token(dict(row)) for row in db.execute(wanted).mappings()]

    def note_use(self, token: Token) -> None:
        """Note that a token was used now, unless somebody else has just done so."""
        now = self._clock()
        with self._engine.execution_options(writes=True).begin() as db:
            db.execute(
                update(tokens)
                .where(
                    tokens.c.id == token.token_id,
                    or_(
                        tokens.c.last_used_at.is_(None),
                        tokens.c.last_used_at <= now - _USED_AGAIN_AFTER,
                    ),
                )
                .values(last_used_at=now)
            )


def shown_in(text: str) -> Shown | None:
    """Take the text of a token apart; None if it is not one."""
    parts = text.split("_", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != _PREFIX:
        return None
    try:
        return Shown(UUID(hex=parts[1]), parts[2])
    except ValueError:
        return None


def _by_connection(db: Connection, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, Any]]:
    found = db.execute(select(tokens).where(tokens.c.id.in_(ids))).mappings()
    return {row["id"]: dict(row) for row in found}


_TIMES: Final = ("created_at", "expires_at", "last_used_at", "revoked_at")
_COLUMNS: Sequence[str] = ("id", "secret_hash", "user_id", "name", *_TIMES)
_BY_ID: Final = (
    "SELECT id, secret_hash, user_id, name, created_at, expires_at, last_used_at, revoked_at"
    " FROM tokens WHERE id = ANY($1::uuid[])"
)


def _given(ids: Sequence[UUID]) -> tuple[str]:
    return ("{" + ",".join(map(str, ids)) + "}",)


def _found(_ids: Sequence[UUID], rows: Rows) -> Mapping[UUID, Mapping[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {
        values[0]: dict(zip(_COLUMNS, values, strict=True)) for values in rows
    }
    for row in found.values():
        for name in _TIMES:
            row[name] = None if row[name] is None else from_microseconds(row[name])
    return found


rows_by_id: Final = WireLookup(_by_connection, _BY_ID, _given, _found)
"""Reads the rows of several tokens at once."""


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _token(row: Mapping[str, Any]) -> Token:
    return Token(
        token_id=row["id"],
        user_id=row["user_id"],
        name=row["name"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
        revoked_at=row["revoked_at"],
    )
