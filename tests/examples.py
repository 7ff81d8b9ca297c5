"""Shared examples: the presets' users, a started program on a clock of our own, usual steps."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.action import PerformAction
from domain.answer import AcceptReferral, DeclineReferral
from domain.classification import AssignCaseworker
from domain.codes import ActionType, CloseOutcome, DeclineReason, Effect, ReferralType
from domain.command import Command
from domain.follow_up import RecordFollowUp
from domain.lifecycle import CloseIssue
from domain.opening import OpenIssue
from domain.preset_users import USERS
from domain.referral import SendReferral
from domain.report import ReceiveReport
from domain.values import Actor, Place
from domain.working_days import LOCAL_ZONE
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from service.assembly import Samsyn, assemble
from service.policies import Policies
from service.preset import load_preset
from service.receipt import Receipt

ACTORS = {
    user.user_id: Actor(user_id=user.user_id, agency_id=user.agency_id, role=user.role)
    for user in USERS
}
"""The invented users of both presets by user id."""

BRUNNSPARKEN = Place(name="Brunnsparken", place_id="brunnsparken", lat=57.7071, lon=11.9672)


def actor(user_id: str) -> Actor:
    """One of the presets' users."""
    return ACTORS[user_id]


def local(text: str) -> datetime:
    """A time as the stories write it ("2026-01-12 08:15", Europe/Stockholm), in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, start: str = "2026-01-12 08:15") -> None:
        self.now = local(start)

    def __call__(self) -> datetime:
        return self.now

    def set(self, text: str) -> None:
        """Set it to a local time."""
        self.now = local(text)

    def advance(self, **by: float) -> None:
        """Let time pass: `advance(hours=3)`."""
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Started:
    """A started program, its clock, and short ways to do usual things."""

    samsyn: Samsyn
    clock: Clock

    def execute(self, command: Command, by: str = "u-dis-01", key: str | None = None) -> Receipt:
        """Carry out a command as one of the presets' users."""
        return self.samsyn.execution.execute(command, actor(by), key)

    def create(self, command: Command, by: str = "u-dis-01") -> UUID:
        """Carry out a command that creates something; gives its id."""
        created_id = self.execute(command, by).created_id
        assert created_id is not None
        return created_id

    def catch_up(self) -> None:
        """Bring every projection to the head of the log; a fold that fails is raised."""
        runner, head = self.samsyn.runner, self.samsyn.casework.head()
        if not runner.catch_up(until=head):
            raise next(each.stopped.exception for each in runner.status(head) if each.stopped)

    def act(self) -> None:
        """Do all that the system does by itself by now, and bring every projection to it."""
        self.catch_up()
        while Policies(self.samsyn).run():
            self.catch_up()


def policies_at_rest() -> int:
    """What a worker beside a test does by itself: nothing, or it would come between two pages.

    A test that is about what the system does says when: `Started.act`.
    """
    return 0


@contextmanager
def a_started_samsyn(
    database_url: str,
    clock: Clock | None = None,
    projections: Sequence[Projection] = PROJECTIONS,
    read_url: str | None = None,
    redis_url: str | None = None,
) -> Generator[Started]:
    """The program on an empty database, with the preset `today` loaded."""
    clock = clock or Clock()
    samsyn = assemble(database_url, projections, clock, redis_url, read_url=read_url)
    try:
        load_preset(samsyn.execution, "today")
        yield Started(samsyn, clock)
    finally:
        samsyn.close()


def receive_report(**changes: object) -> ReceiveReport:
    """A report of what happens at Brunnsparken, with whatever is said otherwise."""
    data: dict[str, object] = {
        "text": "Butikspersonal berättar att det säljs narkotika öppet vid bänkarna.",
        "place": BRUNNSPARKEN,
    }
    return ReceiveReport(**(data | changes))  # type: ignore[arg-type]  # checked by the command


def open_issue(**changes: object) -> OpenIssue:
    """The first story's issue, with whatever is said otherwise."""
    data: dict[str, object] = {
        "public_title": "Otrygghet vid Brunnsparken",
        "category": "drug_dealing",
        "place": BRUNNSPARKEN,
    }
    return OpenIssue(**(data | changes))  # type: ignore[arg-type]  # checked by the command


def send_referral(issue_id: UUID, to: str = "police", **changes: object) -> SendReferral:
    """A transfer with its reason and wish, or what else is said."""
    data: dict[str, object] = {
        "issue_id": issue_id,
        "type": ReferralType.TRANSFER,
        "to_agency": to,
        "question_sv": "Brottsbekämpning är polisens uppdrag.",
        "wanted_sv": "Närvaro och riktade insatser kl. 15-19.",
    }
    return SendReferral(**(data | changes))  # type: ignore[arg-type]  # checked by the command


def accept(issue_id: UUID, referral_id: UUID) -> AcceptReferral:
    return AcceptReferral(issue_id=issue_id, referral_id=referral_id)


def decline(issue_id: UUID, referral_id: UUID) -> DeclineReferral:
    return DeclineReferral(
        issue_id=issue_id,
        referral_id=referral_id,
        reason_code=DeclineReason.NOT_OUR_MANDATE,
        reason_sv="Det här ingår inte i vårt uppdrag, tyvärr.",
    )


def followed_up(issue_id: UUID, effect: Effect = Effect.IMPROVED, **more: object) -> RecordFollowUp:
    return RecordFollowUp(
        issue_id=issue_id,
        effect=effect,
        evidence_sv="Färre rapporter än tidigare.",
        **more,  # type: ignore[arg-type]  # checked by the command
    )


def closed(issue_id: UUID, outcome: CloseOutcome = CloseOutcome.RESOLVED) -> CloseIssue:
    return CloseIssue(issue_id=issue_id, outcome=outcome, summary_sv="Läget är lugnt igen.")


def performed(
    issue_id: UUID, kind: ActionType = ActionType.CLEANING, action_id: UUID | None = None
) -> PerformAction:
    return PerformAction(issue_id=issue_id, action_type=kind, action_id=action_id)


def a_report(started: Started, by: str = "u-con-01", **changes: object) -> UUID:
    """A received report; gives its id."""
    return started.create(receive_report(**changes), by)


def an_open_issue(started: Started, by: str = "u-dis-01", **changes: object) -> UUID:
    """An issue of the agency that opens it; gives its id."""
    return started.create(open_issue(**changes), by)


def a_sent_referral(
    started: Started, to: str = "police", by: str = "u-dis-01", **changes: object
) -> tuple[UUID, UUID]:
    """A new issue with one referral that waits for an answer; gives both ids."""
    issue_id = an_open_issue(started, by)
    return issue_id, started.create(send_referral(issue_id, to, **changes), by)


def an_assigned_issue(started: Started, by: str = "u-dis-01") -> UUID:
    """An issue whose opener handles it."""
    issue_id = an_open_issue(started, by)
    started.execute(AssignCaseworker(issue_id=issue_id, user_id=by), by)
    return issue_id
