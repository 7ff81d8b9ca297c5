"""How each event changes the referrals of an issue."""

from collections.abc import Callable, Mapping
from typing import Any

from domain.answer import (
    ReferralAccepted,
    ReferralAnswered,
    ReferralDeclined,
    ReferralInfoProvided,
    ReferralInfoRequested,
)
from domain.codes import ReferralStatus, ReferralType
from domain.escalation import ReferralEscalated, ReferralReminderSent
from domain.log_entry import LogEntry
from domain.referral import ReferralDelivered, ReferralOpened, ReferralSent, ReferralWithdrawn
from domain.responsibility import ReferralReturned
from projections.rows import Row


def new_referral(entry: LogEntry, event: ReferralSent) -> Row:
    """A referral that was sent."""
    return {
        "referral_id": event.referral_id,
        "issue_id": entry.stream_id,
        "position": entry.position,
        "type": event.type.value,
        "status": ReferralStatus.SENT.value,
        "from_agency": event.from_agency,
        "to_agency": event.to_agency,
        "to_unit": event.to_unit,
        "sent_by": event.actor.user_id,
        "question_sv": event.question_sv,
        "wanted_sv": event.wanted_sv,
        "background_sv": event.background_sv,
        "items_disclosed": list(event.items_disclosed),
        "deadlines": event.deadlines,
        "sent_at": event.occurred_at,
        "escalation_level": 0,
        "questions": [],
    }


def _delivered(referral: Row, event: ReferralDelivered) -> None:
    referral["delivered_at"] = event.occurred_at


def _opened(referral: Row, event: ReferralOpened) -> None:
    referral["opened_at"] = event.occurred_at
    referral["opened_by"] = event.actor.user_id
    if referral["type"] == ReferralType.INFORM:
        referral["status"] = ReferralStatus.COMPLETED.value
        referral["completed_at"] = event.occurred_at


def _accepted(referral: Row, event: ReferralAccepted) -> None:
    _settle(referral, event, ReferralStatus.ACCEPTED)
    referral["planned_first_action_by"] = event.planned_first_action_by
    referral["first_action_due_at"] = event.first_action_due_at


def _declined(referral: Row, event: ReferralDeclined) -> None:
    _settle(referral, event, ReferralStatus.DECLINED)
    _give_reason(referral, event)


def _withdrawn(referral: Row, event: ReferralWithdrawn) -> None:
    _settle(referral, event, ReferralStatus.WITHDRAWN)
    referral["reason_sv"] = event.reason_sv


def _answered(referral: Row, event: ReferralAnswered) -> None:
    if referral["settled_at"] is None:
        _settle(referral, event, ReferralStatus.COMPLETED)
    referral["status"] = ReferralStatus.COMPLETED.value
    referral["completed_at"] = event.occurred_at
    referral["answer_sv"] = event.answer_sv


def _returned(referral: Row, event: ReferralReturned) -> None:
    referral["status"] = ReferralStatus.RETURNED.value
    referral["returned_at"] = event.occurred_at
    referral["done_so_far_sv"] = event.done_so_far_sv
    _give_reason(referral, event)


def _asked(referral: Row, event: ReferralInfoRequested) -> None:
    referral["status"] = ReferralStatus.INFO_REQUESTED.value
    referral["questions"].append(
        {"question_sv": event.question_sv, "asked_at": event.occurred_at.isoformat()}
    )


def _provided(referral: Row, event: ReferralInfoProvided) -> None:
    referral["status"] = ReferralStatus.SENT.value
    referral["deadlines"] = event.deadlines
    referral["questions"][-1] |= {
        "answer_sv": event.answer_sv,
        "answered_at": event.occurred_at.isoformat(),
    }


def _reminded(referral: Row, event: ReferralReminderSent) -> None:
    referral["reminded_at"] = event.occurred_at


def _escalated(referral: Row, event: ReferralEscalated) -> None:
    referral["escalation_level"] = event.level
    referral["escalated_at"] = event.occurred_at


def _settle(
    referral: Row,
    event: ReferralAccepted | ReferralDeclined | ReferralWithdrawn | ReferralAnswered,
    status: ReferralStatus,
) -> None:
    referral["status"] = status.value
    referral["settled_at"] = event.occurred_at
    referral["settled_by"] = event.actor.user_id


def _give_reason(referral: Row, event: ReferralDeclined | ReferralReturned) -> None:
    referral["reason_code"] = event.reason_code.value
    referral["reason_sv"] = event.reason_sv
    referral["suggested_agency"] = event.suggested_agency
    referral["earliest_on"] = event.earliest_on
    referral["sender_acts_by"] = event.sender_acts_by


REFERRAL_CHANGES: Mapping[str, Callable[[Row, Any], None]] = {
    ReferralDelivered.TOPIC: _delivered,
    ReferralOpened.TOPIC: _opened,
    ReferralAccepted.TOPIC: _accepted,
    ReferralDeclined.TOPIC: _declined,
    ReferralWithdrawn.TOPIC: _withdrawn,
    ReferralAnswered.TOPIC: _answered,
    ReferralReturned.TOPIC: _returned,
    ReferralInfoRequested.TOPIC: _asked,
    ReferralInfoProvided.TOPIC: _provided,
    ReferralReminderSent.TOPIC: _reminded,
    ReferralEscalated.TOPIC: _escalated,
}
"""What each event that names a referral changes in it, by topic; sending it is not among them."""
