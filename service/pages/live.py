"""The stream of hints to an open page: who may have it, and from which position it goes on."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler

from service.live.stream import LiveResponse, Stream
from service.pages.frame import AnyRequest, Frame
from service.pages.live_parts import whole_issue
from service.pages.readers import reads_issues
from service.visitors import Visitor

_MOST_DIGITS: Final = 18
"""Of a position that is believed: it fits into 63 bits."""


def live_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The stream."""

    @get("/live", include_in_schema=False)
    async def live(request: AnyRequest) -> Response[Any]:
        stream = await sync_to_thread(_stream, frame, request)
        if stream is None:
            # Anything but a stream makes the browser give up, as it should here.
            return Response(b"", status_code=401, media_type="text/plain")
        if not frame.live.open(stream):
            return Response(b"", status_code=429, media_type="text/plain")
        return LiveResponse(stream, frame.live.source)

    return [live]


def _stream(frame: Frame, request: AnyRequest) -> Stream | None:
    """The stream that is asked for; None for whoever reads no issues: nothing changes for them."""
    visitor = frame.visitor(request)
    token = request.cookies.get(frame.session_cookie)
    if visitor is None or token is None or not reads_issues(visitor):
        return None
    return Stream(
        token=token,
        user_id=visitor.actor.user_id,
        told=_told(frame, request),
        issue_id=_issue(frame, request, visitor),
    )


def _told(frame: Frame, request: AnyRequest) -> int:
    """The position of what the page shows: by its last hint, or else as it was made."""
    after = request.headers.get("last-event-id") or request.query_params.get("after") or ""
    known = after.isdecimal() and len(after) <= _MOST_DIGITS
    if known and int(after) <= frame.live.position:
        return int(after)
    # Another process has seen more, or the page comes from before the database was restored.
    here = frame.live.look()
    return min(int(after), here) if known else here


def _issue(frame: Frame, request: AnyRequest, visitor: Visitor) -> UUID | None:
    """The issue that the page is about, if the visitor reads all of it."""
    try:
        issue_id = UUID(request.query_params.get("issue", ""))
    except ValueError:
        return None
    return issue_id if whole_issue(frame, visitor.viewer, issue_id) is not None else None
