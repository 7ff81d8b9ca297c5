"""Actions, planned, performed and cancelled: by the responsible agency or whoever helps."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.action_state import Action
from domain.checks import check_day_ahead, check_moment, check_place
from domain.codes import ActionType, Horizon, Implementation
from domain.command import LIVE, OptionalFree, OptionalLine, OptionalWords, Text, Who, Words
from domain.context import Context
from domain.issue import Issue, IssueCommand
from domain.refusals import Conflict, NotAllowed, NotFound
from domain.values import Place

MOST_PEOPLE = 10_000


class ActionPlanned(Issue.Event):
    """An agency will do something by a day."""

    TOPIC = "ActionPlanned"
    action_id: UUID
    action_type: ActionType
    agency_id: str
    owner: str | None
    due_on: date
    description_sv: str | None
    expected_effect_sv: str | None
    horizon: Horizon
    promise_commitment_id: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.actions[self.action_id] = Action(
            action_id=self.action_id,
            action_type=self.action_type,
            agency_id=self.agency_id,
            due_on=self.due_on,
            is_planned=True,
            last_event=self.TOPIC,
        )
        aggregate.involved.add(self.agency_id)
        aggregate.activate()


class ActionPerformed(Issue.Event):
    """Something was done; whether it worked is for the follow-up to say.

    Version 1 knew only the agency that logged it; since version 2 those who took part are named.
    """

    TOPIC = "ActionPerformed"
    schema_version: ClassVar[int] = 2
    action_id: UUID
    action_type: ActionType
    agency_id: str | None
    together_with: tuple[str, ...]
    performed_from: datetime
    performed_to: datetime | None
    place: Place | None
    people: int | None
    result_sv: str | None
    implementation: Implementation
    implementation_reason_sv: str | None
    promise_commitment_id: str | None
    est_focus_id: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.actions[self.action_id] = Action(
            action_id=self.action_id,
            action_type=self.action_type,
            agency_id=self.agency_id or "",
            due_on=None,
            is_planned=False,
            last_event=self.TOPIC,
        )
        if self.agency_id is not None:
            aggregate.involved.add(self.agency_id)
        done_at = self.performed_to or self.performed_from
        if aggregate.unassessed_since is None or done_at > aggregate.unassessed_since:
            aggregate.unassessed_since = done_at
        aggregate.activate()

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> None:
        """Nobody else was named: who took part besides is not known."""
        data["together_with"] = []


class ActionCancelled(Issue.Event):
    """A planned action will not be done."""

    TOPIC = "ActionCancelled"
    action_id: UUID
    reason_sv: str

    def apply(self, aggregate: Issue) -> None:
        action = aggregate.actions[self.action_id]
        action.is_planned = False
        action.last_event = self.TOPIC


@dataclass(frozen=True, kw_only=True)
class PlanAction(IssueCommand):
    """Plan an action."""

    states = LIVE

    action_type: ActionType
    due_on: date
    owner: OptionalLine = None
    description_sv: OptionalFree = None
    expected_effect_sv: OptionalWords = None
    horizon: Horizon = Horizon.SHORT
    promise_commitment_id: OptionalLine = None


@dataclass(frozen=True, kw_only=True)
class PerformAction(IssueCommand):
    """Log an action that was performed, planned before or not."""

    states = LIVE

    action_type: ActionType | None = None
    action_id: UUID | None = None
    together_with: tuple[str, ...] = ()
    performed_from: datetime | None = None
    performed_to: datetime | None = None
    place: Place | None = None
    people: int | None = None
    result_sv: Annotated[str | None, Text(0, 4000)] = None
    implementation: Implementation = Implementation.DONE
    implementation_reason_sv: OptionalWords = None
    promise_commitment_id: OptionalLine = None
    est_focus_id: OptionalLine = None
    performer_unknown: bool = False


@dataclass(frozen=True, kw_only=True)
class CancelAction(IssueCommand):
    """Cancel a planned action."""

    states = LIVE
    who = Who.INVOLVED

    action_id: UUID
    reason_sv: Words


def plan(issue: Issue, command: PlanAction, context: Context) -> UUID:
    """Any authority plans its own actions; returns the new action's id."""
    issue.admit(command, context)
    check_day_ahead(command.due_on, "due_on", context)
    action_id = context.new_id()
    issue.record(
        ActionPlanned,
        context,
        action_id=action_id,
        action_type=command.action_type,
        agency_id=context.actor.agency_id,
        owner=command.owner,
        due_on=command.due_on,
        description_sv=command.description_sv,
        expected_effect_sv=command.expected_effect_sv,
        horizon=command.horizon,
        promise_commitment_id=command.promise_commitment_id,
    )
    return action_id


def perform(issue: Issue, command: PerformAction, context: Context) -> UUID:
    """Any authority logs what it did, late if need be (R14); returns the action's id.

    `performer_unknown` is for imported logs that do not say who did it.
    """
    issue.admit(command, context)
    planned = _planned(issue, command.action_id, context) if command.action_id else None
    action_type = command.action_type or (planned.action_type if planned else None)
    start = check_moment(command.performed_from, "performed_from", context)
    end = check_moment(command.performed_to, "performed_to", context)
    start = start or context.occurred_at
    problems = context.problems
    problems.need(
        end is None or start <= end,
        "performed_to",
        "before_start",
        "Sluttiden ligger före starttiden.",
        "The end lies before the start.",
    )
    problems.need(
        command.people is None or 0 <= command.people <= MOST_PEOPLE,
        "people",
        "out_of_range",
        f"Antalet personer anges från 0 till {MOST_PEOPLE}.",
        f"The number of people is given from 0 to {MOST_PEOPLE}.",
    )
    problems.need(
        command.implementation is not Implementation.NOT_DONE or command.implementation_reason_sv,
        "implementation_reason_sv",
        "required",
        "Skriv varför åtgärden inte genomfördes.",
        "Write why the action was not carried out.",
    )
    for agency_id in command.together_with:
        problems.need(
            context.agencies.get(agency_id),
            "together_with",
            "unknown_agency",
            f"Aktören {agency_id} finns inte i registret.",
            f"The agency {agency_id} is not in the directory.",
        )
    if command.place is not None:
        check_place(command.place, context)
    if action_type is None:
        problems.add("action_type", "required", "Välj åtgärdstyp.", "Choose the type of action.")
        problems.raise_any()
    action_id = planned.action_id if planned else context.new_id()
    issue.record(
        ActionPerformed,
        context,
        action_id=action_id,
        action_type=action_type,
        agency_id=None if command.performer_unknown else context.actor.agency_id,
        together_with=command.together_with,
        performed_from=start,
        performed_to=end,
        place=command.place,
        people=command.people,
        result_sv=command.result_sv,
        implementation=command.implementation,
        implementation_reason_sv=command.implementation_reason_sv,
        promise_commitment_id=command.promise_commitment_id,
        est_focus_id=command.est_focus_id,
    )
    return action_id


def cancel(issue: Issue, command: CancelAction, context: Context) -> None:
    """The agency that planned it, or the responsible one, cancels it with a reason."""
    issue.admit(command, context)
    action = _planned(issue, command.action_id, context, own=False)
    if context.actor.agency_id not in (action.agency_id, issue.responsible_agency):
        raise _only_owner(action, context)
    issue.record(ActionCancelled, context, action_id=action.action_id, reason_sv=command.reason_sv)


def _planned(issue: Issue, action_id: UUID, context: Context, *, own: bool = True) -> Action:
    action = issue.actions.get(action_id)
    if action is None:
        raise NotFound(
            "no_such_action",
            "Åtgärden finns inte i ärendet.",
            "There is no such action in the issue.",
        )
    if own and action.agency_id != context.actor.agency_id:
        raise _only_owner(action, context)
    if not action.is_planned:
        raise Conflict(
            "action_settled",
            "Åtgärden är redan genomförd eller inställd.",
            "The action has been performed or cancelled already.",
            happened=action.last_event,
        )
    return action


def _only_owner(action: Action, context: Context) -> NotAllowed:
    return NotAllowed(
        "other_agency",
        f"Åtgärden hör till {context.agencies.name_sv(action.agency_id)}.",
        f"The action belongs to {context.agencies.name_en(action.agency_id)}.",
        who_may=(action.agency_id,),
    )
