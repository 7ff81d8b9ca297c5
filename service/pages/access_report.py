"""Who in the own agency has opened an issue, when and why: for the agency's manager."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from projections import issue_story_queries as stories
from projections.issue_story_rows import IssueHead
from service.access import an_issue
from service.access_review import readings_of
from service.access_words import ACCESS_WORDS
from service.pages.access_review import reviewer
from service.pages.frame import AnyRequest, Frame
from service.pages.names import Names
from service.pages.paging import read_page

READS = ("visibility", "issue_story")


def access_report_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The one page.

    What other agencies' users read stands in their logs, which are for their managers (DOMAIN 9.2).
    """

    @get("/issues/{issue_id:uuid}/readings", sync_to_thread=True, include_in_schema=False)
    def readings(
        request: AnyRequest, issue_id: FromPath[UUID], after: FromQuery[str | None] = None
    ) -> Response[Any]:
        visitor = reviewer(frame, request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        with frame.reading(visitor, an_issue(issue_id), behind.positions) as db:
            head = stories.issue_head(db, visitor.viewer, issue_id)
            if not isinstance(head, IssueHead):
                raise NotFoundException
            agency_id = visitor.actor.agency_id
            page = read_page(lambda cursor: readings_of(db, agency_id, issue_id, cursor), after)
        names = Names(frame, language, {row.user_id for row in page.items})
        return frame.page(
            request,
            "readings.html",
            visitor=visitor,
            behind=behind.said,
            head=head,
            rows=[
                {
                    "at": row.at,
                    "who": names.user(row.user_id),
                    "what": language.of(ACCESS_WORDS[row.kind]),
                    "why": language.of(ACCESS_WORDS[row.reason]),
                }
                for row in page.items
            ],
            next=page.next,
        )

    return [readings]
