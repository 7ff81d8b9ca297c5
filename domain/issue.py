"""An issue, one place and problem that several agencies share: its state and who may act."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.utils import register_topic

from domain.action_state import Action
from domain.categories import CATEGORIES
from domain.codes import IssueStatus, Priority
from domain.command import Command, Who
from domain.context import Context
from domain.envelope import Recorded, RecordedEvent
from domain.labels import label
from domain.referral_state import Referral
from domain.refusals import Conflict, NotAllowed, NotFound
from domain.values import Actor, Place, Role

PING_PONG_DECLINES = 3
"""R8: so many declines make an issue bounce."""


class Issue(Recorded):
    """The consistency boundary: referrals, actions, follow-ups and notes live inside it."""

    class Event(RecordedEvent):
        """An event of an issue."""

    def __init__(self) -> None:
        self.event_agencies: dict[UUID, str] = {}
        self.number = ""
        self.title = ""
        self.public_title = ""
        self.category = ""
        self.priority = Priority.MEDIUM
        self.place = Place(name="")
        self.status = IssueStatus.NEW
        self.status_before_parking = IssueStatus.NEW
        self.parked_until: datetime | None = None
        self.registering_agency = ""
        self.responsible_agency = ""
        self.involved: set[str] = set()
        self.report_ids: list[UUID] = []
        self.caseworkers: dict[str, str] = {}
        self.registered: dict[str, str] = {}
        self.referrals: dict[UUID, Referral] = {}
        self.actions: dict[UUID, Action] = {}
        self.unassessed_since: datetime | None = None
        self.assessed_since_open = False
        self.follow_up_due: datetime | None = None
        self.follow_up_agency: str | None = None
        self.secrecy_marks: dict[str, str] = {}
        self.pushed_back_by: list[str] = []
        self.declines = 0
        self.bounced = False
        self.proposals = 0

    def registered_by(self, context: Context) -> str:
        """L13: the issue is registered by the authority that made it available."""
        return self.registering_agency

    @property
    def ping_pong(self) -> bool:
        """R8: sent again to an agency that pushed it back, or declined three times."""
        return self.bounced or self.declines >= PING_PONG_DECLINES

    def activate(self) -> None:
        """Work has begun: a new issue becomes active, one in follow-up goes back to work.

        A parked one rests on, and is active when it is resumed.
        """
        if self.status in (IssueStatus.NEW, IssueStatus.FOLLOW_UP):
            self.status = IssueStatus.ACTIVE
        elif self.status is IssueStatus.PARKED:
            self.status_before_parking = IssueStatus.ACTIVE

    def open_referrals(self) -> list[Referral]:
        """Referrals that still wait for an answer; `inform` never does."""
        return [referral for referral in self.referrals.values() if referral.is_open]

    def open_actions(self) -> list[Action]:
        """Actions that are planned and neither performed nor cancelled."""
        return [action for action in self.actions.values() if action.is_planned]

    def admit(self, command: Command, context: Context) -> None:
        """Refuse a command in the wrong state or from an agency that may not give it.

        Raises:
            NotAllowed: the actor's agency may not do this here.
            Conflict: the issue's status does not allow it.
        """
        self._admit_agency(command, context)
        if self.status not in command.states:
            state = label(self.status)
            raise Conflict(
                "wrong_issue_status",
                f"Ärendet har status {state.sv}. Det går inte att göra detta då.",
                f"The issue has the status {state.en}. This cannot be done then.",
                happened=self.status.value,
            )

    def referral(self, referral_id: UUID, command: Command, context: Context) -> Referral:
        """The referral a command is about, if its state and the actor's agency allow the command.

        Raises:
            NotFound: there is no such referral.
            NotAllowed: the actor's agency is neither the one that sent it nor the one asked.
            Conflict: the referral was answered or withdrawn already (R13).
        """
        referral = self.referrals.get(referral_id)
        if referral is None:
            raise NotFound(
                "no_such_referral",
                "Överlämningen finns inte i ärendet.",
                "There is no such referral in the issue.",
            )
        actor = context.actor
        if command.who != Who.SYSTEM and actor.role is not Role.SYSTEM:
            wanted = referral.from_agency if command.who == Who.SENDER else referral.to_agency
            if not context.agencies.acts_for(actor.agency_id, wanted, context.now):
                raise _only(wanted, context)
        if referral.status not in command.referral_states:
            raise referral.conflict(context)
        return referral

    def _has_a_part(self, actor: Actor, context: Context) -> bool:
        """Whether the actor's agency, or one it succeeded, has or had a part in the issue."""
        return actor.agency_id in self.involved or any(
            context.agencies.acts_for(actor.agency_id, each, context.now) for each in self.involved
        )

    def _admit_agency(self, command: Command, context: Context) -> None:
        actor = context.actor
        if actor.role is Role.SYSTEM:
            return
        if command.who == Who.SYSTEM:
            raise NotAllowed(
                "system_only",
                "Det här gör systemet självt när tiden är inne.",
                "The system does this by itself when the time comes.",
                who_may=(Role.SYSTEM.value,),
            )
        if command.who in (Who.RECEIVER, Who.SENDER):
            return  # decided by the referral, which may have been sent to a partner (R3)
        responsible = self.responsible_agency
        acts = context.agencies.acts_for(actor.agency_id, responsible, context.now)
        if command.who == Who.RESPONSIBLE and not acts:
            raise _only(responsible, context)
        context.agencies.require_authority(actor, context.now)
        category = CATEGORIES.get(self.category)
        restricted = category is not None and category.restricted
        if (restricted or command.who == Who.INVOLVED) and not self._has_a_part(actor, context):
            raise NotAllowed(
                "not_involved",
                "Bara aktörer som har eller har haft del i ärendet kan göra detta.",
                "Only agencies that have or had a part in the issue can do this.",
                who_may=tuple(sorted(self.involved)),
            )


def _only(agency_id: str, context: Context) -> NotAllowed:
    """Only this agency or, once it has ended, the one that acts in its place."""
    heir = context.agencies.heir(agency_id, context.now)
    if heir is not None and heir != agency_id:
        agencies = context.agencies
        return NotAllowed(
            "other_agency",
            f"{agencies.name_sv(agency_id)} finns inte längre. "
            f"Bara {agencies.name_sv(heir)} kan göra detta.",
            f"{agencies.name_en(agency_id)} no longer exists. "
            f"Only {agencies.name_en(heir)} can do this.",
            who_may=(heir,),
        )
    return NotAllowed(
        "other_agency",
        f"Bara {context.agencies.name_sv(agency_id)} kan göra detta.",
        f"Only {context.agencies.name_en(agency_id)} can do this.",
        who_may=(agency_id,),
    )


register_topic("Issue", Issue)


@dataclass(frozen=True, kw_only=True)
class IssueCommand(Command):
    """A command on one issue."""

    issue_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReferralCommand(IssueCommand):
    """A command on one referral of an issue."""

    referral_id: UUID
