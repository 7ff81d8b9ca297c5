"""The tables of the audit log, to which is only ever added."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    table,
)

from infra.database import UtcDateTime
from infra.log.tables import METADATA

trees: Final = Table(
    "audit_tree",
    METADATA,
    Column("tree", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # what is audited: "issues", or an access log
    Column("year", Integer, nullable=False),
    Column("origin", Text, nullable=False, unique=True),
)

leaves: Final = Table(
    "audit_leaf",
    METADATA,
    Column("tree", Integer, primary_key=True, autoincrement=False),
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    # Where it stands in what is audited; the first leaf of a new year stands nowhere.
    Column("notification_id", BigInteger, nullable=True),
    Column("event_id", Uuid, nullable=True),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    UniqueConstraint("tree", "notification_id", name="audit_leaf_notification"),
    Index("audit_leaf_event", "event_id"),
)

nodes: Final = Table(
    "audit_node",
    METADATA,
    Column("tree", Integer, primary_key=True, autoincrement=False),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("node_index", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

checkpoints: Final = Table(
    "audit_checkpoint",
    METADATA,
    Column("tree", Integer, primary_key=True, autoincrement=False),
    Column("tree_size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
)

cosignatures: Final = Table(
    "audit_cosignature",
    METADATA,
    Column("tree", Integer, primary_key=True, autoincrement=False),
    Column("tree_size", BigInteger, primary_key=True, autoincrement=False),
    Column("witness", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
)

keys: Final = Table(
    "audit_key",
    METADATA,
    Column("tree", Integer, primary_key=True, autoincrement=False),
    Column("vkey", Text, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
)

# What a witness has signed and the log does not hold: then an older copy was put in place.
ahead: Final = Table(
    "audit_ahead",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("tree_size", BigInteger, primary_key=True, autoincrement=False),
    Column("text", Text, primary_key=True),
    Column("note", Text, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
)

# Logs that go on no more, by decision, and the log that was begun in the place of each: its first
# entry tells of it.
given_up: Final = Table(
    "audit_given_up",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("successor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("year", Integer, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)

# A view of what of that the log still lacks; while there is anything nothing may be appended.
behind: Final = table(
    "audit_behind",
    column("origin", Text),
    column("tree_size", BigInteger),
    column("text", Text),
    column("note", Text),
    column("found_at", UtcDateTime),
)

NAMES: Final = tuple(
    each.name for each in (trees, leaves, nodes, checkpoints, cosignatures, keys, ahead, given_up)
)
