"""A random life of one issue: any command by anybody at any time, and what must always hold."""

from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from random import Random
from typing import Any

from domain.codes import CloseOutcome, Effect, IssueStatus, ReferralStatus, ReferralType
from domain.command import Command, Who
from domain.envelope import RecordedEvent
from domain.follow_up import RecordFollowUp
from domain.issue import Issue
from domain.lifecycle import CloseIssue
from domain.referral import SendReferral
from domain.refusals import Refused
from domain.values import SYSTEM, Actor, Role
from service.commands import COMMANDS, Row
from tests.domain.command_examples import EXAMPLES
from tests.domain.given import NO_ID, Scene, given_an_issue, of
from tests.domain.matrix import ISSUE_COMMANDS, PLAIN_COMMANDS, REFERRAL_COMMANDS

AGENCIES = ("district", "police", "social", "partner_nordstan")
ENDINGS = ("MergeIssues", "VoidIssue")
GOING_ON = [row.name for row in ISSUE_COMMANDS if row.name not in ENDINGS]
ON_REFERRALS = [row.name for row in REFERRAL_COMMANDS]
PLAIN = [row.name for row in PLAIN_COMMANDS if row.name not in ENDINGS]
LONG_ENOUGH = 40
"""An issue is merged or voided only after so many events: nothing can happen afterwards."""

STATUS_AFTER = {
    "ReferralSent": ReferralStatus.SENT,
    "ReferralAccepted": ReferralStatus.ACCEPTED,
    "ReferralDeclined": ReferralStatus.DECLINED,
    "ReferralInfoRequested": ReferralStatus.INFO_REQUESTED,
    "ReferralInfoProvided": ReferralStatus.SENT,
    "ReferralAnswered": ReferralStatus.COMPLETED,
    "ReferralReturned": ReferralStatus.RETURNED,
    "ReferralWithdrawn": ReferralStatus.WITHDRAWN,
    "ReferralOpened": ReferralStatus.COMPLETED,  # of what was sent for information only
}


class IssueLife:
    """Gives commands and checks the rules that hold whatever was accepted or refused."""

    def __init__(self) -> None:
        self.scene: Scene = given_an_issue()
        self.before = self._seen()

    # --- what happens ----------------------------------------------------------------------------

    def give(self, dice: Random) -> None:
        """Any command by anybody."""
        row = COMMANDS[dice.choice(GOING_ON)]
        self._give(row, dice.choice(AGENCIES), dice.choice(list(Role)), dice)

    def give_what_may_be_given(self, dice: Random) -> None:
        """A command that status, role and agency allow."""
        issue = self.scene.issue
        names = [name for name in PLAIN if issue.status in COMMANDS[name].command.states]
        row = COMMANDS[dice.choice(names)]
        roles = row.roles - {Role.SYSTEM}
        agencies = sorted(issue.involved) if row.command.who != Who.RESPONSIBLE else []
        agency = dice.choice([issue.responsible_agency, *agencies])
        self._give(row, agency, dice.choice(sorted(roles)), dice)

    def send(self, dice: Random) -> None:
        """The responsible agency refers the issue."""
        command = self.scene.send(dice.choice(AGENCIES), dice.choice(list(ReferralType)))
        self._when(command, of(self.scene.issue.responsible_agency))

    def deal_with_a_referral(self, dice: Random) -> None:
        """The one whose turn it is does what the referral's state allows."""
        scene = self.scene
        if not scene.issue.referrals:
            return
        scene.referral_id = dice.choice([*scene.issue.referrals])
        status = scene.referral.status
        names = [n for n in ON_REFERRALS if status in COMMANDS[n].command.referral_states]
        row = COMMANDS[dice.choice(names)]
        sender = row.command.who == Who.SENDER
        agency = scene.referral.from_agency if sender else scene.referral.to_agency
        role = Role.SYSTEM if row.command.who == Who.SYSTEM else Role.CASEWORKER
        self._when(self._command(row, agency, dice), _actor(agency, role))

    def end(self, dice: Random) -> None:
        """The responsible agency merges or voids the issue, once it has lived long enough."""
        if len(self.scene.told) < LONG_ENOUGH:
            return
        self._give(
            COMMANDS[dice.choice(ENDINGS)],
            self.scene.issue.responsible_agency,
            Role.CASEWORKER,
            dice,
        )

    def wait(self, dice: Random) -> None:
        """Time passes."""
        self.scene.later(hours=dice.randint(1, 24 * 20))

    def _give(self, row: Row, agency: str, role: Role, dice: Random) -> None:
        issue = self.scene.issue
        self.scene.referral_id = dice.choice([*issue.referrals, NO_ID])
        self.scene.action_id = dice.choice([*issue.actions, NO_ID])
        self._when(self._command(row, agency, dice), _actor(agency, role))

    def _when(self, command: Command, actor: Actor) -> None:
        self.before = self._seen()
        self.scene.when(command, actor)

    def _command(self, row: Row, agency: str, dice: Random) -> Command:
        scene = self.scene
        if row.command is SendReferral:
            type_ = dice.choice(list(ReferralType))
            return scene.send(dice.choice(AGENCIES), type_)
        if row.command is CloseIssue:
            outcome = dice.choice(list(CloseOutcome))
            return scene.on_issue(CloseIssue, outcome=outcome, summary_sv="Klart.")
        if row.command is RecordFollowUp:
            effect = dice.choice(list(Effect))
            again = scene.now + timedelta(days=9) if effect is Effect.TOO_EARLY else None
            return scene.on_issue(
                RecordFollowUp, effect=effect, evidence_sv="11 blev 4.", next_follow_up_at=again
            )
        return EXAMPLES[row.command].give(scene, agency)

    def _seen(self) -> tuple[str, int]:
        return self.scene.issue.responsible_agency, self.scene.issue.version

    steps = (
        give,
        give_what_may_be_given,
        give_what_may_be_given,
        send,
        deal_with_a_referral,
        deal_with_a_referral,
        deal_with_a_referral,
        end,
        wait,
    )
    """What may happen next; twice or thrice what would otherwise be rare."""

    # --- what must hold --------------------------------------------------------------------------

    def one_authority_is_responsible_and_only_an_answer_moves_that(self) -> None:
        """R1, R7: exactly one, moved only by accepting or returning a transfer."""
        responsible, _ = self._seen()
        assert self.scene.agencies.is_authority(responsible)
        if responsible != self.before[0]:
            topics = [type(event).__name__ for event in self.scene.events]
            assert topics in (
                ["ReferralAccepted", "ResponsibilityTransferred"],
                ["ReferralReturned", "ResponsibilityTransferred"],
            )

    def at_most_one_transfer_is_open(self) -> None:
        """R2; and only what the responsible agency sent."""
        open_ones = [
            each for each in self.scene.issue.open_referrals() if each.type is ReferralType.TRANSFER
        ]
        assert len(open_ones) <= 1
        assert all(each.from_agency == self.scene.issue.responsible_agency for each in open_ones)

    def nothing_is_left_open_in_what_is_closed(self) -> None:
        """R11, and what was accepted is completed."""
        issue = self.scene.issue
        if issue.status is IssueStatus.CLOSED:
            assert not issue.open_referrals()
            assert not issue.open_actions()
            statuses = {each.status for each in issue.referrals.values()}
            assert ReferralStatus.ACCEPTED not in statuses

    def a_refusal_records_nothing(self) -> None:
        """And tells why in both languages."""
        refusal: Refused | None = self.scene.refusal
        if refusal is not None:
            assert self.scene.events == []
            assert self._seen() == self.before
            assert refusal.sv
            assert refusal.en

    def replaying_gives_the_same_issue(self) -> None:
        replayed: Any = reduce(lambda issue, event: event.mutate(issue), self._events(), None)
        assert isinstance(replayed, Issue)
        assert replayed == self.scene.issue

    def versions_have_no_gap(self) -> None:
        versions = [event.originator_version for event in self._events()]
        assert versions == list(range(1, self.scene.issue.version + 1))

    def each_referral_knows_what_happened_last(self) -> None:
        """R13: what the one who comes too late is told is what happened."""
        issue = self.scene.issue
        for referral in issue.referrals.values():
            told = [
                event
                for event in self._events()
                if getattr(event, "referral_id", None) == referral.referral_id
                and type(event).__name__ in STATUS_AFTER
                and (
                    type(event).__name__ != "ReferralOpened" or referral.type is ReferralType.INFORM
                )
            ]
            last = type(told[-1]).__name__
            assert referral.last_event == last
            assert referral.last_agency == told[-1].actor.agency_id
            assert referral.last_at == told[-1].occurred_at
            passed_on = (ReferralStatus.ACCEPTED, ReferralStatus.COMPLETED)
            assert referral.status is STATUS_AFTER[last] or (
                (STATUS_AFTER[last], referral.status) == passed_on
            )

    def it_bounces_by_the_rule(self) -> None:
        """R8: three declines, or sent again to one that pushed it back."""
        topics = [type(event).__name__ for event in self._events()]
        bounces = any(getattr(event, "bounces", False) for event in self._events())
        assert self.scene.issue.ping_pong == (bounces or topics.count("ReferralDeclined") >= 3)

    def check(self) -> None:
        """Everything that must hold, whatever happened."""
        self.one_authority_is_responsible_and_only_an_answer_moves_that()
        self.at_most_one_transfer_is_open()
        self.nothing_is_left_open_in_what_is_closed()
        self.a_refusal_records_nothing()
        self.replaying_gives_the_same_issue()
        self.versions_have_no_gap()
        self.each_referral_knows_what_happened_last()
        self.it_bounces_by_the_rule()

    def _events(self) -> Iterator[RecordedEvent]:
        return (e for e in self.scene.told if e.originator_id == self.scene.issue_id)


def _actor(agency: str, role: Role) -> Actor:
    return SYSTEM if role is Role.SYSTEM else of(agency, role)
