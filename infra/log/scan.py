"""Read the whole log, or some of its streams, as fast as the database gives it out."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID

from psycopg import sql
from sqlalchemy import Connection, Engine, func, select

from domain.log_entry import LogEntry
from domain.stream_range import EVERY, StreamRange
from infra.database import from_microseconds
from infra.log.mapper import event_of
from infra.log.tables import events

PAGE: Final = 1_000
"""Entries, with what is made of them, take 6 KB each: they must leave room for a rebuild's rows."""
_POSITIONS_OF_A_COPY: Final = 100_000
"""One COPY reads so many positions: while it runs, PostgreSQL keeps what it may still need."""
_SAMPLES: Final = 32
"""Of so many events of a piece the streams are looked at, to find where the next one begins."""
_TYPES: Final = ("int8", "uuid", "int4", "text", "int8", "bytea")
_COLUMNS: Final = "position, stream_id, version, topic, recorded_at, state"
_COLUMNS_BY_STREAM: Final = "position, uuid_send(stream_id), version, topic, recorded_at, state"
_MOST_BY_STREAM: Final = 20_000
"""Entries that the driver takes at once: some more than a part has."""
_BY_STREAM: Final = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('work_mem', '64MB', true),"
    " set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)"
)
"""Few streams are looked up in their index, also in a log of which there are no statistics yet."""

_Rows = Iterator[Sequence[tuple[Any, ...]]]
"""What the database gives out, a page at a time."""


class LogReader:
    """Reads the log for a process that appends nothing."""

    def __init__(self, engine: Engine, without: Collection[str] = ()) -> None:
        """A scan leaves out entries with one of these topics."""
        self._engine = engine
        self._without = without

    def read(self, after: int, limit: int) -> list[LogEntry]:
        """Read at most ``limit`` entries after a position."""
        entries: list[LogEntry] = []
        for page in scan(self._engine, after, after + limit):
            entries += page
        return entries

    def scan(
        self, after: int, until: int, streams: StreamRange = EVERY, besides: Sequence[int] = ()
    ) -> Iterator[list[LogEntry]]:
        """Read much of the log, all of it or some of its streams."""
        return scan(self._engine, after, until, streams, besides, self._without)

    def of_topics(
        self, topics: Sequence[str], until: int, after: int = 0
    ) -> Iterator[list[LogEntry]]:
        """Read the entries with one of these topics, up to a position, in strict order."""
        of_topics = f" AND topic IN ({_quoted(topics)})"
        return _paged(_windows(self._engine, after, until, of_topics))

    def divide(self, size: int, least: int = 1) -> tuple[UUID, ...]:
        """Tell where to cut the streams in pieces of about ``size`` events: the last id of each.

        The last piece has no end. A stream is never cut, so that a very long one is a longer piece;
        there are at least so many pieces if there are so many streams.
        """
        head = self.head()
        pieces = max(least, -(-head // size))
        step = max(1, head // (pieces * _SAMPLES))
        seen = sorted(_streams_at(self._engine, range(step, head + 1, step)))
        cuts = {seen[len(seen) * nth // pieces - 1] for nth in range(1, pieces) if seen}
        return tuple(sorted(cuts - set(seen[-1:])))

    def head(self) -> int:
        """Give the last position, 0 in an empty log."""
        with self._engine.connect() as db:
            return db.scalar(select(func.max(events.c.position))) or 0


def scan(
    engine: Engine,
    after: int,
    until: int,
    streams: StreamRange = EVERY,
    besides: Sequence[int] = (),
    without: Collection[str] = (),
) -> Iterator[list[LogEntry]]:
    """Give the entries after one position up to another in strict order, in pages.

    Only those of the ``streams``, and those at the positions ``besides``, of whatever stream; and
    of them none with a topic that they are to be ``without``. These are named, not those that are
    wanted: what nobody knows is never passed over.
    """
    also = f" AND topic NOT IN ({_quoted(sorted(without))})" if without else ""
    if streams == EVERY:
        return _paged(_windows(engine, after, until, also))
    if engine.dialect.name == "postgresql":
        found = _found_by_stream(engine, after, until, streams, besides, also)
        return _paged(found, _Ids().__getitem__)
    return _paged(_fetched_by_stream(engine, after, until, streams, besides, also))


def _paged(
    found: _Rows, stream_of: Callable[[Any], UUID] | None = None
) -> Iterator[list[LogEntry]]:
    """Make entries of rows, page by page; ``stream_of`` gives the stream that a row names."""
    if stream_of is None:
        stream_of = _as_it_is
    for rows in found:
        # By place and in one go: this is done for every event of the log.
        yield [
            LogEntry(
                position,
                stream_of(stream),
                version,
                topic,
                from_microseconds(recorded_at),
                state,
                event_of,
            )
            for position, stream, version, topic, recorded_at, state in rows
        ]


def _as_it_is(stream: UUID) -> UUID:
    return stream


class _Ids(dict[bytes, UUID]):
    """One object for each stream: it is compared and hashed many times."""

    def __missing__(self, key: bytes) -> UUID:
        made = self[key] = UUID(bytes=key)
        return made


def _windows(engine: Engine, after: int, until: int, also: str) -> _Rows:
    """All of the log, or what meets one more condition."""
    read = _copied if engine.dialect.name == "postgresql" else _fetched
    return read(engine, after, until, also)


def _copied(engine: Engine, after: int, until: int, also: str) -> _Rows:
    """Through COPY, which sends rows without being asked for each page."""
    with engine.connect() as db:
        for start in range(after, until, _POSITIONS_OF_A_COPY):
            end = min(start + _POSITIONS_OF_A_COPY, until)
            yield from _copy(
                db, f"position > {start:d} AND position <= {end:d}{also} ORDER BY position"
            )
            # Between two of them no transaction is open.
            db.rollback()


def _found_by_stream(
    engine: Engine,
    after: int,
    until: int,
    streams: StreamRange,
    besides: Sequence[int],
    also: str,
) -> _Rows:
    bounds = [
        f"stream_id {sign} '{bound}'"
        for sign, bound in ((">", streams.after), ("<=", streams.last))
        if bound is not None
    ]
    ours = " AND ".join(bounds)
    if besides:
        ours = f"({ours} OR position IN ({', '.join(map(str, besides))}))"
    while after < until:
        with engine.connect() as db:
            db.exec_driver_sql(_BY_STREAM)
            cursor: Any = db.connection.cursor()
            with cursor:
                # Ordered by a sum, lest all of the log be read in the order of its positions.
                cursor.execute(
                    f"SELECT {_COLUMNS_BY_STREAM} FROM events WHERE {ours}"  # noqa: S608  numbers and ids
                    f" AND position > {after:d} AND position <= {until:d}{also}"
                    f" ORDER BY position + 0 LIMIT {_MOST_BY_STREAM}",
                    binary=True,
                )
                db.rollback()
                while rows := cursor.fetchmany(PAGE):
                    yield rows
                    after = rows[-1][0]
                if cursor.rowcount < _MOST_BY_STREAM:
                    return


def _copy(db: Connection, which: str) -> _Rows:
    statement = f"COPY (SELECT {_COLUMNS} FROM events WHERE {which}) TO STDOUT (FORMAT BINARY)"  # noqa: S608  numbers, ids and what the driver quoted
    cursor: Any = db.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        copy.set_types(_TYPES)
        rows = copy.rows()
        while page := [*islice(rows, PAGE)]:
            yield page


def _quoted(topics: Sequence[str]) -> str:
    """As the driver quotes them: COPY takes no parameters."""
    return ", ".join(sql.Literal(each).as_string(None) for each in topics)


def _fetched(engine: Engine, after: int, until: int, also: str) -> _Rows:
    """Page by page, so that no transaction stays open and SQLite can tidy its journal."""
    where = f"position > ? AND position <= ?{also} ORDER BY position"
    return _fetched_where(engine, where, (), after, until)


def _fetched_by_stream(
    engine: Engine,
    after: int,
    until: int,
    streams: StreamRange,
    besides: Sequence[int],
    also: str,
) -> _Rows:
    # With a sign before the column SQLite looks for the streams, not through all positions.
    where = (
        "position IN (SELECT position FROM events WHERE stream_id > ? AND stream_id <= ?"
        " UNION SELECT value FROM json_each(?)) AND position > ? AND position <= ?"
    )
    given = (
        streams.after.hex if streams.after else "",
        streams.last.hex if streams.last else "g",  # after every digit
        json.dumps([*besides]),
    )
    return _fetched_where(engine, f"{where}{also} ORDER BY +position", given, after, until)


def _fetched_where(
    engine: Engine, where: str, given: tuple[Any, ...], after: int, until: int
) -> _Rows:
    statement = f"SELECT {_COLUMNS} FROM events WHERE {where} LIMIT ?"  # noqa: S608  as above
    while after < until:
        with engine.connect() as db:
            rows = db.exec_driver_sql(statement, (*given, after, until, PAGE)).all()
        if not rows:
            return
        after = rows[-1][0]
        yield [(position, UUID(stream_id), *rest) for position, stream_id, *rest in rows]


def _streams_at(engine: Engine, positions: Sequence[int]) -> list[UUID]:
    with engine.connect() as db:
        if engine.dialect.name == "postgresql":
            cursor: Any = db.connection.cursor()
            with cursor:
                cursor.execute(
                    "SELECT stream_id FROM events WHERE position = ANY(%s)", ([*positions],)
                )
                return [row[0] for row in cursor.fetchall()]
        statement = (
            "SELECT stream_id FROM events WHERE position IN (SELECT value FROM json_each(?))"
        )
        rows = db.exec_driver_sql(statement, (json.dumps([*positions]),)).all()
        return [UUID(row[0]) for row in rows]
