"""What stands beside the form of a command on an issue: what others wrote, what is left to do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from domain.codes import Priority
from domain.deadlines import Clock, due
from domain.issue import Issue
from domain.labels import label
from domain.values import Place
from domain.working_days import LOCAL_ZONE
from projections import issue_story_queries as stories
from projections.inbox import inbox_of
from projections.issue_story_rows import IssueHead, PushedHead, StoryAction, StoryReferral
from service.access import a_list, an_issue
from service.checklist import missing_to_close
from service.forms.choices import Option
from service.language import Language
from service.pages.around import Beside
from service.pages.frame import Frame, Typed, first_of
from service.pages.names import Names
from service.pages.telling import Teller, ToldReferral
from service.visitors import Visitor

MOST_IN_A_LIST = 30
SHORT = 80
"""Characters of a text in a list of choices."""


class BesideIssue:
    """Gathers what stands beside one command's form on one issue."""

    def __init__(
        self,
        frame: Frame,
        visitor: Visitor,
        language: Language,
        head: IssueHead | PushedHead,
        referral_id: UUID | None,
    ) -> None:
        self._frame = frame
        self._visitor = visitor
        self._language = language
        self._head = head
        self._referral_id = referral_id
        self._told = Teller(Names(frame, language), language, visitor.actor.agency_id)
        # What is put into a text begins in Swedish, whatever the reader's language.
        self._written = Teller(Names(frame, Language.SV), Language.SV, visitor.actor.agency_id)

    def of(self, name: str, typed: Typed) -> Beside:
        """What stands beside the form of a command; `typed` is what it holds already."""
        title = self._head.title if isinstance(self._head, IssueHead) else self._head.public_title
        beside = Beside(about=f"{self._head.number} {title}")
        if self._referral_id is not None:
            return self._of_referral(name, beside)
        issue: Issue = self._frame.samsyn.casework.repository.get(self._head.issue_id)
        known: dict[str, Callable[[], Beside]] = {
            "CancelAction": lambda: self._of_cancelling(beside, issue, typed),
            "CloseIssue": lambda: replace(beside, checklist=self._checklist(issue)),
            "LinkReport": lambda: replace(beside, reports=self._waiting_reports()),
            "NoteDispute": lambda: self._of_event(beside, typed, own_only=False),
            "PerformAction": lambda: self._of_performing(beside, issue, typed),
            "RecordCorrection": lambda: self._of_event(beside, typed, own_only=True),
            "RecordFollowUp": lambda: self._of_follow_up(beside, issue),
            "SendReferral": lambda: self._of_new_referral(beside, issue),
        }
        if name in known:
            return known[name]()
        return replace(beside, begin=self._begin(name, issue))

    def _begin(self, name: str, issue: Issue) -> Typed:
        today = self._frame.samsyn.clock().astimezone(LOCAL_ZONE).date()
        begin: dict[str, Typed] = {
            "AssignCaseworker": {"user_id": [self._visitor.actor.user_id]},
            "ChangeCategory": {"category": [issue.category]},
            "ChangePriority": {"priority": [issue.priority.value]},
            "ChangeTitle": {"title": [issue.title], "public_title": [issue.public_title]},
            "CorrectPlace": typed_place(issue.place),
            "RegisterRecord": {
                "subject_sv": [issue.public_title],
                "received_or_created_on": [today.isoformat()],
            },
        }
        return begin.get(name, {})

    def _of_referral(self, name: str, beside: Beside) -> Beside:
        with self._frame.reading(self._visitor, an_issue(self._head.issue_id)) as db:
            viewer, issue_id = self._visitor.viewer, self._head.issue_id
            referrals = stories.referrals_of(db, viewer, issue_id)
            actions = stories.actions_of(db, viewer, issue_id)
        found = next((each for each in referrals if each.referral_id == self._referral_id), None)
        if found is None:
            return beside
        begin: Typed = {}
        if name == "ReturnReferral":
            own = self._visitor.actor.agency_id
            begin["done_so_far_sv"] = [
                self._written.background(each for each in actions if each.agency_id == own)
            ]
        return replace(
            beside,
            referral_type=found.type,
            quotes=[self._summed(found), *self._told.referral(found).texts],
            begin=begin,
        )

    def _summed(self, referral: StoryReferral) -> tuple[str, str]:
        told: ToldReferral = self._told.referral(referral)
        words = self._told.of(label(told.type))
        agencies = self._told.between(told)
        if told.respond_by is None:
            return words, agencies
        by = self._told.pick("svara senast", "answer by")
        return words, f"{agencies}, {by} {self._told.when(told.respond_by)}"

    def _of_new_referral(self, beside: Beside, issue: Issue) -> Beside:
        return replace(
            beside,
            begin={"background_sv": [self._written.background(self._actions())]},
            hints={"respond_by": self._usual_times(issue.priority)},
        )

    def _usual_times(self, priority: Priority) -> str:
        now, calendar = self._frame.samsyn.clock(), self._frame.samsyn.calendar
        answer = self._told.when(due(Clock.ANSWER, priority, now, calendar))
        opinion = self._told.when(due(Clock.CONSULT, priority, now, calendar))
        return self._told.pick(
            f"Tomt: {answer} vid överlämning och begäran om insats. En remiss måste ha ett datum, "
            f"vanligen {opinion}.",
            f"Empty: {answer} for a transfer and a request for assistance. A consultation must "
            f"have a date, usually {opinion}.",
        )

    def _of_follow_up(self, beside: Beside, issue: Issue) -> Beside:
        done = [
            f"{action.state}: {self._told.of(label(action.action_type))}, {action.who}"
            for action in map(self._told.action, self._actions())
        ]
        words = self._told.pick("Åtgärder att bedöma", "Actions to judge")
        nothing = self._told.pick("Inga åtgärder är loggade.", "No actions have been logged.")
        return replace(
            beside,
            quotes=[(words, "\n".join(done) or nothing)],
            checklist=(
                self._told.pick(
                    "Kvar att göra när uppföljningen är sparad",
                    "Left to do once the follow-up is saved",
                ),
                self._missing(issue, but="follow_up_missing"),
            ),
            begin={"agencies_present": [self._visitor.actor.agency_id]},
        )

    def _checklist(self, issue: Issue) -> tuple[str, list[str]]:
        words = self._told.pick(
            "Kvar innan ärendet kan avslutas", "Left to do before the issue can be closed"
        )
        return words, self._missing(issue)

    def _missing(self, issue: Issue, but: str = "") -> list[str]:
        missing = missing_to_close(self._frame.samsyn, issue, self._visitor.actor)
        return [self._told.pick(each.sv, each.en) for each in missing if each.code != but]

    def _of_performing(self, beside: Beside, issue: Issue, typed: Typed) -> Beside:
        planned = self._planned(any_agency=False)
        beside = replace(beside, planned_actions=planned, begin=typed_place(issue.place))
        chosen = [each for each in planned if each.value == first_of(typed, "action_id")]
        if chosen:
            words = self._told.pick("Planerad åtgärd", "Planned action")
            return replace(
                beside,
                hidden=frozenset({"action_id"}),
                leave_out=frozenset({"action_type"}),
                quotes=[(words, chosen[0].words)],
            )
        if not planned:
            return replace(beside, leave_out=frozenset({"action_id"}))
        hint = self._told.pick(
            "Behövs om åtgärden inte var planerad.", "Needed if the action was not planned."
        )
        return replace(beside, hints={"action_type": hint})

    def _of_cancelling(self, beside: Beside, issue: Issue, typed: Typed) -> Beside:
        own = self._visitor.actor.agency_id
        planned = self._planned(any_agency=own == issue.responsible_agency)
        chosen = [each for each in planned if each.value == first_of(typed, "action_id")]
        if not chosen:
            return replace(beside, planned_actions=planned)
        words = self._told.pick("Planerad åtgärd", "Planned action")
        return replace(
            beside,
            planned_actions=planned,
            hidden=frozenset({"action_id"}),
            quotes=[(words, chosen[0].words)],
        )

    def _planned(self, *, any_agency: bool) -> list[Option]:
        return [
            Option(
                str(action.action_id),
                f"{self._told.of(label(action.action_type))}, {action.who}, {action.state}",
            )
            for action in map(self._told.action, self._actions())
            if action.is_planned
            and (any_agency or action.agency_id == self._visitor.actor.agency_id)
        ]

    def _of_event(self, beside: Beside, typed: Typed, *, own_only: bool) -> Beside:
        with self._frame.reading(self._visitor, an_issue(self._head.issue_id)) as db:
            lines = stories.story(db, self._visitor.viewer, self._head.issue_id)
        events = [
            Option(str(line.event_id), f"{self._told.when(line.occurred_at)} {line.words}")
            for line in map(self._told.line, lines)
            if line.report_id is None and (line.is_own or not own_only)
        ]
        chosen = [each for each in events if each.value == first_of(typed, "refers_to_event")]
        words = self._told.pick("Gäller", "About")
        return replace(
            beside,
            events=list(reversed(events)),
            hidden=frozenset({"refers_to_event"}) if chosen else frozenset(),
            quotes=[(words, each.words) for each in chosen],
        )

    def _waiting_reports(self) -> list[Option]:
        with self._frame.reading(self._visitor, a_list(own=True)) as db:
            page = inbox_of(
                db,
                self._visitor.viewer,
                *self._frame.visitors.inboxes(self._visitor),
                limit=MOST_IN_A_LIST,
            )
        return [
            Option(str(item.report_id), f"{item.place_name}: {item.text[:SHORT]}")
            for item in page.items
        ]

    def _actions(self) -> list[StoryAction]:
        with self._frame.reading(self._visitor, an_issue(self._head.issue_id)) as db:
            return stories.actions_of(db, self._visitor.viewer, self._head.issue_id)


def typed_place(place: Place) -> Typed:
    """A place as the field of a form holds it: one of the list, or words."""
    if place.place_id is not None:
        return {"place": [place.place_id]}
    return {"place_name": [place.name]}


def typed_moment(moment: datetime | None) -> list[str]:
    """A time as the field of a form holds it: the clock in Göteborg, without a zone."""
    if moment is None:
        return []
    return [moment.astimezone(LOCAL_ZONE).strftime("%Y-%m-%dT%H:%M")]
