"""Follow-up: when it is due, what effect was seen and on what evidence."""

from dataclasses import dataclass
from datetime import datetime

from domain.checks import check_authority, check_aware, local_day
from domain.codes import Effect, IssueStatus, NextStep
from domain.command import LIVE, OPEN, Who, Words
from domain.context import Context
from domain.deadlines import Clock, due
from domain.issue import Issue, IssueCommand
from domain.refusals import Conflict
from domain.values import Role


class FollowUpScheduled(Issue.Event):
    """The issue is to be followed up by a time; it stands in follow-up until then."""

    TOPIC = "FollowUpScheduled"
    due_at: datetime
    responsible_agency: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.follow_up_due = self.due_at
        aggregate.follow_up_agency = self.responsible_agency
        if aggregate.status in (IssueStatus.NEW, IssueStatus.ACTIVE):
            aggregate.status = IssueStatus.FOLLOW_UP


class FollowUpRecorded(Issue.Event):
    """The effect, kept apart from whether the actions were carried out."""

    TOPIC = "FollowUpRecorded"
    effect: Effect
    evidence_sv: str
    next_step: NextStep
    agencies_present: tuple[str, ...]
    before_count: int | None
    after_count: int | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.follow_up_due = aggregate.follow_up_agency = None
        aggregate.unassessed_since = None
        if self.effect is not Effect.TOO_EARLY:
            aggregate.assessed_since_open = True
        if aggregate.status in OPEN:
            closing = self.next_step is NextStep.CLOSE
            aggregate.status = IssueStatus.FOLLOW_UP if closing else IssueStatus.ACTIVE


@dataclass(frozen=True, kw_only=True)
class ScheduleFollowUp(IssueCommand):
    """Set when the issue is to be followed up."""

    states = OPEN
    who = Who.INVOLVED

    due_at: datetime | None = None
    responsible_agency: str | None = None


@dataclass(frozen=True, kw_only=True)
class RecordFollowUp(IssueCommand):
    """Record what effect the actions had."""

    states = LIVE
    who = Who.INVOLVED

    effect: Effect
    evidence_sv: Words
    next_step: NextStep | None = None
    next_follow_up_at: datetime | None = None
    agencies_present: tuple[str, ...] = ()
    before_count: int | None = None
    after_count: int | None = None


def schedule(issue: Issue, command: ScheduleFollowUp, context: Context) -> None:
    """By an agency for any later time; by the system when the clock of DOMAIN 8 has run out."""
    issue.admit(command, context)
    if context.actor.role is Role.SYSTEM:
        at = _due_by_clock(issue, context)
    else:
        wanted = command.due_at
        context.problems.need(wanted, "due_at", "required", "Ange när.", "State when.")
        at = check_aware(wanted, "due_at", context) if wanted else context.now
        context.problems.need(
            wanted is None or at > context.occurred_at,
            "due_at",
            "in_the_past",
            "Uppföljningen ska ligga framåt i tiden.",
            "The follow-up must lie ahead.",
        )
    agency = command.responsible_agency or issue.responsible_agency
    if command.responsible_agency is not None:
        check_authority(agency, "responsible_agency", context)
    issue.record(FollowUpScheduled, context, due_at=at, responsible_agency=agency)


def record_follow_up(issue: Issue, command: RecordFollowUp, context: Context) -> None:
    """An effect with its evidence; too early to tell needs a new date (DOMAIN 4)."""
    issue.admit(command, context)
    again = command.next_follow_up_at
    at = check_aware(again, "next_follow_up_at", context) if again else None
    problems = context.problems
    problems.need(
        at is not None or command.effect is not Effect.TOO_EARLY,
        "next_follow_up_at",
        "required",
        "För tidigt att bedöma: ange en ny dag för uppföljning.",
        "Too early to tell: state a new day for the follow-up.",
    )
    problems.need(
        at is None or at > context.occurred_at,
        "next_follow_up_at",
        "in_the_past",
        "Nästa uppföljning ska ligga framåt i tiden.",
        "The next follow-up must lie ahead.",
    )
    for name in ("before_count", "after_count"):
        value = getattr(command, name)
        problems.need(
            value is None or value >= 0,
            name,
            "negative",
            "Antalet kan inte vara mindre än noll.",
            "The count cannot be less than zero.",
        )
    for agency_id in command.agencies_present:
        problems.need(
            context.agencies.get(agency_id),
            "agencies_present",
            "unknown_agency",
            f"Aktören {agency_id} finns inte i registret.",
            f"The agency {agency_id} is not in the directory.",
        )
    resolved = command.effect is Effect.RESOLVED and at is None
    issue.record(
        FollowUpRecorded,
        context,
        effect=command.effect,
        evidence_sv=command.evidence_sv,
        next_step=command.next_step or (NextStep.CLOSE if resolved else NextStep.CONTINUE),
        agencies_present=command.agencies_present or (context.actor.agency_id,),
        before_count=command.before_count,
        after_count=command.after_count,
    )
    if at is not None:
        issue.record(
            FollowUpScheduled,
            context,
            due_at=at,
            responsible_agency=issue.responsible_agency,
        )


def _due_by_clock(issue: Issue, context: Context) -> datetime:
    if issue.follow_up_due is not None or issue.unassessed_since is None:
        raise Conflict(
            "follow_up_settled",
            "Uppföljningen är redan planerad eller behövs inte än.",
            "The follow-up is scheduled already or not needed yet.",
            happened="FollowUpScheduled",
        )
    at = due(Clock.FOLLOW_UP, issue.priority, issue.unassessed_since, context.calendar)
    if context.now < at:
        raise Conflict(
            "not_due",
            f"Uppföljningen är inte aktuell förrän {local_day(at)}.",
            f"The follow-up is not due before {local_day(at)}.",
            happened="not_due",
        )
    return at
