"""The shared audit trail: who did what, when, for which agency; of everything or of one issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.access import AccessKind
from domain.events import EVENTS
from domain.values import Role
from projections.audit_trail_queries import TrailLine, trail
from projections.issue_path import IssuePath, path_of
from projections.issue_story_queries import issue_by_number
from projections.narration import narrate, texts
from service.access import a_list
from service.event_words import EVENT_WORDS
from service.forms.choices import Choices, Option, swedish
from service.i18n import HOUR
from service.language import Language
from service.pages.frame import AnyRequest, Frame, see_other
from service.pages.issue_strips import Strips, strips
from service.pages.names import Names
from service.pages.paging import read_page
from service.pages.periods import midnight, read_day
from service.pages.sheets import Sheet, in_form
from service.visitors import Visitor

READS = ("visibility", "audit_trail", "issue_story")
READS_OF_ONE = (*READS, "handovers", "follow_up")
MOST_OF_AN_ISSUE = 200
A_DAY = timedelta(days=1)
NOTED = 60.0
"""Steps closer to each other than so many seconds happened together."""


@dataclass(frozen=True, kw_only=True)
class ToldStep:
    """One line of the trail in words; `since_last` are the seconds since the step before."""

    line: TrailLine
    words: str
    who: str
    texts: Sequence[tuple[str, str]]
    since_last: float | None


def trail_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The audit trail."""

    @get("/trail/file/{form:str}", sync_to_thread=True, include_in_schema=False)
    def take_along(
        request: AnyRequest, form: FromPath[str], issue: FromQuery[str] = ""
    ) -> Response[bytes]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        looked = a_list(AccessKind.EXPORT)
        with frame.reading(visitor, looked, behind.positions) as db:
            head = issue_by_number(db, visitor.viewer, issue.strip().upper())
            if head is None:
                raise NotFoundException
            looked.issue_id = head.issue_id
            lines = _all_of(db, visitor, head.issue_id)
        names = Names(frame, language, {line.user_id for line in lines})
        sheet = _sheet(head.number, _steps(names, language, lines, of_one=True), language)
        return in_form([sheet], f"samsyn-{head.number}", form)

    @get("/trail", sync_to_thread=True, include_in_schema=False)
    def audit_trail(
        request: AnyRequest,
        issue: FromQuery[str] = "",
        agency: FromQuery[str] = "",
        actor: FromQuery[str] = "",
        topic: FromQuery[str] = "",
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        after: FromQuery[str | None] = None,
    ) -> Response[Any]:
        visitor = frame.signed_in(request)
        if visitor.actor.role is Role.REPORTER:
            return see_other("/reports")
        language = frame.language(request, visitor)
        number = issue.strip().upper()
        behind = frame.behind(request, visitor, READS_OF_ONE if number else READS)
        first, last = read_day(since), read_day(until)
        looked = a_list()
        with frame.reading(visitor, looked, behind.positions) as db:
            head = issue_by_number(db, visitor.viewer, number) if number else None
            if head is not None:
                looked.kind, looked.issue_id = AccessKind.READ, head.issue_id
            page = read_page(
                lambda cursor: trail(
                    db,
                    visitor.viewer,
                    agency=agency or None,
                    actor=actor.strip() or None,
                    topics=(topic,) if topic in EVENTS else (),
                    since=midnight(first) if first else None,
                    until=midnight(last + A_DAY) if last else None,
                    issue_id=head.issue_id if head else None,
                    oldest_first=head is not None,
                    limit=MOST_OF_AN_ISSUE if head else 50,
                    after=cursor,
                ),
                after,
            )
            looked.found = len(page.items)
            whole = head is not None and not (agency or actor or topic or since or until or after)
            path = path_of(db, visitor.viewer, head.issue_id) if head and whole else None
        choices = Choices(
            agencies=frame.visitors.agencies(),
            own_agency=visitor.actor.agency_id,
            language=language,
            now=frame.samsyn.clock(),
        )
        lines = page.items if head or not number else ()
        names = Names(frame, language, {line.user_id for line in lines})
        steps = _steps(names, language, lines, of_one=head is not None)
        return frame.page(
            request,
            "trail.html",
            visitor=visitor,
            behind=behind.said,
            head=head,
            steps=steps,
            path=_path(path, steps, frame.samsyn.clock(), language, names),
            next=page.next if lines else None,
            chosen={
                "issue": number,
                "agency": agency,
                "actor": actor,
                "topic": topic,
                "since": first.isoformat() if first else "",
                "until": last.isoformat() if last else "",
            },
            agencies=choices.every_agency(),
            topics=sorted(
                (Option(name, language.of(words)) for name, words in EVENT_WORDS.items()),
                key=lambda option: swedish(option.words),
            ),
        )

    return [audit_trail, take_along]


def _path(
    path: IssuePath | None,
    steps: Sequence[ToldStep],
    now: datetime,
    language: Language,
    names: Names,
) -> Strips | None:
    told = [(step.line, step.words) for step in steps]
    return strips(path, told, now, language, names) if path is not None else None


def _steps(
    names: Names, language: Language, lines: Sequence[TrailLine], *, of_one: bool
) -> list[ToldStep]:
    """The lines in words; for one issue with what was written and how long each step took."""
    steps: list[ToldStep] = []
    earlier: TrailLine | None = None
    for line in lines:
        apart = (line.occurred_at - earlier.occurred_at).total_seconds() if earlier else 0.0
        written = texts(line.occurrence) if of_one else []
        steps.append(
            ToldStep(
                line=line,
                words=language.of(narrate(line.occurrence, names.any)),
                who=names.who(line.user_id, line.agency_id),
                texts=[(language.of(each.label), each.text) for each in written],
                since_last=apart if of_one and apart >= NOTED else None,
            )
        )
        earlier = line
    return steps


def _all_of(db: Any, visitor: Visitor, issue_id: UUID) -> list[TrailLine]:  # noqa: ANN401  a connection, which pages do not name
    """The whole trail of an issue, the oldest line first."""
    found: list[TrailLine] = []
    after: str | None = None
    while True:
        page = trail(
            db,
            visitor.viewer,
            issue_id=issue_id,
            oldest_first=True,
            limit=MOST_OF_AN_ISSUE,
            after=after,
        )
        found += page.items
        if page.next is None:
            return found
        after = page.next


def _sheet(number: str, steps: Sequence[ToldStep], language: Language) -> Sheet:
    pick = language.pick
    return Sheet(
        name=number,
        header=(
            pick("Nr", "No."),
            pick("Hände", "Happened"),
            pick("Vad", "What"),
            pick("Text", "Text"),
            pick("Efter, timmar", "After, hours"),
            pick("Vem", "Who"),
            pick("Registrerat", "Recorded"),
        ),
        rows=[
            (
                step.line.position,
                step.line.occurred_at,
                step.words,
                "\n".join(f"{words}: {text}" for words, text in step.texts) or None,
                None if step.since_last is None else step.since_last / HOUR,
                step.who,
                step.line.recorded_at,
            )
            for step in steps
        ],
    )
