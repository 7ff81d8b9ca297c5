"""Reports: a new one, the inbox, one report with what can become of it, and a new issue."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.codes import AgencyKind
from domain.opening import LinkReport
from domain.refusals import Refused
from projections.inbox import ReportItem, inbox_of, report_detail
from projections.issue_story_queries import find_issues, issue_by_number
from service.commands import COMMANDS
from service.forms.words import COMMAND_WORDS
from service.pages.commands import STATUS, CommandPage
from service.pages.frame import AnyRequest, Frame, first_of, see_other
from service.pages.typed import read_typed
from service.visitors import Visitor

ON_REPORT = ("SendFeedback", "DismissReport")
CANDIDATES = 20


def report_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The pages of reports."""

    @get("/inbox", sync_to_thread=True, include_in_schema=False)
    def inbox(request: AnyRequest, after: str | None = None) -> Response[Any]:
        visitor = frame.signed_in(request)
        with frame.samsyn.engine.connect() as db:
            page = inbox_of(db, visitor.viewer, *_inboxes(frame, visitor), after=after)
        return frame.page(request, "inbox.html", visitor=visitor, items=page.items, next=page.next)

    @get("/reports/new", sync_to_thread=True, include_in_schema=False)
    def new_report(request: AnyRequest) -> Response[Any]:
        return _new_report(frame, request).show({})

    @post("/reports/new", include_in_schema=False)
    async def receive(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(lambda: _new_report(frame, request).carry_out(typed))

    @get("/reports/{report_id:uuid}", sync_to_thread=True, include_in_schema=False)
    def report(request: AnyRequest, report_id: FromPath[UUID]) -> Response[Any]:
        return _report_page(frame, request, report_id)

    @post("/reports/{report_id:uuid}/link", include_in_schema=False)
    async def link(request: AnyRequest, report_id: FromPath[UUID]) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(_link, frame, request, report_id, typed)

    @get("/issues/new", sync_to_thread=True, include_in_schema=False)
    def new_issue(request: AnyRequest) -> Response[Any]:
        page, asked = _new_issue(frame, request)
        return page.show(asked)

    @post("/issues/new", include_in_schema=False)
    async def open_issue(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(lambda: _new_issue(frame, request)[0].carry_out(typed))

    return [inbox, new_report, receive, report, link, new_issue, open_issue]


def _inboxes(frame: Frame, visitor: Visitor) -> list[str]:
    """The own agency's, and for the city's authorities those of agencies that only take in."""
    agencies = frame.visitors.agencies()
    own = agencies.get(visitor.actor.agency_id)
    if own is None or own.kind is not AgencyKind.AUTHORITY_CITY:
        return [visitor.actor.agency_id]
    intake = [each.agency_id for each in agencies.agencies.values() if each.intake_only]
    return [visitor.actor.agency_id, *intake]


def _new_report(frame: Frame, request: AnyRequest) -> CommandPage:
    return CommandPage(
        frame,
        request,
        "ReceiveReport",
        given={},
        action="/reports/new",
        onwards=lambda stream_id, _created: f"/reports/{stream_id}",
        cancel="/inbox",
        emergency=True,
    )


def _new_issue(frame: Frame, request: AnyRequest) -> tuple[CommandPage, dict[str, list[str]]]:
    """The form of a new issue; opened from a report it begins with what the report says."""
    visitor = frame.signed_in(request)
    language = frame.language(request, visitor)
    wanted = request.query_params.get("report")
    asked: dict[str, list[str]] = {}
    quotes: list[tuple[str, str]] = []
    given: dict[str, tuple[UUID, ...]] = {}
    action = "/issues/new"
    if wanted is not None:
        found = _detail(frame, visitor, _uuid(wanted))
        content = found.content
        quotes = [(language.pick("Rapporten säger", "The report says"), content.text)]
        given = {"report_ids": (found.report_id,)}
        action = f"/issues/new?report={found.report_id}"
        known = content.place.place_id is not None
        asked = {
            "category": [content.category or ""],
            ("place" if known else "place_name"): [content.place.place_id or content.place.name],
            "context_flags": [flag.value for flag in content.context_flags],
        }
    page = CommandPage(
        frame,
        request,
        "OpenIssue",
        given=given,
        action=action,
        onwards=lambda stream_id, _created: f"/issues/{stream_id}",
        cancel="/inbox" if wanted else "/issues",
        quotes=quotes,
        leave_out=frozenset({"report_ids"}),
        emergency=True,
    )
    return page, asked


def _report_page(
    frame: Frame, request: AnyRequest, report_id: UUID, *, status: int = 200, said: str = ""
) -> Response[Any]:
    visitor = frame.signed_in(request)
    language = frame.language(request, visitor)
    found = _detail(frame, visitor, report_id)
    with frame.samsyn.engine.connect() as db:
        candidates = find_issues(db, visitor.viewer, limit=CANDIDATES)
    offers = [
        (f"/reports/{report_id}/do/{name}", language.of(COMMAND_WORDS[name]))
        for name in ON_REPORT
        if visitor.actor.role in COMMANDS[name].roles
        and not (name == "DismissReport" and found.settled)
    ]
    return frame.page(
        request,
        "report.html",
        status=status,
        visitor=visitor,
        report=found,
        said=said,
        offers=offers,
        may_link=visitor.actor.role in COMMANDS["LinkReport"].roles and not found.settled,
        may_open=visitor.actor.role in COMMANDS["OpenIssue"].roles and not found.settled,
        candidates=candidates.items,
        key=uuid4().hex,
    )


def _link(
    frame: Frame, request: AnyRequest, report_id: UUID, typed: dict[str, list[str]]
) -> Response[Any]:
    visitor = frame.signed_in(request)
    language = frame.language(request, visitor)
    number = first_of(typed, "number") or first_of(typed, "candidate")
    with frame.samsyn.engine.connect() as db:
        head = issue_by_number(db, visitor.viewer, number)
    if head is None:
        said = language.pick(
            "Det finns inget ärende med det numret. Skriv som TIC-2026-00042.",
            "There is no issue with that number. Write like TIC-2026-00042.",
        )
        return _report_page(frame, request, report_id, status=422, said=said)
    try:
        receipt = frame.samsyn.execution.execute(
            LinkReport(issue_id=head.issue_id, report_id=report_id),
            visitor.actor,
            key=f"form:{first_of(typed, '_key')}",
        )
    except Refused as refused:
        status = next(code for kind, code in STATUS.items() if isinstance(refused, kind))
        said = frame.refusal(request, visitor, refused)
        return _report_page(frame, request, report_id, status=status, said=said)
    frame.caught_up(receipt.position, ("visibility", "issue_story", "inbox"))
    return see_other(f"/issues/{head.issue_id}")


def _detail(frame: Frame, visitor: Visitor, report_id: UUID | None) -> ReportItem:
    if report_id is None:
        raise NotFoundException
    with frame.samsyn.engine.connect() as db:
        found = report_detail(db, visitor.viewer, report_id)
    if found is None:
        raise NotFoundException
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
