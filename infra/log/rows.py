"""Read the whole log as bare rows, for who looks at every event and decodes none."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import Engine

from domain.log_entry import LogEntry
from infra.database import from_microseconds, microseconds
from infra.log.mapper import event_of

PAGE: Final = 5_000
EventRow: TypeAlias = tuple[int, str, int, str, int, bytes]
"""Position, stream, version, topic, microseconds since 1970 UTC of its recording, bytes."""

_WHERE: Final = "FROM events WHERE position > {0} AND position <= {0} ORDER BY position LIMIT {0}"
# A UUID as text: to make an object of each costs more than all the rest of the reading.
_ON_POSTGRESQL: Final = (
    "SELECT position, stream_id::text, version, topic, recorded_at, state " + _WHERE.format("%s")
)
_PARTS: Final = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
_DASHED: Final = " || '-' || ".join(f"substr(stream_id, {at}, {size})" for at, size in _PARTS)
# On SQLite somebody may have put anything into any column.
_ON_SQLITE: Final = (
    f"SELECT position, {_DASHED}, CAST(version AS INTEGER), "
    "CASE typeof(topic) WHEN 'text' THEN topic ELSE hex(topic) END, "
    "CAST(recorded_at AS INTEGER), CAST(state AS BLOB) " + _WHERE.format("?")
)


_EARLIEST: Final = microseconds(datetime.min.replace(tzinfo=UTC))
_LATEST: Final = microseconds(datetime.max.replace(tzinfo=UTC))


def event_rows(engine: Engine, after: int, until: int) -> Iterator[list[EventRow]]:
    """Give the rows after one position up to another in strict order, in pages.

    No transaction stays open between two pages. What somebody made of the columns is given as it
    is: a version may be negative, a time be of no year.
    """
    while after < until:
        with engine.connect() as db:
            rows = _page(db.connection.cursor(), engine.dialect.name, (after, until, PAGE))
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def entry_of(row: EventRow) -> LogEntry:
    """The row as everybody else reads it; a time of no year becomes the nearest that there is.

    A stream that is none becomes the nil UUID.
    """
    position, stream, version, topic, recorded_at, state = row
    try:
        stream_id = UUID(stream)
    except (ValueError, AttributeError):
        stream_id = UUID(int=0)
    return LogEntry(
        position=position,
        stream_id=stream_id,
        version=version,
        topic=topic,
        recorded_at=from_microseconds(min(max(recorded_at, _EARLIEST), _LATEST)),
        state=state,
        decode=event_of,
    )


def _page(cursor: Any, dialect: str, asked: tuple[int, int, int]) -> list[EventRow]:  # noqa: ANN401  the driver's
    if dialect == "postgresql":
        # As binary: as text the bytes would come as hexadecimal.
        cursor.execute(_ON_POSTGRESQL, asked, binary=True)
    else:
        cursor.execute(_ON_SQLITE, asked)
    found: list[EventRow] = cursor.fetchall()
    return found
