"""The tables of the log: events in their one order, idempotency keys and claimed names."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

METADATA: Final = MetaData()

# On SQLite only INTEGER makes the position the row's own key, which needs no second index.
Position: Final = BigInteger().with_variant(Integer, "sqlite")

events: Final = Table(
    "events",
    METADATA,
    Column("position", Position, primary_key=True, autoincrement=False),
    Column("stream_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),  # microseconds since 1970 UTC
    Column("state", LargeBinary, nullable=False),
    UniqueConstraint("stream_id", "version", name="events_stream_version"),
)

command_keys: Final = Table(
    "command_keys",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("created_id", Uuid, nullable=True),
    Column("position", BigInteger, nullable=False),
    Column("stream_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
)

claims: Final = Table(
    "claims",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
