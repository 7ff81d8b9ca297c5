"""The log's writer on PostgreSQL: a batch is one call, and everything happens in the server."""

import secrets
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Engine

from infra.log import arrays
from infra.log.batch import Draft, Known
from infra.log.errors import READ_ONLY, KeptReceipt, LogReadOnly
from infra.log.procedure import LOCK_KEY, PARAMETERS, PROCEDURE, READ_ONLY_HEAD
from infra.log.session import Session
from infra.log.stored import as_uuid
from infra.log.writer import Rejected, Unreachable, Writer

ANSWER_SECONDS: Final = 6.0
"""How long a batch may take, by the client's clock; it waits 5 s for the lock, by the server's."""
_FENCE_SECONDS: Final = 1.0
_CALL: Final = b"samsyn_append"

# No statement_timeout: while a commit waits for a standby it would end the waiting, and what is
# on no standby would be acknowledged. The plans are made once, when the tables may be empty:
# they must not be those that suit empty tables.
_SETTINGS: Final = """
SET default_transaction_isolation = 'read committed';
SET statement_timeout = 0;
SET plan_cache_mode = force_generic_plan;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off'"""
_VERSIONS: Final = """
SELECT s.n, (SELECT e.version FROM events e WHERE e.stream_id = s.id
             ORDER BY e.version DESC LIMIT 1)
FROM unnest($1::uuid[]) WITH ORDINALITY AS s(id, n)"""
_RECEIPTS: Final = """
SELECT key, fingerprint, created_id, position, stream_id, version
FROM command_keys WHERE key = ANY($1::text[])"""
_CLAIMED: Final = "SELECT name FROM claims WHERE name = ANY($1::text[])"
_FIND: Final = """
SELECT s.n, e.position, e.state
FROM events e, unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS s(stream_id, version, n)
WHERE e.stream_id = s.stream_id AND e.version = s.version ORDER BY s.n"""

_END_EARLIER: Final = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND (classid::bigint << 32) + objid::bigint = $1::bigint
    AND objsubid = 1 AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


class PostgresqlWriter(Writer):
    """Writes through one session, and knows for certain when an earlier one of its own is over."""

    def __init__(self, engine: Engine, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Prepare; nothing is opened yet. ``answer_seconds`` is how long a batch may take."""
        self._engine = engine
        self._answer_seconds = answer_seconds
        # Held by each session of this writer for as long as it lives.
        self._own_key = secrets.randbits(62)
        self._session: Session | None = None

    def open(self) -> None:
        """Have a session that is alive and alone; see Writer."""
        if self._session is not None and not self._session.is_fresh():
            self.close()
        if self._session is None:
            session = Session(self._engine, "samsyn log")
            try:
                self._fence(session)
                session.run(_SETTINGS, self._answer_seconds)
                session.run("SET lock_timeout = '5s'", self._answer_seconds)
                session.run(PROCEDURE, self._answer_seconds)
                marks = ", ".join(f"${number}" for number in range(1, PARAMETERS + 1))
                session.prepare(
                    _CALL,
                    f"CALL pg_temp.samsyn_append({marks}, NULL, NULL)",
                    self._answer_seconds,
                )
            except Rejected as error:
                session.close()
                raise Unreachable(str(error)) from error
            self._session = session

    def write(self, draft: Draft) -> int | None:
        """Call the procedure; see Writer."""
        given = _parameters(draft)
        answer = self._open_session().call(_CALL, given, self._answer_seconds)
        head = _number_or_none(answer.get_value(0, 0))
        if head == READ_ONLY_HEAD:
            raise LogReadOnly(READ_ONLY)
        if head is not None and draft.draws:
            drawn = (answer.get_value(0, 1) or b"").split(b",")
            for each, number in zip(draft.series(), drawn, strict=True):
                each.learn(int(number))
        return head

    def look_up(self, streams: Sequence[UUID], keys: Sequence[str], names: Sequence[str]) -> Known:
        """Read without the lock: versions only grow, keys and claims only come."""
        session, seconds = self._open_session(), self._answer_seconds
        versions = session.ask(_VERSIONS, [arrays.of_uuids(streams)], seconds)
        receipts = session.ask(_RECEIPTS, [arrays.of_texts(keys)], seconds)
        claimed = session.ask(_CLAIMED, [arrays.of_texts(names)], seconds)
        return Known(
            versions={
                streams[_number(versions.get_value(row, 0)) - 1]: _number_or_none(
                    versions.get_value(row, 1)
                )
                for row in range(versions.ntuples)
            },
            receipts={
                kept.key: kept
                for row in range(receipts.ntuples)
                for kept in [_receipt([receipts.get_value(row, column) for column in range(6)])]
            },
            claimed={(claimed.get_value(row, 0) or b"").decode() for row in range(claimed.ntuples)},
        )

    def find(self, draft: Draft) -> int | None:
        """Look for the draft's bytes, and make sure that what is seen will stay; see Writer."""
        session, sought = self._open_session(), draft.sought()
        events = [draft.rows[row] for row in sought]
        given = [
            arrays.of_uuids([as_uuid(event.originator_id) for event in events]),
            arrays.of_ints([event.originator_version for event in events]),
        ]
        found = session.ask(_FIND, given, self._answer_seconds)
        states = {
            sought[_number(found.get_value(at, 0)) - 1]: found.get_value(at, 2) or b""
            for at in range(found.ntuples)
        }
        if not draft.recognise(states):
            return None
        # A session that is ended while its commit waits for a standby has committed on this
        # server alone. This small commit comes after it, and waits for the standby in its place.
        session.run("SELECT pg_logical_emit_message(true, 'samsyn', '')", self._answer_seconds)
        return _number(found.get_value(0, 1)) - 1

    def close(self) -> None:
        """Hang up."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _open_session(self) -> Session:
        if self._session is None:
            raise Unreachable("The log's connection is closed.")
        return self._session

    def _fence(self, session: Session) -> None:
        """Take this writer's own lock: then no earlier session of it is left.

        A batch that was sent may lie unread before a server that was frozen, or wait for the
        log's lock. As long as its session lives it may yet be committed.
        """
        session.run(f"SET lock_timeout = '{_FENCE_SECONDS}s'", self._answer_seconds)
        lock = f"SELECT pg_advisory_lock({self._own_key})"
        try:
            session.run(lock, self._answer_seconds)
        except Rejected:
            # It does not know that its client is gone.
            key = [arrays.bigint(self._own_key)]
            session.ask(_END_EARLIER, key, self._answer_seconds)
            session.run(lock, self._answer_seconds)


def hold_the_lock(engine: Engine) -> str:
    """Give the statement that keeps every appender out of the database until a transaction ends."""
    return (
        f"SELECT pg_advisory_xact_lock({LOCK_KEY})" if engine.name == "postgresql" else "SELECT 1"
    )


def _parameters(draft: Draft) -> list[bytes | None]:
    rows, keys = draft.rows, [*draft.keys.values()]
    given: list[bytes | None] = [
        arrays.of_uuids([*draft.expected]),
        arrays.of_ints([*draft.expected.values()]),
        arrays.of_uuids([as_uuid(event.originator_id) for event in rows]),
        arrays.of_ints([event.originator_version for event in rows]),
        arrays.of_texts([event.topic for event in rows]),
        arrays.of_bigints([event.recorded_at for event in rows]),
        arrays.of_bytes([event.state for event in rows]),
    ]
    if keys:
        given += [
            arrays.of_texts([one.key.key for one in keys]),
            arrays.of_texts([one.key.fingerprint for one in keys]),
            arrays.of_uuids_or_nulls([one.key.created_id for one in keys]),
            arrays.of_ints([one.offset for one in keys]),
            arrays.of_uuids([one.stream_id for one in keys]),
            arrays.of_ints([one.version for one in keys]),
        ]
    else:
        given += [None] * 6
    if draft.claims:
        given += [arrays.of_texts([*draft.claims]), arrays.of_ints([*draft.claims.values()])]
    else:
        given += [None] * 2
    return given + (_draw_parameters(draft) if draft.draws else [None] * 5)


def _draw_parameters(draft: Draft) -> list[bytes | None]:
    draws = draft.series()
    places = [each.draw.place_in(draft.rows[each.row].state) for each in draws]
    return [
        arrays.of_ints([each.row + 1 for each in draws]),
        arrays.of_texts([each.draw.names() for each in draws]),
        arrays.of_bigints([each.draw.number for each in draws]),
        arrays.of_ints([at + 1 for at, _ in places]),
        arrays.of_ints([length for _, length in places]),
    ]


def _receipt(row: Sequence[bytes | None]) -> KeptReceipt:
    key, fingerprint, created_id, position, stream_id, version = row
    return KeptReceipt(
        key=(key or b"").decode(),
        fingerprint=(fingerprint or b"").decode(),
        created_id=None if created_id is None else UUID(bytes=created_id),
        position=_number(position),
        stream_id=UUID(bytes=stream_id),
        version=_number(version),
    )


def _number(value: bytes | None) -> int:
    return int.from_bytes(value or b"", "big", signed=True)


def _number_or_none(value: bytes | None) -> int | None:
    return None if value is None else _number(value)
