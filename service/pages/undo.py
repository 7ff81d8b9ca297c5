"""Offers to take back what was just done, beside the receipt, and does it."""

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.refusals import Refused
from service.pages.command_form import SHOWN_AFTER
from service.pages.commands import visible_head
from service.pages.frame import UNDO, UNDONE, AnyRequest, Frame, Typed, first_of, status_of
from service.pages.list_address import LIST, in_list
from service.pages.typed import read_typed, whole
from service.undoing import undo, undoable
from service.visitors import Visitor


class UndoOffer(NamedTuple):
    """The form that takes back: where it leads, what it says, and for how many seconds more."""

    path: str
    version: int
    seconds: int


def undo_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """Where the form leads. What it may take back is looked up anew, whatever was offered."""

    @post("/issues/{issue_id:uuid}/undo", include_in_schema=False)
    async def take_back(request: AnyRequest, issue_id: FromPath[UUID]) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_take_back, frame, request, issue_id, typed)

    return [take_back]


def undo_offer(
    frame: Frame, request: AnyRequest, visitor: Visitor, issue_id: UUID
) -> UndoOffer | None:
    """What the page after a command offers; nothing once it would be refused."""
    version = whole(request.query_params.get(UNDO, ""))
    if not version:
        return None
    samsyn = frame.samsyn
    try:
        found = undoable(samsyn, visitor.actor, issue_id, version)
    except Refused:
        return None
    left = (found.until - samsyn.clock()).total_seconds()
    path = in_list(f"/issues/{issue_id}/undo", request.query_params.get(LIST))
    return UndoOffer(path, version, ceil(left))


def _take_back(frame: Frame, request: AnyRequest, issue_id: UUID, typed: Typed) -> Response[Any]:
    visitor = frame.reader(request)
    visible_head(frame, visitor, issue_id)
    version = whole(first_of(typed, "version"))
    here = in_list(f"/issues/{issue_id}", request.query_params.get(LIST))
    try:
        receipt = undo(frame.samsyn, visitor.actor, issue_id, version)
    except Refused as refused:
        language = frame.language(request, visitor)
        return frame.page(
            request,
            "message.html",
            status=status_of(refused),
            visitor=visitor,
            heading=language.pick("Det gick inte att ångra", "It could not be undone"),
            text=frame.refusal(request, visitor, refused),
            kept=(),
            onwards=here,
            onwards_words=language.pick("Till ärendet", "To the issue"),
        )
    return frame.after_command(here, receipt.position, SHOWN_AFTER, done=UNDONE)
