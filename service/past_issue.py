"""An issue as the log stood at a position, in a database that today's queries can be asked of."""

from collections.abc import Generator
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
    casework = samsyn.casework
    entries = casework.history([issue_id], position)
    entries += casework.history(report_ids(entries), position)
    entries.sort(key=lambda entry: entry.position)
    with past(entries, live) as db:
        yield db
