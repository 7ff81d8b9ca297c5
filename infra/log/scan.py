"""Read the whole log, or a part of its streams, as fast as the database gives it out."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from psycopg import sql
from sqlalchemy import Engine, func, select

from domain.log_entry import LogEntry
from infra.database import from_microseconds
from infra.log.mapper import event_of
from infra.log.tables import events

PAGE: Final = 1_000
"""Entries, with what is made of them, take 6 KB each: they must leave room for a rebuild's rows."""
_POSITIONS_OF_A_COPY: Final = 100_000
"""One COPY reads so many positions: while it runs, PostgreSQL keeps what it may still need."""
_TYPES: Final = ("int8", "uuid", "int4", "text", "int8", "bytea")
_COLUMNS: Final = "position, stream_id, version, topic, recorded_at, state"


class LogReader:
    """Reads the log for a process that appends nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def read(self, after: int, limit: int) -> list[LogEntry]:
        """Read at most ``limit`` entries after a position."""
        entries: list[LogEntry] = []
        for page in scan(self._engine, after, after + limit):
            entries += page
        return entries

    def scan(
        self, after: int, until: int, part: int, parts: int, across: frozenset[str] = frozenset()
    ) -> Iterator[list[LogEntry]]:
        """Read much of the log, for one of several parts of its streams."""
        return scan(self._engine, after, until, part, parts, across)

    def head(self) -> int:
        """Give the last position, 0 in an empty log."""
        with self._engine.connect() as db:
            return db.scalar(select(func.max(events.c.position))) or 0


def scan(
    engine: Engine,
    after: int,
    until: int,
    part: int = 0,
    parts: int = 1,
    across: frozenset[str] = frozenset(),
) -> Iterator[list[LogEntry]]:
    """Give the entries after one position up to another in strict order, in pages.

    With several ``parts`` only those of streams whose last byte leaves ``part`` when divided by
    ``parts``, and those of all streams that have a topic of ``across``.
    """
    read = _copied if engine.dialect.name == "postgresql" else _fetched
    page: list[LogEntry] = []
    add = page.append
    for position, stream_id, version, topic, recorded_at, state in read(
        engine, after, until, part, parts, across
    ):
        at = from_microseconds(recorded_at)
        add(
            LogEntry(
                position=position,
                stream_id=stream_id,
                version=version,
                topic=topic,
                recorded_at=at,
                state=state,
                decode=event_of,
            )
        )
        if len(page) == PAGE:
            yield page
            page = []
            add = page.append
    if page:
        yield page


def _copied(
    engine: Engine, after: int, until: int, part: int, parts: int, across: frozenset[str]
) -> Iterator[tuple[Any, ...]]:
    """Through COPY, which sends rows without being asked for each page."""
    with engine.connect() as db:
        cursor: Any = db.connection.cursor()
        ours = _ours_on_postgresql(cursor, part, parts, across)
        for start in range(after, until, _POSITIONS_OF_A_COPY):
            end = min(start + _POSITIONS_OF_A_COPY, until)
            statement = (
                f"COPY (SELECT {_COLUMNS} FROM events"  # noqa: S608  numbers and what the driver quoted
                f" WHERE position > {start:d} AND position <= {end:d}{ours} ORDER BY position)"
                " TO STDOUT (FORMAT BINARY)"
            )
            with cursor.copy(statement) as copy:
                copy.set_types(_TYPES)
                yield from copy.rows()
            # Between two of them no transaction is open.
            db.rollback()


def _ours_on_postgresql(cursor: Any, part: int, parts: int, across: frozenset[str]) -> str:  # noqa: ANN401  the driver's
    """The condition; COPY takes no parameters, so topics are quoted by the driver."""
    if parts == 1:
        return ""
    topics = ", ".join(sql.Literal(topic).as_string(cursor) for topic in sorted(across))
    or_across = f" OR topic IN ({topics})" if topics else ""
    return f" AND (get_byte(uuid_send(stream_id), 15) % {parts:d} = {part:d}{or_across})"


def _fetched(
    engine: Engine, after: int, until: int, part: int, parts: int, across: frozenset[str]
) -> Iterator[tuple[Any, ...]]:
    """Page by page, so that no transaction stays open and SQLite can tidy its journal."""
    statement = (
        f"SELECT {_COLUMNS} FROM events WHERE position > ? AND position <= ?"  # noqa: S608  as above
        " ORDER BY position LIMIT ?"
    )
    while after < until:
        with engine.connect() as db:
            rows = db.exec_driver_sql(statement, (after, until, PAGE)).all()
        if not rows:
            return
        after = rows[-1][0]
        for position, stream_id, version, topic, recorded_at, state in rows:
            if parts == 1 or int(stream_id[-2:], 16) % parts == part or topic in across:
                yield position, UUID(stream_id), version, topic, recorded_at, state
