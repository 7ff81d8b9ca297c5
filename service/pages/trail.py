"""The shared audit trail: who did what, when, for which agency; of everything or of one issue."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.access import AccessKind
from domain.refusals import Conflict
from domain.values import Role
from projections.audit_trail_queries import TrailLine, export, trail
from projections.issue_path import IssuePath, path_of
from projections.issue_story_queries import issue_by_number
from projections.narration import narrate, texts
from service.access import a_list
from service.event_words import EVENT_WORDS
from service.forms.choices import Choices, Option, swedish
from service.language import Language
from service.pages.frame import AnyRequest, Frame, see_other
from service.pages.issue_strips import Strips, strips
from service.pages.names import Names
from service.pages.paging import read_page
from service.pages.trail_files import ToldStep, trail_file
from service.pages.trail_filter import Chosen
from service.pages.trail_health import PATH as HEALTH
from service.pages.trail_health import alarm_of
from service.sealed_so_far import WORDS, Safety, SealedSoFar, sealed_so_far

READS = ("visibility", "audit_trail", "issue_story")
READS_OF_ONE = (*READS, "handovers", "follow_up")
MOST_OF_AN_ISSUE = 200
MOST_TAKEN_ALONG = 50_000
"""Lines of a file; who wants more chooses a shorter time."""
NOTED = 60.0
"""Steps closer to each other than so many seconds happened together."""


def trail_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The audit trail."""

    @get("/trail/file/{form:str}", sync_to_thread=True, include_in_schema=False)
    def take_along(request: AnyRequest, form: FromPath[str]) -> Response[bytes]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        chosen = Chosen.of(request.query_params)
        looked = a_list(AccessKind.EXPORT)
        with frame.reading(visitor, looked, behind.positions) as db:
            head = issue_by_number(db, visitor.viewer, chosen.issue) if chosen.issue else None
            if chosen.issue and head is None:
                raise NotFoundException
            looked.issue_id = head.issue_id if head else None
            sealed = sealed_so_far(db, frame.settings)
            wanted = chosen.wanted(looked.issue_id, sealed)
            lines = list(islice(export(db, visitor.viewer, **wanted), MOST_TAKEN_ALONG + 1))
            looked.found = len(lines)
        if len(lines) > MOST_TAKEN_ALONG:
            raise _too_many()
        names = Names(frame, language, {line.user_id for line in lines})
        steps = _steps(names, language, lines, sealed, of_one=head is not None)
        name = f"samsyn-{head.number}" if head else "samsyn-trail"
        return trail_file(form, name, steps, language)

    @get("/trail", sync_to_thread=True, include_in_schema=False)
    def audit_trail(request: AnyRequest, after: FromQuery[str | None] = None) -> Response[Any]:
        visitor = frame.signed_in(request)
        if visitor.actor.role is Role.REPORTER:
            return see_other("/reports")
        language = frame.language(request, visitor)
        chosen = Chosen.of(request.query_params)
        behind = frame.behind(request, visitor, READS_OF_ONE if chosen.issue else READS)
        looked = a_list()
        with frame.reading(visitor, looked, behind.positions) as db:
            head = issue_by_number(db, visitor.viewer, chosen.issue) if chosen.issue else None
            if head is not None:
                looked.kind, looked.issue_id = AccessKind.READ, head.issue_id
            sealed = sealed_so_far(db, frame.settings)
            wanted = chosen.wanted(looked.issue_id, sealed)
            page = read_page(
                lambda cursor: trail(
                    db,
                    visitor.viewer,
                    oldest_first=head is not None,
                    limit=MOST_OF_AN_ISSUE if head else 50,
                    after=cursor,
                    **wanted,
                ),
                after,
            )
            looked.found = len(page.items)
            whole = head is not None and not (chosen.is_part or after)
            path = path_of(db, visitor.viewer, head.issue_id) if head and whole else None
            alarm = alarm_of(frame, db, language)
        choices = Choices(
            agencies=frame.visitors.agencies_known(),
            own_agency=visitor.actor.agency_id,
            language=language,
            now=frame.samsyn.clock(),
        )
        lines = page.items if head or not chosen.issue else ()
        names = Names(frame, language, {line.user_id for line in lines})
        steps = _steps(names, language, lines, sealed, of_one=head is not None)
        return frame.page(
            request,
            "trail.html",
            visitor=visitor,
            behind=behind.said,
            head=head,
            steps=steps,
            path=_path(path, steps, frame.samsyn.clock(), language, names),
            next=page.next if lines else None,
            chosen=asdict(chosen),
            query=chosen.query,
            health=HEALTH,
            alarm=alarm,
            agencies=choices.every_agency(),
            safety={each: language.of(WORDS[each]) for each in Safety},
            states=[Option(each.value, language.of(WORDS[each])) for each in Safety],
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
    names: Names,
    language: Language,
    lines: Sequence[TrailLine],
    sealed: SealedSoFar,
    *,
    of_one: bool,
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
                safety=sealed.of(line.position),
            )
        )
        earlier = line
    return steps


def _too_many() -> Conflict:
    most = f"{MOST_TAKEN_ALONG:,}".replace(",", " ")
    return Conflict(
        "too_many_lines",
        f"Urvalet har mer än {most} rader. Välj en kortare tid.",
        f"The choice has more than {most} lines. Choose a shorter time.",
        happened="too_many_lines",
    )
