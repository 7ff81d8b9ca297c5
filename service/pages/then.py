"""The issue as it was at any past moment, and the queues it stood in then."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from domain.working_days import LOCAL_ZONE
from projections.issue_story_rows import IssueHead
from projections.queues import EVERYONE
from projections.queues_queries import queues_with
from service.access import an_issue
from service.pages.commands import visible_head
from service.pages.frame import AnyRequest, Frame
from service.pages.issue_content import content_of, shown_content
from service.pages.list_address import LIST, in_list
from service.pages.queues import BUCKET_WORDS
from service.pages.typed import whole
from service.past_issue import past_issue, steps_of
from service.short_names import short_name

LAST = 999_999
"""What happened in a second belongs to it: fields of browsers know no smaller parts."""


def then_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The page that replays an issue."""

    @get("/issues/{issue_id:uuid}/then", sync_to_thread=True, include_in_schema=False)
    def then(
        request: AnyRequest,
        issue_id: FromPath[UUID],
        moment: FromQuery[str] = "",
        step: FromQuery[str] = "",
        came_from: Annotated[str | None, QueryParameter(name=LIST)] = None,
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        if not isinstance(visible_head(frame, visitor, issue_id), IssueHead):
            raise NotFoundException  # partners read what was sent to them, as it is
        casework = frame.samsyn.casework
        steps = steps_of(frame.samsyn, issue_id)
        now = frame.samsyn.clock()
        nth = whole(step)
        if 0 < nth <= len(steps):
            at, position = steps[nth - 1].recorded_at, steps[nth - 1].position
        else:
            at = min(max(_read(moment) or now, steps[0].recorded_at), now)
            known = casework.head() if at == now else casework.position_at(at)
            position = max(known, steps[0].position)
            nth = sum(each.position <= position for each in steps)
        with (
            frame.reading(visitor, an_issue(issue_id)) as live,
            past_issue(frame.samsyn, live, issue_id, position) as old,
        ):
            content = content_of(frame, visitor, language, old, issue_id)
            stood = queues_with(old, visitor.viewer, issue_id, at)
        if content is None or not isinstance(content.head, IssueHead):
            raise NotFoundException
        agencies = frame.visitors.agencies_known()
        queues = [
            (
                language.of(short_name(agencies.agencies[agency]))
                if agency != EVERYONE
                else language.pick("Samordningen", "The coordinators"),
                language.of(BUCKET_WORDS[bucket][0]),
            )
            for agency, bucket in stood
        ]
        return frame.page(
            request,
            "then.html",
            visitor=visitor,
            **shown_content(content, at, language),
            referrals=content.told_referrals,
            story=content.story,
            queues=queues,
            at=at,
            typed_at=_written(at),
            earliest=_written(steps[0].recorded_at),
            latest=_written(now),
            path=f"/issues/{issue_id}/then",
            issue_now=in_list(f"/issues/{issue_id}", came_from),
            came_from=came_from,
            list_query=urlencode({LIST: came_from}) if came_from else "",
            step=nth,
            steps=len(steps),
        )

    return [then]


def _read(text: str) -> datetime | None:
    """A time as a field of the browser writes it, by the clock in Göteborg, to its second's end."""
    try:
        read = datetime.fromisoformat(text).replace(microsecond=LAST)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=LOCAL_ZONE)


def _written(moment: datetime) -> str:
    return moment.astimezone(LOCAL_ZONE).strftime("%Y-%m-%dT%H:%M:%S")
