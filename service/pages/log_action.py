"""Log an action: one screen for somebody standing in the dark with a phone."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from domain.action import PerformAction
from domain.command import LIVE
from domain.refusals import Conflict, FieldError, Invalid, Refused
from projections.issue_search import find_issues
from projections.issue_story_rows import IssueHead
from projections.queues import Bucket
from projections.queues_queries import queue_of
from service.access import a_list
from service.commands import COMMANDS
from service.forms.choices import Option
from service.forms.layout import begun
from service.pages.action_form import LAYOUT, NAME, RESULTS, form_of, read_action, summary_of
from service.pages.command_form import KEY, SHOWN_AFTER
from service.pages.frame import AnyRequest, Frame, Typed, first_of, status_of
from service.pages.typed import asked_for, read_typed
from service.pages.unsent import Owners
from service.visitors import Visitor

NEAR = 8
"""So many issues of each queue stand in the list; any other is written by its number."""


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
        issues=near(frame, visitor),
        issue_chosen=first_of(typed, "issue"),
        issue_error=_issue_error(errors, language.value),
        key=first_of(typed, KEY) or uuid4().hex,
        typed_first=partial(first_of, typed),
        owner=owners.of(visitor.actor.user_id),
    )


def _carry_out(frame: Frame, owners: Owners, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.reader(request)
    frame.admit(visitor, COMMANDS[NAME])
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


def _issue_error(errors: Sequence[FieldError], language: str) -> str:
    told = [each.sv if language == "sv" else each.en for each in errors if each.field == "issue_id"]
    return told[0] if told else ""


def near(frame: Frame, visitor: Visitor) -> list[Option]:
    """What the officer probably means: what the agency works with, then the latest open issues."""
    now = frame.samsyn.clock()
    agency_id = visitor.actor.agency_id
    found: dict[str, str] = {}
    looked = a_list(own=True)
    with frame.reading(visitor, looked) as db:
        for bucket in (Bucket.ASSISTING, Bucket.OURS):
            page = queue_of(db, visitor.viewer, agency_id, bucket, now=now, limit=NEAR)
            found |= {item.number: f"{item.title} ({item.place_name})" for item in page.items}
        latest = find_issues(db, visitor.viewer, limit=2 * NEAR)
        looked.found = len(found) + len(latest.items)
    for head in latest.items:
        if isinstance(head, IssueHead) and head.status in LIVE:
            found.setdefault(head.number, f"{head.title} ({head.place.name})")
    return [Option(number, words) for number, words in found.items()][: 2 * NEAR]
