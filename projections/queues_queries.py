"""What is read of the queues: a page of one queue, how long each is, and where an issue stands."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from domain.codes import Badge
from domain.values import Role
from projections.columns import UtcDateTime, from_microseconds
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.prepared import Prepared, Question
from projections.queue_rows import IN_ORDER, MARKS
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
PLACE = ("rank", "sort_at", "issue_id", "item_id")
_IN_ORDER = literal_column(str(IN_ORDER), Integer)
_ORDER = tuple(queue_items.c[name] for name in PLACE)
# Of a whole page only the last line's place is told: the others stay as they are stored.
_PLACE_AS_READ = (
    queue_items.c.rank,
    type_coerce(queue_items.c.sort_at, BigInteger).label("sort_at"),
    queue_items.c.issue_id,
    type_coerce(queue_items.c.item_id, String).label("item_id"),
)
_OF_ITEM = (
    *("due_at", "since_at", "referral_id", "referral_type", "from_agency", "to_agency"),
    *("number", "category", "marks"),
)
_OF_ISSUE = ("place_name", "priority", "status", "responsible_agency", "version")


class QueueItem(msgspec.Struct, frozen=True, kw_only=True):
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
    """A page of a queue; as `queue_page`, asked at once."""
    return queue_page(viewer, agency_id, bucket, now=now, after=after, limit=limit).ask(db)


def queue_page(
    viewer: Viewer,
    agency_id: str,
    bucket: Bucket,
    *,
    now: datetime,
    after: str | None = None,
    limit: int = 50,
) -> Question[Page[QueueItem]]:
    """Ask for a page of one bucket of an agency's queue: what came back first, then by due time.

    The agenda is one for all agencies and shown to coordinators and managers of authorities.

    Raises:
        ValueError: a bad cursor or limit.
    """
    check_limit(limit)
    start = read_cursor(after, int, datetime, UUID, UUID)
    if not may_look(viewer, agency_id, bucket):
        return Question((), lambda _: Page((), None))
    ranges = ranges_of(bucket, now)
    given: dict[str, Any] = {"agency": EVERYONE if bucket is Bucket.AGENDA else agency_id}
    for nth, each in enumerate(ranges):
        given |= {f"bucket_{nth}": each.bucket, f"until_{nth}": each.until}
    if start is not None:
        given |= zip(PLACE, start, strict=True)
    whole = tuple(each.until is None for each in ranges)
    shape = _Shape(bucket is Bucket.AGENDA, whole, start is not None, limit + 1)
    item = teller(viewer, agency_id, bucket, now)
    return Question(
        (_LINES.part(viewer, shape, given, limit + 1),),
        lambda found: page_of(found[0], limit, item, _place_of),
    )


def _place_of(row: tuple[Any, ...]) -> tuple[Any, ...]:
    rank, sort_at, issue_id, item_id, *_ = row
    return rank, from_microseconds(sort_at), issue_id, item_id


def counters(db: Connection, viewer: Viewer, agency_id: str, now: datetime) -> dict[Bucket, int]:
    """How many lines each bucket of an agency's queue has for this viewer.

    The own agency's are projected, except for those that change with the time: these, and all of
    another agency's queue, are counted up to `MOST_COUNTED`.
    """
    # An agency takes part in every issue in its queue: nothing there is hidden from its people.
    own = viewer.agency_id == agency_id or viewer.actor.role is Role.SYSTEM
    known = _projected(db, agency_id) if own and sees_issues(viewer) else {}
    return {
        bucket: known.get(bucket, 0)
        if own and bucket in COUNTED
        else _counted(db, viewer, agency_id, bucket, now)
        for bucket in Bucket
    }


def own_counts(db: Connection, viewer: Viewer) -> dict[Bucket, int]:
    """The lines of the own agency's queue, as far as they are projected: one small read."""
    known = _projected(db, viewer.agency_id) if sees_issues(viewer) else {}
    return {bucket: known.get(bucket, 0) for bucket in COUNTED}


def _projected(db: Connection, agency_id: str) -> dict[str, int]:
    counts = queue_counts.c
    rows = db.execute(select(counts.bucket, counts.lines).where(counts.agency_id == agency_id))
    return {row.bucket: row.lines for row in rows}


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
        if not later and may_look(viewer, row.agency_id, bucket):
            found[row.agency_id, bucket] = None
    return list(found)


def of_line(viewer: Viewer, bucket: Bucket) -> tuple[ColumnElement[Any], ...]:
    """What is told of a line, for `teller`: no more than is shown, as a page has many rows."""
    items, issues = queue_items.c, queue_issues.c
    return (
        *(items[name] for name in _OF_ITEM),
        # The agenda's lines are all agencies', the caseworker that is told is one agency's.
        issues.caseworkers if bucket is Bucket.AGENDA else items.caseworker,
        issues.public_title if sees_pushed_only(viewer) else issues.title,
        *(issues[name] for name in _OF_ISSUE),
    )


def may_look(viewer: Viewer, agency_id: str, bucket: Bucket) -> bool:
    if not sees_issues(viewer):
        return False
    if sees_pushed_only(viewer):
        return agency_id == viewer.agency_id and bucket is not Bucket.AGENDA
    return bucket is not Bucket.AGENDA or viewer.actor.role in _AGENDA_ROLES


class _Range(NamedTuple):
    """A piece of the index in its order: the whole of a bucket, or what time has brought in."""

    bucket: str
    until: datetime | None = None


def ranges_of(bucket: Bucket, now: datetime) -> list[_Range]:
    """The ranges that make up a bucket of an agency."""
    match bucket:
        case Bucket.OVERDUE:
            return [_Range(bucket.value, now)]
        case Bucket.FOLLOW_UP:
            return [_Range(bucket.value), _Range(FOLLOW_UP_LATER, now)]
        case _:
            return [_Range(bucket.value)]


class _Shape(NamedTuple):
    """Which ranges are whole buckets, whether a cursor stands in them, how many rows are read."""

    agenda: bool
    whole: tuple[bool, ...]
    after_cursor: bool
    rows: int


def _lines(viewer: Viewer, shape: _Shape) -> CompoundSelect[Any] | Select[Any]:
    """One statement for all ranges of a bucket."""
    # As a number in the text: not knowing it, PostgreSQL would plan for a tenth of the table.
    rows, first = literal_column(str(shape.rows), Integer), literal_column("0", Integer)
    parts = [_part(viewer, shape, nth).limit(rows).offset(first) for nth in range(len(shape.whole))]
    if len(parts) == 1:
        return parts[0]
    named = [part.subquery(f"part_{nth}") for nth, part in enumerate(parts)]
    return union_all(*(select(part) for part in named))


def _part(viewer: Viewer, shape: _Shape, nth: int) -> Select[Any]:
    items = queue_items.c
    bucket = Bucket.AGENDA if shape.agenda else Bucket.OURS
    of_range = (
        select(*_PLACE_AS_READ, *of_line(viewer, bucket))
        .join(queue_issues, queue_issues.c.issue_id == items.issue_id)
        .where(
            items.agency_id == bindparam("agency", type_=String),
            items.bucket == bindparam(f"bucket_{nth}", type_=String),
            visible_issue(viewer, items.issue_id),
        )
    )
    order = _ORDER
    if not shape.whole[nth]:
        # All of one rank: named in the order too, PostgreSQL would guess too few rows.
        order = _ORDER[1:]
        until = bindparam(f"until_{nth}", type_=UtcDateTime)
        of_range = of_range.where(items.rank == _IN_ORDER, items.sort_at <= until)
    if shape.after_cursor:
        edge = [bindparam(column.name, type_=column.type) for column in order]
        of_range = of_range.where(tuple_(*order) > tuple_(*edge))
    return of_range.order_by(*order)


# Each range comes in its order; where there are two, they are merged here and not sorted there.
_LINES = Prepared(_lines, order=len(PLACE))


def _counted(db: Connection, viewer: Viewer, agency_id: str, bucket: Bucket, now: datetime) -> int:
    if not may_look(viewer, agency_id, bucket):
        return 0
    total = 0
    items = queue_items.c
    for each in ranges_of(bucket, now):
        query = select(items.issue_id).where(
            items.agency_id == (EVERYONE if bucket is Bucket.AGENDA else agency_id),
            items.bucket == each.bucket,
            visible_issue(viewer, items.issue_id),
        )
        if each.until is not None:
            query = query.where(items.rank == IN_ORDER, items.sort_at <= each.until)
        found = query.limit(MOST_COUNTED).subquery()
        total += db.execute(select(func.count()).select_from(found)).scalar_one()
    return min(total, MOST_COUNTED)


def teller(
    viewer: Viewer, agency_id: str, bucket: Bucket, now: datetime
) -> Callable[[tuple[Any, ...]], QueueItem]:
    """How a row becomes what is shown: the place in the order, then `of_line`."""
    badges = _NO_BADGES if sees_pushed_only(viewer) else _BADGES
    is_agenda = bucket is Bucket.AGENDA
    of_agency = EVERYONE if is_agenda else agency_id

    def item(row: tuple[Any, ...]) -> QueueItem:
        (
            _, _, issue_id, _,
            due_at, since_at, referral_id, referral_type, from_agency, to_agency,
            number, category, marks, handled_by,
            title, place_name, priority, status, responsible_agency, version,
        ) = row  # fmt: skip
        overdue = due_at is not None and due_at <= now
        return QueueItem(
            agency_id=of_agency,
            bucket=bucket,
            issue_id=issue_id,
            number=number,
            title=title,
            place_name=place_name,
            category=category,
            priority=priority,
            status=status,
            responsible_agency=responsible_agency,
            referral_id=referral_id,
            referral_type=referral_type,
            from_agency=from_agency,
            to_agency=to_agency,
            due_at=due_at,
            overdue=overdue,
            badges=badges[overdue][marks],
            caseworker=handled_by.get(agency_id) if is_agenda else handled_by or None,
            since=since_at,
            version=version,
        )

    return item


_Badges = Mapping[int, tuple[Badge, ...]]
_MARKED: _Badges = {
    marks: tuple(badge for badge, bit in MARKS.items() if bit & marks)
    for marks in range(2 * max(MARKS.values()))
}
# By whether it is overdue and by its marks.
_BADGES: Mapping[bool, _Badges] = {
    False: _MARKED,
    True: {marks: (*badges, Badge.OVERDUE) for marks, badges in _MARKED.items()},
}
_NO_BADGES: Mapping[bool, _Badges] = {
    False: dict.fromkeys(_MARKED, ()),
    True: dict.fromkeys(_MARKED, (Badge.OVERDUE,)),
}
