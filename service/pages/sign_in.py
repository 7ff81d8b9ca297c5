"""Sign-in and sign-out with local accounts, the demo's cards, and the choice of language."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler

from service.language import Language
from service.pages.frame import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    AnyRequest,
    Frame,
    first_of,
    safe_path,
    see_other,
)
from service.pages.typed import read_typed

A_YEAR = 365 * 24 * 3600


def sign_in_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The pages of signing in and out."""

    @get("/", sync_to_thread=True, include_in_schema=False)
    def start(request: AnyRequest) -> Response[Any]:
        visitor = frame.visitor(request)
        if visitor is None:
            return see_other("/sign-in")
        return see_other("/inbox" if visitor.actor.role == "reporter" else "/queue")

    @get("/sign-in", sync_to_thread=True, include_in_schema=False)
    def sign_in(request: AnyRequest) -> Response[Any]:
        return _sign_in_page(frame, request)

    @post("/sign-in", include_in_schema=False)
    async def sign_in_with_password(request: AnyRequest) -> Response[Any]:
        form = await read_typed(request)
        return await frame.in_thread(_with_password, frame, request, form)

    @post("/sign-in/demo", include_in_schema=False)
    async def sign_in_with_card(request: AnyRequest) -> Response[Any]:
        form = await read_typed(request)
        return await frame.in_thread(_with_card, frame, request, form)

    @post("/sign-out", sync_to_thread=True, include_in_schema=False)
    def sign_out(request: AnyRequest) -> Response[Any]:
        frame.visitors.sign_out(request.cookies.get(SESSION_COOKIE, ""))
        response = see_other("/sign-in")
        response.delete_cookie(SESSION_COOKIE)
        return response

    @post("/language", include_in_schema=False)
    async def choose_language(request: AnyRequest) -> Response[Any]:
        form = await read_typed(request)
        response = see_other(safe_path(first_of(form, "back")))
        chosen = first_of(form, "language")
        if chosen in set(Language):
            response.set_cookie(
                Cookie(
                    key=LANGUAGE_COOKIE,
                    value=chosen,
                    max_age=A_YEAR,
                    samesite="lax",
                    secure=frame.secure_cookies,
                    httponly=True,
                )
            )
        return response

    return [start, sign_in, sign_in_with_password, sign_in_with_card, sign_out, choose_language]


def _with_password(frame: Frame, request: AnyRequest, form: dict[str, list[str]]) -> Response[Any]:
    login = first_of(form, "login")
    token = frame.visitors.sign_in(login, "".join(form.get("password", [""])[:1]))
    if token is None:
        language = frame.language(request, None)
        return _sign_in_page(
            frame,
            request,
            status=401,
            login=login,
            error=language.pick(
                "Användarnamnet och lösenordet hör inte ihop, eller så är kontot spärrat en stund.",
                "The user name and the password do not belong together, or the account is locked "
                "for a while.",
            ),
        )
    return _signed_in(frame, token)


def _with_card(frame: Frame, request: AnyRequest, form: dict[str, list[str]]) -> Response[Any]:
    token = frame.visitors.sign_in_demo(first_of(form, "login"))
    if token is None:
        return _sign_in_page(frame, request, status=403)
    return _signed_in(frame, token)


def _signed_in(frame: Frame, token: str) -> Response[Any]:
    response = see_other("/")
    response.set_cookie(
        Cookie(
            key=SESSION_COOKIE,
            value=token,
            path="/",
            samesite="lax",
            secure=frame.secure_cookies,
            httponly=True,
        )
    )
    return response


def _sign_in_page(
    frame: Frame, request: AnyRequest, *, status: int = 200, login: str = "", error: str = ""
) -> Response[Any]:
    return frame.page(
        request,
        "sign_in.html",
        status=status,
        login=login,
        error=error,
        demo_users=frame.visitors.demo_users(),
    )
