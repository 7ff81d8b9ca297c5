"""What each agency has before it: a row for each line of its queue, kept up by batches."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    func,
    literal_column,
    select,
)

from domain.codes import Badge
from domain.log_entry import LogEntry
from projections.columns import Json, UtcDateTime, UuidText
from projections.issue_changes import ISSUE_TOPICS
from projections.issue_fold import fold_states
from projections.issue_state import IssueNow, IssueState
from projections.projection import Projection
from projections.queue_rows import (
    EVERYONE,
    FOLLOW_UP_LATER,
    MARKS,
    Bucket,
    badges_of,
    rows_of,
    sought_by,
)
from projections.rows import Row, Rows
from projections.store import Store, Tables

__all__ = [
    "COUNTED",
    "EVERYONE",
    "FOLLOW_UP_LATER",
    "QUEUES",
    "Bucket",
    "marked",
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

_PLACE: Final = ("issue_id", "item_id")
_BY_DUE: Final = ("rank", "sort_at", *_PLACE)

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
    Column("state", IssueState, nullable=False),
)
queue_items = Table(
    "queue_items",
    _metadata,
    Column("agency_id", String(100), primary_key=True),
    Column("bucket", String(20), primary_key=True),
    Column("issue_id", UuidText, primary_key=True),
    Column("item_id", UuidText, primary_key=True),
    Column("urgency", Integer, nullable=False),
    Column("number", String(40), nullable=False),
    Column("category", String(40), nullable=False),
    Column("caseworker", String(200), nullable=False),
    Column("marks", Integer, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("sort_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime),
    Column("since_at", UtcDateTime, nullable=False),
    Column("referral_id", UuidText),
    Column("referral_type", String(20)),
    Column("from_agency", String(100)),
    Column("to_agency", String(100)),
    Index("queue_items_of_issue", "issue_id"),
)
for _name, _columns in (
    ("in_order", _BY_DUE),
    ("by_urgency", ("urgency", *_BY_DUE)),
    ("by_category", ("category", *_BY_DUE)),
    ("by_caseworker", ("caseworker", *_BY_DUE)),
    ("by_number", ("number", *_PLACE)),
    ("by_since", ("since_at", *_PLACE)),
):
    Index(
        f"queue_items_{_name}",
        *(queue_items.c[each] for each in ("agency_id", "bucket", *_columns)),
    )


def marked(mark: Badge) -> ColumnElement[bool]:
    """Whether a line's issue carries a mark: to the letter as the index of those says it."""
    return queue_items.c.marks.op("&")(literal_column(str(MARKS[mark]))) != literal_column("0")


for _mark in MARKS:
    # Few lines carry one, so these indexes cost the others nothing but a look.
    Index(
        f"queue_items_{_mark.value}",
        *(queue_items.c[each] for each in ("agency_id", "bucket", *_BY_DUE)),
        postgresql_where=marked(_mark),
        sqlite_where=marked(_mark),
    )
queue_counts = Table(
    "queue_counts",
    _metadata,
    Column("agency_id", String(100), primary_key=True),
    Column("bucket", String(20), primary_key=True),
    Column("lines", Integer, nullable=False),
)


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    fold_states(batch, store, "queue_issues")
    store.before_flush(_settle)


def _settle(store: Store) -> None:
    """Once for each issue that changed, however often it did: its row and its lines."""
    issues = store.rows("queue_issues")
    groups: dict[UUID, list[Row]] = {}
    fresh: set[UUID] = set()
    for issue_id, row in issues.touched():
        state: IssueNow = row["state"]
        row.update(_told(state))
        badges = row["badges"]
        groups[issue_id] = [
            line.as_row() | sought_by(state, badges, line.agency_id)
            for line in rows_of(issue_id, state)
        ]
        if issues.is_fresh(issue_id):
            fresh.add(issue_id)
    lines: Counter[tuple[str, str]] = Counter()
    for line, by in store.replace("queue_items", groups, frozenset(fresh)):
        lines[line["agency_id"], line["bucket"]] += by
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


def _counted(tables: Tables) -> Select[*tuple[Any, ...]]:
    """The counts as the lines give them: a rebuild counts once, at its end."""
    items = tables["queue_items"].c
    return (
        select(items.agency_id, items.bucket, func.count())
        .where(items.bucket.in_([bucket.value for bucket in COUNTED]))
        .group_by(items.agency_id, items.bucket)
    )


def _told(issue: IssueNow) -> Row:
    return {
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
    }


QUEUES = Projection(
    name="queues",
    version=3,
    metadata=_metadata,
    fold=_fold,
    topics=ISSUE_TOPICS,
    derived={"queue_counts": _counted},
)
