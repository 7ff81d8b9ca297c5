"""The shared audit trail: who did what, when, for which agency; of everything or of one issue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from domain.events import EVENTS
from domain.values import Role
from projections.audit_trail_queries import TrailLine, trail
from projections.issue_story_queries import issue_by_number
from projections.narration import narrate, texts
from service.event_words import EVENT_WORDS
from service.forms.choices import Choices, Option, swedish
from service.language import Language
from service.pages.frame import AnyRequest, Frame, see_other
from service.pages.names import Names
from service.pages.paging import read_page
from service.pages.periods import midnight, read_day

READS = ("visibility", "audit_trail", "issue_story")
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
        behind = frame.behind(request, visitor, READS)
        number = issue.strip().upper()
        first, last = read_day(since), read_day(until)
        with frame.samsyn.reading.connection(behind.positions) as db:
            head = issue_by_number(db, visitor.viewer, number) if number else None
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
        choices = Choices(
            agencies=frame.visitors.agencies(),
            own_agency=visitor.actor.agency_id,
            language=language,
            now=frame.samsyn.clock(),
        )
        lines = page.items if head or not number else ()
        return frame.page(
            request,
            "trail.html",
            visitor=visitor,
            behind=behind.said,
            head=head,
            steps=_steps(frame, language, lines, of_one=head is not None),
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

    return [audit_trail]


def _steps(
    frame: Frame, language: Language, lines: Sequence[TrailLine], *, of_one: bool
) -> list[ToldStep]:
    """The lines in words; for one issue with what was written and how long each step took."""
    names = Names(frame, language, {line.user_id for line in lines})
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
