"""How agencies of the demo hand over, help and ask each other: in time, late, or not at all."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from domain.answer import (
    AcceptReferral,
    AnswerReferral,
    DeclineReferral,
    ProvideReferralInfo,
    RequestReferralInfo,
)
from domain.classification import AssignCaseworker
from domain.codes import DeclineReason, Priority, ReferralType
from domain.deadlines import Clock, due
from domain.referral import OpenReferral, SendReferral, WithdrawReferral
from domain.responsibility import ProposeResponsibility, ReturnReferral
from domain.working_days import LOCAL_ZONE
from service.demo.affair import Act, Affair, Life
from service.demo.people import COORDINATOR, MAY_TAKE_OVER

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

_REASONS = {
    DeclineReason.NOT_OUR_MANDATE: 6,
    DeclineReason.OTHER_AGENCY_RIGHT: 5,
    DeclineReason.NO_CAPACITY_NOW: 5,
    DeclineReason.INSUFFICIENT_INFORMATION: 4,
    DeclineReason.ALREADY_HANDLED: 3,
    DeclineReason.WRONG_AREA: 2,
    DeclineReason.SECRECY_PREVENTS: 1,
    DeclineReason.OTHER: 1,
}


def hand_over(affair: Affair, at: datetime, to: str, *, declines: float = 0.15) -> Life:
    """Hand the issue over; `affair.responsible` tells afterwards whether it was taken over."""
    draw, texts = affair.draw, affair.texts.referrals
    referral_id: UUID = yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=SendReferral(
            issue_id=affair.issue_id,
            type=ReferralType.TRANSFER,
            to_agency=to,
            question_sv=affair.says(texts, "why", to),
            wanted_sv=affair.says(texts, "wanted", to),
            background_sv=affair.says(texts, "returned", "done") if draw.chance(0.4) else None,
        ),
    )
    if draw.chance(0.02):
        at = affair.later(at, 5 * _HOUR)
        yield _by_sender(affair, at, WithdrawReferral, referral_id, reason_sv=("withdrawn",))
        return at
    at, answered = yield from _until_answer(affair, at, referral_id, to, Clock.ANSWER)
    receiver = affair.caseworker(to)
    if draw.chance(declines):
        yield Act(at=answered, who=receiver, command=_declined(affair, answered, referral_id, to))
        return answered
    promised = None
    if draw.chance(0.5):
        promised = (answered + draw.number(2, 10) * _DAY).astimezone(LOCAL_ZONE).date()
    yield Act(
        at=answered,
        who=receiver,
        command=AcceptReferral(
            issue_id=affair.issue_id, referral_id=referral_id, planned_first_action_by=promised
        ),
    )
    sender, affair.responsible, affair.handler = affair.responsible, to, receiver
    at = answered
    if draw.chance(0.25):
        at += timedelta(minutes=draw.number(1, 20))
        yield Act(
            at=at,
            who=receiver,
            command=AssignCaseworker(issue_id=affair.issue_id, user_id=receiver),
        )
    if draw.chance(0.03):
        at = affair.later(at, 4 * _DAY)
        yield Act(at=at, who=receiver, command=_returned(affair, referral_id))
        affair.responsible = sender
    return at


def get_help(affair: Affair, at: datetime, to: str) -> Life:
    """Ask for help: it is promised and given, or declined; partners help too."""
    draw, texts = affair.draw, affair.texts.referrals
    referral_id: UUID = yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=SendReferral(
            issue_id=affair.issue_id,
            type=ReferralType.ASSIST,
            to_agency=to,
            wanted_sv=affair.says(texts, "help", to),
        ),
    )
    at, answered = yield from _until_answer(affair, at, referral_id, to, Clock.ANSWER)
    helper = affair.caseworker(to)
    if draw.chance(0.1):
        yield Act(at=answered, who=helper, command=_declined(affair, answered, referral_id, to))
        return answered
    yield Act(
        at=answered,
        who=helper,
        command=AcceptReferral(issue_id=affair.issue_id, referral_id=referral_id),
    )
    affair.helpers.append((to, referral_id))
    return answered


def give_help_back(affair: Affair, at: datetime) -> Life:
    """Those who promised to help say what came of it."""
    for to, referral_id in affair.helpers:
        at += timedelta(minutes=affair.draw.number(5, 90))
        yield Act(
            at=at,
            who=affair.caseworker(to),
            command=AnswerReferral(
                issue_id=affair.issue_id,
                referral_id=referral_id,
                answer_sv=affair.says(affair.texts.referrals, "result", "helped"),
            ),
        )
    affair.helpers.clear()
    return at


def ask_opinions(affair: Affair, at: datetime) -> Life:
    """A consultation of several at the same time (FL 26 §); each answers when it has come to it."""
    draw, texts = affair.draw, affair.texts.referrals
    asked = [each for each in MAY_TAKE_OVER if each != affair.responsible][: draw.number(2, 3)]
    question = affair.says(texts, "opinion", "ask")
    last_day = due(Clock.CONSULT, affair.priority, at, affair.calendar) + _HOUR
    answers: list[tuple[datetime, str, UUID]] = []
    for to in asked:
        referral_id: UUID = yield Act(
            at=at,
            who=affair.caseworker(affair.responsible),
            command=SendReferral(
                issue_id=affair.issue_id,
                type=ReferralType.CONSULT,
                to_agency=to,
                question_sv=question,
                respond_by=last_day,
            ),
        )
        answers.append((draw.office(at + (last_day - at) * _share(affair)), to, referral_id))
    for answered, to, referral_id in sorted(answers):
        at = answered
        yield Act(
            at=at,
            who=affair.caseworker(to),
            command=AnswerReferral(
                issue_id=affair.issue_id,
                referral_id=referral_id,
                answer_sv=affair.says(texts, "opinion", to),
            ),
        )
    return at


def let_know(affair: Affair, at: datetime, to: str, reader: str | None) -> Life:
    """Send it for information; where somebody reads, it is read."""
    referral_id: UUID = yield Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=SendReferral(
            issue_id=affair.issue_id,
            type=ReferralType.INFORM,
            to_agency=to,
            background_sv=affair.says(affair.texts.referrals, "inform"),
        ),
    )
    if reader is not None and affair.draw.chance(0.8):
        at = affair.later(at, 20 * _HOUR)
        yield Act(
            at=at,
            who=reader,
            command=OpenReferral(issue_id=affair.issue_id, referral_id=referral_id),
        )
    return at


def propose(affair: Affair, at: datetime, agency: str) -> Life:
    """R8: the coordinator's advice where an issue bounces."""
    yield Act(
        at=at,
        who=COORDINATOR,
        command=ProposeResponsibility(
            issue_id=affair.issue_id,
            proposed_agency=agency,
            reason_sv=affair.says(affair.texts.referrals, "proposal"),
        ),
    )
    return at


def _until_answer(
    affair: Affair, at: datetime, referral_id: UUID, to: str, clock: Clock
) -> Generator[Act, Any, tuple[datetime, datetime]]:
    """Up to the answer: somebody reads it, perhaps asks for more; returns now and the answer."""
    draw, texts = affair.draw, affair.texts.referrals
    respond_by = due(clock, affair.priority, at, affair.calendar)
    answered = at + (respond_by - at) * _share(affair)
    if affair.priority is not Priority.URGENT:
        answered = draw.office(answered)
    if draw.chance(0.5):
        at += (answered - at) * draw.between(0.1, 0.8)
        yield Act(
            at=at,
            who=affair.caseworker(to),
            command=OpenReferral(issue_id=affair.issue_id, referral_id=referral_id),
        )
    if draw.chance(0.08):
        at = answered
        yield Act(
            at=at,
            who=affair.caseworker(to),
            command=RequestReferralInfo(
                issue_id=affair.issue_id,
                referral_id=referral_id,
                question_sv=affair.says(texts, "more", "ask"),
            ),
        )
        at = affair.later(at, 30 * _HOUR)
        yield _by_sender(affair, at, ProvideReferralInfo, referral_id, answer_sv=("more", "tell"))
        answered = affair.later(at, 12 * _HOUR)
    return at, answered


def _share(affair: Affair) -> float:
    """How much of the time to answer is taken: mostly less than all, sometimes many times it."""
    draw = affair.draw
    least, most = draw.weighted(
        {(0.05, 0.5): 45, (0.5, 0.98): 32, (1.05, 1.7): 11, (1.7, 3.2): 7, (3.5, 9.0): 4}
    )
    return draw.between(least, most)


def _declined(affair: Affair, at: datetime, referral_id: UUID, by: str) -> DeclineReferral:
    reason = affair.draw.weighted(_REASONS)
    return DeclineReferral(
        issue_id=affair.issue_id,
        referral_id=referral_id,
        reason_code=reason,
        reason_sv=affair.says(affair.texts.referrals, "decline", reason.value),
        suggested_agency=_other(affair, by) if reason is DeclineReason.OTHER_AGENCY_RIGHT else None,
        earliest_on=(at + affair.draw.number(10, 40) * _DAY).date()
        if reason is DeclineReason.NO_CAPACITY_NOW
        else None,
    )


def _returned(affair: Affair, referral_id: UUID) -> ReturnReferral:
    texts = affair.texts.referrals
    return ReturnReferral(
        issue_id=affair.issue_id,
        referral_id=referral_id,
        reason_code=DeclineReason.NOT_OUR_MANDATE,
        reason_sv=affair.says(texts, "returned", "reason"),
        done_so_far_sv=affair.says(texts, "returned", "done"),
    )


def _other(affair: Affair, than: str) -> str:
    return affair.draw.one([each for each in MAY_TAKE_OVER if each != than])


def _by_sender(
    affair: Affair,
    at: datetime,
    command: Callable[..., Any],
    referral_id: UUID,
    **texts: tuple[str, ...],
) -> Act:
    said = {name: affair.says(affair.texts.referrals, *keys) for name, keys in texts.items()}
    return Act(
        at=at,
        who=affair.caseworker(affair.responsible),
        command=command(issue_id=affair.issue_id, referral_id=referral_id, **said),
    )
