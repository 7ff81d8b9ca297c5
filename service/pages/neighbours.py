"""The issues before and after one in the list somebody came from."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from projections.issue_search import ids_of_issues
from projections.queue_selection import issues_in_queue
from service.pages.frame import Frame
from service.pages.issue_filters import IssuesAddress, issues_address_of
from service.pages.list_address import in_list
from service.pages.local_paths import safe_path
from service.pages.queue_filters import QueueAddress, address_of
from service.visitors import Visitor


class Neighbours(NamedTuple):
    """Where in the list an issue stands, and what is beside it there."""

    list_path: str
    place: int
    of: int
    before: str | None
    after: str | None


def neighbours(
    frame: Frame, visitor: Visitor, list_path: str | None, issue_id: UUID
) -> Neighbours | None:
    """The neighbours in a list, None if the path is none; what has left it stands before it."""
    path = safe_path(list_path, "")
    address = address_of(path, visitor.actor.user_id) or issues_address_of(path)
    if address is None:
        return None
    with frame.counting() as db:
        ids = _ids(db, visitor, address, frame.samsyn.clock())
    if issue_id not in ids:
        return Neighbours(address.path, 0, len(ids), None, _page(ids, 0, address.path))
    at = ids.index(issue_id)
    before, after = (_page(ids, at + step, address.path) for step in (-1, 1))
    return Neighbours(address.path, at + 1, len(ids), before, after)


def _ids(
    db: Any,  # noqa: ANN401  pages know no database; whoever opened it hands it through
    visitor: Visitor,
    address: QueueAddress | IssuesAddress,
    now: datetime,
) -> list[UUID]:
    viewer = visitor.viewer
    if isinstance(address, IssuesAddress):
        return ids_of_issues(db, viewer, address.wanted)
    agency_id = visitor.actor.agency_id
    return issues_in_queue(db, viewer, agency_id, address.bucket, address.wanted, now)


def _page(ids: list[UUID], at: int, path: str) -> str | None:
    if not 0 <= at < len(ids):
        return None
    return in_list(f"/issues/{ids[at]}", path)
