"""Notes that a page was printed: browsers tell it to the page, and the page tells it here."""

import re
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from domain.access import AccessKind
from projections.issue_story_queries import issue_head
from service.access import a_list, an_issue
from service.pages.frame import AnyRequest, Frame, Typed, first_of
from service.pages.typed import read_typed

PATH: Final = "/printed"
_ISSUE: Final = re.compile(r"/issues/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/.*)?")


def printed_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """Where pages tell it; one that runs no scripts has a print view, which is logged as such."""

    @post(PATH, include_in_schema=False)
    async def printed(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_note, frame, request, typed)

    return [printed]


def _note(frame: Frame, request: AnyRequest, typed: Typed) -> Response[None]:
    visitor = frame.reader(request)
    of_issue = _ISSUE.fullmatch(first_of(typed, "page"))
    if of_issue is None:
        with frame.reading(visitor, a_list(AccessKind.PRINT)):
            return Response(None, status_code=204)
    issue_id = UUID(of_issue[1])
    with frame.reading(visitor, an_issue(issue_id, AccessKind.PRINT)) as db:
        if issue_head(db, visitor.viewer, issue_id) is None:
            raise NotFoundException
    return Response(None, status_code=204)
