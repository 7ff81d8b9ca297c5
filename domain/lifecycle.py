"""The life of an issue after it was opened: park, resume, close (R11, R12), merge and void."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.checks import check_aware, local_day
from domain.codes import CloseOutcome, IssueStatus, ReferralStatus
from domain.command import LIVE, OPEN, OptionalWords, Who, Words
from domain.context import Context
from domain.issue import Issue, IssueCommand
from domain.refusals import Conflict, NotFound
from domain.values import Role

NEEDS_NO_FOLLOW_UP = frozenset(
    {CloseOutcome.DUPLICATE, CloseOutcome.HANDLED_ELSEWHERE, CloseOutcome.NO_ACTION_POSSIBLE}
)


class IssueParked(Issue.Event):
    """The issue rests until a time."""

    TOPIC = "IssueParked"
    until: datetime
    reason_sv: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.status_before_parking = aggregate.status
        aggregate.status = IssueStatus.PARKED
        aggregate.parked_until = self.until


class IssueResumed(Issue.Event):
    """The rest is over, by the clock or by hand."""

    TOPIC = "IssueResumed"
    reason_sv: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.status = aggregate.status_before_parking
        aggregate.parked_until = None


class IssueClosed(Issue.Event):
    """The responsible agency says that nothing more is to be done."""

    TOPIC = "IssueClosed"
    outcome: CloseOutcome
    summary_sv: str
    lessons_sv: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.status = IssueStatus.CLOSED
        aggregate.follow_up_due = aggregate.follow_up_agency = None
        aggregate.unassessed_since = None
        for referral in aggregate.referrals.values():
            if referral.status is ReferralStatus.ACCEPTED:
                referral.status = ReferralStatus.COMPLETED


class IssuesMerged(Issue.Event):
    """Two issues were one problem; recorded in both streams."""

    TOPIC = "IssuesMerged"
    merged_id: UUID
    merged_number: str
    into_id: UUID
    into_number: str
    report_ids: tuple[UUID, ...]
    reason_sv: str

    def apply(self, aggregate: Issue) -> None:
        if aggregate.id == self.merged_id:
            aggregate.status = IssueStatus.MERGED
        else:
            aggregate.report_ids.extend(self.report_ids)


class IssueVoided(Issue.Event):
    """Entered by mistake; never deleted."""

    TOPIC = "IssueVoided"
    reason_sv: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.status = IssueStatus.VOIDED


@dataclass(frozen=True, kw_only=True)
class ParkIssue(IssueCommand):
    """Let the issue rest until a time."""

    states = OPEN
    who = Who.RESPONSIBLE

    until: datetime
    reason_sv: Words


@dataclass(frozen=True, kw_only=True)
class ResumeIssue(IssueCommand):
    """Take a parked issue up again."""

    states = frozenset({IssueStatus.PARKED})
    who = Who.RESPONSIBLE

    reason_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class CloseIssue(IssueCommand):
    """Close the issue."""

    states = OPEN
    who = Who.RESPONSIBLE

    outcome: CloseOutcome
    summary_sv: Words
    lessons_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class MergeIssues(IssueCommand):
    """Merge the issue into another one, which lives on."""

    states = LIVE
    who = Who.RESPONSIBLE

    into_issue_id: UUID
    reason_sv: Words


@dataclass(frozen=True, kw_only=True)
class VoidIssue(IssueCommand):
    """Void an issue that was entered by mistake."""

    states = LIVE
    who = Who.RESPONSIBLE

    reason_sv: Words


def park(issue: Issue, command: ParkIssue, context: Context) -> None:
    """Until a time ahead; the system resumes it then."""
    issue.admit(command, context)
    until = check_aware(command.until, "until", context)
    context.problems.need(
        until > context.occurred_at,
        "until",
        "in_the_past",
        "Parkera till en tid som ligger framåt.",
        "Park until a time that lies ahead.",
    )
    issue.record(IssueParked, context, until=until, reason_sv=command.reason_sv)


def resume(issue: Issue, command: ResumeIssue, context: Context) -> None:
    """By the responsible agency at any time, by the system when the time has come."""
    issue.admit(command, context)
    until = issue.parked_until
    if context.actor.role is Role.SYSTEM and until is not None and context.now < until:
        raise Conflict(
            "not_due",
            f"Ärendet är parkerat till {local_day(until)}.",
            f"The issue is parked until {local_day(until)}.",
            happened="IssueParked",
        )
    issue.record(IssueResumed, context, reason_sv=command.reason_sv)


def close(issue: Issue, command: CloseIssue, context: Context) -> None:
    """Close when everything is settled (R11) and whoever wanted a reply has it (R12)."""
    issue.admit(command, context)
    context.problems.raise_any()
    missing = close_obstacles(issue, command.outcome, context)
    if missing:
        raise Conflict(
            missing[0].code,
            " ".join(obstacle.sv for obstacle in missing),
            " ".join(obstacle.en for obstacle in missing),
            happened=", ".join(obstacle.code for obstacle in missing),
        )
    issue.record(
        IssueClosed,
        context,
        outcome=command.outcome,
        summary_sv=command.summary_sv,
        lessons_sv=command.lessons_sv,
    )


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way of closing."""

    code: str
    sv: str
    en: str


def close_obstacles(issue: Issue, outcome: CloseOutcome, context: Context) -> list[Obstacle]:
    """The close checklist: everything that is missing, all at once (R11, R12)."""
    missing = [
        Obstacle(
            "referral_open",
            f"{context.agencies.name_sv(agency_id)} har inte svarat.",
            f"{context.agencies.name_en(agency_id)} has not answered.",
        )
        for agency_id in dict.fromkeys(each.to_agency for each in issue.open_referrals())
    ]
    if issue.open_actions():
        missing.append(
            Obstacle(
                "action_open",
                "En planerad åtgärd är varken genomförd eller inställd.",
                "A planned action is neither performed nor cancelled.",
            )
        )
    if outcome not in NEEDS_NO_FOLLOW_UP and not issue.assessed_since_open:
        missing.append(
            Obstacle(
                "follow_up_missing",
                "Ärendet har ingen uppföljning med en bedömd effekt.",
                "The issue has no follow-up with an assessed effect.",
            )
        )
    waiting = (context.reports[report_id] for report_id in issue.report_ids)
    if any(report.wants_reply and not report.feedback_sent for report in waiting):
        missing.append(
            Obstacle(
                "feedback_missing",
                "Rapportören vill ha svar och har inte fått återkoppling.",
                "The reporter wants a reply and has had no feedback.",
            )
        )
    return missing


def merge(issue: Issue, command: MergeIssues, context: Context) -> None:
    """Both streams record it in one append; the reports move to the issue that lives on."""
    issue.admit(command, context)
    _nothing_unanswered(issue, context)
    into = context.issues.get(command.into_issue_id)
    if into is None or into.id == issue.id:
        raise NotFound(
            "no_such_issue",
            "Ärendet att slå ihop med finns inte eller är samma ärende.",
            "The issue to merge into does not exist or is the same issue.",
        )
    if into.status not in OPEN | {IssueStatus.PARKED}:
        raise Conflict(
            "wrong_issue_status",
            f"{into.number} är inte öppet. Välj ett öppet ärende.",
            f"{into.number} is not open. Choose an open issue.",
            happened=into.status.value,
        )
    data = {
        "merged_id": issue.id,
        "merged_number": issue.number,
        "into_id": into.id,
        "into_number": into.number,
        "report_ids": tuple(issue.report_ids),
        "reason_sv": command.reason_sv,
    }
    issue.record(IssuesMerged, context, **data)
    into.record(IssuesMerged, context, **data)


def void(issue: Issue, command: VoidIssue, context: Context) -> None:
    """Entered by mistake: nobody may be left waiting for an answer."""
    issue.admit(command, context)
    _nothing_unanswered(issue, context)
    issue.record(IssueVoided, context, reason_sv=command.reason_sv)


def _nothing_unanswered(issue: Issue, context: Context) -> None:
    for referral in issue.open_referrals():
        name = context.agencies.name_sv(referral.to_agency)
        raise Conflict(
            "referral_open",
            f"{name} har inte svarat. Återkalla överlämningen först.",
            f"{context.agencies.name_en(referral.to_agency)} has not answered. "
            "Withdraw the referral first.",
            happened="ReferralSent",
        )
