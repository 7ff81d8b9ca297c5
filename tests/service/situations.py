"""For every command that people give by hand: a situation in which its form can be sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain.action import PlanAction
from domain.answer import RequestReferralInfo
from domain.codes import ActionType, CloseOutcome, ReferralType
from domain.follow_up import ScheduleFollowUp
from domain.issue import Issue
from domain.lifecycle import ParkIssue
from domain.notes import MarkSecrecy
from tests.examples import (
    Started,
    a_report,
    a_sent_referral,
    accept,
    an_assigned_issue,
    an_open_issue,
    closed,
    local,
)

Typed = Mapping[str, object]
LONG = "Det här skrivs i ett formulär för att pröva det."


@dataclass(frozen=True)
class Situation:
    """Where the form is, who sends it, and what is good to send."""

    path: str
    typed: Typed = field(default_factory=dict)
    user_id: str = "u-dis-01"
    leaves_out: frozenset[str] = frozenset()


def _issue(name: str, started: Started, issue_id: UUID | None = None) -> str:
    return f"/issues/{issue_id or an_open_issue(started)}/do/{name}"


def _on_issue(
    name: str, user_id: str = "u-dis-01", **typed: object
) -> Callable[[Started], Situation]:
    return lambda started: Situation(_issue(name, started), typed, user_id)


def _on_report(name: str, **typed: object) -> Callable[[Started], Situation]:
    return lambda started: Situation(f"/reports/{a_report(started, 'u-dis-01')}/do/{name}", typed)


def _on_referral(
    name: str, user_id: str = "u-pol-01", sent: dict[str, Any] | None = None, **typed: object
) -> Callable[[Started], Situation]:
    def situation(started: Started) -> Situation:
        issue_id, referral_id = a_sent_referral(started, **(sent or {}))
        path = f"/issues/{issue_id}/referrals/{referral_id}/do/{name}"
        return Situation(path, typed, user_id)

    return situation


def _answer(started: Started) -> Situation:
    respond_by = started.clock.now + timedelta(days=9)
    sent = {"type": ReferralType.CONSULT, "respond_by": respond_by}
    return _on_referral("AnswerReferral", sent=sent, answer_sv=LONG)(started)


def _provide(started: Started) -> Situation:
    issue_id, referral_id = a_sent_referral(started)
    started.execute(
        RequestReferralInfo(issue_id=issue_id, referral_id=referral_id, question_sv=LONG),
        "u-pol-01",
    )
    path = f"/issues/{issue_id}/referrals/{referral_id}/do/ProvideReferralInfo"
    return Situation(path, {"answer_sv": LONG})


def _return(started: Started) -> Situation:
    issue_id, referral_id = a_sent_referral(started)
    started.execute(accept(issue_id, referral_id), "u-pol-01")
    path = f"/issues/{issue_id}/referrals/{referral_id}/do/ReturnReferral"
    return Situation(path, {"reason_code": "not_our_mandate", "reason_sv": LONG}, "u-pol-01")


def _link(started: Started) -> Situation:
    return Situation(_issue("LinkReport", started), {"report_id": str(a_report(started))})


def _reopen(started: Started) -> Situation:
    issue_id = an_open_issue(started)
    started.execute(closed(issue_id, CloseOutcome.NO_ACTION_POSSIBLE))
    return Situation(_issue("ReopenIssue", started, issue_id), {"reason_sv": LONG})


def _unassign(started: Started) -> Situation:
    return Situation(_issue("UnassignCaseworker", started, an_assigned_issue(started)))


def _cancel(started: Started) -> Situation:
    issue_id = an_open_issue(started)
    due_on = started.clock.now.date() + timedelta(days=3)
    planned = PlanAction(issue_id=issue_id, action_type=ActionType.CLEANING, due_on=due_on)
    action_id = started.create(planned)
    path = _issue("CancelAction", started, issue_id)
    return Situation(path, {"action_id": str(action_id), "reason_sv": LONG})


def _perform(started: Started) -> Situation:
    path = _issue("PerformAction", started)
    return Situation(path, {"action_type": "cleaning"}, leaves_out=frozenset({"action_id"}))


def _unmark(started: Started) -> Situation:
    issue_id = an_open_issue(started)
    started.execute(MarkSecrecy(issue_id=issue_id, provision="OSL 26 kap. 1 §"))
    return Situation(_issue("RemoveSecrecyMark", started, issue_id))


def _about_event(name: str, **typed: object) -> Callable[[Started], Situation]:
    def situation(started: Started) -> Situation:
        issue_id = an_open_issue(started)
        issue: Issue = started.samsyn.casework.repository.get(issue_id)
        event_id = next(iter(issue.event_agencies))
        return Situation(
            _issue(name, started, issue_id), {"refers_to_event": str(event_id), **typed}
        )

    return situation


def _resume(started: Started) -> Situation:
    issue_id = an_open_issue(started)
    started.execute(ParkIssue(issue_id=issue_id, until=local("2026-02-01 09:00"), reason_sv=LONG))
    return Situation(_issue("ResumeIssue", started, issue_id))


def _move_follow_up(started: Started) -> Situation:
    issue_id = an_open_issue(started)
    first = ScheduleFollowUp(
        issue_id=issue_id, due_at=local("2026-01-20 09:00"), responsible_agency="social"
    )
    started.execute(first)
    typed = {"due_at": "2026-02-01T09:00", "responsible_agency": "district"}
    return Situation(_issue("ScheduleFollowUp", started, issue_id), typed)


def _merge(started: Started) -> Situation:
    into: Issue = started.samsyn.casework.repository.get(an_open_issue(started))
    typed = {"into_issue_id": into.number.lower(), "reason_sv": LONG}
    return Situation(_issue("MergeIssues", started), typed)


SITUATIONS: dict[str, Callable[[Started], Situation]] = {
    "AcceptReferral": _on_referral("AcceptReferral", planned_first_action_by="2026-01-14"),
    "AddNote": _on_issue("AddNote", text_sv=LONG, occurred_at="2026-01-11T10:00"),
    "AnswerReferral": _answer,
    "AssignCaseworker": _on_issue("AssignCaseworker", user_id="u-dis-01"),
    "CancelAction": _cancel,
    "ChangeCategory": _on_issue("ChangeCategory", category="graffiti"),
    "ChangePriority": _on_issue("ChangePriority", priority="urgent", reason_sv=LONG),
    "ChangeTitle": _on_issue("ChangeTitle", title="En annan rubrik"),
    "CloseIssue": _on_issue("CloseIssue", outcome="no_action_possible", summary_sv=LONG),
    "CorrectPlace": _on_issue("CorrectPlace", place="haga"),
    "DeclineReferral": _on_referral(
        "DeclineReferral", reason_code="no_capacity_now", reason_sv=LONG, earliest_on="2026-02-01"
    ),
    "DismissReport": _on_report("DismissReport", reason="duplicate"),
    "LinkReport": _link,
    "MarkSecrecy": _on_issue("MarkSecrecy", provision="OSL 26 kap. 1 §"),
    "MergeIssues": _merge,
    "NoteDispute": _about_event("NoteDispute", text_sv=LONG),
    "OpenIssue": lambda _started: Situation(
        "/issues/new", {"public_title": "Klotter", "category": "graffiti", "place": "haga"}
    ),
    "OpenReferral": _on_referral("OpenReferral", sent={"type": ReferralType.INFORM}),
    "ParkIssue": _on_issue("ParkIssue", until="2026-02-01T09:00", reason_sv=LONG),
    "PerformAction": _perform,
    "PlanAction": _on_issue("PlanAction", action_type="cleaning", due_on="2026-01-20"),
    "ProposeResponsibility": _on_issue(
        "ProposeResponsibility", "u-coo-01", proposed_agency="police"
    ),
    "ProvideReferralInfo": _provide,
    "ReceiveReport": lambda _started: Situation("/reports/new", {"text": LONG, "place": "haga"}),
    "RecordCorrection": _about_event("RecordCorrection", correct_value=LONG, reason_sv=LONG),
    "RecordFollowUp": _on_issue("RecordFollowUp", effect="improved", evidence_sv=LONG),
    "RegisterRecord": _on_issue(
        "RegisterRecord", "u-reg-01", registry_ref="SFC-2026-00031", subject_sv="Klotter"
    ),
    "RemoveSecrecyMark": _unmark,
    "ReopenIssue": _reopen,
    "RequestReferralInfo": _on_referral("RequestReferralInfo", question_sv=LONG),
    "ResumeIssue": _resume,
    "ReturnReferral": _return,
    "ReviseReport": _on_report("ReviseReport", text=LONG, place="haga"),
    "ScheduleFollowUp": _move_follow_up,
    "SendFeedback": _on_report("SendFeedback", text_sv=LONG),
    "SendReferral": _on_issue("SendReferral", type="inform", to_agency="police"),
    "UnassignCaseworker": _unassign,
    "VoidIssue": _on_issue("VoidIssue", reason_sv=LONG),
    "WithdrawReferral": _on_referral("WithdrawReferral", "u-dis-01"),
}
"""By the name of the command."""
