"""Small parts of pages, asked for by an open page itself when it hears of a change."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.refusals import NotAllowed
from projections.issue_story_queries import issue_head
from projections.issue_story_rows import IssueHead
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
    marks_of_queue,
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
from service.pages.queues import first_lines
from service.pages.reports import READS as OF_INBOX
from service.pages.reports import first_reports
from service.pages.typed import asked_for
from service.visitors import Visitor


def live_parts(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The parts. They keep no session alive, and who may not read them gets nothing."""

    @get("/live/menu", sync_to_thread=True, include_in_schema=False)
    def menu(request: AnyRequest, here: FromQuery[str] = "/") -> Response[Any]:
        return _part(
            frame,
            request,
            lambda visitor: frame.page(request, "menu.html", visitor=visitor, here=here),
        )

    @get("/live/queue", sync_to_thread=True, include_in_schema=False)
    def queue(request: AnyRequest, shown: FromQuery[str] = "") -> Response[Any]:
        return _part(frame, request, lambda visitor: _of_queue(frame, request, visitor, shown))

    @get("/live/inbox", sync_to_thread=True, include_in_schema=False)
    def inbox(
        request: AnyRequest, shown: FromQuery[str] = "", report: FromQuery[str] = ""
    ) -> Response[Any]:
        return _part(
            frame, request, lambda visitor: _of_inbox(frame, request, visitor, shown, report)
        )

    @get("/live/issues", sync_to_thread=True, include_in_schema=False)
    def issues(request: AnyRequest, shown: FromQuery[str] = "") -> Response[Any]:
        return _part(frame, request, lambda visitor: _of_issues(frame, request, visitor, shown))

    @get("/live/day", sync_to_thread=True, include_in_schema=False)
    def day(request: AnyRequest, shown: FromQuery[str] = "") -> Response[Any]:
        return _part(frame, request, lambda visitor: _of_day(frame, request, visitor, shown))

    @get("/live/issues/{issue_id:uuid}", sync_to_thread=True, include_in_schema=False)
    def issue(
        request: AnyRequest,
        issue_id: FromPath[UUID],
        version: FromQuery[int] = 0,
        to: FromQuery[str] = "/",
    ) -> Response[Any]:
        return _part(
            frame,
            request,
            lambda visitor: _of_issue(
                frame, request, visitor, ShownIssue(issue_id, version, safe_path(to))
            ),
        )

    @get("/live/issues/{issue_id:uuid}/present", sync_to_thread=True, include_in_schema=False)
    def present(request: AnyRequest, issue_id: FromPath[UUID]) -> Response[Any]:
        return _part(frame, request, lambda visitor: _present(frame, request, visitor, issue_id))

    return [menu, queue, inbox, issues, day, issue, present]


def whole_issue(frame: Frame, visitor: Visitor, issue_id: UUID) -> IssueHead | None:
    """An issue that the visitor reads all of: partners see nobody's presence, and are not seen."""
    positions = frame.read_models.freshness(OF_ISSUE).positions
    with frame.counting(positions) as db:
        head = issue_head(db, visitor.viewer, issue_id)
    return head if isinstance(head, IssueHead) else None


def _part(
    frame: Frame, request: AnyRequest, answer: Callable[[Visitor], Response[Any]]
) -> Response[Any]:
    """A part for whoever may read it; for others nothing, which leaves the page as it is."""
    try:
        return answer(frame.reader(request))
    except (SignInNeeded, NotAllowed):
        return _nothing()


def _of_queue(frame: Frame, request: AnyRequest, visitor: Visitor, shown: str) -> Response[Any]:
    address = read_address(asked_for(request), visitor.actor.user_id)
    behind = frame.behind(request, visitor, OF_QUEUE)
    language = frame.language(request, visitor)
    lines, lists = first_lines(frame, visitor, language, address, behind.positions)
    words = words_of(language, shown, marks_of_queue(lines))
    return _news(frame, request, visitor, queue_news(address, shown, words), **lists)


def _of_inbox(
    frame: Frame, request: AnyRequest, visitor: Visitor, shown: str, report: str
) -> Response[Any]:
    behind = frame.behind(request, visitor, OF_INBOX)
    now = marks_of_inbox(first_reports(frame, visitor, behind.positions))
    words = words_of(frame.language(request, visitor), shown, now)
    return _news(frame, request, visitor, inbox_news(shown, report, words))


def _of_issues(frame: Frame, request: AnyRequest, visitor: Visitor, shown: str) -> Response[Any]:
    address = read_issues_address(asked_for(request))
    behind = frame.behind(request, visitor, OF_ISSUE)
    now = marks_of_issues(first_issues(frame, visitor, address, behind.positions))
    words = words_of(frame.language(request, visitor), shown, now)
    return _news(frame, request, visitor, news_of(address.path, shown, words))


def _of_day(frame: Frame, request: AnyRequest, visitor: Visitor, shown: str) -> Response[Any]:
    language = frame.language(request, visitor)
    behind = frame.behind(request, visitor, OF_DAY)
    now = marks_of_my_day(frame, visitor, language, behind.positions)
    return _news(frame, request, visitor, day_news(shown, words_of(language, shown, now)))


def _of_issue(
    frame: Frame, request: AnyRequest, visitor: Visitor, shown: ShownIssue
) -> Response[Any]:
    head = whole_issue(frame, visitor, shown.issue_id)
    if head is None:
        return _nothing()
    language = frame.language(request, visitor)
    words = language.pick("Ärendet har ändrats – visa", "The issue has changed – show")
    news = issue_news(shown, words if head.version != shown.version else "")
    return _news(frame, request, visitor, news)


def _present(frame: Frame, request: AnyRequest, visitor: Visitor, issue_id: UUID) -> Response[Any]:
    if whole_issue(frame, visitor, issue_id) is None:
        return _nothing()
    users = frame.live.present.others(issue_id, visitor.actor.user_id)
    names = Names(frame, frame.language(request, visitor), users)
    grants = names.agencies.grants
    people = sorted(
        names.who(user_id, grants[user_id].agency_id) for user_id in users if user_id in grants
    )
    return frame.page(request, "present.html", visitor=visitor, issue_id=issue_id, people=people)


def _news(
    frame: Frame,
    request: AnyRequest,
    visitor: Visitor,
    news: News,
    **lists: Any,  # noqa: ANN401  whatever the template wants
) -> Response[Any]:
    """What has come, and the menu's counters with it: an open page asks once for both."""
    here = news.to.partition("?")[0]
    return frame.page(request, "whats_new.html", visitor=visitor, news=news, here=here, **lists)


def _nothing() -> Response[Any]:
    return Response(None, status_code=204)
