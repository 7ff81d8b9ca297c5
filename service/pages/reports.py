"""Reports: a new one, the inbox, one report with what can become of it, and a new issue."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.opening import LinkReport
from domain.refusals import Refused
from domain.values import Role
from projections.audit_trail_queries import trail
from projections.inbox import ReportItem, inbox_of, report_detail
from projections.issue_story_queries import issue_by_number
from service.access import a_list
from service.batch import new_key
from service.commands import COMMANDS
from service.forms.command_words import COMMAND_WORDS
from service.pages.around import Around, Beside
from service.pages.beside import typed_place
from service.pages.command_form import KEY, CommandForm
from service.pages.commands import visible_report
from service.pages.frame import AnyRequest, Frame, Typed, first_of, see_other, status_of
from service.pages.live_news import inbox_news, marks_of_inbox
from service.pages.paging import read_page
from service.pages.readers import require_reader
from service.pages.triage import candidates
from service.pages.typed import asked_for, read_typed
from service.visitors import Visitor

ON_REPORT = ("SendFeedback", "ReviseReport", "DismissReport")
READS = ("visibility", "inbox")
MOST_OWN = 50


def report_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The pages of reports."""

    @get("/inbox", sync_to_thread=True, include_in_schema=False)
    def inbox(
        request: AnyRequest,
        after: FromQuery[str | None] = None,
        report: FromQuery[str] = "",
    ) -> Response[Any]:
        visitor = frame.signed_in(request)
        if visitor.actor.role is Role.REPORTER:
            return see_other("/reports")
        require_reader(visitor)
        behind = frame.behind(request, visitor, READS)
        inboxes = frame.visitors.inboxes(visitor)
        looked = a_list(own=True)
        with frame.reading(visitor, looked, behind.positions) as db:
            page = read_page(
                lambda cursor: inbox_of(db, visitor.viewer, *inboxes, after=cursor), after
            )
            looked.found = len(page.items)
        beside = _beside(frame, request, visitor, report)
        return frame.page(
            request,
            "inbox.html",
            visitor=visitor,
            behind=behind.said,
            items=page.items,
            next=page.next,
            now=frame.samsyn.clock(),
            news=inbox_news(marks_of_inbox(page.items), report) if after is None else None,
            may_report=_may(visitor, "ReceiveReport"),
            **beside,
        )

    @get("/reports", sync_to_thread=True, include_in_schema=False)
    def own_reports(request: AnyRequest) -> Response[Any]:
        visitor = frame.signed_in(request)
        behind = frame.behind(request, visitor, ("visibility", "inbox", "audit_trail"))
        return frame.page(
            request,
            "own_reports.html",
            visitor=visitor,
            behind=behind.said,
            items=_own(frame, visitor),
            may_report=_may(visitor, "ReceiveReport"),
        )

    @get("/reports/new", sync_to_thread=True, include_in_schema=False)
    def new_report(request: AnyRequest) -> Response[Any]:
        return _new_report(frame, request).show_new(asked_for(request))

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
        return _new_issue(frame, request).show_new(
            {name: values for name, values in asked_for(request).items() if name != "report"}
        )

    @post("/issues/new", include_in_schema=False)
    async def open_issue(request: AnyRequest) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(lambda: _new_issue(frame, request).carry_out(typed))

    return [inbox, own_reports, new_report, receive, report, link, new_issue, open_issue]


def first_reports(
    frame: Frame, visitor: Visitor, positions: Mapping[str, int]
) -> Sequence[ReportItem]:
    """The first page of the inbox, from read models at least so new."""
    with frame.counting(positions) as db:
        return inbox_of(db, visitor.viewer, *frame.visitors.inboxes(visitor)).items


def _may(visitor: Visitor, name: str) -> bool:
    return visitor.actor.role in COMMANDS[name].roles


def _own(frame: Frame, visitor: Visitor) -> list[ReportItem]:
    """What the visitor has reported, the latest first."""
    looked = a_list(own=True)
    with frame.reading(visitor, looked) as db:
        sent = trail(
            db,
            visitor.viewer,
            actor=visitor.actor.user_id,
            topics=("ReportReceived",),
            limit=MOST_OWN,
        )
        found = [
            report_detail(db, visitor.viewer, line.report_id)
            for line in sent.items
            if line.report_id is not None
        ]
        looked.found = len(found)
    return [each for each in found if each is not None]


def _new_report(frame: Frame, request: AnyRequest) -> CommandForm:
    visitor = frame.signed_in(request)
    return CommandForm(
        frame,
        request,
        "ReceiveReport",
        Around(
            given={},
            action="/reports/new",
            onwards=lambda stream_id: f"/reports/{stream_id}",
            cancel="/reports" if visitor.actor.role is Role.REPORTER else "/inbox",
            beside=lambda _typed: Beside(emergency=True),
        ),
    )


def _new_issue(frame: Frame, request: AnyRequest) -> CommandForm:
    """The form of a new issue; opened from a report it begins with what the report says."""
    visitor = frame.reader(request)
    wanted = request.query_params.get("report")
    beside = Beside(emergency=True)
    report: ReportItem | None = None
    if wanted is not None:
        report = visible_report(frame, visitor, _uuid(wanted))
        content = report.content
        words = frame.language(request, visitor).pick("Rapporten säger", "The report says")
        beside = Beside(
            emergency=True,
            quotes=[(words, content.text)],
            begin={
                "category": [content.category or ""],
                "context_flags": [flag.value for flag in content.context_flags],
                **typed_place(content.place),
            },
        )
    return CommandForm(
        frame,
        request,
        "OpenIssue",
        Around(
            given={"report_ids": (report.report_id,)} if report else {},
            action=f"/issues/new?report={report.report_id}" if report else "/issues/new",
            onwards=lambda stream_id: f"/issues/{stream_id}",
            cancel=f"/reports/{report.report_id}" if report else "/issues",
            beside=lambda _typed: beside,
        ),
    )


def _report_page(
    frame: Frame,
    request: AnyRequest,
    report_id: UUID,
    *,
    typed: Typed | None = None,
    status: int = 200,
    said: str = "",
) -> Response[Any]:
    visitor = frame.signed_in(request)
    return frame.page(
        request,
        "report.html",
        status=status,
        visitor=visitor,
        behind=frame.behind(request, visitor, READS).said,
        **_shown(frame, request, visitor, report_id, typed or {}, said),
    )


def _beside(frame: Frame, request: AnyRequest, visitor: Visitor, wanted: str) -> dict[str, Any]:
    """The report that was chosen in the inbox, if one was."""
    if not wanted:
        return {"report": None}
    return _shown(frame, request, visitor, _uuid(wanted), {})


def _shown(
    frame: Frame,
    request: AnyRequest,
    visitor: Visitor,
    report_id: UUID,
    typed: Typed,
    said: str = "",
) -> dict[str, Any]:
    """A report with what can become of it, on a page of its own or beside the inbox."""
    language = frame.language(request, visitor)
    found = visible_report(frame, visitor, report_id)
    authority = visitor.viewer.authority and visitor.actor.role is not Role.REPORTER
    own = found.receiving_agency in frame.visitors.inboxes(visitor)
    offers = [
        (f"/reports/{report_id}/do/{name}", language.of(COMMAND_WORDS[name]))
        for name in ON_REPORT
        if _may(visitor, name)
        and (own if name == "ReviseReport" else authority)
        and not (name == "DismissReport" and (found.settled or not own))
        and not (name == "SendFeedback" and found.anonymous)
    ]
    return {
        "report": found,
        "said": said,
        "offers": offers,
        "reads_issues": visitor.actor.role is not Role.REPORTER,
        "may_link": _may(visitor, "LinkReport") and authority and not found.settled,
        "may_open": _may(visitor, "OpenIssue") and authority and not found.settled,
        "candidates": candidates(frame, visitor, found, language) if authority else (),
        "key": first_of(typed, KEY) or new_key(),
        "typed_first": partial(first_of, typed),
    }


def _link(frame: Frame, request: AnyRequest, report_id: UUID, typed: Typed) -> Response[Any]:
    visitor = frame.reader(request)
    frame.admit(visitor, COMMANDS["LinkReport"])
    number = (first_of(typed, "issue_number") or first_of(typed, "candidate")).upper()
    with frame.counting() as db:
        head = issue_by_number(db, visitor.viewer, number)
    if head is None:
        said = frame.language(request, visitor).pick(
            "Det finns inget ärende med det numret. Skriv som TIC-2026-00042.",
            "There is no issue with that number. Write like TIC-2026-00042.",
        )
        return _report_page(frame, request, report_id, typed=typed, status=422, said=said)
    try:
        receipt = frame.samsyn.execution.execute(
            LinkReport(issue_id=head.issue_id, report_id=report_id),
            visitor.actor,
            key=f"form:{first_of(typed, KEY)}",
        )
    except Refused as refused:
        return _report_page(
            frame,
            request,
            report_id,
            status=status_of(refused),
            said=frame.refusal(request, visitor, refused),
        )
    return frame.after_command(
        f"/issues/{head.issue_id}",
        receipt.position,
        ("visibility", "issue_story", "audit_trail", "inbox"),
        done="LinkReport",
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundException from error
