"""The few hot statements of an append, in the words of either database."""

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Row

from infra.log.errors import CommandKey, KeptReceipt
from infra.log.stored import TimedEvent, as_uuid

_LOCK_KEY = 0x53414D53594E  # "SAMSYN": the one advisory lock that orders the log of a database
_INSERT_KEY = (
    "INSERT INTO command_keys (key, fingerprint, created_id, position, stream_id, version)"
)


class Statements(ABC):
    """What an append asks of the database; every method is one round trip."""

    @abstractmethod
    def lock(self, db: Connection) -> None:
        """Wait until this transaction is the only one that appends."""

    def head(self, db: Connection) -> int:
        """Give the last position, 0 in an empty log."""
        return int(db.exec_driver_sql("SELECT coalesce(max(position), 0) FROM events").scalar_one())

    @abstractmethod
    def versions(self, db: Connection, streams: Sequence[UUID]) -> dict[UUID, int | None]:
        """Give the version of each stream, None where it has no events."""

    @abstractmethod
    def receipts(self, db: Connection, keys: Sequence[str]) -> dict[str, KeptReceipt]:
        """Give what is kept for those of the keys that were used before."""

    @abstractmethod
    def claimed(self, db: Connection, names: Sequence[str]) -> set[str]:
        """Give those of the names that are already claimed."""

    @abstractmethod
    def insert_events(self, db: Connection, first: int, events: Sequence[TimedEvent]) -> None:
        """Write the events to the positions from ``first`` on."""

    @abstractmethod
    def insert_keys(self, db: Connection, kept: Sequence[KeptReceipt]) -> None:
        """Write the keys of the appends."""

    @abstractmethod
    def insert_claims(self, db: Connection, claims: Sequence[tuple[str, int]]) -> None:
        """Write the claimed names with the position of their append."""


def statements_for(dialect_name: str) -> Statements:
    """Choose by SQLAlchemy's name of the dialect."""
    return OnSqlite() if dialect_name == "sqlite" else OnPostgresql()


class OnPostgresql(Statements):
    """Arrays and unnest; ``%b`` where text arrays would be slow."""

    def lock(self, db: Connection) -> None:
        # In its own statement: in READ COMMITTED the next statement then sees all that was
        # committed before the lock was ours. The timeouts free the lock from a stopped process.
        db.exec_driver_sql(
            "SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '20s';"
            "SET LOCAL idle_in_transaction_session_timeout = '10s';"
            f"SELECT pg_advisory_xact_lock({_LOCK_KEY})"
        )

    def versions(self, db: Connection, streams: Sequence[UUID]) -> dict[UUID, int | None]:
        rows = db.exec_driver_sql(
            "SELECT s.id, (SELECT e.version FROM events e WHERE e.stream_id = s.id"
            " ORDER BY e.version DESC LIMIT 1) FROM unnest(%b::uuid[]) AS s(id)",
            (list(streams),),
        )
        return {row[0]: row[1] for row in rows}

    def receipts(self, db: Connection, keys: Sequence[str]) -> dict[str, KeptReceipt]:
        rows = db.exec_driver_sql(
            "SELECT key, fingerprint, created_id, position, stream_id, version"
            " FROM command_keys WHERE key = ANY(%s::text[])",
            (list(keys),),
        )
        return {row[0]: _receipt(row) for row in rows}

    def claimed(self, db: Connection, names: Sequence[str]) -> set[str]:
        rows = db.exec_driver_sql(
            "SELECT name FROM claims WHERE name = ANY(%s::text[])", (list(names),)
        )
        return {row[0] for row in rows}

    def insert_events(self, db: Connection, first: int, events: Sequence[TimedEvent]) -> None:
        result = db.exec_driver_sql(
            "INSERT INTO events (position, stream_id, version, topic, recorded_at, state)"
            " SELECT * FROM unnest(%b::bigint[], %b::uuid[], %b::int[], %s::text[],"
            " %b::bigint[], %b::bytea[])",
            (
                list(range(first, first + len(events))),
                [event.originator_id for event in events],
                [event.originator_version for event in events],
                [event.topic for event in events],
                [event.recorded_at for event in events],
                [event.state for event in events],
            ),
        )
        _all_written(result, len(events))

    def insert_keys(self, db: Connection, kept: Sequence[KeptReceipt]) -> None:
        result = db.exec_driver_sql(
            "INSERT INTO command_keys"
            " (key, fingerprint, created_id, position, stream_id, version)"
            " SELECT * FROM unnest(%s::text[], %s::text[], %s::uuid[],"
            " %s::bigint[], %s::uuid[], %s::int[])",
            (
                [one.key for one in kept],
                [one.fingerprint for one in kept],
                [one.created_id for one in kept],
                [one.position for one in kept],
                [one.stream_id for one in kept],
                [one.version for one in kept],
            ),
        )
        _all_written(result, len(kept))

    def insert_claims(self, db: Connection, claims: Sequence[tuple[str, int]]) -> None:
        result = db.exec_driver_sql(
            "INSERT INTO claims (name, position) SELECT * FROM unnest(%s::text[], %s::bigint[])",
            ([name for name, _ in claims], [position for _, position in claims]),
        )
        _all_written(result, len(claims))


class OnSqlite(Statements):
    """``json_each`` for lists to look up; ids are 32 hex digits, as SQLAlchemy stores a Uuid."""

    def lock(self, db: Connection) -> None:
        """Nothing to do: the transaction began IMMEDIATE, so it is the only one that writes."""

    def versions(self, db: Connection, streams: Sequence[UUID]) -> dict[UUID, int | None]:
        rows = db.exec_driver_sql(
            "SELECT s.value, (SELECT e.version FROM events e WHERE e.stream_id = s.value"
            " ORDER BY e.version DESC LIMIT 1) FROM json_each(?) AS s",
            (json.dumps([stream.hex for stream in streams]),),
        )
        return {UUID(row[0]): row[1] for row in rows}

    def receipts(self, db: Connection, keys: Sequence[str]) -> dict[str, KeptReceipt]:
        rows = db.exec_driver_sql(
            "SELECT key, fingerprint, created_id, position, stream_id, version"
            " FROM command_keys WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return {row[0]: _receipt(row) for row in rows}

    def claimed(self, db: Connection, names: Sequence[str]) -> set[str]:
        rows = db.exec_driver_sql(
            "SELECT name FROM claims WHERE name IN (SELECT value FROM json_each(?))",
            (json.dumps(list(names)),),
        )
        return {row[0] for row in rows}

    def insert_events(self, db: Connection, first: int, events: Sequence[TimedEvent]) -> None:
        result = db.exec_driver_sql(
            "INSERT INTO events (position, stream_id, version, topic, recorded_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    position,
                    as_uuid(event.originator_id).hex,
                    event.originator_version,
                    event.topic,
                    event.recorded_at,
                    event.state,
                )
                for position, event in enumerate(events, first)
            ],
        )
        _all_written(result, len(events))

    def insert_keys(self, db: Connection, kept: Sequence[KeptReceipt]) -> None:
        result = db.exec_driver_sql(
            "INSERT INTO command_keys"
            " (key, fingerprint, created_id, position, stream_id, version)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    one.key,
                    one.fingerprint,
                    None if one.created_id is None else one.created_id.hex,
                    one.position,
                    one.stream_id.hex,
                    one.version,
                )
                for one in kept
            ],
        )
        _all_written(result, len(kept))

    def insert_claims(self, db: Connection, claims: Sequence[tuple[str, int]]) -> None:
        result = db.exec_driver_sql("INSERT INTO claims (name, position) VALUES (?, ?)", [*claims])
        _all_written(result, len(claims))


def receipt_of(key: CommandKey, position: int, stream_id: UUID, version: int) -> KeptReceipt:
    """Join a key with what its append recorded."""
    return KeptReceipt(
        key=key.key,
        fingerprint=key.fingerprint,
        created_id=key.created_id,
        position=position,
        stream_id=stream_id,
        version=version,
    )


def _receipt(row: Row[Any]) -> KeptReceipt:
    key, fingerprint, created_id, position, stream_id, version = tuple(row)
    return KeptReceipt(
        key=key,
        fingerprint=fingerprint,
        created_id=None if created_id is None else as_uuid(created_id),
        position=position,
        stream_id=as_uuid(stream_id),
        version=version,
    )


def _all_written(result: CursorResult[Any], expected: int) -> None:
    # A store that reports success for what it did not write is worse than one that stops.
    if result.rowcount != expected:
        raise RuntimeError(f"{result.rowcount} rows were written instead of {expected}.")
