"""My agency's queue: one list for each reason to act, with how many stand in each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

from domain.codes import Priority
from domain.labels import Label
from domain.values import Role
from projections.paging import Page
from projections.queue_selection import count_in_queue, select_from_queue
from projections.queues import Bucket
from projections.queues_queries import QueueItem, counters, queue_of
from projections.viewer import Viewer
from service.access import a_list
from service.language import Language
from service.pages.bulk import may_assign
from service.pages.frame import AnyRequest, Frame, is_partial
from service.pages.live_news import marks_of_queue, queue_news
from service.pages.own_choices import own_choices
from service.pages.paging import read_page
from service.pages.queue_filters import (
    SORTS,
    QueueAddress,
    badge_options,
    chips,
    due_options,
    read_address,
    who_options,
)
from service.pages.readers import may_be_responsible
from service.pages.typed import asked_for
from service.pages.views import ShownView, views_of
from service.visitors import Visitor

BUCKET_WORDS: dict[Bucket, tuple[Label, Label]] = {
    Bucket.TO_ANSWER: (
        Label("Att svara på", "To answer"),
        Label(
            "Överlämningar, begäran om insats och remisser som väntar på ert svar.",
            "Transfers, requests for assistance and consultations that wait for your answer.",
        ),
    ),
    Bucket.RETURNED: (
        Label("Kommit tillbaka", "Come back"),
        Label(
            "Avböjda och återlämnade. Ni är ansvariga: bestäm nästa steg inom två arbetsdagar.",
            "Declined and returned. You are responsible: decide what is next within two working "
            "days.",
        ),
    ),
    Bucket.OURS: (
        Label("Våra ärenden", "Our issues"),
        Label("Ärenden som ni är ansvariga för.", "Issues you are responsible for."),
    ),
    Bucket.ASSISTING: (
        Label("Vi hjälper till", "We assist"),
        Label("Begäran om insats som ni har antagit.", "Requests for assistance you accepted."),
    ),
    Bucket.WAITING: (
        Label("Väntar på andra", "Waiting for others"),
        Label(
            "Ni är ansvariga tills mottagaren tar över.",
            "You are responsible until the receiver takes over.",
        ),
    ),
    Bucket.OVERDUE: (
        Label("Försenade", "Overdue"),
        Label(
            "Svar, åtgärder och uppföljning vars tid har gått ut.",
            "Answers, actions and follow-ups whose time has run out.",
        ),
    ),
    Bucket.FOLLOW_UP: (
        Label("Uppföljning", "Follow-up"),
        Label("Dags att se om åtgärderna hjälpte.", "Time to see whether the actions helped."),
    ),
    Bucket.UNASSIGNED: (
        Label("Utan handläggare", "Without caseworker"),
        Label("Era ärenden som ingen är tilldelad.", "Your issues that nobody is assigned to."),
    ),
    Bucket.INFORMED: (
        Label("För kännedom", "For information"),
        Label("Underrättelser som ingen har läst än.", "Notices that nobody has read yet."),
    ),
    Bucket.AGENDA: (
        Label("Att ta upp", "For the agenda"),
        Label(
            "Eskalerade och bollade ärenden, till nästa samordningsmöte.",
            "Escalated and bouncing issues, for the next coordination meeting.",
        ),
    ),
}
OF_THE_RESPONSIBLE = frozenset(
    {Bucket.RETURNED, Bucket.OURS, Bucket.UNASSIGNED, Bucket.FOLLOW_UP, Bucket.AGENDA}
)
"""Buckets that hold something only for agencies that can be responsible for issues."""
ASKED_BACK = Label(
    "Ni har bett avsändaren om komplettering.", "You have asked the sender for more information."
)
"""What waits for others at an agency that can only be asked for something."""
EMPTY = Label("Ingenting här just nu.", "Nothing here right now.")
AGENDA_ROLES = frozenset({Role.COORDINATOR, Role.MANAGER})
READS = ("visibility", "queues")
WITH_RETURNED = frozenset({Bucket.OURS, Bucket.UNASSIGNED})
"""Where what has come back stands before what is due earlier (R6)."""


def queue_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The queue."""

    @get("/queue", sync_to_thread=True, include_in_schema=False)
    def queue(request: AnyRequest, after: FromQuery[str | None] = None) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        address = read_address(asked_for(request), visitor.actor.user_id)
        chosen, agency_id = address.bucket, visitor.actor.agency_id

        def waits_for_other(item: QueueItem) -> bool:
            # What is to be answered waits for whoever reads it, also where it was sent to others.
            mine = item.bucket is Bucket.TO_ANSWER or item.to_agency == agency_id
            return item.to_agency is not None and not mine

        now = frame.samsyn.clock()
        looked = a_list(own=True)
        with frame.reading(visitor, looked, behind.positions) as db:
            counts = counters(db, visitor.viewer, agency_id, now)
            page, found = _page(db, visitor.viewer, agency_id, address, now, after)
            looked.found = len(page.items)
        choices = own_choices(frame, visitor, language)
        people = choices.colleagues()
        names = {each.value: each.words for each in people}
        heading, explanation = BUCKET_WORDS[chosen]
        if chosen is Bucket.WAITING and not may_be_responsible(visitor):
            explanation = ASKED_BACK
        return frame.page(
            request,
            "queue.html",
            visitor=visitor,
            behind=behind.said,
            heading=language.of(heading),
            explanation=language.of(explanation),
            empty=language.of(EMPTY),
            returned_on_top=chosen in WITH_RETURNED
            and not address.sort
            and counts.get(Bucket.RETURNED, 0) > 0,
            **lists(visitor, language, address, counts, views_of(frame, visitor)),
            items=page.items,
            waits=any(waits_for_other(item) for item in page.items),
            waits_for_other=waits_for_other,
            handled=any(item.caseworker for item in page.items),
            names=names,
            next=page.next,
            address=address,
            found=found,
            chips=chips(address, language, names),
            sorts=[(each, address.sorted_by(each).path) for each in SORTS],
            options={
                "priority": choices.of_enum(Priority),
                "category": choices.categories(),
                "badge": badge_options(language),
                "due": due_options(language),
                "who": who_options(language, visitor.actor.user_id, names),
            },
            colleagues=people if may_assign(visitor) and page.items else (),
            news=queue_news(address, marks_of_queue(page.items)) if after is None else None,
            partial=is_partial(request),
        )

    return [queue]


def first_lines(
    frame: Frame, viewer: Viewer, address: QueueAddress, positions: Mapping[str, int]
) -> tuple[str, Mapping[Bucket, int]]:
    """The marks of an address's first page and all counts, from read models at least so new."""
    now, agency_id = frame.samsyn.clock(), viewer.agency_id
    with frame.counting(positions) as db:
        counts = counters(db, viewer, agency_id, now)
        lines = _page(db, viewer, agency_id, address, now, None)[0].items
    return marks_of_queue(lines), counts


def lists(
    visitor: Visitor,
    language: Language,
    address: QueueAddress,
    counts: Mapping[Bucket, int],
    views: Sequence[ShownView],
) -> dict[str, Any]:
    """What leads to the other lists: the buckets and saved views, each with how many lines."""
    leads = visitor.actor.role in AGENDA_ROLES
    is_asked_only = not may_be_responsible(visitor)

    def can_hold(bucket: Bucket) -> bool:
        if counts.get(bucket) or bucket is address.bucket:
            return True
        return not (is_asked_only and bucket in OF_THE_RESPONSIBLE)

    return {
        "buckets": [
            (each.value, language.of(words), counts.get(each, 0))
            for each, (words, _) in BUCKET_WORDS.items()
            if (each is not Bucket.AGENDA or leads) and can_hold(each)
        ],
        "chosen": address.bucket.value,
        "views": views,
        "came_from": address.path,
    }


def _page(
    db: Any,  # noqa: ANN401
    viewer: Viewer,
    agency_id: str,
    address: QueueAddress,
    now: datetime,
    after: str | None,
) -> tuple[Page[QueueItem], int | None]:
    """The lines of an address, and how many there are if it leaves any out."""
    bucket, wanted = address.bucket, address.wanted
    if wanted.plain:
        page = read_page(
            lambda cursor: queue_of(db, viewer, agency_id, bucket, now=now, after=cursor), after
        )
        return page, None
    page = read_page(
        lambda cursor: select_from_queue(
            db, viewer, agency_id, bucket, wanted, now=now, after=cursor
        ),
        after,
    )
    found = count_in_queue(db, viewer, agency_id, bucket, wanted, now) if wanted.narrowed else None
    return page, found
