"""Keeps what is half written in a form: by itself while somebody writes, or by a button."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler

from service.desk import Draft
from service.forms.words import FIELD_WORDS
from service.i18n import when_in_text
from service.pages.command_form import CAME_FROM, DRAFT, KEY, SEEN
from service.pages.frame import AnyRequest, Frame, Typed, first_of, see_other
from service.pages.list_address import in_list
from service.pages.local_paths import safe_path
from service.pages.typed import read_typed

FORM = "_form"
KEPT = frozenset({KEY, SEEN})
"""What is kept of a form besides its fields: which one it is, and what was seen in it."""


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
    language = frame.language(request, visitor)
    form = safe_path(first_of(typed, FORM))
    by_itself = request.headers.get("accept") == "text/plain"
    content = {
        name: values for name, values in typed.items() if name in KEPT or not name.startswith("_")
    }
    kept = frame.desk.drafts.keep(
        visitor.actor.user_id, form, content, lambda other: _goes_on_with(other, typed)
    )
    if isinstance(kept, Draft):
        if not by_itself:
            return _show_both(frame, request, form, kept, typed)
        at = when_in_text(kept.saved_at, language)
        words = language.pick(
            f"Inte sparat: du har ett annat utkast av samma formulär, sparat {at}.",
            f"Not saved: you have another draft of the same form, saved {at}.",
        )
        return Response(words, status_code=409, media_type="text/plain")
    if not by_itself:
        return see_other(in_list(form, first_of(typed, CAME_FROM)))
    words = language.pick("Utkast sparat", "Draft saved")
    return Response(f"{words} {when_in_text(kept, language)}.", media_type="text/plain")


def _goes_on_with(draft: Draft, typed: Typed) -> bool:
    """Whether a form is the one that the draft is of, or began with just that draft."""
    same = first_of(draft.typed, KEY) == first_of(typed, KEY)
    return same or draft.saved_at.isoformat() == first_of(typed, DRAFT)


def _show_both(
    frame: Frame, request: AnyRequest, form: str, other: Draft, typed: Typed
) -> Response[Any]:
    """Two windows wrote in the same form: nothing is overwritten before somebody has chosen."""
    visitor = frame.signed_in(request)
    language = frame.language(request, visitor)
    return frame.page(
        request,
        "drafts.html",
        status=409,
        visitor=visitor,
        form=form,
        saved_at=other.saved_at,
        both=[
            (language.of(FIELD_WORDS[name]), _text(other.typed, name), _text(typed, name))
            for name in dict.fromkeys([*other.typed, *typed])
            if name in FIELD_WORDS and _text(other.typed, name) != _text(typed, name)
        ],
        typed={name: values for name, values in typed.items() if name not in (DRAFT, FORM)},
    )


def _text(typed: Mapping[str, Sequence[str]], name: str) -> str:
    return ", ".join(each for each in typed.get(name, ()) if each)


def _drop(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.signed_in(request)
    form = safe_path(first_of(typed, FORM))
    frame.desk.drafts.drop(visitor.actor.user_id, form)
    return see_other(form)
