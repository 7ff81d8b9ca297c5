"""The past of an issue: what its streams said by then, folded anew, for the queries of today.

The folds and the queries are those of the live read models; only the database is another, made in
memory for one answer. Who may read the past is who may today: those rights are copied, not folded.
"""

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Connection, Engine, NullPool, Table, create_engine

from domain.lifecycle import IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened, SourceReportAdded
from projections.audit_trail import AUDIT_TRAIL
from projections.bulk_store import BulkStore
from projections.issue_story import ISSUE_STORY
from projections.projection import Projection
from projections.queues import QUEUES
from projections.row_statements import fetch, upsert
from projections.rows import Row
from projections.visibility import VISIBILITY, issue_access, issue_party, report_access

_FOLDED: Final = (ISSUE_STORY, AUDIT_TRAIL, QUEUES)


def report_ids(entries: Iterable[LogEntry]) -> list[UUID]:
    """The reports that the events of an issue made part of it."""
    found: dict[UUID, None] = {}
    for entry in entries:
        if entry.topic in _ADD_REPORTS:
            found |= dict.fromkeys(_added_reports(entry))
    return list(found)


@contextmanager
def past(entries: Sequence[LogEntry], live: Connection | None) -> Generator[Connection]:
    """Give a database that knows the entries only, in order of position, and today's rights.

    Without `live` the rights are those that the entries give: for what is yet to come. It answers
    queries of an issue and of where it stands; of counters it knows nothing.
    """
    with _engine().connect() as db:
        if live is not None:
            _copy_rights(live, db, {entry.stream_id for entry in entries})
        for projection in _FOLDED if live is not None else (VISIBILITY, *_FOLDED):
            _fold(projection, entries, db)
        yield db


def _fold(projection: Projection, entries: Sequence[LogEntry], db: Connection) -> None:
    store = BulkStore(
        projection.tables,
        lambda: nullcontext(db),
        derived=frozenset(projection.derived),
        whole=True,
    )
    projection.fold(projection.wanted(entries), store)
    store.flush(db)


def _copy_rights(live: Connection, db: Connection, stream_ids: set[UUID]) -> None:
    reports = _rows(live, report_access, report_access.c.report_id, stream_ids)
    # A report is read as part of the issue it belongs to today.
    issue_ids = stream_ids | {row["issue_id"] for row in reports if row["issue_id"]}
    upsert(db, report_access, reports)
    for table in (issue_access, issue_party):
        upsert(db, table, _rows(live, table, table.c.issue_id, issue_ids))


def _rows(db: Connection, table: Table, column: Column[Any], ids: set[UUID]) -> list[Row]:
    return list(fetch(db, table, [column], [(id_,) for id_ in ids]))


_ADD_REPORTS: Final = frozenset({IssueOpened.TOPIC, SourceReportAdded.TOPIC, IssuesMerged.TOPIC})


def _added_reports(entry: LogEntry) -> Sequence[UUID]:
    match entry.event:
        case IssueOpened() as event:
            return event.source_reports
        case SourceReportAdded() as event:
            return (event.report_id,)
        case IssuesMerged() as event if event.into_id == entry.stream_id:
            return event.report_ids
        case _:
            return ()


@cache
def _engine() -> Engine:
    """Every connection is a database of its own, which is gone when it is closed."""
    return create_engine("sqlite://", creator=_empty_database, poolclass=NullPool)


def _empty_database() -> sqlite3.Connection:
    # Copied as bytes: creating tables and indexes takes several times as long.
    connection = sqlite3.connect(":memory:")
    connection.deserialize(_tables())
    return connection


@cache
def _tables() -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        engine = create_engine("sqlite://", creator=lambda: connection, poolclass=NullPool)
        with engine.connect() as db:
            for projection in (VISIBILITY, *_FOLDED):
                projection.metadata.create_all(db)
            db.commit()
            return connection.serialize()
