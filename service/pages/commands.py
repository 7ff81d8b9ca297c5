"""The pages with the form of every command on an issue, a referral or a report."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.envelope import Recorded
from projections.inbox import ReportItem, inbox_of, report_detail
from projections.issue_story_queries import issue_head
from projections.issue_story_rows import IssueHead, PushedHead
from service.access import a_report, an_issue
from service.commands import COMMANDS
from service.forms.command_words import COMMAND_WORDS
from service.pages.around import Around, Beside
from service.pages.beside import BesideIssue, typed_moment, typed_place
from service.pages.command_form import CAME_FROM, CommandForm
from service.pages.foreseen import foreseen
from service.pages.frame import AnyRequest, Frame, Typed, first_of
from service.pages.list_address import LIST, in_list
from service.pages.news import Newsroom
from service.pages.typed import asked_for, read_typed, typed_so_far
from service.visitors import Visitor


def command_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The forms of commands on issues, referrals and reports."""

    @get("/issues/{issue_id:uuid}/do/{name:str}", sync_to_thread=True, include_in_schema=False)
    def show(request: AnyRequest, issue_id: FromPath[UUID], name: FromPath[str]) -> Response[Any]:
        return _on_issue(frame, request, issue_id, name).show_new(asked_for(request))

    @post("/issues/{issue_id:uuid}/do/{name:str}", include_in_schema=False)
    async def give(
        request: AnyRequest, issue_id: FromPath[UUID], name: FromPath[str]
    ) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(
            lambda: _on_issue(frame, request, issue_id, name).carry_out(typed)
        )

    path = "/issues/{issue_id:uuid}/referrals/{referral_id:uuid}/do/{name:str}"

    @get(path, sync_to_thread=True, include_in_schema=False)
    def show_referral(
        request: AnyRequest,
        issue_id: FromPath[UUID],
        referral_id: FromPath[UUID],
        name: FromPath[str],
    ) -> Response[Any]:
        form = _on_issue(frame, request, issue_id, name, referral_id)
        return form.show_new(asked_for(request))

    @post(path, include_in_schema=False)
    async def give_referral(
        request: AnyRequest,
        issue_id: FromPath[UUID],
        referral_id: FromPath[UUID],
        name: FromPath[str],
    ) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(
            lambda: _on_issue(frame, request, issue_id, name, referral_id).carry_out(typed)
        )

    @get("/reports/{report_id:uuid}/do/{name:str}", sync_to_thread=True, include_in_schema=False)
    def show_report(
        request: AnyRequest, report_id: FromPath[UUID], name: FromPath[str]
    ) -> Response[Any]:
        return _on_report(frame, request, report_id, name).show_new(asked_for(request))

    @post("/reports/{report_id:uuid}/do/{name:str}", include_in_schema=False)
    async def give_report(
        request: AnyRequest, report_id: FromPath[UUID], name: FromPath[str]
    ) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(
            lambda: _on_report(frame, request, report_id, name).carry_out(typed)
        )

    return [show, give, show_referral, give_referral, show_report, give_report]


def _on_issue(
    frame: Frame, request: AnyRequest, issue_id: UUID, name: str, referral_id: UUID | None = None
) -> CommandForm:
    visitor = frame.reader(request)
    row = COMMANDS.get(name)
    if row is None or name not in COMMAND_WORDS or row.id_field != "issue_id":
        raise NotFoundException
    if ("{referral_id" in row.path) != (referral_id is not None):
        raise NotFoundException
    head = visible_head(frame, visitor, issue_id)
    language = frame.language(request, visitor)
    beside = BesideIssue(frame, visitor, language, head, referral_id)
    came_from = list_of(request)
    here = in_list(f"/issues/{issue_id}", came_from)
    middle = f"/referrals/{referral_id}" if referral_id else ""
    return CommandForm(
        frame,
        request,
        name,
        Around(
            given={"issue_id": issue_id} | ({"referral_id": referral_id} if referral_id else {}),
            action=f"/issues/{issue_id}{middle}/do/{name}",
            onwards=lambda _stream_id: here,
            cancel=here,
            beside=partial(beside.of, name),
            preview=partial(foreseen, frame, visitor, language) if name == "SendReferral" else None,
            came_from=came_from,
            version=version_of(frame, issue_id),
            news=partial(Newsroom(frame, visitor, language, name).of_issue, issue_id),
        ),
    )


def list_of(request: AnyRequest) -> str:
    """The list from which somebody came to a form, by its link or as it was sent along."""
    return request.query_params.get(LIST, "") or first_of(typed_so_far(request), CAME_FROM)


def version_of(frame: Frame, stream_id: UUID) -> int:
    """The version of a record as it is now, which its read models may not have reached."""
    record: Recorded = frame.samsyn.casework.repository.get(stream_id)
    return record.version


def visible_head(frame: Frame, visitor: Visitor, issue_id: UUID) -> IssueHead | PushedHead:
    """The head of an issue, if the visitor may see it.

    Raises:
        NotFoundException: there is none, or none for this visitor.
    """
    with frame.reading(visitor, an_issue(issue_id)) as db:
        head = issue_head(db, visitor.viewer, issue_id)
        if head is None:
            raise NotFoundException
    return head


def visible_report(frame: Frame, visitor: Visitor, report_id: UUID) -> ReportItem:
    """A report, if the visitor may see it.

    Raises:
        NotFoundException: there is none, or none for this visitor.
    """
    with frame.reading(visitor, a_report(report_id)) as db:
        found = report_detail(db, visitor.viewer, report_id)
        if found is None:
            raise NotFoundException
    return found


def _next_in_inbox(frame: Frame, visitor: Visitor, done: UUID) -> str:
    """The inbox beside the report that is to be assessed next, or only the inbox when all are."""
    with frame.counting() as db:
        first = inbox_of(db, visitor.viewer, *frame.visitors.inboxes(visitor), limit=2).items
    left = (each.report_id for each in first if each.report_id != done)
    return next((f"/inbox?report={report_id}" for report_id in left), "/inbox")


def _on_report(frame: Frame, request: AnyRequest, report_id: UUID, name: str) -> CommandForm:
    visitor = frame.signed_in(request)
    row = COMMANDS.get(name)
    if row is None or name not in COMMAND_WORDS or row.id_field != "report_id":
        raise NotFoundException
    report = visible_report(frame, visitor, report_id)
    here = f"/reports/{report_id}"
    begin = _as_typed(report) if name == "ReviseReport" else {}
    newsroom = Newsroom(frame, visitor, frame.language(request, visitor), name)
    return CommandForm(
        frame,
        request,
        name,
        Around(
            given={"report_id": report_id},
            action=f"{here}/do/{name}",
            onwards=lambda _stream_id: (
                _next_in_inbox(frame, visitor, report_id) if name == "DismissReport" else here
            ),
            cancel=here,
            beside=lambda _typed: Beside(about=report.place_name, begin=begin),
            version=version_of(frame, report_id),
            news=partial(newsroom.of_report, report_id),
        ),
    )


def _as_typed(report: ReportItem) -> Typed:
    """A report as its form holds it: a revision says everything anew."""
    content = report.content
    plain = {
        "text": content.text,
        "kind": content.kind.value,
        "channel": content.channel.value,
        "category": content.category,
        "time_precision": content.time_precision.value,
        "certainty": content.certainty,
        "perceived_unsafety": content.perceived_unsafety,
        "estimated_people": content.estimated_people,
        "reported_to_police": content.reported_to_police,
    }
    return {
        **{name: [str(value)] for name, value in plain.items() if value is not None},
        **typed_place(content.place),
        "occurred_from": typed_moment(content.occurred_from),
        "occurred_to": typed_moment(content.occurred_to),
        "context_flags": [flag.value for flag in content.context_flags],
    }
