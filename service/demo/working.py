"""What agencies of the demo do about an issue: actions, follow-ups, rests, and its end."""

from datetime import date, datetime, timedelta
from uuid import UUID

from domain.action import CancelAction, PerformAction, PlanAction
from domain.codes import (
    ActionType,
    CloseOutcome,
    Effect,
    Horizon,
    Implementation,
    NextStep,
)
from domain.deadlines import Clock, due
from domain.follow_up import RecordFollowUp, ScheduleFollowUp
from domain.lifecycle import CloseIssue, ParkIssue
from domain.working_days import LOCAL_ZONE
from service.demo.affair import Act, Affair, Life
from service.demo.people import OUT, USUAL_ACTIONS
from service.demo.referring import give_help_back
from service.demo.reporting import answer_all

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_FRIDAY, _SATURDAY = 4, 5

_PROMISES = {
    ActionType.TARGETED_OPERATION: "drug_ops",
    ActionType.TRAFFIC_OPERATION: "traffic_ops",
}


def act(affair: Affair, at: datetime, agency: str) -> Life:
    """Perform one action, at the time of day at which the problem is there, or plan it first."""
    kind = _kind(affair, agency)
    planned: UUID | None = None
    done_at = _when(affair, at, agency)
    if affair.draw.chance(0.3):
        on_time = affair.draw.chance(0.78)
        day = done_at.astimezone(LOCAL_ZONE).date()
        due_on = day + affair.draw.number(0, 6) * _DAY
        if not on_time:
            due_on = day
            done_at = affair.draw.office(done_at + affair.draw.number(2, 20) * _DAY)
        action_id: UUID = yield Act(
            at=at, who=affair.caseworker(agency), command=_plan(affair, kind, due_on)
        )
        if affair.draw.chance(0.06):
            yield Act(
                at=done_at,
                who=affair.caseworker(agency),
                command=CancelAction(
                    issue_id=affair.issue_id,
                    action_id=action_id,
                    reason_sv=affair.says(affair.texts.casework, "change", "cancel"),
                ),
            )
            return done_at
        planned = action_id
    yield Act(
        at=done_at,
        who=affair.caseworker(agency) if planned else affair.somebody_out(agency),
        command=_perform(affair, kind, done_at, planned),
    )
    affair.performed += 1
    return done_at


def follow_up(affair: Affair, at: datetime) -> Life:
    """Record the effect, in time or late; too early to tell leads to another time.

    `affair.effect` tells what was found.
    """
    draw = affair.draw
    allowed = due(Clock.FOLLOW_UP, affair.priority, at, affair.calendar) - at
    if draw.chance(0.12):
        at = affair.later(at, 20 * _HOUR)
        yield Act(
            at=at,
            who=affair.caseworker(affair.responsible),
            command=ScheduleFollowUp(issue_id=affair.issue_id, due_at=draw.office(at + allowed)),
        )
    share = draw.between(1.05, 2.6) if draw.chance(0.24) else draw.between(0.3, 1.0)
    while True:
        at = draw.office(at + allowed * share)
        effect = draw.weighted(
            {
                Effect.RESOLVED: 40,
                Effect.IMPROVED: 30,
                Effect.UNCHANGED: 9,
                Effect.WORSENED: 4,
                Effect.TOO_EARLY: 8,
            }
        )
        before = draw.number(4, 14)
        counted = draw.chance(0.3) and effect is not Effect.TOO_EARLY
        yield Act(
            at=at,
            who=affair.caseworker(affair.responsible),
            command=RecordFollowUp(
                issue_id=affair.issue_id,
                effect=effect,
                evidence_sv=affair.says(affair.texts.casework, "evidence", effect.value),
                next_step=None if effect is Effect.RESOLVED else NextStep.CONTINUE,
                next_follow_up_at=draw.office(at + allowed) if effect is Effect.TOO_EARLY else None,
                before_count=before if counted else None,
                after_count=_after(affair, before, effect) if counted else None,
            ),
        )
        affair.effect = effect
        if effect is not Effect.TOO_EARLY:
            return at
        share = draw.between(0.9, 1.3)


def close(affair: Affair, at: datetime, outcome: CloseOutcome) -> Life:
    """Help is accounted for, reporters get their reply, and the issue is closed."""
    at = affair.later(at, 30 * _HOUR)
    at = yield from give_help_back(affair, at)
    at = yield from answer_all(affair, at)
    at += timedelta(minutes=affair.draw.number(1, 30))
    texts = affair.texts.casework["closing"]
    yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=CloseIssue(
            issue_id=affair.issue_id,
            outcome=outcome,
            summary_sv=affair.says(texts, outcome.value),
            lessons_sv=affair.says(texts, "lessons") if affair.draw.chance(0.3) else None,
        ),
    )
    return at


def park(affair: Affair, at: datetime) -> Life:
    """Let the issue rest; the clock takes it up again."""
    until = affair.draw.office(at + affair.draw.number(14, 100) * _DAY)
    yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=ParkIssue(
            issue_id=affair.issue_id,
            until=until,
            reason_sv=affair.says(affair.texts.casework, "change", "park"),
        ),
    )
    return until


def _kind(affair: Affair, agency: str) -> ActionType:
    if agency == affair.lead:
        return affair.draw.one(affair.subject.actions)
    return ActionType(affair.draw.one(USUAL_ACTIONS[agency]))


def _when(affair: Affair, at: datetime, agency: str) -> datetime:
    """Police and field workers go out when it happens, others work in the day."""
    if agency in OUT:
        return affair.draw.out(at, affair.subject.rhythm)
    return affair.later(at + _HOUR, 3 * _DAY)


def _plan(affair: Affair, kind: ActionType, due_on: date) -> PlanAction:
    return PlanAction(
        issue_id=affair.issue_id,
        action_type=kind,
        due_on=due_on,
        expected_effect_sv=affair.says(affair.texts.casework, "change", "expect"),
        horizon=affair.draw.weighted({Horizon.SHORT: 4, Horizon.LONG: 1}),
    )


def _perform(affair: Affair, kind: ActionType, at: datetime, planned: UUID | None) -> PerformAction:
    draw, texts = affair.draw, affair.texts.casework
    how = draw.weighted(
        {Implementation.DONE: 88, Implementation.PARTLY: 9, Implementation.NOT_DONE: 3}
    )
    promise = _PROMISES.get(kind)
    if kind in (ActionType.FOOT_PATROL, ActionType.HOTSPOT_PATROL):
        weekend = at.astimezone(LOCAL_ZONE).weekday() in (_FRIDAY, _SATURDAY)
        promise = "presence_fri_sat" if weekend else None
    return PerformAction(
        issue_id=affair.issue_id,
        action_type=kind,
        action_id=planned,
        performed_from=at - draw.between(0.5, 3.0) * _HOUR,
        performed_to=at - timedelta(minutes=draw.number(1, 20)),
        place=affair.place if draw.chance(0.7) else None,
        people=draw.number(1, 6),
        result_sv=affair.says(texts, "result", kind.value),
        implementation=how,
        implementation_reason_sv=affair.says(texts, "change", "not_done")
        if how is Implementation.NOT_DONE
        else None,
        promise_commitment_id=promise,
    )


def _after(affair: Affair, before: int, effect: Effect) -> int:
    match effect:
        case Effect.RESOLVED:
            return affair.draw.number(0, 1)
        case Effect.IMPROVED:
            return affair.draw.number(1, before - 1)
        case Effect.WORSENED:
            return before + affair.draw.number(1, 6)
        case _:
            return before + affair.draw.number(-1, 1)
