"""Writes entries in a transaction of the caller's, which holds something else that belongs to them.

The way for what is rare and must be whole: a healing, a new account. All else goes to the appender.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, text

from domain.log_entry import LogEntry
from infra.database import microseconds
from infra.log.on_postgresql import hold_the_lock
from infra.log.tables import claims as claimed
from infra.log.tables import events


def hold_the_log(db: Connection) -> None:
    """Keep every appender out until the transaction ends; on SQLite it must write from its start.

    What is decided after this is decided on all that was written, and positions stay without holes.
    """
    db.execute(text(hold_the_lock(db.engine)))


def write_beside(db: Connection, entries: Sequence[LogEntry], claims: Sequence[str] = ()) -> None:
    """Write entries at their positions, and names that the last one claims; the log must be held.

    Raises:
        IntegrityError: a position, a version of a stream or a name is taken; roll back.
    """
    rows = [
        {
            "position": entry.position,
            "stream_id": entry.stream_id,
            "version": entry.version,
            "topic": entry.topic,
            "recorded_at": microseconds(entry.recorded_at),
            "state": entry.state,
        }
        for entry in entries
    ]
    db.execute(insert(events), rows)
    if claims:
        position = entries[-1].position
        db.execute(insert(claimed), [{"name": name, "position": position} for name in claims])
