"""An agency's access log as the check of the audit log reads it: row by row, each with its leaf."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, func, select

from domain.log_entry import LogEntry
from infra.access.disposal import disposed_before
from infra.access.leaves import KIND
from infra.access.rows import AccessRow, bytes_of, leaf_of_row
from infra.access.store import rows_after
from infra.access.tables import accesses
from infra.audit.leaf import Leaf, written_time
from infra.audit.made import Log, Made, Scan
from infra.database import microseconds

_AT_A_TIME = 5_000


def access_log_of(engine: Engine, kind: str) -> Log:
    """The rows of the log of such a kind, for ``check_log``."""
    agency_id = kind.removeprefix(KIND)

    def head() -> int:
        with engine.connect() as db:
            query = select(func.max(accesses.c.position)).where(accesses.c.agency_id == agency_id)
            return db.scalar(query) or 0

    with engine.connect() as db:
        before = disposed_before(db, agency_id)
    told = "" if before is None else written_time(before)
    return Log(head, _scan(engine, agency_id), _as_entry, _leaf_of, told)


def _scan(engine: Engine, agency_id: str) -> Scan:
    def scan(after: int, until: int) -> Iterator[Sequence[Made]]:
        while True:
            with engine.connect() as db:
                rows = rows_after(db, agency_id, after, until, _AT_A_TIME)
            if not rows:
                return
            yield [_made(row) for row in rows]
            after = rows[-1].position

    return scan


def _made(row: AccessRow) -> Made:
    leaf = leaf_of_row(row)
    return row.position, str(row.row_id), leaf.entry, microseconds(row.at), row


def _as_entry(row: AccessRow) -> LogEntry:
    return LogEntry(
        position=row.position,
        stream_id=row.row_id,
        version=0,
        topic=str(row.kind),
        recorded_at=row.at,
        state=bytes_of(row),
        decode=_no_event,
        known=row,
    )


def _leaf_of(entry: LogEntry) -> Leaf:
    row: AccessRow = entry.known
    return leaf_of_row(row)


def _no_event(_entry: LogEntry) -> Any:  # noqa: ANN401  as a log entry wants it
    raise TypeError("A row of the access log is no event.")
