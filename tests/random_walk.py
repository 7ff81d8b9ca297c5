"""A random walk through the real commands: every kind of event, in orders nobody thought of."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from uuid import UUID

from domain.action import CancelAction, PerformAction, PlanAction
from domain.answer import AnswerReferral, ProvideReferralInfo, RequestReferralInfo
from domain.classification import (
    AssignCaseworker,
    ChangeCategory,
    ChangePriority,
    ChangeTitle,
    CorrectPlace,
    UnassignCaseworker,
)
from domain.codes import (
    ActionType,
    CloseOutcome,
    DeclineReason,
    DismissReason,
    Effect,
    Priority,
    ReferralType,
)
from domain.command import Command
from domain.follow_up import ScheduleFollowUp
from domain.issue import Issue
from domain.lifecycle import MergeIssues, ParkIssue, ResumeIssue, VoidIssue
from domain.notes import AddNote, MarkSecrecy, RemoveSecrecyMark
from domain.opening import LinkReport, ReopenIssue
from domain.referral import OpenReferral, WithdrawReferral
from domain.refusals import Refused
from domain.report import DismissReport, ReviseReport, SendFeedback
from domain.responsibility import ProposeResponsibility, ReturnReferral
from domain.values import Place
from domain.working_days import LOCAL_ZONE
from service.policies import Policies
from tests.examples import (
    Started,
    accept,
    actor,
    closed,
    decline,
    followed_up,
    open_issue,
    receive_report,
    send_referral,
)

CASEWORKERS = ("u-dis-01", "u-soc-01", "u-pol-01", "u-env-01", "u-cit-01", "u-con-01")
ELSEWHERE = (*CASEWORKERS, "u-coo-01", "u-reg-01", "u-man-01", "u-pol-02")
AGENCIES = ("district", "social", "police", "environment", "city_env", "partner_guards")
CATEGORIES = ("graffiti", "drug_dealing", "extremism", "needles")
HOURS = (0, 0, 0.1, 0.1, 0.5, 1, 1, 4, 20, 60)
WORDS = "Det står olika saker här, varje gång lika långt och lika tomt."


class Walk:
    """Takes random steps; the same dice take the same steps."""

    def __init__(self, started: Started, seed: int) -> None:
        self._started = started
        self._dice = Random(seed)
        self._policies = Policies(started.samsyn)
        self.issues: list[UUID] = []
        self.reports: list[UUID] = []
        self.refused = 0

    def steps(self, count: int, each: Callable[[], None] = lambda: None) -> None:
        """Take so many steps; `each` is called after every one."""
        for _ in range(count):
            self._started.clock.advance(hours=self._dice.choice(HOURS))
            if self._dice.random() < 0.1:
                self._policies.run()
            else:
                self._step()
            each()

    def _step(self) -> None:
        dice = self._dice
        if len(self.issues) < 3 or dice.random() < 0.04:
            reports = tuple(dice.sample(self.reports, k=min(len(self.reports), 1)))
            command: Command = open_issue(
                category=dice.choice(CATEGORIES),
                priority=dice.choice([*Priority, None]),
                report_ids=reports,
            )
            self._try(command, dice.choice(CASEWORKERS), self.issues)
        elif dice.random() < 0.05:
            command = receive_report(
                category=dice.choice([*CATEGORIES, None]),
                receiving_agency=dice.choice(AGENCIES),
                wants_reply=dice.random() < 0.3,
            )
            self._try(command, dice.choice(ELSEWHERE), self.reports)
        elif self.reports and dice.random() < 0.08:
            self._try(self._on_report(dice.choice(self.reports)), dice.choice(CASEWORKERS))
        else:
            issue: Issue = self._started.samsyn.casework.repository.get(
                dice.choice(self.issues[-8:])
            )
            self._try(*self._on_issue(issue))

    def _of(self, agency_id: str) -> str:
        """Mostly a caseworker of the agency, sometimes somebody else."""
        if self._dice.random() < 0.15:
            return self._dice.choice(ELSEWHERE)
        return next(
            (each for each in CASEWORKERS if actor(each).agency_id == agency_id), "u-coo-01"
        )

    def _try(self, command: Command, by: str, created: list[UUID] | None = None) -> None:
        try:
            receipt = self._started.execute(command, by)
        except Refused:
            self.refused += 1
            return
        if created is not None and receipt.created_id is not None:
            created.append(receipt.created_id)

    def _on_report(self, report_id: UUID) -> Command:
        dice = self._dice
        return dice.choice(
            [
                DismissReport(report_id=report_id, reason=dice.choice([*DismissReason])),
                SendFeedback(report_id=report_id, text_sv="Tack, vi tittar på det."),
                ReviseReport(
                    report_id=report_id,
                    text=f"{WORDS} {dice.randrange(9)}",
                    place=Place(name="Heden"),
                    category=dice.choice([*CATEGORIES, None]),
                ),
                LinkReport(report_id=report_id, issue_id=dice.choice(self.issues)),
            ]
        )

    def _on_issue(self, issue: Issue) -> tuple[Command, str]:
        dice = self._dice
        what = dice.choices(
            [self._referral, self._answer, self._life, self._action, self._words],
            [4, 12, 2, 5, 4],
        )[0]
        if what == self._answer and issue.referrals:
            return self._answer(issue)
        who = self._of(issue.responsible_agency)
        if what != self._life and dice.random() < 0.5:
            who = self._of(dice.choice(sorted(issue.involved)))
        if what == self._answer:
            return self._referral(issue, who), who
        if what == self._words and dice.random() < 0.2:
            who = "u-coo-01"
        return what(issue, who), who  # type: ignore[operator]  # the others take both

    def _referral(self, issue: Issue, _who: str) -> Command:
        kind = self._dice.choice([*ReferralType, ReferralType.TRANSFER])
        later = self._started.clock.now + timedelta(days=self._dice.randrange(1, 20))
        return send_referral(
            issue.id,
            self._dice.choice(AGENCIES),
            type=kind,
            respond_by=later if kind is ReferralType.CONSULT else None,
        )

    def _answer(self, issue: Issue) -> tuple[Command, str]:
        dice, i = self._dice, issue.id
        waiting = [each.referral_id for each in issue.open_referrals()]
        r = dice.choice(waiting if waiting and dice.random() < 0.7 else [*issue.referrals][-4:])
        referral = issue.referrals[r]
        asked = referral.info_asked_at is not None
        if asked or dice.random() < 0.1:
            by_sender = [
                WithdrawReferral(issue_id=i, referral_id=r),
                ProvideReferralInfo(issue_id=i, referral_id=r, answer_sv=WORDS),
                ProvideReferralInfo(issue_id=i, referral_id=r, answer_sv=WORDS),
            ]
            return dice.choice(by_sender), self._of(referral.from_agency)
        by_receiver = [
            accept(i, r),
            accept(i, r),
            decline(i, r),
            RequestReferralInfo(issue_id=i, referral_id=r, question_sv=WORDS),
            AnswerReferral(issue_id=i, referral_id=r, answer_sv=WORDS),
            AnswerReferral(issue_id=i, referral_id=r, answer_sv=WORDS),
            OpenReferral(issue_id=i, referral_id=r),
            ReturnReferral(
                issue_id=i, referral_id=r, reason_code=DeclineReason.OTHER, reason_sv=WORDS
            ),
        ]
        return dice.choice(by_receiver), self._of(referral.to_agency)

    def _life(self, issue: Issue, _who: str) -> Command:
        dice, id_ = self._dice, issue.id
        until = self._started.clock.now + timedelta(days=dice.randrange(1, 9))
        if dice.random() < 0.2:
            return dice.choice(
                [
                    VoidIssue(issue_id=id_, reason_sv=WORDS),
                    MergeIssues(
                        issue_id=id_, into_issue_id=dice.choice(self.issues), reason_sv=WORDS
                    ),
                ]
            )
        return dice.choice(
            [
                ParkIssue(issue_id=id_, until=until, reason_sv=WORDS),
                ResumeIssue(issue_id=id_),
                closed(id_),
                closed(id_, CloseOutcome.NO_ACTION_POSSIBLE),
                ReopenIssue(issue_id=id_, reason_sv=WORDS),
                ReopenIssue(issue_id=id_, reason_sv=WORDS),
            ]
        )

    def _action(self, issue: Issue, _who: str) -> Command:
        dice, id_ = self._dice, issue.id
        now = self._started.clock.now
        planned = [each.action_id for each in issue.open_actions()]
        due_on = (now + timedelta(days=dice.randrange(6))).astimezone(LOCAL_ZONE).date()
        again = now + timedelta(days=dice.randrange(1, 9))
        one = dice.choice(planned) if planned else None
        choices: list[Command] = [
            PlanAction(issue_id=id_, action_type=ActionType.OTHER, due_on=due_on),
            PerformAction(issue_id=id_, action_type=ActionType.OTHER, action_id=one),
            followed_up(id_, dice.choice([*Effect]), next_follow_up_at=dice.choice([again, None])),
            followed_up(id_, Effect.IMPROVED),
            ScheduleFollowUp(issue_id=id_, due_at=again, responsible_agency=dice.choice(AGENCIES)),
        ]
        if one is not None:
            choices.append(CancelAction(issue_id=id_, action_id=one, reason_sv=WORDS))
        return dice.choice(choices)

    def _words(self, issue: Issue, who: str) -> Command:
        dice, id_ = self._dice, issue.id
        return dice.choice(
            [
                AddNote(issue_id=id_, text_sv=WORDS),
                MarkSecrecy(issue_id=id_, provision="OSL 18:1"),
                RemoveSecrecyMark(issue_id=id_),
                ChangeTitle(issue_id=id_, title=f"Rubrik {dice.randrange(9)}"),
                ChangeCategory(issue_id=id_, category=dice.choice(CATEGORIES)),
                ChangePriority(issue_id=id_, priority=dice.choice([*Priority])),
                CorrectPlace(issue_id=id_, place=Place(name=f"Plats {dice.randrange(9)}")),
                AssignCaseworker(issue_id=id_, user_id=who),
                UnassignCaseworker(issue_id=id_),
                ProposeResponsibility(issue_id=id_, proposed_agency=dice.choice(AGENCIES)),
            ]
        )
