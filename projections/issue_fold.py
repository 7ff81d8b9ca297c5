"""Keeps what queues and clocks must know of each issue in a table of its own, event by event."""

from collections.abc import Sequence

from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from projections.issue_changes import after
from projections.issue_state import IssueNow
from projections.store import Store


def fold_states(batch: Sequence[LogEntry], store: Store, table: str) -> None:
    """Bring the column ``state`` of each issue's row up to date; a new issue gets a row."""
    issues = store.rows(table)
    issues.begin(entry.stream_id for entry in batch if entry.topic == IssueOpened.TOPIC)
    issues.prefetch(entry.stream_id for entry in batch)
    for entry in batch:
        row = issues.change(entry.stream_id)
        state = state_after(row["state"] if row else None, entry, store)
        if row is None:
            issues.put({"issue_id": entry.stream_id, "state": state})
        else:
            row["state"] = state


def state_after(before: IssueNow | None, entry: LogEntry, store: Store) -> IssueNow:
    """The state after one more event; of projections that fold in step the first makes it.

    The others then find it as it is at the end of the page: what they write is the same, for
    nothing that is made of a state while a page is folded outlives its end.
    """
    if store.shared is None:
        return after(before, entry)
    state: IssueNow | None = store.shared.get(entry.position)
    if state is None:
        state = store.shared[entry.position] = after(before, entry)
    return state
