"""Log an action: one screen for somebody standing in the dark with a phone."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from domain.action import PerformAction
from domain.codes import ActionType
from domain.command import LIVE
from domain.refusals import Conflict, FieldError, Invalid, Refused
from projections.issue_story_queries import find_issues, issue_by_number
from projections.issue_story_rows import IssueHead
from projections.queues import Bucket
from projections.queues_queries import queue_of
from service.commands import COMMANDS
from service.forms.choices import Choices, Option
from service.forms.form import base_of, describe
from service.forms.layout import Layout, begun
from service.forms.reading import read_form
from service.forms.words import words_of
from service.pages.command_form import KEY, SHOWN_AFTER
from service.pages.frame import AnyRequest, Frame, Typed, first_of, status_of
from service.pages.typed import asked_for, read_typed
from service.visitors import Visitor

NEAR = 8
"""So many issues of each queue stand in the list; any other is written by its number."""
NAME = PerformAction.__name__
AT_ONCE = ("performed_from", "place", "result_sv", "implementation")
MORE = ("implementation_reason_sv", "performed_to", "people", "together_with")
"""What is seldom filled in stands further down, behind one line."""
LAYOUT = Layout(
    shown=("action_type", *AT_ONCE, *MORE),
    needed=frozenset({"action_type"}),
    optional=frozenset((*AT_ONCE, *MORE)) - {"implementation", "implementation_reason_sv"},
)


def log_action_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page and what it sends."""

    @get("/log-action", sync_to_thread=True, include_in_schema=False)
    def log_action(request: AnyRequest) -> Response[Any]:
        visitor = frame.reader(request)
        frame.admit(visitor, COMMANDS[NAME])
        return _show(frame, request, begun(PerformAction, LAYOUT.shown) | asked_for(request))

    @post("/log-action", include_in_schema=False)
    async def logged(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_carry_out, frame, request, typed)

    return [log_action, logged]


def _show(
    frame: Frame,
    request: AnyRequest,
    typed: Typed,
    *,
    errors: Sequence[FieldError] = (),
    said: str = "",
    status: int = 200,
) -> Response[Any]:
    visitor = frame.reader(request)
    language = frame.language(request, visitor)
    choices = Choices(
        agencies=frame.visitors.agencies(),
        own_agency=visitor.actor.agency_id,
        language=language,
        now=frame.samsyn.clock(),
    )
    form = {each.name: each for each in describe(PerformAction, LAYOUT, choices, typed, errors)}
    own = {each.value for each in choices.own_action_types()}
    types = [each for each in choices.of_enum(ActionType) if each.value in own]
    summary = [("", said)] if said else []
    for error in errors:
        name = base_of(error.field)
        words = f"{language.of(words_of(NAME, name))}: {language.pick(error.sv, error.en)}"
        summary.append(("f-issue" if name == "issue_id" else f"f-{name}", words))
    return frame.page(
        request,
        "log_action.html",
        status=status,
        visitor=visitor,
        behind=frame.behind(request, visitor, SHOWN_AFTER).said,
        summary=list(dict.fromkeys(summary)),
        action_type=form["action_type"],
        types=types,
        other_types=[each for each in form["action_type"].options if each.value not in own],
        at_once=[form[name] for name in AT_ONCE],
        more=[form[name] for name in MORE],
        more_open=any(form[name].errors or first_of(typed, name) for name in MORE),
        confirm=form.get("not_personal"),
        issues=_near(frame, visitor),
        issue_chosen=first_of(typed, "issue"),
        issue_error=_issue_error(errors, language.value),
        key=first_of(typed, KEY) or uuid4().hex,
        typed_first=partial(first_of, typed),
    )


def _carry_out(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.reader(request)
    frame.admit(visitor, COMMANDS[NAME])
    try:
        command = _read(frame, visitor, typed)
        receipt = frame.samsyn.execution.execute(
            command, visitor.actor, key=f"form:{first_of(typed, KEY)}"
        )
    except Invalid as invalid:
        return _show(frame, request, typed, errors=invalid.errors, status=422)
    except Refused as refused:
        if isinstance(refused, Conflict) and refused.code == "key_used":
            typed = {name: values for name, values in typed.items() if name != KEY}
        said = frame.refusal(request, visitor, refused)
        return _show(frame, request, typed, said=said, status=status_of(refused))
    return frame.after_command(
        f"/issues/{receipt.stream_id}", receipt.position, SHOWN_AFTER, done=NAME
    )


def _read(frame: Frame, visitor: Visitor, typed: Typed) -> PerformAction:
    """The action as typed; which issue it belongs to is one of its fields here.

    Raises:
        Invalid: with every bad field.
    """
    errors: tuple[FieldError, ...] = ()
    issue_id = _issue_of(frame, visitor, typed)
    if issue_id is None:
        errors += (
            _field(
                "issue_id",
                "Välj ett ärende eller skriv dess nummer.",
                "Choose an issue or write its number.",
            ),
        )
    if not first_of(typed, "action_type"):
        errors += (_field("action_type", "Välj åtgärdstyp.", "Choose the type of action."),)
    try:
        given = {"issue_id": issue_id or UUID(int=0)}
        command = read_form(
            PerformAction, typed, given, frame.visitors.agencies(), lambda _number: None
        )
    except Invalid as invalid:
        raise Invalid((*errors, *invalid.errors)) from invalid
    if errors or not isinstance(command, PerformAction):
        raise Invalid(errors)
    return command


def _field(name: str, sv: str, en: str) -> FieldError:
    return FieldError(field=name, code="required", sv=sv, en=en)


def _issue_error(errors: Sequence[FieldError], language: str) -> str:
    told = [each.sv if language == "sv" else each.en for each in errors if each.field == "issue_id"]
    return told[0] if told else ""


def _issue_of(frame: Frame, visitor: Visitor, typed: Typed) -> UUID | None:
    number = (first_of(typed, "issue_number") or first_of(typed, "issue")).upper()
    with frame.samsyn.engine.connect() as db:
        head = issue_by_number(db, visitor.viewer, number) if number else None
    return head.issue_id if head else None


def _near(frame: Frame, visitor: Visitor) -> list[Option]:
    """What the officer probably means: what the agency works with, then the latest open issues."""
    now = frame.samsyn.clock()
    agency_id = visitor.actor.agency_id
    found: dict[str, str] = {}
    with frame.samsyn.engine.connect() as db:
        for bucket in (Bucket.ASSISTING, Bucket.OURS):
            page = queue_of(db, visitor.viewer, agency_id, bucket, now=now, limit=NEAR)
            found |= {item.number: f"{item.title} ({item.place_name})" for item in page.items}
        latest = find_issues(db, visitor.viewer, limit=2 * NEAR)
    for head in latest.items:
        if isinstance(head, IssueHead) and head.status in LIVE:
            found.setdefault(head.number, f"{head.title} ({head.place.name})")
    return [Option(number, words) for number, words in found.items()][: 2 * NEAR]
