"""Finds issues by words and filters, in an order that an index has, by the rule of visibility."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Connection, Select, select

from domain.codes import IssueStatus
from projections.columns import beyond
from projections.issue_parts import Head, head_of
from projections.issue_story_tables import heads
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.queues_queries import MOST_COUNTED
from projections.search_text import matches
from projections.viewer import Viewer
from projections.visibility import sees_pushed_only, visible_issue


class IssueSort(StrEnum):
    """What the list of issues can be put in order by; each has an index."""

    OPENED = "opened"
    NUMBER = "number"


_KINDS: Final[Mapping[IssueSort, type]] = {IssueSort.OPENED: datetime, IssueSort.NUMBER: str}
_COLUMNS: Final[Mapping[IssueSort, Column[Any]]] = {
    IssueSort.OPENED: heads.c.opened_at,
    IssueSort.NUMBER: heads.c.number,
}


@dataclass(frozen=True, kw_only=True)
class IssuesWanted:
    """Which issues, in which order; nothing set is all of them, the latest opened first.

    Every word of `text` must be in number, titles, place, category or registry numbers; `agency` is
    the responsible one.
    """

    text: str = ""
    status: IssueStatus | None = None
    agency: str = ""
    category: str = ""
    sort: IssueSort = IssueSort.OPENED
    descending: bool = True


ALL_ISSUES: Final = IssuesWanted()


def find_issues(
    db: Connection,
    viewer: Viewer,
    wanted: IssuesWanted = ALL_ISSUES,
    *,
    after: str | None = None,
    limit: int = 50,
) -> Page[Head]:
    """Issues as wanted. Partners search by the text only, in what they see.

    Raises:
        ValueError: the cursor or the limit is none.
    """
    order = (_COLUMNS[wanted.sort], heads.c.issue_id)
    last = read_cursor(after, _KINDS[wanted.sort], UUID)
    query = _wanted(select(heads), viewer, wanted)
    if last is not None:
        query = query.where(beyond(order, last, descending=wanted.descending))
    rows = db.execute(query.limit(check_limit(limit) + 1)).mappings().all()
    return page_of(
        rows,
        limit,
        lambda row: head_of(row, viewer),
        lambda row: (row[order[0].name], row["issue_id"]),
    )


def ids_of_issues(db: Connection, viewer: Viewer, wanted: IssuesWanted) -> list[UUID]:
    """The ids of the issues wanted, in their order, up to `MOST_COUNTED`."""
    query = _wanted(select(heads.c.issue_id), viewer, wanted)
    return list(db.execute(query.limit(MOST_COUNTED)).scalars())


def _wanted(query: Select[Any], viewer: Viewer, wanted: IssuesWanted) -> Select[Any]:
    pushed_only = sees_pushed_only(viewer)
    query = query.where(visible_issue(viewer, heads.c.issue_id))
    if wanted.text:
        searched = heads.c.public_search if pushed_only else heads.c.search
        query = query.where(matches(searched, wanted.text))
    if not pushed_only:
        # What a partner cannot see it cannot search by either.
        told = {
            "status": wanted.status,
            "responsible_agency": wanted.agency,
            "category": wanted.category,
        }
        for name, value in told.items():
            if value:
                query = query.where(heads.c[name] == str(value))
    for column in (_COLUMNS[wanted.sort], heads.c.issue_id):
        query = query.order_by(column.desc() if wanted.descending else column)
    return query
