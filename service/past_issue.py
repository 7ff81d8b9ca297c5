"""An issue as it was or would be, in a database that the queries of today can be asked of."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection

from domain.log_entry import LogEntry
from projections.past import past, report_ids
from service.assembly import Samsyn


def steps_of(samsyn: Samsyn, issue_id: UUID) -> list[LogEntry]:
    """Every event of the issue itself, in the order of the log."""
    return samsyn.casework.history([issue_id], samsyn.casework.head())


@contextmanager
def past_issue(
    samsyn: Samsyn, live: Connection, issue_id: UUID, position: int
) -> Generator[Connection]:
    """The issue with its reports as they were then, for those who may read them today."""
    with past(_history(samsyn, issue_id, position), live) as db:
        yield db


@contextmanager
def issue_after(
    samsyn: Samsyn, issue_id: UUID, to_come: Sequence[LogEntry]
) -> Generator[Connection]:
    """The issue with its reports as if these entries stood in the log, and who may read it then."""
    with past([*_history(samsyn, issue_id, samsyn.casework.head()), *to_come], None) as db:
        yield db


def _history(samsyn: Samsyn, issue_id: UUID, position: int) -> list[LogEntry]:
    """The entries of an issue and of its reports up to a position, in the order of the log."""
    casework = samsyn.casework
    entries = casework.history([issue_id], position)
    entries += casework.history(report_ids(entries), position)
    entries.sort(key=lambda entry: entry.position)
    return entries
