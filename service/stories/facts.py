"""What a story may say about an issue, a referral, an action or a report, as it stands now."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.action_state import Action
from domain.issue import Issue
from domain.referral_state import Referral
from domain.report import Report

Facts = Mapping[str, Callable[[Any], object]]


def _deadline(referral: Referral, level: int) -> object:
    if referral.deadlines is None:
        return None
    return (referral.deadlines.respond_by, *referral.deadlines.escalate_at)[level]


def _action_status(action: Action) -> str:
    if action.is_planned:
        return "planned"
    return "cancelled" if action.last_event == "ActionCancelled" else "performed"


def _report_status(report: Report) -> str:
    if report.dismissed is not None:
        return "dismissed"
    return "linked" if report.issue_id is not None else "received"


ISSUE: Facts = {
    "number": lambda issue: issue.number,
    "title": lambda issue: issue.title,
    "public_title": lambda issue: issue.public_title,
    "category": lambda issue: issue.category,
    "priority": lambda issue: issue.priority,
    "place": lambda issue: issue.place.place_id or issue.place.name,
    "status": lambda issue: issue.status,
    "responsible_agency": lambda issue: issue.responsible_agency,
    "registering_agency": lambda issue: issue.registering_agency,
    "involved": lambda issue: sorted(issue.involved),
    "caseworkers": lambda issue: issue.caseworkers,
    "registered": lambda issue: issue.registered,
    "secrecy_marks": lambda issue: issue.secrecy_marks,
    "reports": lambda issue: len(issue.report_ids),
    "open_referrals": lambda issue: len(issue.open_referrals()),
    "open_actions": lambda issue: len(issue.open_actions()),
    "declines": lambda issue: issue.declines,
    "ping_pong": lambda issue: issue.ping_pong,
    "proposals": lambda issue: issue.proposals,
    "follow_up_due": lambda issue: issue.follow_up_due,
    "parked_until": lambda issue: issue.parked_until,
}

REFERRAL: Facts = {
    "type": lambda referral: referral.type,
    "status": lambda referral: referral.status,
    "from_agency": lambda referral: referral.from_agency,
    "to_agency": lambda referral: referral.to_agency,
    "open": lambda referral: referral.is_open,
    "delivered": lambda referral: referral.delivered,
    "opened": lambda referral: referral.opened,
    "respond_by": lambda referral: _deadline(referral, 0),
    "reminded": lambda referral: referral.reminded,
    "escalated": lambda referral: referral.escalated,
    "escalates_1_at": lambda referral: _deadline(referral, 1),
    "escalates_2_at": lambda referral: _deadline(referral, 2),
    "escalates_3_at": lambda referral: _deadline(referral, 3),
}

ACTION: Facts = {
    "status": _action_status,
    "action_type": lambda action: action.action_type,
    "agency": lambda action: action.agency_id,
    "due_on": lambda action: action.due_on,
}

REPORT: Facts = {
    "status": _report_status,
    "receiving_agency": lambda report: report.receiving_agency,
    "wants_reply": lambda report: report.wants_reply,
    "anonymous": lambda report: report.anonymous,
    "feedback_sent": lambda report: report.feedback_sent,
    "dismissed": lambda report: report.dismissed,
    "text": lambda report: report.content.text,
    "category": lambda report: report.content.category,
    "place": lambda report: report.content.place.place_id or report.content.place.name,
}

KINDS: Mapping[str, tuple[type[object], Facts]] = {
    "issue": (Issue, ISSUE),
    "referral": (Referral, REFERRAL),
    "action": (Action, ACTION),
    "report": (Report, REPORT),
}
"""Everything that can be described, and by which facts."""
