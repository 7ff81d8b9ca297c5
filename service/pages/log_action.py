"""Log an action: one screen for somebody standing in the dark with a phone."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from domain.action import PerformAction
from domain.refusals import Conflict, FieldError, Invalid, Refused
from service.batch import new_key
from service.commands import COMMANDS
from service.forms.layout import begun
from service.pages.action_form import LAYOUT, NAME, RESULTS, form_of, read_action, summary_of
from service.pages.command_form import KEY, SHOWN_AFTER
from service.pages.frame import AnyRequest, Frame, Typed, first_of, is_partial, status_of
from service.pages.nearby import offered
from service.pages.typed import asked_for, read_typed
from service.pages.unsent import Owners

NEAR: Final = "_near"
"""The form is sent with this to show the issues near its place, and logs nothing."""


def log_action_pages(frame: Frame, owners: Owners) -> Sequence[HTTPRouteHandler]:
    """The page and what it sends; `owners` tells whose what waits on a device is."""

    @get("/log-action", sync_to_thread=True, include_in_schema=False)
    def log_action(request: AnyRequest) -> Response[Any]:
        visitor = frame.reader(request)
        frame.admit(visitor, COMMANDS[NAME])
        begin = begun(PerformAction, LAYOUT.shown) | asked_for(request)
        return _show(frame, owners, request, begin)

    @post("/log-action", include_in_schema=False)
    async def logged(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_carry_out, frame, owners, request, typed)

    return [log_action, logged]


def _show(
    frame: Frame,
    owners: Owners,
    request: AnyRequest,
    typed: Typed,
    *,
    errors: Sequence[FieldError] = (),
    said: str = "",
    status: int = 200,
) -> Response[Any]:
    visitor = frame.reader(request)
    language = frame.language(request, visitor)
    form = form_of(frame, language, visitor.actor.agency_id, typed, errors)
    return frame.page(
        request,
        "log_action.html",
        status=status,
        visitor=visitor,
        behind=frame.behind(request, visitor, SHOWN_AFTER).said,
        summary=[*([("", said)] if said else []), *summary_of(errors, language)],
        form=form,
        more_open=any(each.errors or first_of(typed, each.name) for each in form.more),
        results=typed.get(RESULTS, ()),
        offered=offered(frame, visitor, typed, language),
        issue_chosen=first_of(typed, "issue"),
        issue_error=_issue_error(errors, language.value),
        key=first_of(typed, KEY) or new_key(),
        typed_first=partial(first_of, typed),
        owner=owners.of(visitor.actor.user_id),
    )


def _carry_out(frame: Frame, owners: Owners, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.reader(request)
    frame.admit(visitor, COMMANDS[NAME])
    if NEAR in typed:
        return _show_near(frame, owners, request, typed)
    try:
        command = read_action(frame, visitor, typed)
        receipt = frame.samsyn.execution.execute(
            command, visitor.actor, key=f"form:{first_of(typed, KEY)}"
        )
    except Invalid as invalid:
        return _show(frame, owners, request, typed, errors=invalid.errors, status=422)
    except Refused as refused:
        if isinstance(refused, Conflict) and refused.code == "key_used":
            typed = {name: values for name, values in typed.items() if name != KEY}
        said = frame.refusal(request, visitor, refused)
        return _show(frame, owners, request, typed, said=said, status=status_of(refused))
    return frame.after_command(
        f"/issues/{receipt.stream_id}", receipt.position, SHOWN_AFTER, done=NAME
    )


def _show_near(frame: Frame, owners: Owners, request: AnyRequest, typed: Typed) -> Response[Any]:
    """The issues near the place that is typed so far: in their place on the page, or all of it."""
    if not is_partial(request):
        return _show(frame, owners, request, typed)
    visitor = frame.reader(request)
    return frame.page(
        request,
        "near_issues.html",
        visitor=visitor,
        kept=False,
        offered=offered(frame, visitor, typed, frame.language(request, visitor)),
        issue_chosen=first_of(typed, "issue"),
        typed_first=partial(first_of, typed),
    )


def _issue_error(errors: Sequence[FieldError], language: str) -> str:
    told = [each.sv if language == "sv" else each.en for each in errors if each.field == "issue_id"]
    return told[0] if told else ""
