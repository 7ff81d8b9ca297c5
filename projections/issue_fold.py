"""Keeps what queues and clocks must know of each issue in a table of its own, event by event."""

from collections.abc import Sequence

from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from projections.issue_changes import after
from projections.rows import Rows


def fold_states(batch: Sequence[LogEntry], issues: Rows) -> None:
    """Bring the column ``state`` of each issue's row up to date; a new issue gets a row."""
    issues.begin(entry.stream_id for entry in batch if entry.topic == IssueOpened.TOPIC)
    issues.prefetch(entry.stream_id for entry in batch)
    for entry in batch:
        row = issues.change(entry.stream_id)
        state = after(row["state"] if row else None, entry)
        if row is None:
            issues.put({"issue_id": entry.stream_id, "state": state})
        else:
            row["state"] = state
