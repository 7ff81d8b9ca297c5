"""A merge of issues, the one event that changes rows of other streams than its own."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from domain.lifecycle import IssuesMerged
from domain.log_entry import LogEntry
from projections.projection import Concerned


def _its_reports(entry: LogEntry) -> Iterable[UUID]:
    event: IssuesMerged = entry.event
    return event.report_ids


MERGES: Mapping[str, Concerned] = {IssuesMerged.TOPIC: _its_reports}
"""A projection's ``across`` if it keeps which issue a report belongs to."""
