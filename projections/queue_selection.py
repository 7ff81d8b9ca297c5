"""A queue narrowed down and put in another order, as people ask for it; found without an index.

The whole bucket is looked at: what nobody has narrowed down or sorted comes from `queue_of`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
)

from domain.codes import Badge, Priority
from domain.working_days import LOCAL_ZONE
from projections.queue_rows import IN_ORDER, ON_TOP, end_of_day
from projections.queues import EVERYONE, Bucket, queue_issues, queue_items
from projections.queues_queries import (
    MOST_COUNTED,
    OF_ISSUE,
    OF_ITEM,
    PLACE,
    QueueItem,
    may_look,
    ranges_of,
    teller,
)
from projections.viewer import Viewer
from projections.visibility import sees_pushed_only, visible_issue

NOBODY: Final = "-"
"""As `caseworker`: issues nobody at the agency is assigned to."""


class Sort(StrEnum):
    """What a queue can be put in order by."""

    DUE = "due"
    SINCE = "since"
    NUMBER = "number"
    PRIORITY = "priority"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of a bucket is wanted, and in which order; nothing set is all of it, by due time."""

    priority: str = ""
    category: str = ""
    badge: Badge | None = None
    caseworker: str = ""
    this_week: bool = False
    sort: Sort = Sort.DUE
    descending: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(
            self.priority or self.category or self.badge or self.caseworker or self.this_week
        )

    @property
    def plain(self) -> bool:
        """Whether it is the bucket as it stands."""
        return not self.narrowed and self.sort is Sort.DUE and not self.descending


def select_from_queue(
    db: Connection,
    viewer: Viewer,
    agency_id: str,
    bucket: Bucket,
    wanted: Wanted,
    *,
    now: datetime,
    limit: int = 50,
    offset: int = 0,
) -> list[QueueItem]:
    """Lines of a bucket as wanted; what came back stays on top while the order is by due time."""
    if not may_look(viewer, agency_id, bucket):
        return []
    items = queue_items.c
    columns = (*(items[name] for name in (*PLACE, *OF_ITEM)), *OF_ISSUE)
    query = _narrowed(select(*columns), viewer, agency_id, bucket, wanted, now)
    rows = db.execute(query.order_by(*_order(wanted)).limit(limit).offset(offset))
    tell = teller(viewer, agency_id, bucket, now)
    return [tell((*row[:-1], tuple([Badge(mark) for mark in row[-1]]))) for row in rows]


def count_in_queue(
    db: Connection, viewer: Viewer, agency_id: str, bucket: Bucket, wanted: Wanted, now: datetime
) -> int:
    """How many lines are as wanted, counted up to `MOST_COUNTED`."""
    if not may_look(viewer, agency_id, bucket):
        return 0
    query = _narrowed(select(queue_items.c.issue_id), viewer, agency_id, bucket, wanted, now)
    found = query.limit(MOST_COUNTED).subquery()
    return db.execute(select(func.count()).select_from(found)).scalar_one()


def issues_in_queue(
    db: Connection, viewer: Viewer, agency_id: str, bucket: Bucket, wanted: Wanted, now: datetime
) -> list[UUID]:
    """The issues of a bucket in the order wanted, each once, up to `MOST_COUNTED` lines."""
    if not may_look(viewer, agency_id, bucket):
        return []
    query = _narrowed(select(queue_items.c.issue_id), viewer, agency_id, bucket, wanted, now)
    rows = db.execute(query.order_by(*_order(wanted)).limit(MOST_COUNTED)).scalars()
    return list(dict.fromkeys(rows))


def _narrowed(
    query: Select[Any],
    viewer: Viewer,
    agency_id: str,
    bucket: Bucket,
    wanted: Wanted,
    now: datetime,
) -> Select[Any]:
    items, issues = queue_items.c, queue_issues.c
    parts = [
        items.bucket == each.bucket
        if each.until is None
        else and_(items.bucket == each.bucket, items.rank == IN_ORDER, items.sort_at <= each.until)
        for each in ranges_of(bucket, now)
    ]
    query = query.join(queue_issues, issues.issue_id == items.issue_id).where(
        items.agency_id == (EVERYONE if bucket is Bucket.AGENDA else agency_id),
        or_(*parts),
        visible_issue(viewer, items.issue_id),
    )
    if wanted.priority:
        query = query.where(issues.priority == wanted.priority)
    if wanted.category:
        query = query.where(issues.category == wanted.category)
    if wanted.badge is not None and not sees_pushed_only(viewer):
        query = query.where(_holds(issues.badges, f'"{wanted.badge.value}"'))
    if wanted.this_week:
        # What has a due time is sorted by it, so the index finds these without the others.
        until = end_of_week(now)
        query = query.where(
            items.rank.in_((ON_TOP, IN_ORDER)), items.sort_at <= until, items.due_at <= until
        )
    if wanted.caseworker == NOBODY:
        query = query.where(~_holds(issues.caseworkers, f'"{agency_id}":'))
    elif wanted.caseworker:
        query = query.where(_holds(issues.caseworkers, f'"{agency_id}":"{wanted.caseworker}"'))
    return query


def end_of_week(now: datetime) -> datetime:
    """The last moment of the Sunday to come, in local time."""
    today = now.astimezone(LOCAL_ZONE).date()
    return end_of_day(today + timedelta(days=6 - today.weekday()))


def _holds(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether JSON text holds this piece of it."""
    return type_coerce(column, Text).contains(text, autoescape=True)


_HOW_URGENT: Final = {each.value: nth for nth, each in enumerate(reversed(Priority))}


def _order(wanted: Wanted) -> list[Any]:
    items, issues = queue_items.c, queue_issues.c
    first: ColumnElement[Any]
    match wanted.sort:
        case Sort.DUE:
            first = items.sort_at
        case Sort.SINCE:
            first = items.since_at
        case Sort.NUMBER:
            first = issues.number
        case Sort.PRIORITY:
            first = case(_HOW_URGENT, value=issues.priority)
    if wanted.descending:
        first = first.desc()
    on_top = [items.rank] if wanted.sort is Sort.DUE and not wanted.descending else []
    return [*on_top, first, items.sort_at, items.issue_id, items.item_id]
