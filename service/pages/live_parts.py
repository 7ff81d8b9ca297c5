"""Small parts of pages, asked for by an open page itself when it hears of a change.

A hundred pages do so at once. Who asks, and how far read models are, is read in one round for all
of them; what they may see is found once for all who have the same rights (`service.live.asking`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs
from uuid import UUID

from litestar import Response, get
from litestar.concurrency import sync_to_thread
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.refusals import NotAllowed
from projections.issue_story_queries import issue_head
from projections.issue_story_rows import IssueHead
from projections.viewer import Viewer
from service.desk import views_seen_by
from service.language import Language
from service.live.asking import Shared
from service.pages.counts import counting_viewer, menu_counts
from service.pages.frame import AnyRequest, Frame, SignInNeeded
from service.pages.issue_filters import read_issues_address
from service.pages.issues import READS as OF_ISSUE
from service.pages.issues import first_issues
from service.pages.live_news import (
    News,
    ShownIssue,
    day_news,
    inbox_news,
    issue_news,
    marks_of_inbox,
    marks_of_issues,
    news_of,
    queue_news,
    words_of,
)
from service.pages.local_paths import safe_path
from service.pages.my_day import READS as OF_DAY
from service.pages.my_day import marks_of_my_day
from service.pages.names import Names
from service.pages.queue_filters import read_address
from service.pages.queues import READS as OF_QUEUE
from service.pages.queues import first_lines, lists
from service.pages.reports import READS as OF_INBOX
from service.pages.reports import first_reports
from service.pages.typed import asked_for
from service.pages.views import shown_views
from service.visitors import Visitor

T = TypeVar("T")


@dataclass(frozen=True)
class _Asked:
    """What one page asks for; `positions` is how far read models were when it did."""

    frame: Frame
    shared: Shared
    request: AnyRequest
    visitor: Visitor
    positions: Mapping[str, int]

    @property
    def language(self) -> Language:
        return self.frame.language(self.request, self.visitor)

    async def once(
        self,
        what: tuple[object, ...],
        viewer: Viewer,
        names: Sequence[str],
        find: Callable[[], T],
    ) -> T:
        """What `find` finds for a viewer in these read models, for all who ask in this second."""
        # What is overdue changes with time alone.
        second = int(self.frame.samsyn.clock().timestamp())
        come = tuple(self.positions[name] for name in names)
        return await self.shared.of(second, (what, viewer, come), find)

    def of(self, names: Sequence[str]) -> Mapping[str, int]:
        return {name: self.positions[name] for name in names}

    async def counts(self) -> Mapping[str, int]:
        """The menu's counters."""
        inboxes = self.frame.visitors.inboxes(self.visitor)
        viewer = counting_viewer(self.visitor, inboxes)

        def find() -> Mapping[str, int]:
            with self.frame.counting(self.of(OF_DAY)) as db:
                return menu_counts(db, viewer, inboxes)

        return await self.once(("menu", *inboxes), viewer, OF_DAY, find)

    async def news(
        self,
        news: News,
        **lists: Any,  # noqa: ANN401  whatever the template wants
    ) -> Response[Any]:
        """What has come, and the menu's counters with it: an open page asks once for both."""
        here, _, query = news.to.partition("?")
        came_from = parse_qs(query).get("list", [""])[0]
        counts = await self.counts()
        return self.frame.part(
            self.request,
            "whats_new.html",
            self.visitor,
            news=news,
            here=here,
            entry=self.frame.entry(self.visitor, here, came_from),
            counts=lambda: counts,
            **lists,
        )


def live_parts(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The parts. They keep no session alive, and who may not read them gets nothing."""
    shared = Shared()

    async def part(
        request: AnyRequest, answer: Callable[[_Asked], Awaitable[Response[Any]]]
    ) -> Response[Any]:
        """A part for whoever may read it; for others nothing, which leaves the page as it is."""
        try:
            visitor, positions = await frame.reader_by_itself(request)
        except (SignInNeeded, NotAllowed):
            return _nothing()
        return await answer(_Asked(frame, shared, request, visitor, positions))

    @get("/live/menu", include_in_schema=False)
    async def menu(
        request: AnyRequest, here: FromQuery[str] = "/", entry: FromQuery[str] = ""
    ) -> Response[Any]:
        return await part(request, lambda asked: _of_menu(asked, here, entry))

    @get("/live/queue", include_in_schema=False)
    async def queue(request: AnyRequest, shown: FromQuery[str] = "") -> Response[Any]:
        return await part(request, lambda asked: _of_queue(asked, shown))

    @get("/live/inbox", include_in_schema=False)
    async def inbox(
        request: AnyRequest, shown: FromQuery[str] = "", report: FromQuery[str] = ""
    ) -> Response[Any]:
        return await part(request, lambda asked: _of_inbox(asked, shown, report))

    @get("/live/issues", include_in_schema=False)
    async def issues(request: AnyRequest, shown: FromQuery[str] = "") -> Response[Any]:
        return await part(request, lambda asked: _of_issues(asked, shown))

    @get("/live/day", include_in_schema=False)
    async def day(request: AnyRequest, shown: FromQuery[str] = "") -> Response[Any]:
        return await part(request, lambda asked: _of_day(asked, shown))

    @get("/live/issues/{issue_id:uuid}", include_in_schema=False)
    async def issue(
        request: AnyRequest,
        issue_id: FromPath[UUID],
        version: FromQuery[int] = 0,
        to: FromQuery[str] = "/",
    ) -> Response[Any]:
        shown = ShownIssue(issue_id, version, safe_path(to))
        return await part(request, lambda asked: _of_issue(asked, shown))

    @get("/live/issues/{issue_id:uuid}/present", include_in_schema=False)
    async def present(request: AnyRequest, issue_id: FromPath[UUID]) -> Response[Any]:
        return await part(
            request, lambda asked: sync_to_thread(_present, frame, request, asked.visitor, issue_id)
        )

    return [menu, queue, inbox, issues, day, issue, present]


def whole_issue(
    frame: Frame, viewer: Viewer, issue_id: UUID, positions: Mapping[str, int] | None = None
) -> IssueHead | None:
    """An issue that the viewer reads all of: partners see nobody's presence, and are not seen."""
    known = frame.read_models.freshness(OF_ISSUE).positions if positions is None else positions
    with frame.counting(known) as db:
        head = issue_head(db, viewer, issue_id)
    return head if isinstance(head, IssueHead) else None


async def _of_menu(asked: _Asked, here: str, entry: str) -> Response[Any]:
    counts = await asked.counts()
    return asked.frame.part(
        asked.request,
        "menu.html",
        asked.visitor,
        here=here,
        entry=entry,
        counts=lambda: counts,
    )


async def _of_queue(asked: _Asked, shown: str) -> Response[Any]:
    frame, visitor, language = asked.frame, asked.visitor, asked.language
    address = read_address(asked_for(asked.request), visitor.actor.user_id)
    viewer = visitor.viewer.as_any_colleague
    now, counts = await asked.once(
        ("queue", address.bucket, address.wanted),
        viewer,
        OF_QUEUE,
        lambda: first_lines(frame, viewer, address, asked.of(OF_QUEUE)),
    )
    mine = views_seen_by(visitor.actor.agency_id, visitor.actor.user_id)
    (saved,) = await frame.samsyn.lookups.ask_async(mine)
    views = await sync_to_thread(shown_views, frame, visitor, saved) if saved else []
    news = queue_news(address, shown, words_of(language, shown, now))
    return await asked.news(news, **lists(visitor, language, address, counts, views))


async def _of_inbox(asked: _Asked, shown: str, report: str) -> Response[Any]:
    frame, visitor = asked.frame, asked.visitor

    def find() -> str:
        return marks_of_inbox(first_reports(frame, visitor, asked.of(OF_INBOX)))

    # Of reports one may read what colleagues may not: those one has written oneself.
    now = await asked.once(("inbox",), visitor.viewer, OF_INBOX, find)
    return await asked.news(inbox_news(shown, report, words_of(asked.language, shown, now)))


async def _of_issues(asked: _Asked, shown: str) -> Response[Any]:
    frame, viewer = asked.frame, asked.visitor.viewer.as_any_colleague
    address = read_issues_address(asked_for(asked.request))

    def find() -> str:
        return marks_of_issues(first_issues(frame, viewer, address, asked.of(OF_ISSUE)))

    now = await asked.once(("issues", address.wanted), viewer, OF_ISSUE, find)
    return await asked.news(news_of(address.path, shown, words_of(asked.language, shown, now)))


async def _of_day(asked: _Asked, shown: str) -> Response[Any]:
    frame, visitor, language = asked.frame, asked.visitor, asked.language

    def find() -> str:
        return marks_of_my_day(frame, visitor, language, asked.of(OF_DAY))

    now = await asked.once(("day",), visitor.viewer, OF_DAY, find)
    return await asked.news(day_news(shown, words_of(language, shown, now)))


async def _of_issue(asked: _Asked, shown: ShownIssue) -> Response[Any]:
    viewer = asked.visitor.viewer.as_any_colleague
    head = await asked.once(
        ("issue", shown.issue_id),
        viewer,
        OF_ISSUE,
        lambda: whole_issue(asked.frame, viewer, shown.issue_id, asked.of(OF_ISSUE)),
    )
    if head is None:
        return _nothing()
    words = asked.language.pick("Ärendet har ändrats – visa", "The issue has changed – show")
    return await asked.news(issue_news(shown, words if head.version != shown.version else ""))


def _present(frame: Frame, request: AnyRequest, visitor: Visitor, issue_id: UUID) -> Response[Any]:
    if whole_issue(frame, visitor.viewer, issue_id) is None:
        return _nothing()
    users = frame.live.present.others(issue_id, visitor.actor.user_id)
    names = Names(frame, frame.language(request, visitor), users)
    grants = names.agencies.grants
    people = sorted(
        names.who(user_id, grants[user_id].agency_id) for user_id in users if user_id in grants
    )
    return frame.page(request, "present.html", visitor=visitor, issue_id=issue_id, people=people)


def _nothing() -> Response[Any]:
    return Response(None, status_code=204)
