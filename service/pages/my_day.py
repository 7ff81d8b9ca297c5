"""The page a working day starts with: what to act on, how much of it, and what is most urgent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from domain.labels import Label
from domain.values import Role
from domain.working_days import LOCAL_ZONE
from projections.inbox import waiting_count
from projections.queue_selection import Wanted, count_in_queue, select_from_queue
from projections.queues import Bucket
from projections.queues_queries import QueueItem, counters, queue_of
from service.access import a_list
from service.language import Language
from service.pages.frame import AnyRequest, Frame, may_open, see_other
from service.pages.live_news import day_news, marks_of_day
from service.pages.queue_filters import QueueAddress
from service.pages.queues import OF_THE_RESPONSIBLE
from service.pages.readers import may_be_responsible
from service.visitors import Visitor

STARTS: Final[dict[Role, str]] = {
    Role.ADMIN: "/trail",
    Role.AUDITOR: "/trail",
    Role.REPORTER: "/reports",
}
"""Where a role begins that has no work in a queue; all others begin here."""
READS: Final = ("visibility", "queues", "inbox")
LEADS: Final = frozenset({Role.COORDINATOR, Role.MANAGER})
FEW: Final = 3
"""Lines of each reason to act, at most."""


class Reason(NamedTuple):
    """Why something is to be done today, and the list of it; `urgent` reasons show their lines."""

    words: Label
    address: QueueAddress
    urgent: bool


class Tile(NamedTuple):
    """How much there is for one reason, and the list that it counts."""

    words: str
    found: int
    path: str
    urgent: bool


class Line(NamedTuple):
    """Something urgent, why it is, and the list one comes from."""

    item: QueueItem
    why: str
    came_from: str


def my_day_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The start page."""

    @get("/", sync_to_thread=True, include_in_schema=False)
    def start(request: AnyRequest) -> Response[Any]:
        visitor = frame.visitor(request)
        if visitor is None:
            return see_other("/sign-in")
        elsewhere = STARTS.get(visitor.actor.role)
        return see_other(elsewhere) if elsewhere else _my_day(frame, request, visitor)

    return [start]


def marks_of_my_day(
    frame: Frame, visitor: Visitor, language: Language, positions: Mapping[str, int]
) -> str:
    """What the page would show now, from read models at least so new."""
    with frame.counting(positions) as db:
        tiles, lines = _found(db, frame, visitor, language, frame.samsyn.clock())
    return _marks(tiles, lines)


def _marks(tiles: Sequence[Tile], lines: Sequence[Line]) -> str:
    return marks_of_day((each.item for each in lines), ((each.path, each.found) for each in tiles))


def _my_day(frame: Frame, request: AnyRequest, visitor: Visitor) -> Response[Any]:
    language = frame.language(request, visitor)
    behind = frame.behind(request, visitor, READS)
    now = frame.samsyn.clock()
    looked = a_list(own=True)
    with frame.reading(visitor, looked, behind.positions) as db:
        tiles, lines = _found(db, frame, visitor, language, now)
        looked.found = len(lines)
    return frame.page(
        request,
        "my_day.html",
        visitor=visitor,
        behind=behind.said,
        day=now.astimezone(LOCAL_ZONE).date(),
        tiles=tiles,
        lines=lines,
        next_step=next((each for each in tiles if each.found), None),
        opens=may_open(visitor),
        news=day_news(_marks(tiles, lines)),
    )


def _found(
    db: Any,  # noqa: ANN401  pages know no database; whoever opened it hands it through
    frame: Frame,
    visitor: Visitor,
    language: Language,
    now: datetime,
) -> tuple[list[Tile], list[Line]]:
    """How much there is for each reason, and the first lines of the urgent ones."""
    viewer, reasons = visitor.viewer, _reasons(visitor)
    of_queue = counters(db, viewer, visitor.actor.agency_id, now)
    tiles = [
        Tile(
            language.of(each.words),
            _count(db, visitor, each.address, now)
            if each.address.wanted.narrowed
            else of_queue[each.address.bucket],
            each.address.path,
            each.urgent,
        )
        for each in reasons
    ]
    lines = _urgent(db, visitor, [each for each in tiles if each.urgent], reasons, now)
    if viewer.authority:
        waiting = waiting_count(db, viewer, *frame.visitors.inboxes(visitor))
        words = language.pick("Rapporter i inkorgen", "Reports in the inbox")
        tiles.append(Tile(words, waiting, "/inbox", urgent=False))
    return tiles, lines


def _reasons(visitor: Visitor) -> list[Reason]:
    """What a role is to look at, the most urgent first."""
    reader = visitor.actor.user_id
    mine = Wanted(caseworker=reader, this_week=True)

    def reason(sv: str, en: str, bucket: Bucket, *, urgent: bool = False) -> Reason:
        return Reason(Label(sv, en), QueueAddress(reader=reader, bucket=bucket), urgent=urgent)

    reasons = [
        reason("Väntar på ert svar", "Wait for your answer", Bucket.TO_ANSWER, urgent=True),
        reason("Försenat", "Overdue", Bucket.OVERDUE, urgent=True),
        Reason(
            Label("Mina, senast denna vecka", "Mine, due this week"),
            QueueAddress(reader=reader, bucket=Bucket.OURS, wanted=mine),
            urgent=True,
        ),
        reason("Dags att följa upp", "Due for follow-up", Bucket.FOLLOW_UP),
        reason("Utan handläggare", "Without caseworker", Bucket.UNASSIGNED),
    ]
    if visitor.actor.role in LEADS:
        reasons.append(reason("Att ta upp på mötet", "For the next meeting", Bucket.AGENDA))
    if may_be_responsible(visitor):
        return reasons
    return [each for each in reasons if each.address.bucket not in OF_THE_RESPONSIBLE]


def _urgent(
    db: Any,  # noqa: ANN401  as above
    visitor: Visitor,
    tiles: Sequence[Tile],
    reasons: Sequence[Reason],
    now: datetime,
) -> list[Line]:
    """The first few lines of each urgent reason; each issue once, by the first of its reasons."""
    lines: dict[object, Line] = {}
    urgent = [each for each in reasons if each.urgent]
    for tile, reason in zip(tiles, urgent, strict=True):
        for item in _first(db, visitor, reason.address, now) if tile.found else ():
            lines.setdefault(item.issue_id, Line(item, tile.words, tile.path))
    return list(lines.values())


def _count(
    db: Any,  # noqa: ANN401  as above
    visitor: Visitor,
    address: QueueAddress,
    now: datetime,
) -> int:
    agency_id = visitor.actor.agency_id
    return count_in_queue(db, visitor.viewer, agency_id, address.bucket, address.wanted, now)


def _first(
    db: Any,  # noqa: ANN401  as above
    visitor: Visitor,
    address: QueueAddress,
    now: datetime,
) -> Sequence[QueueItem]:
    viewer, agency_id, bucket = visitor.viewer, visitor.actor.agency_id, address.bucket
    if address.wanted.plain:
        return queue_of(db, viewer, agency_id, bucket, now=now, limit=FEW).items
    return select_from_queue(
        db, viewer, agency_id, bucket, address.wanted, now=now, limit=FEW
    ).items
