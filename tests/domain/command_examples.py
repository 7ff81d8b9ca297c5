"""Every command ready to be given, with what must have happened before, for the matrix."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain import (
    access_disposal,
    access_review,
    action,
    answer,
    classification,
    directory,
    escalation,
    follow_up,
    lifecycle,
    notes,
    opening,
    referral,
    report,
    responsibility,
)
from domain.codes import (
    ActionType,
    AgencyKind,
    CloseOutcome,
    DeclineReason,
    DismissReason,
    Effect,
    Priority,
    ReferralType,
    SecrecyDomain,
)
from domain.command import Command
from domain.values import Place, Role
from tests.domain.given import Scene, of, open_issue, receive_report

Give = Callable[[Scene, str], Command]
"""Makes the command for the scene as it stands and the agency that gives it."""

REASON = "Det här ingår inte i vårt uppdrag, tyvärr."
WAIT = timedelta(days=70)
"""So long everything has stood still when the command is given: every clock is out."""


def nothing(_scene: Scene) -> None:
    """What has to happen before most commands."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """How a command comes to be accepted: what happened before, and the command itself."""

    give: Give
    before: Callable[[Scene], None] = nothing


def _issue(command: Callable[..., Command], **data: Any) -> Give:
    return lambda scene, _: scene.on_issue(command, **data)


def _referral(command: Callable[..., Command], **data: Any) -> Give:
    return lambda scene, _: scene.on_referral(command, **data)


def _report(command: Callable[..., Command], **data: Any) -> Give:
    return lambda scene, _: scene.on_report(command, **data)


def _sent(scene: Scene) -> None:
    scene.with_a_referral("police", ReferralType.ASSIST)


def _informed(scene: Scene) -> None:
    scene.with_a_referral("police", ReferralType.INFORM)


def _accepted(scene: Scene) -> None:
    scene.with_a_referral("police", ReferralType.ASSIST).accepted()


def _asked(scene: Scene) -> None:
    scene.with_a_transfer_to("police")
    scene.given(scene.on_referral(answer.RequestReferralInfo, question_sv="Var?"), "police")


def _planned(scene: Scene) -> None:
    scene.given(scene.on_issue(action.PlanAction, action_type="cleaning", due_on=scene.now.date()))


def _performed(scene: Scene) -> None:
    scene.given(scene.on_issue(action.PerformAction, action_type="cleaning"))


def _marked(scene: Scene) -> None:
    for agency in ("district", "social"):
        if agency in scene.issue.involved:
            scene.given(scene.on_issue(notes.MarkSecrecy, provision="OSL 35:1"), agency)


def _assigned(scene: Scene) -> None:
    for agency, user_id in (("district", "u-dis-03"), ("social", "u-soc-01")):
        if agency in scene.issue.involved:
            scene.given(scene.on_issue(classification.AssignCaseworker, user_id=user_id), agency)


def _another_issue(scene: Scene, _agency: str) -> Command:
    first = scene.issue_id
    scene.given(open_issue(public_title="Samma plats"), "district")
    other, scene.issue_id = scene.issue_id, first
    return scene.on_issue(lifecycle.MergeIssues, into_issue_id=other, reason_sv="Samma problem.")


def _new_report(scene: Scene, _agency: str) -> Command:
    scene.with_a_report()
    return scene.on_issue(opening.LinkReport, report_id=scene.report_id)


def _own_caseworker(scene: Scene, agency: str) -> Command:
    user_id = {"social": "u-soc-03"}.get(agency, "u-dis-02")
    return scene.on_issue(classification.AssignCaseworker, user_id=user_id)


def _own_event(scene: Scene, agency: str) -> UUID:
    """An event of the agency in the issue, or else the issue's first one."""
    events = scene.issue.event_agencies
    return next((id_ for id_, by in events.items() if by == agency), next(iter(events)))


def _ahead(command: Callable[..., Command], name: str, **data: Any) -> Give:
    return lambda scene, _: scene.on_issue(command, **{name: scene.now + WAIT}, **data)


def _registered(scene: Scene) -> None:
    scene.given(
        directory.RegisterAgency(
            agency_id="old_harbour",
            name_sv="Gamla hamnen",
            name_en="The old harbour",
            kind=AgencyKind.PUBLIC_COMPANY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=date(2010, 1, 1),
        ),
        of("district", Role.ADMIN),
    )


def _granted(scene: Scene) -> None:
    _registered(scene)
    scene.given(
        directory.GrantUser(user_id="u-har-00", agency_id="old_harbour", role=Role.CASEWORKER),
        of("district", Role.ADMIN),
    )


EXAMPLES: dict[type[Command], Example] = {
    opening.LinkReport: Example(give=_new_report),
    opening.ReopenIssue: Example(give=_issue(opening.ReopenIssue, reason_sv="Det är tillbaka.")),
    classification.RegisterRecord: Example(
        give=_issue(
            classification.RegisterRecord, registry_ref="SFC-2026-00031", subject_sv="Otrygghet"
        )
    ),
    classification.ChangeCategory: Example(
        give=_issue(classification.ChangeCategory, category="graffiti")
    ),
    classification.ChangePriority: Example(
        give=_issue(classification.ChangePriority, priority=Priority.URGENT)
    ),
    classification.CorrectPlace: Example(
        give=_issue(classification.CorrectPlace, place=Place(name="Heden"))
    ),
    classification.ChangeTitle: Example(
        give=_issue(classification.ChangeTitle, title="En annan rubrik")
    ),
    classification.AssignCaseworker: Example(give=_own_caseworker),
    classification.UnassignCaseworker: Example(
        before=_assigned, give=_issue(classification.UnassignCaseworker)
    ),
    referral.SendReferral: Example(
        give=lambda scene, _: scene.send("education", ReferralType.INFORM)
    ),
    referral.MarkReferralDelivered: Example(
        before=_sent, give=_referral(referral.MarkReferralDelivered)
    ),
    referral.OpenReferral: Example(before=_informed, give=_referral(referral.OpenReferral)),
    referral.WithdrawReferral: Example(before=_sent, give=_referral(referral.WithdrawReferral)),
    answer.AcceptReferral: Example(before=_sent, give=_referral(answer.AcceptReferral)),
    answer.DeclineReferral: Example(
        before=_sent,
        give=_referral(answer.DeclineReferral, reason_code=DeclineReason.OTHER, reason_sv=REASON),
    ),
    answer.RequestReferralInfo: Example(
        before=_sent, give=_referral(answer.RequestReferralInfo, question_sv="Var?")
    ),
    answer.ProvideReferralInfo: Example(
        before=_asked, give=_referral(answer.ProvideReferralInfo, answer_sv="Vid bron.")
    ),
    answer.AnswerReferral: Example(
        before=_accepted, give=_referral(answer.AnswerReferral, answer_sv="Det är gjort.")
    ),
    responsibility.ReturnReferral: Example(
        before=_accepted,
        give=_referral(
            responsibility.ReturnReferral, reason_code=DeclineReason.OTHER, reason_sv=REASON
        ),
    ),
    escalation.RemindReferral: Example(before=_sent, give=_referral(escalation.RemindReferral)),
    escalation.EscalateReferral: Example(
        before=_sent, give=_referral(escalation.EscalateReferral, level=1)
    ),
    responsibility.ProposeResponsibility: Example(
        give=_issue(responsibility.ProposeResponsibility, proposed_agency="social")
    ),
    action.PlanAction: Example(
        give=_issue(action.PlanAction, action_type=ActionType.CLEANING, due_on=date(2026, 12, 1))
    ),
    action.PerformAction: Example(
        give=_issue(action.PerformAction, action_type=ActionType.CLEANING)
    ),
    action.CancelAction: Example(
        before=_planned,
        give=lambda scene, _: scene.on_issue(
            action.CancelAction, action_id=scene.action_id, reason_sv="Behövs inte."
        ),
    ),
    follow_up.ScheduleFollowUp: Example(
        before=_performed, give=_ahead(follow_up.ScheduleFollowUp, "due_at")
    ),
    follow_up.RecordFollowUp: Example(
        give=_issue(follow_up.RecordFollowUp, effect=Effect.IMPROVED, evidence_sv="11 blev 4.")
    ),
    notes.AddNote: Example(give=_issue(notes.AddNote, text_sv="Butikerna bekräftar.")),
    notes.MarkSecrecy: Example(give=_issue(notes.MarkSecrecy, provision="OSL 18:1")),
    notes.RemoveSecrecyMark: Example(before=_marked, give=_issue(notes.RemoveSecrecyMark)),
    notes.RecordCorrection: Example(
        give=lambda scene, agency: scene.on_issue(
            notes.RecordCorrection,
            refers_to_event=_own_event(scene, agency),
            correct_value="Brunnsparken",
            reason_sv="Fel plats.",
        )
    ),
    notes.NoteDispute: Example(
        give=lambda scene, agency: scene.on_issue(
            notes.NoteDispute,
            refers_to_event=_own_event(scene, agency),
            text_sv="Fastighetsägaren ser det annorlunda.",
        )
    ),
    lifecycle.ParkIssue: Example(
        give=_ahead(lifecycle.ParkIssue, "until", reason_sv="Väntar på våren.")
    ),
    lifecycle.ResumeIssue: Example(give=_issue(lifecycle.ResumeIssue)),
    lifecycle.CloseIssue: Example(
        give=_issue(
            lifecycle.CloseIssue,
            outcome=CloseOutcome.HANDLED_ELSEWHERE,
            summary_sv="Hanteras i ett annat sammanhang.",
        )
    ),
    lifecycle.MergeIssues: Example(give=_another_issue),
    lifecycle.VoidIssue: Example(
        give=_issue(lifecycle.VoidIssue, reason_sv="Dubblett av misstag.")
    ),
}
"""Every command on an issue."""

REPORT_EXAMPLES: dict[type[Command], Example] = {
    report.ReviseReport: Example(
        give=lambda scene, _: report.ReviseReport(
            report_id=scene.report_id,
            text="Det säljs narkotika även vid bron.",
            place=Place(name="X"),
        )
    ),
    report.DismissReport: Example(
        give=_report(report.DismissReport, reason=DismissReason.NOT_IN_SCOPE)
    ),
    report.SendFeedback: Example(give=_report(report.SendFeedback, text_sv="Tack, vi tittar.")),
}
"""Every command on a report."""

FREE_EXAMPLES: dict[type[Command], Example] = {
    report.ReceiveReport: Example(give=lambda _scene, _: receive_report()),
    opening.OpenIssue: Example(give=lambda _scene, _: open_issue()),
    directory.RegisterAgency: Example(
        give=lambda _scene, _: directory.RegisterAgency(
            agency_id="harbour",
            name_sv="Hamnen",
            name_en="The harbour",
            kind=AgencyKind.PUBLIC_COMPANY,
            secrecy_domain=SecrecyDomain.CITY,
            valid_from=date(2020, 1, 1),
        )
    ),
    directory.SucceedAgency: Example(
        before=_registered,
        give=lambda _scene, _: directory.SucceedAgency(
            agency_id="old_harbour", valid_to=date(2026, 12, 31)
        ),
    ),
    directory.RegisterArea: Example(
        give=lambda _scene, _: directory.RegisterArea(
            area_id="hamnen", name_sv="Hamnen", valid_from=date(2020, 1, 1)
        )
    ),
    directory.RegisterPlace: Example(
        give=lambda _scene, _: directory.RegisterPlace(
            place_id="kajen", name="Kajen", lat=57.7, lon=11.9
        )
    ),
    directory.GrantUser: Example(
        before=_registered,
        give=lambda _scene, _: directory.GrantUser(
            user_id="u-har-01", agency_id="old_harbour", role=Role.CASEWORKER
        ),
    ),
    directory.RevokeUser: Example(
        before=_granted,
        give=lambda _scene, _: directory.RevokeUser(user_id="u-har-00"),
    ),
    access_review.PerformAccessReview: Example(
        give=lambda _scene, agency: access_review.PerformAccessReview(
            agency_id=agency,
            period_from=date(2025, 12, 1),
            period_to=date(2025, 12, 31),
            log_rows=400,
            readers=12,
            rows_without_reason=3,
            sample_size=20,
        ),
    ),
    access_disposal.DisposeAccessRows: Example(
        give=lambda _scene, agency: access_disposal.DisposeAccessRows(
            agency_id=agency, before=date(2021, 1, 1), rows=400, decision_ref="N140-0123/25"
        ),
    ),
}
"""Every command that is about neither an issue nor a report that is there already."""
