"""The tables of sign-in: accounts of people, their sessions and the tokens of programs."""

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text, Uuid

from infra.database import UtcDateTime
from infra.log.tables import METADATA

accounts: Final = Table(
    "accounts",
    METADATA,
    Column("login", Text, primary_key=True),
    Column("user_id", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("locked_until", UtcDateTime, nullable=True),
    Column("failures", Integer, nullable=False, server_default="0"),
)

sessions: Final = Table(
    "sessions",
    METADATA,
    Column("token_hash", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, nullable=True),
    Index("sessions_user", "user_id"),
)

tokens: Final = Table(
    "tokens",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("secret_hash", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),
    Column("last_used_at", UtcDateTime, nullable=True),
    Column("revoked_at", UtcDateTime, nullable=True),
    Index("tokens_user", "user_id"),
)
