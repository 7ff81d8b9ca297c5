"""Log an action: one screen for somebody standing in the dark with a phone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from domain.action import PerformAction
from domain.action_types import offered_to
from domain.labels import label
from domain.refusals import Invalid, Refused
from projections.issue_story_queries import find_issues, issue_by_number
from projections.queues import Bucket
from projections.queues_queries import queue_of
from service.forms.choices import Choices, Option
from service.forms.form import describe
from service.forms.reading import read_form
from service.pages.commands import SHOWN_AFTER, STATUS
from service.pages.frame import AnyRequest, Frame, first_of, see_other
from service.pages.typed import read_typed
from service.visitors import Visitor

NEAR = 8
ON_FORM = (
    "performed_from",
    "performed_to",
    "place",
    "people",
    "result_sv",
    "together_with",
    "implementation",
    "implementation_reason_sv",
    "not_personal",
)
Typed = dict[str, list[str]]


def log_action_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page and what it sends."""

    @get("/log-action", sync_to_thread=True, include_in_schema=False)
    def log_action(request: AnyRequest) -> Response[Any]:
        return _show(frame, request, {})

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
    refused: Refused | None = None,
    said: str = "",
    status: int = 200,
) -> Response[Any]:
    visitor = frame.signed_in(request)
    language = frame.language(request, visitor)
    errors = refused.errors if isinstance(refused, Invalid) else ()
    choices = _choices(frame, request, visitor)
    shown = {field.name: field for field in describe(PerformAction, choices, typed, errors)}
    agency = frame.visitors.agencies().get(visitor.actor.agency_id)
    types = offered_to(agency.secrecy_domain) if agency else ()
    summary = [(error.field, language.pick(error.sv, error.en)) for error in errors]
    if said:
        summary.insert(0, ("", said))
    return frame.page(
        request,
        "log_action.html",
        status=status,
        visitor=visitor,
        summary=summary,
        form=[shown[name] for name in ON_FORM if name in shown],
        types=[(each.value, language.of(label(each))) for each in types],
        type_chosen=first_of(typed, "action_type"),
        issues=_near(frame, visitor),
        issue_chosen=first_of(typed, "issue"),
        number_typed=first_of(typed, "number"),
        key=first_of(typed, "_key") or uuid4().hex,
        typed_first=lambda name: first_of(typed, name),
    )


def _carry_out(frame: Frame, request: AnyRequest, typed: Typed) -> Response[Any]:
    visitor = frame.signed_in(request)
    issue_id = _issue_of(frame, visitor, typed)
    if issue_id is None:
        said = frame.language(request, visitor).pick(
            "Välj vilket ärende åtgärden hör till.", "Choose which issue the action belongs to."
        )
        return _show(frame, request, typed, said=said, status=422)
    try:
        command = read_form(
            PerformAction,
            typed,
            {"issue_id": issue_id},
            frame.visitors.agencies(),
            lambda _number: None,
        )
        receipt = frame.samsyn.execution.execute(
            command, visitor.actor, key=f"form:{first_of(typed, '_key')}"
        )
    except Refused as refused:
        status = next(code for kind, code in STATUS.items() if isinstance(refused, kind))
        said = "" if isinstance(refused, Invalid) else frame.refusal(request, visitor, refused)
        return _show(frame, request, typed, refused=refused, said=said, status=status)
    frame.caught_up(receipt.position, SHOWN_AFTER)
    return see_other(f"/issues/{issue_id}")


def _issue_of(frame: Frame, visitor: Visitor, typed: Typed) -> UUID | None:
    number = first_of(typed, "number") or first_of(typed, "issue")
    with frame.samsyn.engine.connect() as db:
        head = issue_by_number(db, visitor.viewer, number) if number else None
    return head.issue_id if head else None


def _near(frame: Frame, visitor: Visitor) -> list[Option]:
    """What the officer probably means: what the agency works with, then the latest issues."""
    now = frame.samsyn.clock()
    agency_id = visitor.actor.agency_id
    found: dict[str, str] = {}
    with frame.samsyn.engine.connect() as db:
        for bucket in (Bucket.ASSISTING, Bucket.OURS):
            page = queue_of(db, visitor.viewer, agency_id, bucket, now=now, limit=NEAR)
            found |= {item.number: f"{item.title} ({item.place_name})" for item in page.items}
        latest = find_issues(db, visitor.viewer, limit=NEAR)
    for head in latest.items:
        found.setdefault(head.number, f"{head.public_title} ({head.place.name})")
    return list(found.items())[: 2 * NEAR]


def _choices(frame: Frame, request: AnyRequest, visitor: Visitor) -> Choices:
    return Choices(
        agencies=frame.visitors.agencies(),
        own_agency=visitor.actor.agency_id,
        language=frame.language(request, visitor).value,
        now=frame.samsyn.clock(),
    )
