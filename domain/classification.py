"""How an issue is described and who handles it: register, category, priority, place, title."""

from dataclasses import dataclass
from datetime import date

from domain.checks import check_category, check_place, local_day
from domain.codes import Priority
from domain.command import LIVE, Line, OptionalLine, OptionalWords, Title, Who
from domain.context import Context
from domain.issue import Issue, IssueCommand
from domain.refusals import Conflict
from domain.values import Place


class RecordRegistered(Issue.Event):
    """Entered in an agency's register with the four facts of OSL 5:2 (L14)."""

    TOPIC = "RecordRegistered"
    registry_ref: str
    agency_id: str
    received_or_created_on: date
    sender_or_receiver: str | None
    subject_sv: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.registered[self.agency_id] = self.registry_ref


class CategoryChanged(Issue.Event):
    """The problem turned out to be another."""

    TOPIC = "CategoryChanged"
    from_category: str
    to_category: str
    reason_sv: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.category = self.to_category


class PriorityChanged(Issue.Event):
    """The issue became more or less pressing; clocks that run already stay as they are."""

    TOPIC = "PriorityChanged"
    from_priority: Priority
    to_priority: Priority
    reason_sv: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.priority = self.to_priority


class PlaceCorrected(Issue.Event):
    """The place was wrong or too vague."""

    TOPIC = "PlaceCorrected"
    from_place: Place
    to_place: Place
    reason_sv: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.place = self.to_place


class TitleChanged(Issue.Event):
    """Other words for the issue, inside or in the public register."""

    TOPIC = "TitleChanged"
    from_title: str
    title: str
    public_title: str
    reason_sv: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.title = self.title
        aggregate.public_title = self.public_title


class CaseworkerAssigned(Issue.Event):
    """Somebody at an agency handles the issue for it."""

    TOPIC = "CaseworkerAssigned"
    user_id: str
    agency_id: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.caseworkers[self.agency_id] = self.user_id
        aggregate.activate()


class CaseworkerUnassigned(Issue.Event):
    """Nobody at the agency handles the issue any more."""

    TOPIC = "CaseworkerUnassigned"
    user_id: str
    agency_id: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.caseworkers.pop(self.agency_id, None)


@dataclass(frozen=True, kw_only=True)
class RegisterRecord(IssueCommand):
    """Enter the issue in the own agency's register."""

    registry_ref: Line
    subject_sv: Title
    received_or_created_on: date | None = None
    sender_or_receiver: OptionalLine = None


@dataclass(frozen=True, kw_only=True)
class ChangeCategory(IssueCommand):
    """Give the issue another category."""

    states = LIVE
    who = Who.RESPONSIBLE

    category: str
    reason_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class ChangePriority(IssueCommand):
    """Give the issue another priority."""

    states = LIVE
    who = Who.RESPONSIBLE

    priority: Priority
    reason_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class CorrectPlace(IssueCommand):
    """Correct where the problem is."""

    states = LIVE
    who = Who.RESPONSIBLE

    place: Place
    reason_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class ChangeTitle(IssueCommand):
    """Give the issue another internal or public title."""

    states = LIVE
    who = Who.RESPONSIBLE

    title: Title | None = None
    public_title: Title | None = None
    reason_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class AssignCaseworker(IssueCommand):
    """Say who at the own agency handles the issue."""

    states = LIVE
    who = Who.INVOLVED

    user_id: Line


@dataclass(frozen=True, kw_only=True)
class UnassignCaseworker(IssueCommand):
    """Say that nobody at the own agency handles the issue any more."""

    states = LIVE
    who = Who.INVOLVED


def register_record(issue: Issue, command: RegisterRecord, context: Context) -> None:
    """Each agency registers once; a second number would split the record."""
    issue.admit(command, context)
    agency_id = context.actor.agency_id
    context.problems.need(
        command.received_or_created_on is None
        or command.received_or_created_on <= local_day(context.now),
        "received_or_created_on",
        "in_the_future",
        "Dagen ligger i framtiden. Ange när handlingen kom in eller upprättades.",
        "The day lies in the future. State when the record came in or was made.",
    )
    if agency_id in issue.registered:
        raise Conflict(
            "registered_already",
            f"Ärendet är redan diariefört som {issue.registered[agency_id]}.",
            f"The issue is registered already as {issue.registered[agency_id]}.",
            happened="RecordRegistered",
        )
    issue.record(
        RecordRegistered,
        context,
        registry_ref=command.registry_ref,
        agency_id=agency_id,
        received_or_created_on=command.received_or_created_on or local_day(context.occurred_at),
        sender_or_receiver=command.sender_or_receiver,
        subject_sv=command.subject_sv,
    )


def change_category(issue: Issue, command: ChangeCategory, context: Context) -> None:
    """By the responsible agency; the old category stays in the story."""
    issue.admit(command, context)
    check_category(command.category, context)
    _changes(command.category != issue.category, "CategoryChanged")
    issue.record(
        CategoryChanged,
        context,
        from_category=issue.category,
        to_category=command.category,
        reason_sv=command.reason_sv,
    )


def change_priority(issue: Issue, command: ChangePriority, context: Context) -> None:
    """By the responsible agency."""
    issue.admit(command, context)
    _changes(command.priority is not issue.priority, "PriorityChanged")
    issue.record(
        PriorityChanged,
        context,
        from_priority=issue.priority,
        to_priority=command.priority,
        reason_sv=command.reason_sv,
    )


def correct_place(issue: Issue, command: CorrectPlace, context: Context) -> None:
    """By the responsible agency."""
    issue.admit(command, context)
    check_place(command.place, context)
    _changes(command.place != issue.place, "PlaceCorrected")
    issue.record(
        PlaceCorrected,
        context,
        from_place=issue.place,
        to_place=command.place,
        reason_sv=command.reason_sv,
    )


def change_title(issue: Issue, command: ChangeTitle, context: Context) -> None:
    """By the responsible agency; what is not given stays."""
    issue.admit(command, context)
    title = (command.title or issue.title).strip()
    public_title = (command.public_title or issue.public_title).strip()
    _changes((title, public_title) != (issue.title, issue.public_title), "TitleChanged")
    issue.record(
        TitleChanged,
        context,
        from_title=issue.title,
        title=title,
        public_title=public_title,
        reason_sv=command.reason_sv,
    )


def assign(issue: Issue, command: AssignCaseworker, context: Context) -> None:
    """Within the own agency only: nobody hands out another agency's people."""
    issue.admit(command, context)
    agency_id = context.actor.agency_id
    grant = context.agencies.grants.get(command.user_id)
    context.problems.need(
        grant is not None and grant.agency_id == agency_id,
        "user_id",
        "not_of_your_agency",
        "Välj en handläggare i din egen organisation.",
        "Choose a caseworker in your own organisation.",
    )
    _changes(issue.caseworkers.get(agency_id) != command.user_id, "CaseworkerAssigned")
    issue.record(CaseworkerAssigned, context, user_id=command.user_id, agency_id=agency_id)


def unassign(issue: Issue, command: UnassignCaseworker, context: Context) -> None:
    """Within the own agency only."""
    issue.admit(command, context)
    agency_id = context.actor.agency_id
    user_id = issue.caseworkers.get(agency_id)
    if user_id is None:
        raise Conflict(
            "nobody_assigned",
            "Ingen handläggare är tilldelad.",
            "No caseworker is assigned.",
            happened="CaseworkerUnassigned",
        )
    issue.record(CaseworkerUnassigned, context, user_id=user_id, agency_id=agency_id)


def _changes(differs: bool, happened: str) -> None:  # noqa: FBT001  one question, read at the call
    if not differs:
        raise Conflict(
            "nothing_changes",
            "Det står redan så i ärendet.",
            "The issue says so already.",
            happened=happened,
        )
