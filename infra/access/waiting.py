"""How far the seals over the agencies' access logs are behind, all of them together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from infra.access.leaves import kind_of_agency
from infra.access.tables import accesses
from infra.audit.store import reached


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Rows that are not sealed yet, and for how many seconds the oldest of them has waited."""

    rows: int = 0
    seconds: float = 0.0


def waiting(db: Connection, now: datetime) -> Waiting:
    """Look at every agency's log."""
    rows, seconds = 0, 0.0
    column = accesses.c
    for agency_id in _agencies(db):
        query = select(func.count(), func.min(column.at)).where(
            column.agency_id == agency_id,
            column.position > reached(db, kind_of_agency(agency_id)),
        )
        count, since = db.execute(query).one()
        rows += count
        if since is not None:
            seconds = max(seconds, (now - since).total_seconds())
    return Waiting(rows=rows, seconds=seconds)


def _agencies(db: Connection) -> Iterator[str]:
    """Those that have rows, each found by the key: DISTINCT would read millions."""
    column = accesses.c.agency_id
    last: str | None = db.scalar(select(func.min(column)))
    while last is not None:
        yield last
        last = db.scalar(select(func.min(column)).where(column > last))
