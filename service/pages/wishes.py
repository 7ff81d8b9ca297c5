"""Keeps how a visitor wants pages: the language, and how they are shown."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler

from service.language import Language
from service.pages.display import COOKIE, Density, Display, Scheme
from service.pages.frame import (
    LANGUAGE_COOKIE,
    AnyRequest,
    Frame,
    Typed,
    first_of,
    see_other,
)
from service.pages.local_paths import safe_path
from service.pages.typed import read_typed

A_YEAR = 365 * 24 * 3600


def wish_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """Where the small forms of the frame lead; each leads back to the page it stood on."""

    @post("/language", include_in_schema=False)
    async def choose_language(request: AnyRequest) -> Response[Any]:
        form = await read_typed(request)
        return await frame.in_thread(_in_language, frame, request, form)

    @post("/display", include_in_schema=False)
    async def choose_display(request: AnyRequest) -> Response[Any]:
        form = await read_typed(request)
        response = see_other(safe_path(first_of(form, "back")))
        scheme, density = first_of(form, "scheme"), first_of(form, "density")
        if scheme in set(Scheme) and density in set(Density):
            chosen = Display(
                scheme=Scheme(scheme), density=Density(density), keys=bool(first_of(form, "keys"))
            )
            response.set_cookie(_cookie(frame, COOKIE, str(chosen)))
        return response

    return [choose_language, choose_display]


def _in_language(frame: Frame, request: AnyRequest, form: Typed) -> Response[Any]:
    response = see_other(safe_path(first_of(form, "back")))
    chosen = first_of(form, "language")
    if chosen not in set(Language):
        return response
    visitor = frame.visitor(request)
    if visitor is not None:
        frame.visitors.set_language(visitor, Language(chosen))
    response.set_cookie(_cookie(frame, LANGUAGE_COOKIE, chosen))
    return response


def _cookie(frame: Frame, name: str, value: str) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=A_YEAR,
        samesite="lax",
        secure=frame.secure_cookies,
        httponly=True,
    )
