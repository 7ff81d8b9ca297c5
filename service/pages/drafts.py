"""Keeps what is half written in a form: by itself while somebody writes, or by a button."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from service.i18n import when_in_text
from service.pages.frame import AnyRequest, Frame, Typed, first_of, safe_path, see_other
from service.pages.typed import read_typed

FORM = "_form"


def draft_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """Where drafts are kept and thrown away; each is one person's and nobody else reads it."""

    @post("/drafts", include_in_schema=False)
    async def keep(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_keep, frame, request, typed)

    @post("/drafts/drop", include_in_schema=False)
    async def drop(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_drop, frame, request, typed)

    return [keep, drop]


def _keep(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.signed_in(request)
    form = safe_path(first_of(typed, FORM))
    content = {name: values for name, values in typed.items() if not name.startswith("_")}
    at = frame.desk.drafts.keep(visitor.actor.user_id, form, content)
    if request.headers.get("accept") != "text/plain":
        return see_other(form)
    language = frame.language(request, visitor)
    words = language.pick("Utkast sparat", "Draft saved")
    return Response(f"{words} {when_in_text(at, language)}.", media_type="text/plain")


def _drop(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.signed_in(request)
    form = safe_path(first_of(typed, FORM))
    frame.desk.drafts.drop(visitor.actor.user_id, form)
    return see_other(form)
