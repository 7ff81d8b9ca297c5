"""A long life of an issue, with nearly every event there is, to fold, to tell and to audit."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from domain.action import CancelAction, PerformAction, PlanAction
from domain.answer import AnswerReferral, ProvideReferralInfo, RequestReferralInfo
from domain.classification import (
    AssignCaseworker,
    ChangeCategory,
    ChangePriority,
    ChangeTitle,
    CorrectPlace,
    RegisterRecord,
    UnassignCaseworker,
)
from domain.codes import (
    ActionType,
    CloseOutcome,
    DismissReason,
    Effect,
    NextStep,
    Priority,
    ReferralType,
)
from domain.escalation import EscalateReferral, RemindReferral
from domain.follow_up import RecordFollowUp, ScheduleFollowUp
from domain.lifecycle import CloseIssue, MergeIssues, ParkIssue, ResumeIssue, VoidIssue
from domain.notes import AddNote, MarkSecrecy, NoteDispute, RecordCorrection, RemoveSecrecyMark
from domain.opening import LinkReport, ReopenIssue
from domain.referral import MarkReferralDelivered, OpenReferral, WithdrawReferral
from domain.report import DismissReport, ReviseReport, SendFeedback
from domain.responsibility import ProposeResponsibility, ReturnReferral
from domain.values import SYSTEM, Actor, Place, Role
from projections.viewer import Viewer
from service.viewers import viewer_of
from tests.examples import (
    BRUNNSPARKEN,
    Started,
    a_report,
    accept,
    actor,
    an_open_issue,
    decline,
    local,
    send_referral,
)

PARTNER = Actor(user_id="u-nor-02", agency_id="partner_nordstan", role=Role.CASEWORKER)


def seen_by(started: Started, who: str | Actor = "u-dis-01") -> Viewer:
    """Somebody, or one of the presets' users, as a reader."""
    reader = actor(who) if isinstance(who, str) else who
    return viewer_of(reader, started.samsyn.execution.agencies())


def by_system(started: Started, command: object) -> None:
    """Carry out what the policies do."""
    started.samsyn.execution.execute(command, SYSTEM)  # type: ignore[arg-type]  # any command


@dataclass(frozen=True)
class Life:
    """The ids a whole life leaves behind."""

    issue_id: UUID
    report_id: UUID
    merged_id: UUID
    voided_id: UUID
    declined_id: UUID
    transfer_id: UUID
    consult_id: UUID
    assist_id: UUID
    inform_id: UUID


def a_whole_life(started: Started) -> Life:
    """Two issues that become one, with reports, referrals of every type and two closings."""
    report_id = a_report(started, wants_reply=True)
    started.execute(
        DismissReport(report_id=a_report(started), reason=DismissReason.TEST), "u-con-01"
    )
    started.clock.advance(hours=1)
    issue_id = an_open_issue(started, report_ids=(report_id,))
    _described(started, issue_id)
    declined_id = _a_silent_referral(started, issue_id)
    transfer_id = _a_transfer(started, issue_id)
    consult_id, assist_id, inform_id = _more_referrals(started, issue_id)
    _done(started, issue_id)
    merged_id, voided_id = _merged_and_voided(started, issue_id)
    _ended(started, issue_id, report_id)
    return Life(
        issue_id,
        report_id,
        merged_id,
        voided_id,
        declined_id,
        transfer_id,
        consult_id,
        assist_id,
        inform_id,
    )


def _described(started: Started, issue_id: UUID) -> None:
    for command in (
        RegisterRecord(
            issue_id=issue_id, registry_ref="SFC-2026-00031", subject_sv="Synpunkt om otrygghet"
        ),
        ChangeCategory(issue_id=issue_id, category="drug_use"),
        ChangePriority(issue_id=issue_id, priority=Priority.MEDIUM, reason_sv="Det lugnar sig."),
        ChangeTitle(issue_id=issue_id, title="Öppen handel vid Ångbåtsbron"),
        CorrectPlace(issue_id=issue_id, place=Place(name="Brunnsparken, mot kanalen")),
        CorrectPlace(issue_id=issue_id, place=BRUNNSPARKEN),
        AssignCaseworker(issue_id=issue_id, user_id="u-dis-02"),
        UnassignCaseworker(issue_id=issue_id),
        AssignCaseworker(issue_id=issue_id, user_id="u-dis-01"),
        MarkSecrecy(issue_id=issue_id, provision="OSL 26:1"),
    ):
        started.execute(command)


def _a_silent_referral(started: Started, issue_id: UUID) -> UUID:
    sent_id = started.create(send_referral(issue_id, "social"))
    keys: dict[str, Any] = {"issue_id": issue_id, "referral_id": sent_id}
    by_system(started, MarkReferralDelivered(**keys))
    started.clock.advance(days=4)
    by_system(started, RemindReferral(**keys))
    started.clock.advance(days=4)
    by_system(started, EscalateReferral(**keys, level=1))
    started.execute(OpenReferral(**keys), "u-soc-01")
    started.execute(decline(issue_id, sent_id), "u-soc-01")
    started.execute(ProposeResponsibility(issue_id=issue_id, proposed_agency="police"), "u-coo-01")
    taken_back = started.create(send_referral(issue_id, "police"))
    started.execute(WithdrawReferral(issue_id=issue_id, referral_id=taken_back))
    return sent_id


def _a_transfer(started: Started, issue_id: UUID) -> UUID:
    transfer_id = started.create(send_referral(issue_id, "police"))
    keys: dict[str, Any] = {"issue_id": issue_id, "referral_id": transfer_id}
    started.execute(RequestReferralInfo(**keys, question_sv="Vilka klockslag?"), "u-pol-01")
    started.clock.advance(hours=3)
    started.execute(ProvideReferralInfo(**keys, answer_sv="Kl. 15 till 19."))
    started.execute(accept(issue_id, transfer_id), "u-pol-01")
    return transfer_id


def _more_referrals(started: Started, issue_id: UUID) -> tuple[UUID, UUID, UUID]:
    started.execute(AssignCaseworker(issue_id=issue_id, user_id="u-pol-01"), "u-pol-01")
    consult_id = started.create(
        send_referral(
            issue_id,
            "environment",
            type=ReferralType.CONSULT,
            question_sv="Hur bedömer ni läget efter klockan 24?",
            respond_by=local("2026-03-02 10:00"),
        ),
        "u-pol-01",
    )
    assist_id = started.create(
        send_referral(issue_id, type=ReferralType.ASSIST, to="social"), "u-pol-01"
    )
    back_id = started.create(
        send_referral(issue_id, type=ReferralType.ASSIST, to="city_env"), "u-pol-01"
    )
    inform_id = started.create(
        send_referral(issue_id, type=ReferralType.INFORM, to="partner_nordstan"), "u-pol-01"
    )
    started.execute(
        AnswerReferral(issue_id=issue_id, referral_id=consult_id, answer_sv="Det är lugnt då."),
        "u-env-01",
    )
    for referral_id, user_id in ((assist_id, "u-soc-01"), (back_id, "u-cit-01")):
        started.execute(accept(issue_id, referral_id), user_id)
    returned = decline(issue_id, back_id)
    started.execute(
        ReturnReferral(
            issue_id=issue_id,
            referral_id=back_id,
            reason_code=returned.reason_code,
            reason_sv=returned.reason_sv,
            done_so_far_sv="Lampan är lagad.",
        ),
        "u-cit-01",
    )
    started.execute(
        AnswerReferral(issue_id=issue_id, referral_id=assist_id, answer_sv="Vi har varit där."),
        "u-soc-01",
    )
    return consult_id, assist_id, inform_id


def _done(started: Started, issue_id: UUID) -> None:
    today = started.clock.now.date()
    plan = PlanAction(issue_id=issue_id, action_type=ActionType.FOOT_PATROL, due_on=today)
    planned_id = started.create(plan, "u-pol-01")
    started.execute(
        PerformAction(
            issue_id=issue_id,
            action_id=planned_id,
            together_with=("social",),
            people=6,
            result_sv="Flera kontroller.",
        ),
        "u-pol-01",
    )
    cancelled_id = started.create(
        PlanAction(issue_id=issue_id, action_type=ActionType.CLEANING, due_on=date(2030, 1, 1)),
        "u-dis-01",
    )
    started.execute(
        CancelAction(issue_id=issue_id, action_id=cancelled_id, reason_sv="Det behövs inte."),
    )
    started.execute(
        PerformAction(
            issue_id=issue_id,
            action_type=ActionType.OUTREACH,
            performer_unknown=True,
            occurred_at=local("2026-01-15 18:00"),
        ),
        "u-soc-01",
    )
    started.execute(AddNote(issue_id=issue_id, text_sv="Butiken ringde i dag."), "u-dis-01")
    started.execute(RemoveSecrecyMark(issue_id=issue_id))
    opened = event_id(started, "IssueOpened")
    started.execute(
        RecordCorrection(
            issue_id=issue_id,
            refers_to_event=opened,
            correct_value="Det gäller bara vardagar.",
            reason_sv="Fel från början.",
        ),
    )
    started.execute(
        NoteDispute(issue_id=issue_id, refers_to_event=opened, text_sv="Ägaren håller inte med."),
        "u-reg-01",
    )


def event_id(started: Started, topic: str) -> UUID:
    """The id of the first event of a topic."""
    entries = started.samsyn.casework.read(0, 10_000)
    found: UUID = next(entry.event.event_id for entry in entries if entry.topic == topic)
    return found


def _merged_and_voided(started: Started, issue_id: UUID) -> tuple[UUID, UUID]:
    other = a_report(started, text="Samma sak från en annan butik vid torget.")
    merged_id = an_open_issue(started, "u-pol-01")
    started.execute(LinkReport(issue_id=merged_id, report_id=other), "u-pol-01")
    started.execute(
        MergeIssues(issue_id=merged_id, into_issue_id=issue_id, reason_sv="Samma problem."),
        "u-pol-01",
    )
    voided_id = an_open_issue(started)
    started.execute(VoidIssue(issue_id=voided_id, reason_sv="Fel knapp."))
    return merged_id, voided_id


def _ended(started: Started, issue_id: UUID, report_id: UUID) -> None:
    ahead = started.clock.now.replace(year=2027)
    for command in (
        ParkIssue(issue_id=issue_id, until=ahead, reason_sv="Vi väntar på våren."),
        ResumeIssue(issue_id=issue_id),
        ScheduleFollowUp(issue_id=issue_id, due_at=ahead),
        RecordFollowUp(
            issue_id=issue_id,
            effect=Effect.IMPROVED,
            evidence_sv="EST-rapporter 11 till 4 per vecka.",
            next_step=NextStep.CLOSE,
            before_count=11,
            after_count=0,
        ),
        SendFeedback(report_id=report_id, text_sv="Tack, vi har varit där."),
        CloseIssue(
            issue_id=issue_id,
            outcome=CloseOutcome.RESOLVED,
            summary_sv="Det är lugnt.",
            lessons_sv="Tiderna styrde allt.",
        ),
        ReopenIssue(issue_id=issue_id, reason_sv="Det började om."),
    ):
        started.execute(command, "u-pol-01")
    started.execute(
        ReviseReport(
            report_id=report_id,
            text="Butikspersonal berättar att det säljs narkotika vid bron.",
            place=BRUNNSPARKEN,
        ),
        "u-con-01",
    )
