"""Sign-in and sign-out with local accounts, the demo's cards, and the choice of language."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler

from service.pages.frame import (
    AnyRequest,
    Frame,
    Typed,
    first_of,
    see_other,
)
from service.pages.local_paths import safe_path
from service.pages.typed import read_typed

NEXT = "next"
"""The page that somebody wanted who had to sign in first."""


def sign_in_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The pages of signing in and out."""

    @get("/sign-in", sync_to_thread=True, include_in_schema=False)
    def sign_in(request: AnyRequest) -> Response[Any]:
        return _sign_in_page(frame, request, wanted=request.query_params.get(NEXT, ""))

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
        frame.visitors.sign_out(request.cookies.get(frame.session_cookie, ""))
        response = see_other("/sign-in")
        response.set_cookie(_session_cookie(frame, "", max_age=0))
        return response

    return [sign_in, sign_in_with_password, sign_in_with_card, sign_out]


def path_to_sign_in(wanted: str) -> str:
    """The sign-in page that leads on to the page somebody wanted."""
    return f"/sign-in?{urlencode({NEXT: wanted})}" if wanted not in ("", "/") else "/sign-in"


def _with_password(frame: Frame, request: AnyRequest, form: Typed) -> Response[Any]:
    login = first_of(form, "login")
    token = frame.visitors.sign_in(
        login, "".join(form.get("password", [""])[:1]), request.cookies.get(frame.session_cookie)
    )
    if token is None:
        language = frame.language(request, None)
        return _sign_in_page(
            frame,
            request,
            wanted=first_of(form, NEXT),
            status=401,
            login=login,
            error=language.pick(
                "Användarnamnet och lösenordet hör inte ihop, eller så är kontot spärrat en stund.",
                "The user name and the password do not belong together, or the account is locked "
                "for a while.",
            ),
        )
    return _signed_in(frame, token, form)


def _with_card(frame: Frame, request: AnyRequest, form: Typed) -> Response[Any]:
    earlier = request.cookies.get(frame.session_cookie)
    token = frame.visitors.sign_in_demo(first_of(form, "login"), earlier)
    if token is None:
        language = frame.language(request, None)
        return _sign_in_page(
            frame,
            request,
            wanted=first_of(form, NEXT),
            status=403,
            error=language.pick("Kortet finns inte.", "There is no such card."),
        )
    return _signed_in(frame, token, form)


def _signed_in(frame: Frame, token: str, form: Typed) -> Response[Any]:
    response = see_other(safe_path(first_of(form, NEXT)))
    response.set_cookie(_session_cookie(frame, token))
    return response


def _session_cookie(frame: Frame, token: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        key=frame.session_cookie,
        value=token,
        path="/",
        max_age=max_age,
        samesite="lax",
        secure=frame.secure_cookies,
        httponly=True,
    )


def _sign_in_page(
    frame: Frame,
    request: AnyRequest,
    *,
    wanted: str,
    status: int = 200,
    login: str = "",
    error: str = "",
) -> Response[Any]:
    wanted = safe_path(wanted, "")
    return frame.page(
        request,
        "sign_in.html",
        status=status,
        back=path_to_sign_in(wanted),
        login=login,
        error=error,
        wanted=wanted,
        demo_users=frame.visitors.demo_users(),
    )
