"""The list of issues, and an issue's page: its head, its story, and what the visitor can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter

from domain.categories import CATEGORIES
from domain.codes import IssueStatus, ReferralType
from domain.issue import Issue
from domain.referral_state import UNANSWERED
from projections import issue_story_queries as stories
from projections.issue_story_rows import IssueHead, StoryReferral
from service.forms.choices import Choices
from service.forms.command_words import command_words
from service.language import Language
from service.offers import issue_offers, offers_in_story, referral_offers
from service.pages.commands import visible_head
from service.pages.first_reading import note_first_reading
from service.pages.frame import AnyRequest, Frame
from service.pages.issue_content import content_of, filters_of, narrowed, shown_content
from service.pages.neighbours import neighbours
from service.pages.paging import read_page
from service.pages.telling import ToldReferral
from service.visitors import Visitor

READS = ("visibility", "issue_story")
USUAL = frozenset(
    {"AddNote", "CloseIssue", "PerformAction", "PlanAction", "RecordFollowUp", "SendReferral"}
)
"""What is done every day; everything else an issue offers is one step further away."""
KEYS = {
    "AcceptReferral": "t",
    "AnswerReferral": "t",
    "DeclineReferral": "v",
    "RequestReferralInfo": "b",
    "SendReferral": "r",
    "PerformAction": "l",
    "PlanAction": "p",
    "RecordFollowUp": "f",
    "AddNote": "c",
    "CloseIssue": "e",
}
"""The single keys of what is done every day, as the list under ? says them."""
FIRST = frozenset({"AcceptReferral", "AnswerReferral", "PerformAction", "ProvideReferralInfo"})


@dataclass(frozen=True, kw_only=True)
class Link:
    """Something the visitor can do: `first` is the usual thing."""

    path: str
    words: str
    first: bool = False
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What the visitor can do on an issue and on each of its referrals."""

    usual: Sequence[Link]
    further: Sequence[Link]
    on_referral: dict[UUID, list[Link]]
    in_story: frozenset[str]


def issue_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The list and the page of an issue."""

    @get("/issues", sync_to_thread=True, include_in_schema=False)
    def issues(
        request: AnyRequest,
        text: FromQuery[str] = "",
        status: FromQuery[str] = "",
        agency: FromQuery[str] = "",
        category: FromQuery[str] = "",
        after: FromQuery[str | None] = None,
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        behind = frame.behind(request, visitor, READS)
        choices = Choices(
            agencies=frame.visitors.agencies(),
            own_agency=visitor.actor.agency_id,
            language=language,
            now=frame.samsyn.clock(),
        )
        with frame.samsyn.reading.connection(behind.positions) as db:
            page = read_page(
                lambda cursor: stories.find_issues(
                    db,
                    visitor.viewer,
                    text=text or None,
                    status=IssueStatus(status) if status in set(IssueStatus) else None,
                    agency=agency or None,
                    category=category if category in CATEGORIES else None,
                    after=cursor,
                ),
                after,
            )
        return frame.page(
            request,
            "issues.html",
            visitor=visitor,
            behind=behind.said,
            items=page.items,
            next=page.next,
            chosen={"text": text, "status": status, "agency": agency, "category": category},
            pushed_only=not visitor.viewer.authority,
            statuses=choices.statuses(),
            agencies=choices.authorities(),
            categories=choices.categories(),
        )

    @get("/issues/{issue_id:uuid}", sync_to_thread=True, include_in_schema=False)
    def issue(
        request: AnyRequest,
        issue_id: FromPath[UUID],
        show: FromQuery[str] = "",
        came_from: Annotated[str | None, QueryParameter(name="list")] = None,
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        visible_head(frame, visitor, issue_id)
        now = note_first_reading(frame, visitor, issue_id)
        behind = frame.behind(request, visitor, READS)
        with frame.samsyn.reading.connection(behind.positions) as db:
            content = content_of(frame, visitor, language, db, issue_id)
        if content is None:
            raise NotFoundException
        offers = _offers(frame, visitor, language, now)
        common: dict[str, Any] = {
            "visitor": visitor,
            "behind": behind.said,
            "referrals": [_with_offers(each, offers) for each in content.told_referrals],
            "beside": neighbours(frame, visitor, came_from, issue_id),
        }
        if not isinstance(content.head, IssueHead):
            return frame.page(request, "pushed.html", **common, head=content.head)
        return frame.page(
            request,
            "issue.html",
            **common,
            **shown_content(content, frame.samsyn.clock(), language),
            path=f"/issues/{issue_id}",
            offers=offers,
            waiting=_waits_for_another(content.referrals, visitor),
            story=narrowed(content.story, show),
            filters=filters_of(content.story, language),
            shown=show,
            lines=len(content.story),
            list_query=urlencode({"list": came_from}) if came_from else "",
        )

    return [issues, issue]


def _with_offers(told: ToldReferral, offers: Offers) -> tuple[ToldReferral, list[Link]]:
    return told, offers.on_referral.get(told.referral_id, [])


def _waits_for_another(referrals: Sequence[StoryReferral], visitor: Visitor) -> bool:
    """Whether the visitor's agency has handed the issue over and nobody has answered."""
    return any(
        each.type is ReferralType.TRANSFER
        and each.status in UNANSWERED
        and each.from_agency == visitor.actor.agency_id
        for each in referrals
    )


def _offers(frame: Frame, visitor: Visitor, language: Language, issue: Issue) -> Offers:
    here = f"/issues/{issue.id}"
    names = issue_offers(issue, visitor.actor, frame.visitors.agencies(), frame.samsyn.clock())

    def link(name: str) -> Link:
        return Link(
            path=f"{here}/do/{name}",
            words=language.of(command_words(name)),
            first=name in FIRST,
            key=KEYS.get(name, ""),
        )

    return Offers(
        usual=[link(name) for name in names if name in USUAL],
        further=[link(name) for name in names if name not in USUAL],
        on_referral={
            referral.referral_id: [
                Link(
                    path=f"{here}/referrals/{referral.referral_id}/do/{name}",
                    words=language.of(command_words(name, referral.type)),
                    first=name in FIRST,
                    key=KEYS.get(name, ""),
                )
                for name in referral_offers(issue, referral, visitor.actor)
            ]
            for referral in issue.referrals.values()
        },
        in_story=offers_in_story(issue, visitor.actor, frame.visitors.agencies()),
    )
