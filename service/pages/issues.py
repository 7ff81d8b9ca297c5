"""The list of issues, and an issue's page: its head, its story, and what the visitor can do."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from projections.issue_parts import Head
from projections.issue_search import IssueSort, find_issues
from projections.issue_story_rows import IssueHead
from projections.viewer import Viewer
from service.access import a_list, an_issue
from service.forms.choices import Choices
from service.pages.access_review import may_review
from service.pages.commands import visible_head
from service.pages.first_reading import note_first_reading
from service.pages.frame import AnyRequest, Frame, is_partial
from service.pages.issue_content import (
    content_of,
    filters_of,
    narrowed,
    shown_content,
    waits_for_another,
)
from service.pages.issue_filters import IssuesAddress, issue_chips, read_issues_address
from service.pages.issue_offers import offers_of, with_offers
from service.pages.list_address import LIST
from service.pages.live_news import (
    ShownIssue,
    issue_news,
    marks_of_issues,
    news_of,
    without_notice,
)
from service.pages.neighbours import neighbours
from service.pages.paging import read_page
from service.pages.proofs import states_of
from service.pages.typed import asked_for
from service.pages.undo import undo_offer

READS = ("visibility", "issue_story", "audit_trail")


def issue_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The list and the page of an issue."""

    @get("/issues", sync_to_thread=True, include_in_schema=False)
    def issues(request: AnyRequest, after: FromQuery[str | None] = None) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        choices = Choices(
            agencies=visitor.agencies,
            own_agency=visitor.actor.agency_id,
            language=language,
            now=frame.samsyn.clock(),
        )
        address = read_issues_address(asked_for(request))
        looked = a_list()
        with frame.reading(visitor, looked, behind.positions) as db:
            page = read_page(
                lambda cursor: find_issues(db, visitor.viewer, address.wanted, after=cursor), after
            )
            looked.found = len(page.items)
        news = news_of(address.path, marks_of_issues(page.items)) if after is None else None
        return frame.page(
            request,
            "issues.html",
            news=news,
            visitor=visitor,
            behind=behind.said,
            items=page.items,
            next=page.next,
            address=address,
            chips=issue_chips(address, choices, language),
            sorts=[(each, address.sorted_by(each).path) for each in IssueSort],
            pushed_only=not visitor.viewer.authority,
            options={
                "status": choices.statuses(),
                "agency": choices.authorities(),
                "category": choices.categories(),
            },
            partial=is_partial(request),
        )

    @get("/issues/{issue_id:uuid}", sync_to_thread=True, include_in_schema=False)
    def issue(
        request: AnyRequest,
        issue_id: FromPath[UUID],
        show: FromQuery[str] = "",
        came_from: Annotated[str | None, QueryParameter(name=LIST)] = None,
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        visible_head(frame, visitor, issue_id)
        now = note_first_reading(frame, visitor, issue_id)
        behind = frame.behind(request, visitor, READS)
        with frame.reading(visitor, an_issue(issue_id), behind.positions) as db:
            content = content_of(frame, visitor, language, db, issue_id)
            state_of = states_of(frame, db, content.story if content else (), language)
        if content is None:
            raise NotFoundException
        offers = offers_of(frame, visitor, language, now, came_from)
        beside = neighbours(frame, visitor, came_from, issue_id)
        shown = shown_content(content, frame.samsyn.clock(), language) | {
            "reader": visitor.actor.agency_id,
            "referrals": with_offers(content.told_referrals, offers.on_referral),
            "path": f"/issues/{issue_id}",
            "offers": offers,
            "waiting": waits_for_another(content.referrals, visitor.actor.agency_id),
            "story": narrowed(content.story, show),
            "filters": filters_of(content.story, language),
            "kind": show,
            "lines": len(content.story),
            "list_query": urlencode({LIST: came_from}) if came_from else "",
            "reviews": may_review(visitor),
            "state_of": state_of,
        }
        template = "issue.html" if isinstance(content.head, IssueHead) else "pushed.html"
        return frame.page(
            request,
            template,
            visitor=visitor,
            behind=behind.said,
            beside=beside,
            shown=shown,
            undo=undo_offer(frame, request, visitor, issue_id),
            news=issue_news(ShownIssue(issue_id, content.head.version, without_notice(request))),
        )

    return [issues, issue]


def first_issues(
    frame: Frame, viewer: Viewer, address: IssuesAddress, positions: Mapping[str, int]
) -> Sequence[Head]:
    """The first page of the list, from read models at least so new."""
    with frame.counting(positions) as db:
        return find_issues(db, viewer, address.wanted).items
