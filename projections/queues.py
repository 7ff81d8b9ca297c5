"""What each agency has before it: a row for each line of its queue, kept up by batches."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

from domain.log_entry import LogEntry
from projections.columns import Json, UtcDateTime, UuidText
from projections.issue_changes import ISSUE_TOPICS, states_after
from projections.issue_state import IssueNow, stored
from projections.projection import Projection
from projections.queue_rows import EVERYONE, FOLLOW_UP_LATER, Bucket, badges_of, rows_of
from projections.rows import Rows
from projections.store import Store

__all__ = [
    "COUNTED",
    "EVERYONE",
    "FOLLOW_UP_LATER",
    "QUEUES",
    "Bucket",
    "queue_counts",
    "queue_issues",
    "queue_items",
]

COUNTED = frozenset(
    {
        Bucket.TO_ANSWER,
        Bucket.RETURNED,
        Bucket.OURS,
        Bucket.ASSISTING,
        Bucket.WAITING,
        Bucket.UNASSIGNED,
        Bucket.INFORMED,
    }
)
"""Buckets whose length is projected: it changes by events only, not by the passing of time."""

_metadata = MetaData()

queue_issues = Table(
    "queue_issues",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("number", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("public_title", Text, nullable=False),
    Column("place_name", Text, nullable=False),
    Column("category", String(40), nullable=False),
    Column("priority", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("responsible_agency", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("caseworkers", Json, nullable=False),
    Column("badges", Json, nullable=False),
    Column("state", Text, nullable=False),
)
queue_items = Table(
    "queue_items",
    _metadata,
    Column("agency_id", String(100), primary_key=True),
    Column("bucket", String(20), primary_key=True),
    Column("issue_id", UuidText, primary_key=True),
    Column("item_id", UuidText, primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("sort_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("since_at", UtcDateTime, nullable=False),
    Column("referral_id", UuidText),
    Column("referral_type", String(20)),
    Column("from_agency", String(100)),
    Column("to_agency", String(100)),
    Index("queue_items_in_order", "agency_id", "bucket", "rank", "sort_at", "issue_id", "item_id"),
    Index("queue_items_of_issue", "issue_id"),
)
queue_counts = Table(
    "queue_counts",
    _metadata,
    Column("agency_id", String(100), primary_key=True),
    Column("bucket", String(20), primary_key=True),
    Column("lines", Integer, nullable=False),
)

_Key = tuple[str, str, UUID, UUID]


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    touched = list(dict.fromkeys(entry.stream_id for entry in batch))
    issues = store.rows("queue_issues")
    issues.prefetch(touched)
    items = store.rows("queue_items")
    items.prefetch_by("issue_id", touched)
    states = states_after(batch, lambda issue_id: _state(issues, issue_id))
    lines: Counter[tuple[str, str]] = Counter()
    for issue_id, issue in states.items():
        issues.put(_issue_row(issue_id, issue))
        before = {_key(row): row for row in items.by("issue_id", issue_id)}
        now: set[_Key] = set()
        for line in rows_of(issue_id, issue):
            new = line.as_row()
            key = _key(new)
            now.add(key)
            if before.get(key) != new:
                items.put(new)
            if key not in before:
                lines[key[:2]] += 1
        for key in before.keys() - now:
            items.delete(key)
            lines[key[:2]] -= 1
    _count(store.rows("queue_counts"), lines)


def _count(counts: Rows, lines: Counter[tuple[str, str]]) -> None:
    changed = {key: by for key, by in lines.items() if by and key[1] in COUNTED}
    counts.prefetch(changed)
    for (agency_id, bucket), by in changed.items():
        known = counts.get((agency_id, bucket))
        total = (known["lines"] if known else 0) + by
        if total:
            counts.put({"agency_id": agency_id, "bucket": bucket, "lines": total})
        else:
            # A count of nothing is no row: a rebuild, which never saw the others, has none either.
            counts.delete((agency_id, bucket))


def _state(issues: Rows, issue_id: UUID) -> str | None:
    row = issues.get(issue_id)
    return row["state"] if row else None


def _key(row: Any) -> _Key:  # noqa: ANN401  a row of the table, read or to be written
    return row["agency_id"], row["bucket"], row["issue_id"], row["item_id"]


def _issue_row(issue_id: UUID, issue: IssueNow) -> dict[str, Any]:
    return {
        "issue_id": issue_id,
        "number": issue.number,
        "title": issue.title,
        "public_title": issue.public_title,
        "place_name": issue.place_name,
        "category": issue.category,
        "priority": issue.priority.value,
        "status": issue.status.value,
        "responsible_agency": issue.responsible_agency,
        "version": issue.version,
        "caseworkers": issue.caseworkers,
        "badges": badges_of(issue),
        "state": stored(issue),
    }


QUEUES = Projection(name="queues", version=1, metadata=_metadata, fold=_fold, topics=ISSUE_TOPICS)
