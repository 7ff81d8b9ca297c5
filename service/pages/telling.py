"""Tells one issue to one visitor: its facts, its story, its referrals and actions, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.categories import CATEGORIES
from domain.codes import ActionType, ReferralStatus, ReferralType
from domain.labels import Label, label
from domain.opening import IssueOpened
from domain.values import SYSTEM
from projections.issue_story_rows import (
    IssueHead,
    StoryAction,
    StoryFollowUp,
    StoryLine,
    StoryReferral,
)
from projections.narration import details, narrate, texts
from service.i18n import when, when_in_text
from service.language import Language
from service.pages.names import Names

Pair = tuple[str, str]
"""What it is, and what it says."""

MARKS = {"corrected": Label("Rättat", "Corrected"), "disputed": Label("Bestrids", "Disputed")}


@dataclass(frozen=True, kw_only=True)
class ToldLine:
    """One event of the story, in the reader's language."""

    position: int
    event_id: UUID
    topic: str
    occurred_at: datetime
    recorded_at: datetime
    late: bool
    words: str
    who: str
    texts: Sequence[Pair]
    details: Sequence[Pair]
    marks: Sequence[str]
    report_id: UUID | None
    is_own: bool
    by_system: bool


@dataclass(frozen=True, kw_only=True)
class ToldReferral:
    """One referral with everything that was said in it."""

    referral_id: UUID
    type: ReferralType
    status: ReferralStatus
    from_agency: str
    to_agency: str
    is_open: bool
    level: int
    respond_by: datetime | None
    texts: Sequence[Pair]


@dataclass(frozen=True, kw_only=True)
class ToldAction:
    """One action: what, who and how it stands."""

    action_id: UUID
    action_type: ActionType
    agency_id: str | None
    who: str
    state: str
    result: str
    is_planned: bool


class Teller:
    """Tells in the visitor's language; `agency_id` is the visitor's own."""

    def __init__(self, names: Names, language: Language, agency_id: str) -> None:
        self._names = names
        self._language = language
        self._agency_id = agency_id

    def of(self, words: Label) -> str:
        """A label in the reader's language."""
        return self._language.of(words)

    def pick(self, sv: str, en: str) -> str:
        """One of two texts that say the same."""
        return self._language.pick(sv, en)

    def when(self, moment: datetime | date | None) -> str | None:
        """A time or day as tables show it."""
        return when(moment, self._language) if moment else None

    def line(self, line: StoryLine) -> ToldLine:
        """One event."""
        names = self._names.any
        said = texts(line.occurrence)
        known = details(line.occurrence, names)
        if line.topic == IssueOpened.TOPIC:
            # How the issue is described stands beside the story.
            said, known = [], []
        return ToldLine(
            position=line.position,
            event_id=line.event_id,
            topic=line.topic,
            occurred_at=line.occurred_at,
            recorded_at=line.recorded_at,
            late=line.late,
            words=self.of(narrate(line.occurrence, names)),
            who=self._names.who(line.user_id, line.agency_id),
            texts=[(self.of(each.label), each.text) for each in said],
            details=[(self.of(each.label), self.of(each.value)) for each in known],
            marks=[
                f"{self.of(MARKS[mark.kind])} {when_in_text(mark.occurred_at, self._language)}: "
                f"{mark.text_sv}"
                for mark in line.marks
            ],
            report_id=line.report_id,
            is_own=line.agency_id == self._agency_id,
            by_system=line.user_id == SYSTEM.user_id,
        )

    def referral(self, referral: StoryReferral) -> ToldReferral:
        """One referral."""
        answered = referral.type is ReferralType.CONSULT
        why = self.pick("Fråga", "Question") if answered else self.pick("Varför ni?", "Why you?")
        said: list[tuple[str, str | None]] = [
            (why, referral.question_sv),
            (self.pick("Önskat resultat", "Wished for"), referral.wanted_sv),
            (self.pick("Det här har vi gjort", "What we have done"), referral.background_sv),
        ]
        for each in referral.questions:
            asked = self.pick("Komplettering efterfrågad", "More information was asked for")
            said.append((asked, each.question_sv))
            said.append((self.pick("Komplettering", "What was provided"), each.answer_sv))
        if referral.reason_code is not None:
            said.append((self.pick("Skäl", "Reason"), self.of(label(referral.reason_code))))
        said += [
            (self.pick("Förklaring", "Explanation"), referral.reason_sv),
            (self.pick("Rätt mottagare", "Right receiver"), self._agency(referral)),
            (self.pick("Tidigast möjligt", "Earliest possible"), self.when(referral.earliest_on)),
            (self.pick("Gjort hittills", "Done so far"), referral.done_so_far_sv),
            (
                self.pick("Första åtgärd senast", "First action by"),
                self.when(referral.planned_first_action_by),
            ),
            (
                self.pick("Yttrande", "Opinion") if answered else self.pick("Svar", "Answer"),
                referral.answer_sv,
            ),
        ]
        return ToldReferral(
            referral_id=referral.referral_id,
            type=referral.type,
            status=referral.status,
            from_agency=referral.from_agency,
            to_agency=referral.to_agency,
            is_open=referral.settled_at is None and referral.type is not ReferralType.INFORM,
            level=referral.escalation_level,
            respond_by=referral.deadlines.respond_by if referral.deadlines else None,
            texts=[(words, text) for words, text in said if text],
        )

    def between(self, referral: ToldReferral) -> str:
        """From whom to whom."""
        giver = self._names.short(referral.from_agency)
        return f"{giver} → {self._names.short(referral.to_agency)}"

    def action(self, action: StoryAction) -> ToldAction:
        """One action."""
        if action.performed_from is not None:
            state = self.when(action.performed_from) or ""
            if action.implementation is not None:
                state += f", {self.of(label(action.implementation)).lower()}"
        elif action.cancelled_at is not None:
            state = self.pick("inställd", "cancelled") + f" {self.when(action.cancelled_at)}"
        else:
            state = self.pick("planerad till", "planned for") + f" {self.when(action.due_on)}"
        agency = action.agency_id
        return ToldAction(
            action_id=action.action_id,
            action_type=action.action_type,
            agency_id=agency,
            who=self._names.short(agency) if agency else self.pick("okänd", "unknown"),
            state=state,
            result=action.result_sv or action.cancel_reason_sv or action.description_sv or "",
            is_planned=action.is_planned,
        )

    def follow_up(self, follow_up: StoryFollowUp) -> Pair:
        """One follow-up: when and with what effect, and on what evidence."""
        counts = ""
        if follow_up.before_count is not None and follow_up.after_count is not None:
            counts = f" ({follow_up.before_count} → {follow_up.after_count})"
        effect = self.of(label(follow_up.effect))
        return f"{self.when(follow_up.occurred_at)}: {effect}{counts}", follow_up.evidence_sv

    def background(self, actions: Iterable[StoryAction]) -> str:
        """What has been done on an issue, as the text of a referral begins."""
        return "\n".join(
            f"{self.when(action.performed_from)} {self.of(label(action.action_type))} "
            f"({self._names.short(action.agency_id or '')})"
            + (f": {action.result_sv}" if action.result_sv else "")
            for action in actions
            if action.performed_from is not None
        )

    def facts(self, head: IssueHead) -> list[Pair]:
        """What stands about the issue beside its story."""
        category = CATEGORIES.get(head.category)
        flags = ", ".join(self.of(label(flag)) for flag in head.context_flags)
        rows: list[tuple[str, str | None]] = [
            (self.pick("Offentlig rubrik", "Public title"), head.public_title),
            (self.pick("Kategori", "Category"), self.of(category.label) if category else None),
            (self.pick("Plats", "Place"), head.place.name),
            (self.pick("Beskrivning", "Description"), head.description_sv),
            (self.pick("Omständigheter", "Circumstances"), flags),
            (self.pick("Samverkansområde", "Priority area"), head.priority_area),
            (self.pick("Öppnat", "Opened"), self.when(head.opened_at)),
            (
                self.pick("Diarieförs hos", "Registered by"),
                self._names.agency(head.registering_agency),
            ),
            *(
                (self.pick("Handläggare", "Caseworker"), f"{name}, {agency}")
                for agency, name in sorted(
                    (self._names.short(agency), self._names.user(user))
                    for agency, user in head.caseworkers.items()
                )
            ),
            *(
                (self.pick("Sekretessmarkering", "Secrecy mark"), f"{provision}, {agency}")
                for agency, provision in sorted(
                    (self._names.short(agency), provision)
                    for agency, provision in head.secrecy_marks.items()
                )
            ),
            (self.pick("Parkerat till", "Parked until"), self.when(head.parked_until)),
            (self.pick("Följs upp senast", "Follow up by"), self.when(head.follow_up_due_at)),
            (self.pick("Effekt", "Effect"), self.of(label(head.effect)) if head.effect else None),
            (self.pick("Avslutat", "Closed"), self.when(head.closed_at)),
            (
                self.pick("Utfall", "Outcome"),
                self.of(label(head.outcome)) if head.outcome else None,
            ),
            (self.pick("Ingår i", "Merged into"), head.merged_into_number),
        ]
        return [(words, value) for words, value in rows if value]

    def _agency(self, referral: StoryReferral) -> str | None:
        suggested = referral.suggested_agency
        return self._names.agency(suggested) if suggested else None
