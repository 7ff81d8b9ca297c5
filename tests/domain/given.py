"""Given, when, then without a database: issues and reports in memory, a clock that is set."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Self
from uuid import UUID

from domain.access_review import AccessReview
from domain.action import ActionPerformed, ActionPlanned
from domain.agencies import Agencies, Agency, Area, Grant, NamedPlace
from domain.answer import AcceptReferral
from domain.codes import ReferralType
from domain.command import Command
from domain.context import Context, context_of
from domain.directory import Directory
from domain.envelope import Recorded, RecordedEvent
from domain.issue import Issue
from domain.opening import IssueOpened, OpenIssue
from domain.presets import PRESETS
from domain.referral import ReferralSent, SendReferral
from domain.referral_state import Referral
from domain.refusals import Invalid, Refused
from domain.report import ReceiveReport, Report, ReportReceived
from domain.values import SYSTEM, Actor, Place, Role
from infra.holidays import SwedishCalendar
from service.commands import BY_CLASS, Row, Target
from tests.clock import START

CALENDAR = SwedishCalendar()
NO_ID = UUID(int=0)
USERS = {user.user_id: user for user in PRESETS["today"].users}


def directory_of(name: str = "today") -> Agencies:
    """What the directory holds once a preset is loaded."""
    preset = PRESETS[name]
    return Agencies(
        agencies={
            each.agency_id: Agency(
                agency_id=each.agency_id,
                name_sv=each.name_sv,
                name_en=each.name_en,
                kind=each.kind,
                secrecy_domain=each.secrecy_domain,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
                successor_id=each.successor_id,
                intake_only=each.intake_only,
            )
            for each in preset.agencies
        },
        areas={
            each.area_id: Area(
                area_id=each.area_id,
                name_sv=each.name_sv,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
            )
            for each in preset.areas
        },
        places={
            each.place_id: NamedPlace(
                place_id=each.place_id,
                name=each.name,
                lat=each.lat,
                lon=each.lon,
                area_id=each.area_id,
            )
            for each in preset.places
        },
        grants={
            each.user_id: Grant(user_id=each.user_id, agency_id=each.agency_id, role=each.role)
            for each in preset.users
        },
    )


def of(agency_id: str, role: Role = Role.CASEWORKER) -> Actor:
    """Somebody at an agency."""
    return Actor(user_id=f"u-{agency_id}", agency_id=agency_id, role=role)


def named(who: "str | Actor") -> Actor:
    """A user of the presets, a caseworker of the agency of that id, or the system."""
    if isinstance(who, Actor):
        return who
    if who == "system":
        return SYSTEM
    if who in USERS:
        return Actor(user_id=who, agency_id=USERS[who].agency_id, role=USERS[who].role)
    return of(who)


@dataclass
class Scene:
    """The world of one test: what was recorded so far, and what became of the last command."""

    now: datetime = START
    agencies: Agencies = field(default_factory=directory_of)
    ids: "count[int]" = field(default_factory=lambda: count(1))
    issues: dict[UUID, Issue] = field(default_factory=dict)
    reports: dict[UUID, Report] = field(default_factory=dict)
    directory: Directory | None = None
    reviews: dict[UUID, AccessReview] = field(default_factory=dict)
    issue_id: UUID = NO_ID
    report_id: UUID = NO_ID
    referral_id: UUID = NO_ID
    action_id: UUID = NO_ID
    told: list[RecordedEvent] = field(default_factory=list)
    events: list[RecordedEvent] = field(default_factory=list)
    refusal: Refused | None = None
    created: Any = None

    @property
    def issue(self) -> Issue:
        """The issue the test is about: the last one opened."""
        return self.issues[self.issue_id]

    @property
    def report(self) -> Report:
        """The report received last."""
        return self.reports[self.report_id]

    @property
    def referral(self) -> Referral:
        """The referral sent last."""
        return self.issue.referrals[self.referral_id]

    def later(self, **by: float) -> Self:
        """Let time pass: `later(hours=3)`."""
        self.now += timedelta(**by)
        return self

    def at(self, moment: datetime) -> Self:
        """Set the clock."""
        self.now = moment
        return self

    # --- given -----------------------------------------------------------------------------------

    def given(self, command: Command, by: str | Actor = "district") -> Self:
        """Something that happened before; it must not be refused."""
        self.when(command, by)
        assert self.refusal is None, f"{type(command).__name__}: {self.refusal}"
        return self

    def with_a_report(self, by: str | Actor = "u-con-01", **changes: Any) -> Self:
        return self.given(receive_report(**changes), by)

    def with_a_referral(
        self,
        to: str,
        type_: ReferralType = ReferralType.TRANSFER,
        by: str | Actor = "district",
        **changes: Any,
    ) -> Self:
        return self.given(self.send(to, type_, **changes), by)

    def with_a_transfer_to(self, to: str, by: str | Actor = "district", **changes: Any) -> Self:
        return self.with_a_referral(to, ReferralType.TRANSFER, by, **changes)

    def accepted(self) -> Self:
        """The last referral's receiver takes it over."""
        return self.given(self.on_referral(AcceptReferral), self.referral.to_agency)

    # --- commands on what is there ---------------------------------------------------------------

    def send(
        self, to: str, type_: ReferralType = ReferralType.TRANSFER, **changes: Any
    ) -> SendReferral:
        """A referral of the last issue with everything its type asks for."""
        data: dict[str, Any] = {"issue_id": self.issue_id, "type": type_, "to_agency": to}
        if type_ is not ReferralType.INFORM:
            data["question_sv"] = "Frågan ingår i ert uppdrag, inte i vårt."
            data["wanted_sv"] = "Närvaro kl. 15-19."
        if type_ is ReferralType.CONSULT:
            data["respond_by"] = self.now + timedelta(days=14)
        return SendReferral(**(data | changes))

    def on_issue(self, command: Callable[..., Command], **data: Any) -> Command:
        """A command on the last issue."""
        return command(issue_id=self.issue_id, **data)

    def on_referral(self, command: Callable[..., Command], **data: Any) -> Command:
        """A command on the last referral of the last issue."""
        return command(issue_id=self.issue_id, referral_id=self.referral_id, **data)

    def on_report(self, command: Callable[..., Command], **data: Any) -> Command:
        """A command on the last report."""
        return command(report_id=self.report_id, **data)

    # --- when ------------------------------------------------------------------------------------

    def when(self, command: Command, by: str | Actor = "district") -> Self:
        """Give a command as the table of commands says: role first, then the decision."""
        row = BY_CLASS[type(command)]
        before = {each.id: each.version for each in self._all()}
        self.events, self.refusal, self.created = [], None, None
        try:
            self.created = self._decide(row, command, named(by))
        except Refused as refused:
            self.refusal = refused
            assert {each.id: each.version for each in self._all()} == before, "refused, yet changed"
            return self
        self.events = [event for each in self._all() for event in _collected(each)]
        self.told += self.events
        self._notice()
        return self

    def _decide(self, row: Row, command: Any, actor: Actor) -> Any:
        row.admit(actor)
        target = self._target(row, command)
        context = self.context(command, actor)
        match row.target:
            case Target.NEW_REPORT:
                report = row.decision(command, context)
                self.reports[report.id] = report
                return report.id
            case Target.ACCESS_REVIEW:
                review = row.decision(target, command, context)
                self.reviews[review.id] = review
                return review.id
            case Target.NEW_ISSUE:
                number = command.number or f"TIC-2026-{len(self.issues) + 42:05d}"
                issue = row.decision(command, context, number)
                self.issues[issue.id] = issue
                return issue.id
            case _:
                if target is None:
                    target = self.directory = Directory.started_by(context)
                return row.decision(target, command, context)

    def context(self, command: Any, actor: Actor) -> Context:
        """What the decision is told besides the command."""
        row = BY_CLASS[type(command)]
        target = self._target(row, command)
        return context_of(
            command,
            actor=actor,
            now=self.now,
            new_id=lambda: UUID(int=next(self.ids)),
            agencies=target.content if isinstance(target, Directory) else self.agencies,
            calendar=CALENDAR,
            reports={id_: self.reports[id_] for id_ in row.reports(command, target)},
            issues={
                id_: self.issues[id_] for id_ in row.issues(command, target) if id_ in self.issues
            },
        )

    def _target(self, row: Row, command: Any) -> Recorded | None:
        match row.target:
            case Target.ISSUE:
                return self.issues[command.issue_id]
            case Target.REPORT:
                return self.reports[command.report_id]
            case Target.DIRECTORY:
                return self.directory
            case Target.ACCESS_REVIEW:
                return self.reviews.get(command.stream_id)
            case _:
                return None

    def _all(self) -> Iterable[Recorded]:
        yield from self.reports.values()
        yield from self.issues.values()
        yield from self.reviews.values()
        if self.directory is not None:
            yield self.directory

    def _notice(self) -> None:
        """Keep the ids of what came to be: the test speaks of the last issue, referral, action."""
        for event in self.events:
            match event:
                case ReportReceived():
                    self.report_id = event.originator_id
                case IssueOpened():
                    self.issue_id = event.originator_id
                case ReferralSent():
                    self.referral_id = event.referral_id
                case ActionPlanned() | ActionPerformed():
                    self.action_id = event.action_id
                case _:
                    pass

    # --- then ------------------------------------------------------------------------------------

    def then(self, *topics: type[RecordedEvent], **fields: Any) -> Any:
        """The command recorded these events, the last one with these fields; gives the last."""
        assert self.refusal is None, repr(self.refusal)
        assert [type(event) for event in self.events] == list(topics)
        last = self.events[-1]
        assert {name: getattr(last, name) for name in fields} == fields
        return last

    def then_refused(self, kind: type[Refused], code: str, **attributes: Any) -> Refused:
        """The command was refused so, in Swedish and English, and recorded nothing."""
        refusal = self.refusal
        assert refusal is not None, f"recorded {self.events}"
        assert (type(refusal), refusal.code) == (kind, code), repr(refusal)
        assert refusal.sv
        assert refusal.en
        assert refusal.sv != refusal.en
        assert {name: getattr(refusal, name) for name in attributes} == attributes
        return refusal

    def then_bad(self, *fields_and_codes: tuple[str, str]) -> Self:
        """The command was refused for exactly these fields, each with its code."""
        assert isinstance(self.refusal, Invalid), self.refusal or self.events
        assert [(e.field, e.code) for e in self.refusal.errors] == list(fields_and_codes)
        assert all(e.sv and e.en and e.sv != e.en for e in self.refusal.errors)
        return self


def _collected(aggregate: Recorded) -> list[RecordedEvent]:
    return [event for event in aggregate.collect_events() if isinstance(event, RecordedEvent)]


def receive_report(**changes: Any) -> ReceiveReport:
    """A report of something at Brunnsparken, with whatever is said otherwise."""
    data: dict[str, Any] = {
        "text": "Det säljs narkotika öppet vid bänkarna mot kanalen.",
        "place": BRUNNSPARKEN,
        "receiving_agency": "district",
    }
    return ReceiveReport(**(data | changes))


def open_issue(**changes: Any) -> OpenIssue:
    """The first story's issue, with whatever is said otherwise."""
    data: dict[str, Any] = {
        "public_title": "Otrygghet vid Brunnsparken",
        "category": "noise",
        "priority": None,
        "place": BRUNNSPARKEN,
    }
    return OpenIssue(**(data | changes))


def given_nothing() -> Scene:
    """A directory with the preset of today and nothing else."""
    return Scene()


def given_an_issue(by: str | Actor = "district", **changes: Any) -> Scene:
    """A new issue of the agency that opened it."""
    return Scene().given(open_issue(**changes), by)


def given_a_report(by: str | Actor = "u-con-01", **changes: Any) -> Scene:
    """A report that nobody has dealt with."""
    return Scene().with_a_report(by, **changes)


BRUNNSPARKEN = Place(name="Brunnsparken", place_id="brunnsparken", lat=57.7071, lon=11.9672)
