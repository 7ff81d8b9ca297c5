"""Takes evidence of an issue out of Samsyn: a zip that its receiver checks alone."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.access import AccessKind
from projections import issue_story_queries as stories
from projections.issue_story_rows import IssueHead
from service.access import an_issue
from service.evidence import evidence_of
from service.forms.words import said_of
from service.i18n import when_in_text
from service.pages.frame import AnyRequest, Frame
from service.pages.names import Names
from service.pages.telling import Teller, ToldLine

READS: Final = ("visibility", "issue_story", "audit_trail")


def evidence_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The one download."""

    @get("/issues/{issue_id:uuid}/evidence", sync_to_thread=True, include_in_schema=False)
    def evidence(request: AnyRequest, issue_id: FromPath[UUID]) -> Response[bytes]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        looked = an_issue(issue_id, AccessKind.EXPORT)
        with frame.reading(visitor, looked, behind.positions) as db:
            head = stories.issue_head(db, visitor.viewer, issue_id)
            if not isinstance(head, IssueHead):
                raise NotFoundException
            lines = stories.story(db, visitor.viewer, issue_id)
        names = Names(frame, language, {line.user_id for line in lines})
        teller = Teller(names, language, visitor.actor.agency_id)

        def words(line: ToldLine) -> str:
            said = [f"{when_in_text(line.occurred_at, language)} · {line.who}", line.words]
            said += [said_of(what, text) for what, text in (*line.details, *line.texts)]
            return "\n".join([*said, *line.marks])

        told = [(line.event_id, words(teller.line(line))) for line in lines]
        content = evidence_of(frame.samsyn, frame.settings, frame.receipts, issue_id, told)
        return Response(
            content,
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{head.number}.zip"'},
        )

    return [evidence]
