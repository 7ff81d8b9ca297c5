"""A queue narrowed down and put in another order, as people ask for it, page by page.

Every order has an index, and so has every filter in the order by due time: a page is all that is
read. A filter together with another order, or with a second one, looks at what one of them finds.
A bucket that time fills is two ranges: each is read in its order, and they are merged here. In an
order other than by due time the database reads along that order for what is due, or sorts what is
due, whichever it takes for less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    Text,
    func,
    select,
    type_coerce,
    union_all,
)

from domain.codes import Badge, Priority
from domain.working_days import LOCAL_ZONE
from projections.columns import beyond
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.queue_rows import IN_ORDER, ON_TOP, URGENCY, end_of_day
from projections.queues import COUNTED, EVERYONE, Bucket, marked, queue_issues, queue_items
from projections.queues_queries import (
    MOST_COUNTED,
    PLACE,
    QueueItem,
    may_look,
    of_line,
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
    after: str | None = None,
    limit: int = 50,
) -> Page[QueueItem]:
    """A page of a bucket as wanted; what came back stays on top while the order is by due time.

    Raises:
        ValueError: a bad cursor or limit.
    """
    check_limit(limit)
    order, kinds = _ORDERS[wanted.sort]
    last = read_cursor(after, *kinds)
    if not may_look(viewer, agency_id, bucket):
        return Page((), None)
    items = queue_items.c
    told = (*(items[name] for name in PLACE), *of_line(viewer, bucket))
    parts = _narrowed(told, viewer, agency_id, bucket, wanted, now)
    if last is not None:
        edge = beyond(order, last, descending=wanted.descending)
        parts = [part.where(edge) for part in parts]
    rows = _in_order(db, parts, wanted, limit + 1)
    tell = teller(viewer, agency_id, bucket, now)

    def item(row: Sequence[Any]) -> QueueItem:
        return tell(tuple(row[: len(told)]))

    return page_of(rows, limit, item, lambda row: row[len(told) :])


def count_in_queue(
    db: Connection, viewer: Viewer, agency_id: str, bucket: Bucket, wanted: Wanted, now: datetime
) -> int:
    """How many lines are as wanted, counted up to `MOST_COUNTED`."""
    if not may_look(viewer, agency_id, bucket):
        return 0
    issue = (queue_items.c.issue_id,)
    parts = _narrowed(issue, viewer, agency_id, bucket, wanted, now, counted=True)
    found = _one_after_the_other([part.limit(MOST_COUNTED) for part in parts]).subquery()
    counted: int = db.execute(select(func.count()).select_from(found)).scalar_one()
    return min(counted, MOST_COUNTED)


def issues_in_queue(
    db: Connection, viewer: Viewer, agency_id: str, bucket: Bucket, wanted: Wanted, now: datetime
) -> list[UUID]:
    """The issues of a bucket in the order wanted, each once, up to `MOST_COUNTED` lines."""
    if not may_look(viewer, agency_id, bucket):
        return []
    parts = _narrowed((queue_items.c.issue_id,), viewer, agency_id, bucket, wanted, now)
    return list(dict.fromkeys(row[0] for row in _in_order(db, parts, wanted, MOST_COUNTED)))


def _in_order(
    db: Connection, parts: Sequence[Select[Any]], wanted: Wanted, limit: int
) -> Sequence[Row[Any]]:
    """The first rows of all parts together; the last columns of a row are those of the order."""
    order, _ = _ORDERS[wanted.sort]
    columns = [column.label(f"order_{nth}") for nth, column in enumerate(order)]
    query = _one_after_the_other(
        [part.add_columns(*columns).order_by(*_order(wanted)).limit(limit) for part in parts]
    )
    rows = db.execute(query).all()
    if len(parts) == 1:
        return rows
    # Each part is a range of an index; asked for their common order, the database would sort them.
    many = len(order)
    return sorted(rows, key=lambda row: tuple(row[-many:]), reverse=wanted.descending)[:limit]


def _one_after_the_other(parts: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    if len(parts) == 1:
        return parts[0]
    named = [part.subquery(f"part_{nth}") for nth, part in enumerate(parts)]
    return union_all(*(select(part) for part in named))


def _narrowed(
    told: Sequence[ColumnElement[Any]],
    viewer: Viewer,
    agency_id: str,
    bucket: Bucket,
    wanted: Wanted,
    now: datetime,
    *,
    counted: bool = False,
) -> list[Select[Any]]:
    """The lines that are wanted, range by range of the bucket.

    Where they are only `counted`, no more is read than that takes.
    """
    query, items, issues = select(*told), queue_items.c, queue_issues.c
    own = agency_id == viewer.agency_id and bucket in COUNTED
    if not (counted and own):
        # An agency takes part in all that stands in these buckets of its own (see `counters`); a
        # follow-up may have been laid on one that takes none.
        query = query.where(visible_issue(viewer, items.issue_id))
    by_issue = bucket is Bucket.AGENDA and bool(wanted.caseworker)
    if by_issue or not counted:
        query = query.join(queue_issues, issues.issue_id == items.issue_id)
    query = query.where(items.agency_id == (EVERYONE if bucket is Bucket.AGENDA else agency_id))
    if wanted.priority:
        query = query.where(items.urgency == URGENCY[Priority(wanted.priority)])
    if wanted.category:
        query = query.where(items.category == wanted.category)
    if wanted.badge is not None and not sees_pushed_only(viewer):
        query = query.where(marked(wanted.badge))
    if wanted.this_week:
        # What has a due time is sorted by it, so the index finds these without the others.
        until = end_of_week(now)
        query = query.where(
            items.rank.in_((ON_TOP, IN_ORDER)), items.sort_at <= until, items.due_at <= until
        )
    if wanted.caseworker and bucket is not Bucket.AGENDA:
        known = "" if wanted.caseworker == NOBODY else wanted.caseworker
        query = query.where(items.caseworker == known)
    elif wanted.caseworker == NOBODY:
        query = query.where(~_holds(issues.caseworkers, f'"{agency_id}":'))
    elif wanted.caseworker:
        # The agenda's lines are all agencies', the caseworker asked for is one agency's.
        query = query.where(_holds(issues.caseworkers, f'"{agency_id}":"{wanted.caseworker}"'))
    return [
        query.where(items.bucket == each.bucket)
        if each.until is None
        else query.where(
            items.bucket == each.bucket, items.rank == IN_ORDER, items.sort_at <= each.until
        )
        for each in ranges_of(bucket, now)
    ]


def end_of_week(now: datetime) -> datetime:
    """The last moment of the Sunday to come, in local time."""
    today = now.astimezone(LOCAL_ZONE).date()
    return end_of_day(today + timedelta(days=6 - today.weekday()))


def _holds(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether JSON text holds this piece of it."""
    return type_coerce(column, Text).contains(text, autoescape=True)


_PLACE: Final = (queue_items.c.issue_id, queue_items.c.item_id)
_BY_DUE: Final = (queue_items.c.rank, queue_items.c.sort_at, *_PLACE)
_ORDERS: Final[Mapping[Sort, tuple[tuple[ColumnElement[Any], ...], tuple[type, ...]]]] = {
    Sort.DUE: (_BY_DUE, (int, datetime, UUID, UUID)),
    Sort.PRIORITY: ((queue_items.c.urgency, *_BY_DUE), (int, int, datetime, UUID, UUID)),
    Sort.SINCE: ((queue_items.c.since_at, *_PLACE), (datetime, UUID, UUID)),
    Sort.NUMBER: ((queue_items.c.number, *_PLACE), (str, UUID, UUID)),
}
"""The columns of each order, which are those of an index, and what they are in a cursor."""


def _order(wanted: Wanted) -> list[ColumnElement[Any]]:
    """All the one way or all the other: so an index is read forwards or backwards."""
    order, _ = _ORDERS[wanted.sort]
    return [column.desc() for column in order] if wanted.descending else list(order)
