"""Saved views: a queue with its filters under a name, one's own or one's whole agency's."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.refusals import Conflict
from projections.queue_selection import count_in_queue
from service.desk import SavedView
from service.forms.choices import swedish
from service.pages.frame import AnyRequest, Frame, Typed, first_of, see_other
from service.pages.local_paths import safe_path
from service.pages.queue_filters import address_of
from service.pages.typed import read_typed
from service.visitors import Visitor

MOST_CHARACTERS = 60


class ShownView(NamedTuple):
    """A saved view with how many lines it has now."""

    view_id: UUID
    name: str
    path: str
    own: bool
    lines: int


def view_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """Where views are kept and dropped."""

    @post("/views", include_in_schema=False)
    async def keep(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_keep, frame, request, typed)

    @post("/views/{view_id:uuid}/drop", include_in_schema=False)
    async def drop(request: AnyRequest, view_id: FromPath[UUID]) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_drop, frame, request, view_id, typed)

    return [keep, drop]


def views_of(frame: Frame, visitor: Visitor) -> list[ShownView]:
    """The visitor's views, the agency's first."""
    actor = visitor.actor
    saved = frame.desk.views.of(actor.agency_id, actor.user_id)
    return shown_views(frame, visitor, saved) if saved else []


def shown_views(frame: Frame, visitor: Visitor, saved: Sequence[SavedView]) -> list[ShownView]:
    """These views with how many lines each has now."""
    actor = visitor.actor
    now = frame.samsyn.clock()
    shown: list[ShownView] = []
    with frame.counting() as db:
        for each in sorted(saved, key=lambda view: (view.own, swedish(view.name))):
            path = f"/queue?{each.query}"
            address = address_of(path, actor.user_id)
            if address is not None:
                count = count_in_queue(
                    db, visitor.viewer, actor.agency_id, address.bucket, address.wanted, now
                )
                shown.append(ShownView(each.view_id, each.name, path, each.own, count))
    return shown


def _keep(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    actor = frame.reader(request).actor
    address = address_of(f"/queue?{first_of(typed, 'query')}", actor.user_id)
    name = first_of(typed, "name")[:MOST_CHARACTERS]
    if address is None:
        return see_other("/queue")
    own = first_of(typed, "for") != "all"
    if name and not frame.desk.views.keep(
        actor.agency_id, actor.user_id, name, address.query, own=own
    ):
        raise Conflict(
            "too_many_views",
            "Vyn är inte sparad: det finns redan så många som får plats. Ta bort en först.",
            "The view is not saved: there are as many as there is room for. Remove one first.",
        )
    return see_other(address.path)


def _drop(frame: Frame, request: AnyRequest, view_id: UUID, typed: Typed) -> Response[Any]:
    actor = frame.reader(request).actor
    frame.desk.views.drop(actor.agency_id, actor.user_id, view_id)
    return see_other(safe_path(first_of(typed, "back"), "/queue"))
