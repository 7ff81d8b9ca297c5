"""The issues before and after one in the list somebody came from."""

from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from projections.queue_selection import issues_in_queue
from service.pages.frame import Frame, safe_path
from service.pages.queue_filters import address_of
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
    """The neighbours in a queue, None if the path is none; what has left it stands before it."""
    path = safe_path(list_path, "")
    address = address_of(path, visitor.actor.user_id)
    if address is None:
        return None
    with frame.counting() as db:
        ids = issues_in_queue(
            db,
            visitor.viewer,
            visitor.actor.agency_id,
            address.bucket,
            address.wanted,
            frame.samsyn.clock(),
        )
    if issue_id not in ids:
        return Neighbours(address.path, 0, len(ids), None, _page(ids, 0, address.path))
    at = ids.index(issue_id)
    before, after = (_page(ids, at + step, address.path) for step in (-1, 1))
    return Neighbours(address.path, at + 1, len(ids), before, after)


def _page(ids: list[UUID], at: int, path: str) -> str | None:
    if not 0 <= at < len(ids):
        return None
    return f"/issues/{ids[at]}?{urlencode({'list': path})}"
