"""What an officer opens during a shift: today's focus, and what one has logged today oneself."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from domain.codes import ActionType, Badge
from domain.labels import Label, label
from domain.working_days import LOCAL_ZONE
from projections.audit_trail_queries import trail
from projections.paging import Page
from projections.queues import Bucket
from projections.queues_queries import QueueItem, queue_of
from service.access import a_list
from service.commands import COMMANDS
from service.pages.action_form import NAME
from service.pages.frame import AnyRequest, Frame
from service.pages.periods import midnight

MOST: Final = 200
"""So many actions of one day are shown: nobody logs more."""
FOCUS: Final = {
    Bucket.TO_ANSWER: Label("Att svara på", "To answer"),
    Bucket.ASSISTING: Label("Insatser ni har tagit på er", "Assistance you have taken on"),
    Bucket.OVERDUE: Label("Försenat", "Overdue"),
}
LATE: Final = Bucket.OVERDUE
"""What is late stands where it is to be done, marked so; here only if it stands nowhere else."""
FOCUS_READS: Final = ("visibility", "queues")
TODAY_READS: Final = ("visibility", "audit_trail")


def officer_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The pages of a shift."""

    @get("/focus", sync_to_thread=True, include_in_schema=False)
    def focus(request: AnyRequest) -> Response[Any]:
        visitor = frame.reader(request)
        frame.admit(visitor, COMMANDS[NAME])
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, FOCUS_READS)
        now = frame.samsyn.clock()
        looked = a_list(own=True)
        with frame.reading(visitor, looked, behind.positions) as db:
            found = [
                (bucket, queue_of(db, visitor.viewer, visitor.actor.agency_id, bucket, now=now))
                for bucket in FOCUS
            ]
            looked.found = sum(len(page.items) for _, page in found)
        late = {item.issue_id for item in dict(found)[LATE].items}
        return frame.page(
            request,
            "focus.html",
            visitor=visitor,
            behind=behind.said,
            day=now.astimezone(LOCAL_ZONE).date(),
            parts=[
                (bucket.value, language.of(FOCUS[bucket]), items, more)
                for bucket, items, more in _each_once(found)
            ],
            late=late,
            overdue=language.of(label(Badge.OVERDUE)),
        )

    @get("/log-action/today", sync_to_thread=True, include_in_schema=False)
    def today(request: AnyRequest) -> Response[Any]:
        visitor = frame.reader(request)
        frame.admit(visitor, COMMANDS[NAME])
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, TODAY_READS)
        day = frame.samsyn.clock().astimezone(LOCAL_ZONE).date()
        looked = a_list(own=True)
        with frame.reading(visitor, looked, behind.positions) as db:
            lines = trail(
                db,
                visitor.viewer,
                actor=visitor.actor.user_id,
                topics=("ActionPerformed",),
                since=midnight(day),
                limit=MOST,
            ).items
            looked.found = len(lines)
        done = [
            (
                line,
                language.of(label(ActionType(line.data["action_type"]))),
                line.data.get("result_sv") or "",
            )
            for line in lines
        ]
        return frame.page(
            request,
            "today.html",
            visitor=visitor,
            behind=behind.said,
            day=day,
            done=done,
            counted=Counter(words for _, words, _ in done).most_common(),
        )

    return [focus, today]


def _each_once(
    found: Sequence[tuple[Bucket, Page[QueueItem]]],
) -> Iterator[tuple[Bucket, Sequence[QueueItem], bool]]:
    """The lists with each issue in the first of them only, and whether a list goes on."""
    seen: set[UUID] = set()
    for bucket, page in found:
        items = {item.issue_id: item for item in page.items if item.issue_id not in seen}
        seen |= items.keys()
        yield bucket, list(items.values()), page.next is not None
