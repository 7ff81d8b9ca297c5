"""The list of issues, and an issue's page: its head, its story, and what the visitor can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from domain.categories import CATEGORIES
from domain.codes import IssueStatus, ReferralStatus, ReferralType
from domain.issue import Issue
from domain.labels import Label, label
from domain.referral_state import UNANSWERED
from projections import issue_story_queries as stories
from projections.issue_story_rows import IssueHead, StoryAction, StoryLine, StoryReferral
from projections.narration import details, narrate, texts
from service.forms.choices import Choices
from service.forms.words import COMMAND_WORDS
from service.i18n import when
from service.language import Language
from service.offers import issue_offers, referral_offers
from service.pages.frame import AnyRequest, Frame
from service.visitors import Visitor

Link = tuple[str, str, bool]
"""Where to, what it says, and whether it is the usual thing to do."""

FIRST = frozenset({"PerformAction", "AcceptReferral", "AnswerReferral", "ProvideReferralInfo"})
MARKS = {"corrected": Label("Rättat", "Corrected"), "disputed": Label("Bestritt", "Disputed")}


@dataclass(frozen=True, kw_only=True)
class ShownLine:
    """One event of the story, in the reader's language."""

    position: int
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    words: str
    who: str
    texts: Sequence[tuple[str, str]]
    marks: Sequence[str]
    links: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class ShownReferral:
    """One referral beside the story, with what the visitor can do about it."""

    type: ReferralType
    status: ReferralStatus
    from_agency: str
    to_agency: str
    open: bool
    level: int
    respond_by: datetime | None
    texts: Sequence[tuple[str, str]]
    actions: Sequence[Link]


def issue_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The list and the page of an issue."""

    @get("/issues", sync_to_thread=True, include_in_schema=False)
    def issues(
        request: AnyRequest,
        text: str = "",
        status: str = "",
        agency: str = "",
        category: str = "",
        after: str | None = None,
    ) -> Response[Any]:
        visitor = frame.signed_in(request)
        choices = _choices(frame, request, visitor)
        with frame.samsyn.engine.connect() as db:
            page = stories.find_issues(
                db,
                visitor.viewer,
                text=text or None,
                status=IssueStatus(status) if status in set(IssueStatus) else None,
                agency=agency or None,
                category=category if category in CATEGORIES else None,
                after=after,
            )
        return frame.page(
            request,
            "issues.html",
            visitor=visitor,
            items=page.items,
            next=page.next,
            chosen={"text": text, "status": status, "agency": agency, "category": category},
            statuses=choices.of_enum(IssueStatus),
            agencies=choices.every_agency(),
            categories=choices.categories(),
        )

    @get("/issues/{issue_id:uuid}", sync_to_thread=True, include_in_schema=False)
    def issue(request: AnyRequest, issue_id: FromPath[UUID]) -> Response[Any]:
        visitor = frame.signed_in(request)
        with frame.samsyn.engine.connect() as db:
            viewer = visitor.viewer
            head = stories.issue_head(db, viewer, issue_id)
            if head is None:
                raise NotFoundException
            referrals = stories.referrals_of(db, viewer, issue_id)
            lines = stories.story(db, viewer, issue_id)
            actions = stories.actions_of(db, viewer, issue_id)
            follow_ups = stories.follow_ups_of(db, viewer, issue_id)
        now: Issue = frame.samsyn.casework.repository.get(issue_id)
        told = _Teller(frame, request, visitor, now)
        shown = [told.referral(each) for each in referrals]
        if not isinstance(head, IssueHead):
            return frame.page(request, "pushed.html", visitor=visitor, head=head, referrals=shown)
        return frame.page(
            request,
            "issue.html",
            visitor=visitor,
            head=head,
            referrals=shown,
            badges=head.badges(frame.samsyn.clock()),
            registered=sorted(head.registry_refs.items()),
            waiting=any(
                each.type is ReferralType.TRANSFER
                and each.status in UNANSWERED
                and each.from_agency == visitor.actor.agency_id
                for each in referrals
            ),
            issue_actions=told.offers(),
            story=[told.line(each) for each in lines],
            facts=told.facts(head),
            actions=[told.action(each) for each in actions],
            follow_ups=[
                f"{told.when(each.occurred_at)}: {told.of(label(each.effect))}. {each.evidence_sv}"
                for each in follow_ups
            ],
        )

    return [issues, issue]


class _Teller:
    """Tells one issue to one visitor in the visitor's language."""

    def __init__(self, frame: Frame, request: AnyRequest, visitor: Visitor, issue: Issue) -> None:
        self._frame = frame
        self._visitor = visitor
        self._issue = issue
        self._agencies = frame.visitors.agencies()
        self._language = frame.language(request, visitor)
        self._path = f"/issues/{issue.id}"

    def of(self, words: Label) -> str:
        return self._language.of(words)

    def when(self, moment: datetime) -> str:
        return when(moment, self._language)

    def name(self, agency_id: str, language: str | None = None) -> str:
        wanted = language or self._language.value
        names = self._agencies.name_sv if wanted == "sv" else self._agencies.name_en
        return names(agency_id)

    def line(self, line: StoryLine) -> ShownLine:
        below = [
            *((self.of(each.label), each.text) for each in texts(line.occurrence)),
            *(
                (self.of(each.label), self.of(each.value))
                for each in details(line.occurrence, self.name)
            ),
        ]
        links = []
        if line.report_id is not None:
            links.append((f"/reports/{line.report_id}", self._language.pick("Rapporten", "Report")))
        if line.agency_id == self._visitor.actor.agency_id and line.report_id is None:
            links.append(
                (
                    f"{self._path}/do/RecordCorrection?refers_to_event={line.event_id}",
                    self.of(COMMAND_WORDS["RecordCorrection"]),
                )
            )
        role = "" if line.user_id == "system" else f", {line.user_id}"
        return ShownLine(
            position=line.position,
            occurred_at=line.occurred_at,
            recorded_at=line.recorded_at,
            late=line.late,
            words=self.of(narrate(line.occurrence, self.name)),
            who=f"{self.name(line.agency_id)}{role}",
            texts=below,
            marks=[
                f"{self.of(MARKS[mark.kind])} {self.when(mark.occurred_at)}: {mark.text_sv}"
                for mark in line.marks
            ],
            links=links,
        )

    def referral(self, referral: StoryReferral) -> ShownReferral:
        now = self._issue.referrals[referral.referral_id]
        here = f"{self._path}/referrals/{referral.referral_id}/do"
        pick = self._language.pick
        told = [
            (pick("Varför ni?", "Why you?"), referral.question_sv),
            (pick("Önskat resultat", "Wished for"), referral.wanted_sv),
            (pick("Det här har vi gjort", "What we have done"), referral.background_sv),
            *(
                pair
                for each in referral.questions
                for pair in (
                    (pick("Komplettering efterfrågad", "More was asked for"), each.question_sv),
                    (pick("Komplettering", "What was given"), each.answer_sv),
                )
            ),
            (
                self.of(label(referral.reason_code)) if referral.reason_code else "",
                referral.reason_sv,
            ),
            (pick("Svar", "Answer"), referral.answer_sv),
        ]
        return ShownReferral(
            type=referral.type,
            status=referral.status,
            from_agency=referral.from_agency,
            to_agency=referral.to_agency,
            open=now.is_open,
            level=referral.escalation_level,
            respond_by=referral.deadlines.respond_by if referral.deadlines else None,
            texts=[(words, text) for words, text in told if text],
            actions=[
                (f"{here}/{name}", self.of(COMMAND_WORDS[name]), name in FIRST)
                for name in referral_offers(self._issue, now, self._visitor.actor)
            ],
        )

    def offers(self) -> list[Link]:
        names = issue_offers(
            self._issue, self._visitor.actor, self._agencies, self._frame.samsyn.clock()
        )
        return [
            (f"{self._path}/do/{name}", self.of(COMMAND_WORDS[name]), name in FIRST)
            for name in names
        ]

    def action(self, action: StoryAction) -> dict[str, object]:
        pick = self._language.pick
        links = []
        if action.is_planned and action.agency_id == self._visitor.actor.agency_id:
            links = [
                (
                    f"{self._path}/do/{name}?action_id={action.action_id}",
                    self.of(COMMAND_WORDS[name]),
                )
                for name in ("PerformAction", "CancelAction")
            ]
        if action.performed_from is not None:
            state = self.when(action.performed_from)
        elif action.cancelled_at is not None:
            state = pick("inställd", "cancelled")
        else:
            state = pick("planerad till", "planned for") + f" {action.due_on}"
        who = self.name(action.agency_id) if action.agency_id else pick("okänd", "unknown")
        return {"action_type": action.action_type, "who": who, "state": state, "links": links}

    def facts(self, head: IssueHead) -> list[tuple[str, str]]:
        pick = self._language.pick
        category = CATEGORIES.get(head.category)
        rows = [
            (pick("Offentlig rubrik", "Public title"), head.public_title),
            (pick("Kategori", "Category"), self.of(category.label) if category else head.category),
            (pick("Plats", "Place"), head.place.name),
            (pick("Beskrivning", "Description"), head.description_sv),
            (pick("Öppnat", "Opened"), self.when(head.opened_at)),
            (pick("Registreras hos", "Registered by"), self.name(head.registering_agency)),
            *(
                (f"{pick('Handläggare', 'Caseworker')}, {self.name(agency)}", user)
                for agency, user in sorted(head.caseworkers.items())
            ),
            (pick("Parkerat till", "Parked until"), _optional(head.parked_until, self._language)),
            (
                pick("Följs upp senast", "Follow up by"),
                _optional(head.follow_up_due_at, self._language),
            ),
            (pick("Effekt", "Effect"), self.of(label(head.effect)) if head.effect else None),
            (pick("Avslutat", "Closed"), _optional(head.closed_at, self._language)),
            (pick("Utfall", "Outcome"), self.of(label(head.outcome)) if head.outcome else None),
            (pick("Ingår i", "Merged into"), head.merged_into_number),
        ]
        return [(words, value) for words, value in rows if value]


def _optional(moment: datetime | None, language: Language) -> str | None:
    return when(moment, language) if moment else None


def _choices(frame: Frame, request: AnyRequest, visitor: Visitor) -> Choices:
    return Choices(
        agencies=frame.visitors.agencies(),
        own_agency=visitor.actor.agency_id,
        language=frame.language(request, visitor).value,
        now=frame.samsyn.clock(),
    )
