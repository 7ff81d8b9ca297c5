"""What is read of the queues: a page of one queue, how long each is, and where an issue stands."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, select

from domain.codes import Badge
from domain.values import Role
from projections.columns import beyond
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.queue_rows import IN_ORDER, ON_TOP
from projections.queues import (
    COUNTED,
    EVERYONE,
    FOLLOW_UP_LATER,
    Bucket,
    queue_counts,
    queue_issues,
    queue_items,
)
from projections.viewer import Viewer
from projections.visibility import sees_issues, sees_pushed_only, visible_issue

MOST_COUNTED = 1_000
"""What is counted at reading is counted no further; so many or more are shown as that."""

_AGENDA_ROLES = frozenset({Role.COORDINATOR, Role.MANAGER, Role.SYSTEM})
# One rank at a time: PostgreSQL then knows well how much lies beyond a cursor, and need not sort.
_RANKS = {Bucket.OURS: (ON_TOP, IN_ORDER), Bucket.UNASSIGNED: (ON_TOP, IN_ORDER)}
_ORDER = (
    queue_items.c.sort_at,
    queue_items.c.issue_id,
    queue_items.c.item_id,
)
_OF_ISSUE = [column for column in queue_issues.c if column.name not in ("issue_id", "state")]


@dataclass(frozen=True, kw_only=True)
class QueueItem:
    """One line of a queue.

    `due_at` is when the agency is to have acted or, in `waiting`, the other one; `since` is when
    the line came to stand there; `version` is that of the issue's stream. `caseworker` is the
    user who handles the issue at the agency of the queue.
    """

    agency_id: str
    bucket: Bucket
    issue_id: UUID
    number: str
    title: str
    place_name: str
    category: str
    priority: str
    status: str
    responsible_agency: str
    referral_id: UUID | None
    referral_type: str | None
    from_agency: str | None
    to_agency: str | None
    due_at: datetime | None
    overdue: bool
    badges: tuple[Badge, ...]
    caseworker: str | None
    since: datetime
    version: int


def queue_of(
    db: Connection,
    viewer: Viewer,
    agency_id: str,
    bucket: Bucket,
    *,
    now: datetime,
    after: str | None = None,
    limit: int = 50,
) -> Page[QueueItem]:
    """A page of one bucket of an agency's queue: what came back first, then by due time.

    The agenda is one for all agencies and shown to coordinators and managers of authorities.

    Raises:
        ValueError: a bad cursor or limit.
    """
    check_limit(limit)
    start = read_cursor(after, int, datetime, UUID, UUID)
    if not _may_look(viewer, agency_id, bucket):
        return Page((), None)
    rows: list[Row[Any]] = []
    for rank in _RANKS.get(bucket, (IN_ORDER,)):
        if len(rows) <= limit and (start is None or start[0] <= rank):
            beginning = start[1:] if start is not None and start[0] == rank else None
            rows += heapq.merge(
                *(
                    _lines(db, viewer, condition, beginning, limit + 1 - len(rows))
                    for condition in _ranges(agency_id, bucket, rank, now)
                ),
                key=_place,
            )
    return page_of(
        rows[: limit + 1], limit, lambda row: _item(row, viewer, agency_id, bucket, now), _place
    )


def counters(db: Connection, viewer: Viewer, agency_id: str, now: datetime) -> dict[Bucket, int]:
    """How many lines each bucket of an agency's queue has for this viewer.

    The own agency's are projected, except for those that change with the time: these, and all of
    another agency's queue, are counted up to `MOST_COUNTED`.
    """
    known: dict[str, int] = {}
    # An agency takes part in every issue in its queue: nothing there is hidden from its people.
    own = viewer.agency_id == agency_id or viewer.actor.role is Role.SYSTEM
    if own and sees_issues(viewer):
        counts = queue_counts.c
        rows = db.execute(select(counts.bucket, counts.lines).where(counts.agency_id == agency_id))
        known = {row.bucket: row.lines for row in rows}
    return {
        bucket: known.get(bucket, 0)
        if own and bucket in COUNTED
        else _counted(db, viewer, agency_id, bucket, now)
        for bucket in Bucket
    }


def queues_with(
    db: Connection, viewer: Viewer, issue_id: UUID, now: datetime
) -> list[tuple[str, Bucket]]:
    """In which queues an issue stands now: agency ids and buckets; the agenda's agency is "*"."""
    items = queue_items.c
    rows = db.execute(
        select(items.agency_id, items.bucket, items.due_at)
        .where(items.issue_id == issue_id, visible_issue(viewer, items.issue_id))
        .order_by(items.agency_id, items.bucket)
    )
    found: dict[tuple[str, Bucket], None] = {}
    for row in rows:
        bucket = Bucket.FOLLOW_UP if row.bucket == FOLLOW_UP_LATER else Bucket(row.bucket)
        later = row.bucket in (FOLLOW_UP_LATER, Bucket.OVERDUE) and row.due_at > now
        if not later and _may_look(viewer, row.agency_id, bucket):
            found[row.agency_id, bucket] = None
    return list(found)


def _may_look(viewer: Viewer, agency_id: str, bucket: Bucket) -> bool:
    if not sees_issues(viewer):
        return False
    if sees_pushed_only(viewer):
        return agency_id == viewer.agency_id and bucket is not Bucket.AGENDA
    return bucket is not Bucket.AGENDA or viewer.actor.role in _AGENDA_ROLES


def _ranges(agency_id: str, bucket: Bucket, rank: int, now: datetime) -> list[ColumnElement[bool]]:
    """The ranges of the index that make up a bucket; time alone decides where some of them end."""
    items = queue_items.c
    if bucket is Bucket.AGENDA:
        agency_id = EVERYONE
    of_agency = (items.agency_id == agency_id) & (items.rank == rank)
    stored = of_agency & (items.bucket == bucket.value)
    later = of_agency & (items.bucket == FOLLOW_UP_LATER) & (items.sort_at <= now)
    match bucket:
        case Bucket.OVERDUE:
            return [stored & (items.sort_at <= now)]
        case Bucket.FOLLOW_UP:
            return [stored, later]
        case _:
            return [stored]


def _lines(
    db: Connection,
    viewer: Viewer,
    condition: ColumnElement[bool],
    start: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    query = (
        select(queue_items, *_OF_ISSUE)
        .join(queue_issues, queue_issues.c.issue_id == queue_items.c.issue_id)
        .where(condition, visible_issue(viewer, queue_items.c.issue_id))
        .order_by(*_ORDER)
        .limit(limit)
    )
    if start is not None:
        query = query.where(beyond(_ORDER, start))
    return db.execute(query).all()


def _counted(db: Connection, viewer: Viewer, agency_id: str, bucket: Bucket, now: datetime) -> int:
    if not _may_look(viewer, agency_id, bucket):
        return 0
    total = 0
    ranges = [
        condition
        for rank in _RANKS.get(bucket, (IN_ORDER,))
        for condition in _ranges(agency_id, bucket, rank, now)
    ]
    for condition in ranges:
        found = (
            select(queue_items.c.issue_id)
            .where(condition, visible_issue(viewer, queue_items.c.issue_id))
            .limit(MOST_COUNTED)
            .subquery()
        )
        total += db.execute(select(func.count()).select_from(found)).scalar_one()
    return min(total, MOST_COUNTED)


def _place(row: Row[Any]) -> tuple[int, datetime, UUID, UUID]:
    return row.rank, row.sort_at, row.issue_id, row.item_id


def _item(
    row: Row[Any], viewer: Viewer, agency_id: str, bucket: Bucket, now: datetime
) -> QueueItem:
    pushed_only = sees_pushed_only(viewer)
    overdue = row.due_at is not None and row.due_at <= now
    badges = () if pushed_only else tuple(Badge(badge) for badge in row.badges)
    return QueueItem(
        agency_id=row.agency_id,
        bucket=bucket,
        issue_id=row.issue_id,
        number=row.number,
        title=row.public_title if pushed_only else row.title,
        place_name=row.place_name,
        category=row.category,
        priority=row.priority,
        status=row.status,
        responsible_agency=row.responsible_agency,
        referral_id=row.referral_id,
        referral_type=row.referral_type,
        from_agency=row.from_agency,
        to_agency=row.to_agency,
        due_at=row.due_at,
        overdue=overdue,
        badges=(*badges, Badge.OVERDUE) if overdue else badges,
        caseworker=row.caseworkers.get(agency_id),
        since=row.since_at,
        version=row.version,
    )
