"""Opening an issue, linking reports to it and opening it again."""

from dataclasses import dataclass
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain.categories import CATEGORIES
from domain.checks import check_agency, check_authority, check_category, check_place
from domain.codes import ContextFlag, IssueStatus, Priority
from domain.command import (
    LIVE,
    Command,
    OptionalFree,
    OptionalLine,
    OptionalWords,
    Title,
    Who,
    Words,
)
from domain.context import Context
from domain.issue import Issue, IssueCommand
from domain.refusals import NotAllowed
from domain.report import Report, ReportLinked
from domain.values import ExternalRef, Place, Role


class IssueOpened(Issue.Event, Aggregate.Created):
    """An issue exists and one agency is responsible for it (R1)."""

    TOPIC = "IssueOpened"
    number: str
    title: str
    public_title: str
    description_sv: str | None
    category: str
    priority: Priority
    priority_reason_sv: str | None
    place: Place
    area_id: str | None
    responsible_agency: str
    source_reports: tuple[UUID, ...]
    context_flags: tuple[ContextFlag, ...]
    priority_area: str | None
    external_ref: ExternalRef | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.number = self.number
        aggregate.title = self.title
        aggregate.public_title = self.public_title
        aggregate.category = self.category
        aggregate.priority = self.priority
        aggregate.place = self.place
        aggregate.registering_agency = self.registering_agency
        aggregate.responsible_agency = self.responsible_agency
        aggregate.involved |= {self.actor.agency_id, self.responsible_agency}
        aggregate.report_ids.extend(self.source_reports)


class SourceReportAdded(Issue.Event):
    """One more report belongs to the issue; `ReportLinked` says so in the report's own stream."""

    TOPIC = "SourceReportAdded"
    report_id: UUID

    def apply(self, aggregate: Issue) -> None:
        aggregate.report_ids.append(self.report_id)


class IssueReopened(Issue.Event):
    """The problem came back: the same issue, number and responsible agency."""

    TOPIC = "IssueReopened"
    reason_sv: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.status = IssueStatus.ACTIVE
        aggregate.assessed_since_open = False
        aggregate.follow_up_due = aggregate.follow_up_agency = None
        aggregate.involved.add(self.actor.agency_id)


@dataclass(frozen=True, kw_only=True)
class OpenIssue(Command):
    """Open an issue, from reports or without."""

    public_title: Title
    title: Title | None = None
    description_sv: OptionalFree = None
    category: str
    priority: Priority | None = None
    priority_reason_sv: OptionalWords = None
    place: Place
    area_id: OptionalLine = None
    responsible_agency: str | None = None
    report_ids: tuple[UUID, ...] = ()
    context_flags: tuple[ContextFlag, ...] = ()
    priority_area: OptionalLine = None
    registering_agency: str | None = None
    number: str | None = None
    external_ref: ExternalRef | None = None


@dataclass(frozen=True, kw_only=True)
class LinkReport(IssueCommand):
    """Make a report part of an open issue."""

    states = LIVE

    report_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReopenIssue(IssueCommand):
    """Take up a closed issue again."""

    states = frozenset({IssueStatus.CLOSED})
    who = Who.AUTHORITY

    reason_sv: Words
    report_ids: tuple[UUID, ...] = ()


def open_issue(command: OpenIssue, context: Context, number: str) -> Issue:
    """Open an issue for the actor's own agency; a coordinator may open it for any authority.

    `number` is the shared number TIC-YYYY-NNNNN; the caller sees to it that it is not taken.
    """
    _may_open(command, context)
    check_category(command.category, context)
    check_place(command.place, context)
    responsible = command.responsible_agency or context.actor.agency_id
    registering = command.registering_agency or context.actor.agency_id
    check_authority(responsible, "responsible_agency", context)
    check_agency(registering, "registering_agency", context)
    reports = _open_reports(command.report_ids, context)
    category = CATEGORIES.get(command.category)
    issue = Issue.begin(
        IssueOpened,
        context,
        aggregate_id=context.new_id(),
        registering_agency=registering,
        number=number,
        title=(command.title or command.public_title).strip(),
        public_title=command.public_title.strip(),
        description_sv=command.description_sv,
        category=command.category,
        priority=command.priority or (category.severity if category else Priority.MEDIUM),
        priority_reason_sv=command.priority_reason_sv,
        place=command.place,
        area_id=command.area_id or _area_of(command.place, context),
        responsible_agency=responsible,
        source_reports=tuple(report.id for report in reports),
        context_flags=command.context_flags,
        priority_area=command.priority_area,
        external_ref=command.external_ref,
    )
    for report in reports:
        report.record(ReportLinked, context, issue_id=issue.id)
    return issue


def link_report(issue: Issue, command: LinkReport, context: Context) -> None:
    """Make a report part of an open issue; both streams say so in one append."""
    issue.admit(command, context)
    _add_reports(issue, _open_reports((command.report_id,), context), context)


def reopen(issue: Issue, command: ReopenIssue, context: Context) -> None:
    """Any authority may say that the problem is back; responsibility stays where it was."""
    issue.admit(command, context)
    reports = _open_reports(command.report_ids, context)
    issue.record(IssueReopened, context, reason_sv=command.reason_sv)
    _add_reports(issue, reports, context)


def _may_open(command: OpenIssue, context: Context) -> None:
    actor = context.actor
    context.agencies.require_authority(actor, context.now)
    own = context.agencies.get(actor.agency_id)
    if own is not None and own.intake_only:
        raise NotAllowed(
            "intake_only",
            f"{own.name_sv} tar emot rapporter men öppnar inte ärenden.",
            f"{own.name_en} takes in reports but does not open issues.",
            who_may=("authority",),
        )
    other = command.responsible_agency not in (None, actor.agency_id)
    if other and actor.role not in (Role.COORDINATOR, Role.SYSTEM):
        raise NotAllowed(
            "only_for_own_agency",
            "Ett ärende öppnas för den egna myndigheten. Överlämna det sedan.",
            "An issue is opened for one's own agency. Refer it afterwards.",
            who_may=(Role.COORDINATOR.value,),
        )


def _area_of(place: Place, context: Context) -> str | None:
    named = context.agencies.places.get(place.place_id or "")
    return named.area_id if named else None


def _open_reports(report_ids: tuple[UUID, ...], context: Context) -> list[Report]:
    """The reports, each once; refused before anything is recorded if one is settled already."""
    reports = [context.reports[report_id] for report_id in dict.fromkeys(report_ids)]
    for report in reports:
        report.must_be_open()
    return reports


def _add_reports(issue: Issue, reports: list[Report], context: Context) -> None:
    for report in reports:
        report.record(ReportLinked, context, issue_id=issue.id)
        issue.record(SourceReportAdded, context, report_id=report.id)
