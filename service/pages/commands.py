"""The form of every command on an issue, a referral or a report: shown, read, carried out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.issue import Issue
from domain.labels import label
from domain.refusals import Conflict, FieldError, Invalid, NotAllowed, NotFound, Refused
from projections.inbox import report_detail
from projections.issue_story_queries import issue_by_number, issue_head
from service.commands import COMMANDS, Row
from service.forms.choices import Choices, Option
from service.forms.form import describe
from service.forms.reading import read_form
from service.forms.words import COMMAND_WORDS, FIELD_WORDS
from service.pages.frame import AnyRequest, Frame, first_of, see_other
from service.pages.typed import read_typed
from service.visitors import Visitor

Typed = dict[str, list[str]]
SHOWN_AFTER = ("visibility", "queues", "issue_story", "inbox")
STATUS: dict[type[Refused], int] = {NotAllowed: 403, NotFound: 404, Conflict: 409, Invalid: 422}


class CommandPage:
    """One command's form for one visitor: what is fixed by the path, and where it leads."""

    def __init__(  # noqa: PLR0913  each is one fact of the page
        self,
        frame: Frame,
        request: AnyRequest,
        name: str,
        *,
        given: Mapping[str, UUID | tuple[UUID, ...]],
        action: str,
        onwards: Callable[[UUID, UUID | None], str],
        cancel: str,
        reports: Sequence[Option] = (),
        planned_actions: Sequence[Option] = (),
        about: str = "",
        quotes: Sequence[tuple[str, str]] = (),
        leave_out: frozenset[str] = frozenset(),
        emergency: bool = False,
    ) -> None:
        self.frame = frame
        self.request = request
        self.visitor: Visitor = frame.signed_in(request)
        self.language = frame.language(request, self.visitor)
        self.row: Row = COMMANDS[name]
        self.given = given
        self.action = action
        self.onwards = onwards
        self.cancel = cancel
        self.about = about
        self.quotes = quotes
        self.leave_out = leave_out
        self.emergency = emergency
        self.choices = Choices(
            agencies=frame.visitors.agencies(),
            own_agency=self.visitor.actor.agency_id,
            language=self.language.value,
            now=frame.samsyn.clock(),
            reports=reports,
            planned_actions=planned_actions,
        )

    def show(
        self, typed: Typed, errors: Sequence[FieldError] = (), *, status: int = 200, said: str = ""
    ) -> Response[Any]:
        """The form, with everything typed so far and what is wrong with it."""
        shown = describe(self.row.command, self.choices, typed, errors, self.leave_out)
        on_form = {field.name for field in shown}
        summary = [
            (
                error.field if error.field in on_form else "",
                f"{self._words(error.field)}: {self.language.pick(error.sv, error.en)}",
            )
            for error in errors
        ]
        if said:
            summary.insert(0, ("", said))
        return self.frame.page(
            self.request,
            "form.html",
            status=status,
            visitor=self.visitor,
            heading=self.language.of(COMMAND_WORDS[self.row.name]),
            about=self.about,
            emergency=self.emergency,
            explain="",
            quotes=self.quotes,
            summary=summary,
            form=shown,
            hidden=(),
            action=self.action,
            cancel=self.cancel,
            key=first_of(typed, "_key") or uuid4().hex,
            typed_first=lambda name: first_of(typed, name),
        )

    def carry_out(self, typed: Typed) -> Response[Any]:
        """Read the form and give the command; whatever is wrong, the text comes back."""
        key = first_of(typed, "_key")
        try:
            command = read_form(
                self.row.command,
                typed,
                self.given,
                self.choices.agencies,
                self._find_issue,
            )
            receipt = self.frame.samsyn.execution.execute(
                command, self.visitor.actor, key=f"form:{key}" if key else None
            )
        except Invalid as invalid:
            return self.show(typed, invalid.errors, status=422)
        except Refused as refused:
            status = next(code for kind, code in STATUS.items() if isinstance(refused, kind))
            said = self.frame.refusal(self.request, self.visitor, refused)
            return self.show(typed, status=status, said=said)
        self.frame.caught_up(receipt.position, SHOWN_AFTER)
        return see_other(self.onwards(receipt.stream_id, receipt.created_id))

    def _find_issue(self, number: str) -> UUID | None:
        with self.frame.samsyn.engine.connect() as db:
            head = issue_by_number(db, self.visitor.viewer, number)
        return head.issue_id if head else None

    def _words(self, name: str) -> str:
        words = FIELD_WORDS.get(name.split(".", maxsplit=1)[0])
        return self.language.of(words) if words else name


def command_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The forms of commands on issues, referrals and reports."""

    @get("/issues/{issue_id:uuid}/do/{name:str}", sync_to_thread=True, include_in_schema=False)
    def show(request: AnyRequest, issue_id: FromPath[UUID], name: FromPath[str]) -> Response[Any]:
        return _on_issue(frame, request, issue_id, name).show(_asked(request))

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
        return _on_issue(frame, request, issue_id, name, referral_id).show(_asked(request))

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
        return _on_report(frame, request, report_id, name).show(_asked(request))

    @post("/reports/{report_id:uuid}/do/{name:str}", include_in_schema=False)
    async def give_report(
        request: AnyRequest, report_id: FromPath[UUID], name: FromPath[str]
    ) -> Response[Any]:
        typed = await read_typed(request)
        return await frame.in_thread(
            lambda: _on_report(frame, request, report_id, name).carry_out(typed)
        )

    return [show, give, show_referral, give_referral, show_report, give_report]


def _asked(request: AnyRequest) -> Typed:
    """What a link asked to be filled in beforehand."""
    return {name: list(request.query_params.getall(name)) for name in request.query_params}


def _on_issue(
    frame: Frame, request: AnyRequest, issue_id: UUID, name: str, referral_id: UUID | None = None
) -> CommandPage:
    row = COMMANDS.get(name)
    if row is None or name not in COMMAND_WORDS or row.id_field != "issue_id":
        raise NotFoundException
    if ("{referral_id" in row.path) != (referral_id is not None):
        raise NotFoundException
    visitor = frame.signed_in(request)
    issue = visible_issue(frame, visitor, issue_id)
    given = {"issue_id": issue_id} | ({"referral_id": referral_id} if referral_id else {})
    here = f"/issues/{issue_id}"
    middle = f"/referrals/{referral_id}" if referral_id else ""
    language = frame.language(request, visitor)
    planned = [
        (str(action.action_id), f"{language.of(label(action.action_type))}, {action.due_on}")
        for action in issue.open_actions()
        if name == "CancelAction" or action.agency_id == visitor.actor.agency_id
    ]
    return CommandPage(
        frame,
        request,
        name,
        given=given,
        action=f"{here}{middle}/do/{name}",
        onwards=lambda _stream, _created: here,
        cancel=here,
        about=f"{issue.number} {issue.title}",
        planned_actions=planned,
        leave_out=frozenset({"report_ids"}),
    )


def visible_issue(frame: Frame, visitor: Visitor, issue_id: UUID) -> Issue:
    """The issue as it is now, if the visitor may see it.

    Raises:
        NotFoundException: there is none, or none for this visitor.
    """
    with frame.samsyn.engine.connect() as db:
        head = issue_head(db, visitor.viewer, issue_id)
    if head is None:
        raise NotFoundException
    issue: Issue = frame.samsyn.casework.repository.get(issue_id)
    return issue


def _on_report(frame: Frame, request: AnyRequest, report_id: UUID, name: str) -> CommandPage:
    row = COMMANDS.get(name)
    if row is None or name not in COMMAND_WORDS or row.id_field != "report_id":
        raise NotFoundException
    visitor = frame.signed_in(request)
    with frame.samsyn.engine.connect() as db:
        report = report_detail(db, visitor.viewer, report_id)
    if report is None:
        raise NotFoundException
    here = f"/reports/{report_id}"
    return CommandPage(
        frame,
        request,
        name,
        given={"report_id": report_id},
        action=f"{here}/do/{name}",
        onwards=lambda _stream, _created: here,
        cancel=here,
        about=report.place_name,
    )
