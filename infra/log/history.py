"""Read what the log said of some streams up to a position, and what position a time had reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Engine, func, select

from domain.log_entry import LogEntry
from infra.database import from_microseconds, microseconds
from infra.log.mapper import event_of
from infra.log.tables import events

_STREAMS_IN_ONE_STATEMENT: Final = 500


def history(engine: Engine, stream_ids: Sequence[UUID], until: int) -> list[LogEntry]:
    """Give every entry of the streams up to a position, that one included, in the log's order."""
    found: list[LogEntry] = []
    with engine.connect() as db:
        for start in range(0, len(stream_ids), _STREAMS_IN_ONE_STATEMENT):
            some = stream_ids[start : start + _STREAMS_IN_ONE_STATEMENT]
            query = select(events).where(events.c.stream_id.in_(some), events.c.position <= until)
            for position, stream_id, version, topic, recorded_at, state in db.execute(query):
                found.append(
                    LogEntry(
                        position=position,
                        stream_id=stream_id,
                        version=version,
                        topic=topic,
                        recorded_at=from_microseconds(recorded_at),
                        state=state,
                        decode=event_of,
                    )
                )
    # Sorted here: asked for the order, PostgreSQL might read the whole log along it.
    found.sort(key=lambda entry: entry.position)
    return found


def position_at(engine: Engine, at: datetime) -> int:
    """Give the last position recorded by a time, 0 if there was none; in a few steps, by halving.

    Several servers' clocks may differ a little, so that times near each other need not follow the
    order of positions: the position is then one of those around the time.
    """
    wanted = microseconds(at)
    position, recorded_at = events.c.position, events.c.recorded_at
    with engine.connect() as db:
        known, beyond = 0, (db.scalar(select(func.max(position))) or 0) + 1
        while beyond - known > 1:
            middle = (known + beyond) // 2
            if db.scalars(select(recorded_at).where(position == middle)).one() <= wanted:
                known = middle
            else:
                beyond = middle
    return known
