"""The accessibility statement that law (2018:1937) wants linked from every page, and its form."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from domain.refusals import NotAllowed
from domain.values import Role
from service.pages.frame import AnyRequest, Frame, Typed, first_of, see_other
from service.pages.local_paths import safe_path
from service.pages.typed import read_typed

PATH = "/accessibility"
LEAST, MOST = 10, 2_000
"""Characters of a report."""


def statement_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The statement and its form, open to everybody; the reports, for the administrator."""

    @get(PATH, sync_to_thread=True, include_in_schema=False)
    def statement(request: AnyRequest) -> Response[Any]:
        return _statement(frame, request, {})

    @post(f"{PATH}/faults", include_in_schema=False)
    async def report(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_report, frame, request, typed)

    @get(f"{PATH}/faults", sync_to_thread=True, include_in_schema=False)
    def faults(request: AnyRequest) -> Response[Any]:
        visitor = frame.signed_in(request)
        if visitor.actor.role is not Role.ADMIN:
            raise NotAllowed(
                "administrators_read_faults",
                "Bara systemförvaltaren läser vad som har anmälts.",
                "Only the administrator reads what has been reported.",
                who_may=(Role.ADMIN.value,),
            )
        found = frame.desk.faults.latest()
        names = frame.visitors.names(each.user_id for each in found if each.user_id)
        return frame.page(request, "faults.html", visitor=visitor, faults=found, names=names)

    return [statement, report, faults]


def _statement(
    frame: Frame, request: AnyRequest, typed: Typed, *, error: str = "", status: int = 200
) -> Response[Any]:
    visitor = frame.visitor(request)
    about = first_of(typed, "page") or safe_path(request.query_params.get("page"), "")
    return frame.page(
        request,
        "statement.html",
        status=status,
        visitor=visitor,
        about=about,
        text=first_of(typed, "text"),
        error=error,
        thanks="thanks" in request.query_params,
        reads_faults=visitor is not None and visitor.actor.role is Role.ADMIN,
    )


def _report(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.visitor(request)
    language = frame.language(request, visitor)
    text = first_of(typed, "text")
    if not LEAST <= len(text) <= MOST:
        error = language.pick(
            f"Skriv mellan {LEAST} och {MOST} tecken om vad som inte fungerar.",
            f"Write between {LEAST} and {MOST} characters about what does not work.",
        )
        return _statement(frame, request, typed, error=error, status=422)
    user_id = visitor.actor.user_id if visitor else None
    if not frame.desk.faults.report(first_of(typed, "page")[:200], text, user_id):
        error = language.pick(
            "Just nu kommer det för många anmälningar. Försök igen om en timme.",
            "Too many reports are coming in right now. Try again in an hour.",
        )
        return _statement(frame, request, typed, error=error, status=429)
    return see_other(f"{PATH}?thanks=yes")
