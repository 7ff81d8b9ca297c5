"""The clocks of DOMAIN 8: how long each step may take and when an unanswered referral escalates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.codes import Priority, ReferralType
from domain.working_days import (
    Calendar,
    add_days,
    add_working_days,
    add_working_time,
    working_days_between,
    working_time_between,
)


class Clock(StrEnum):
    """What is being waited for."""

    TRIAGE = "triage"
    ANSWER = "answer"  # to a transfer or assist
    CONSULT = "consult"
    FIRST_ACTION = "first_action"
    FOLLOW_UP = "follow_up"


class Unit(StrEnum):
    """How an allowance is counted."""

    HOURS = "hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"


@dataclass(frozen=True)
class Allowance:
    """The time a step may take."""

    amount: int
    unit: Unit

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """When the time is up, in UTC; days keep the local clock time of `start`.

        Raises:
            ValueError: if `start` has no zone.
        """
        if self.unit is Unit.HOURS:
            return _utc(start) + timedelta(hours=self.amount)
        if self.unit is Unit.WORKING_DAYS:
            return add_working_days(start, self.amount, calendar)
        return add_days(start, self.amount, calendar)


def _row(
    *, urgent: Allowance, high: Allowance, medium: Allowance, low: Allowance
) -> Mapping[Priority, Allowance]:
    return MappingProxyType(
        {
            Priority.URGENT: urgent,
            Priority.HIGH: high,
            Priority.MEDIUM: medium,
            Priority.LOW: low,
        }
    )


def _h(hours: int) -> Allowance:
    return Allowance(hours, Unit.HOURS)


def _wd(working_days: int) -> Allowance:
    return Allowance(working_days, Unit.WORKING_DAYS)


def _d(days: int) -> Allowance:
    return Allowance(days, Unit.DAYS)


CLOCKS: Final[Mapping[Clock, Mapping[Priority, Allowance]]] = MappingProxyType(
    {
        Clock.TRIAGE: _row(urgent=_h(4), high=_wd(1), medium=_wd(2), low=_wd(5)),
        Clock.ANSWER: _row(urgent=_h(8), high=_wd(1), medium=_wd(3), low=_wd(5)),
        Clock.CONSULT: _row(urgent=_wd(1), high=_wd(5), medium=_wd(10), low=_wd(10)),
        Clock.FIRST_ACTION: _row(urgent=_wd(1), high=_wd(3), medium=_wd(10), low=_wd(20)),
        Clock.FOLLOW_UP: _row(urgent=_d(7), high=_d(14), medium=_d(30), low=_d(60)),
    }
)

AFTER_DECLINE: Final = _wd(2)
"""R6: the sender's new clock when a referral comes back declined."""

REPLY_TO_RESIDENT: Final = _d(28)
"""Four weeks, a hard limit for every priority."""

ESCALATION_PERCENT: Final = (150, 200, 300)
"""Share of the allowed time at which levels 1, 2 and 3 come."""

_ANSWER_CLOCKS: Final[Mapping[ReferralType, Clock]] = MappingProxyType(
    {
        ReferralType.TRANSFER: Clock.ANSWER,
        ReferralType.ASSIST: Clock.ANSWER,
        ReferralType.CONSULT: Clock.CONSULT,
    }
)


def due(clock: Clock, priority: Priority, start: datetime, calendar: Calendar) -> datetime:
    """When what began at `start` is due, in UTC.

    Raises:
        ValueError: if `start` has no zone.
    """
    return CLOCKS[clock][priority].after(start, calendar)


def counts_in_hours(clock: Clock, priority: Priority) -> bool:
    """Whether nights and weekends count too."""
    return CLOCKS[clock][priority].unit is Unit.HOURS


def answer_clock(referral_type: ReferralType) -> Clock | None:
    """The clock of the answer; none for what is sent for information, which expects no answer."""
    return _ANSWER_CLOCKS.get(referral_type)


@dataclass(frozen=True, kw_only=True)
class ReferralDeadlines:
    """When an unanswered referral is due, reminded of and escalated; all in UTC.

    `escalate_at` are levels 1, 2 and 3, in order; short deadlines can make levels 1 and 2 coincide
    (one working day: 150 % and 200 % are both two whole days).
    """

    respond_by: datetime
    remind_at: datetime
    escalate_at: tuple[datetime, datetime, datetime]
    by_hours: bool


def referral_deadlines(
    sent_at: datetime,
    respond_by: datetime,
    *,
    by_hours: bool,
    calendar: Calendar,
) -> ReferralDeadlines:
    """The deadlines of a referral that is to be answered by `respond_by`.

    The allowed time is the working days between the two, escalation comes at multiples of it
    rounded up to whole working days. With `by_hours`, or when less than a whole working day is
    allowed, it is the hours between them, exactly.

    Raises:
        ValueError: if a moment has no zone or `respond_by` is not after `sent_at`.
        OverflowError: if a deadline would lie beyond the year 9999.
    """
    sent_at, respond_by = _utc(sent_at), _utc(respond_by)
    if respond_by <= sent_at:
        raise ValueError("A referral is to be answered after it is sent.")
    if by_hours or respond_by < add_working_days(sent_at, 1, calendar):
        allowed = respond_by - sent_at
        level_1, level_2, level_3 = (sent_at + allowed * pct / 100 for pct in ESCALATION_PERCENT)
        by_hours = True
    else:
        days = working_days_between(sent_at, respond_by, calendar)
        level_1, level_2, level_3 = (
            add_working_days(sent_at, -(-days * pct // 100), calendar)  # rounded up
            for pct in ESCALATION_PERCENT
        )
    return ReferralDeadlines(
        respond_by=respond_by,
        remind_at=respond_by,
        escalate_at=(level_1, level_2, level_3),
        by_hours=by_hours,
    )


def paused(
    deadlines: ReferralDeadlines, asked_at: datetime, answered_at: datetime, calendar: Calendar
) -> ReferralDeadlines:
    """The deadlines after the receiver has waited for information from `asked_at` to `answered_at`.

    All move by the working time of the wait, or by its hours where hours are counted. An answer
    dated before the question (R14 lets both be recorded late) moves nothing.

    Raises:
        ValueError: if a moment has no zone.
    """
    hours = max(_utc(answered_at) - _utc(asked_at), timedelta(0))
    working_time = working_time_between(asked_at, answered_at, calendar)

    def later(moment: datetime) -> datetime:
        if deadlines.by_hours:
            return moment + hours
        return add_working_time(moment, working_time, calendar)

    level_1, level_2, level_3 = deadlines.escalate_at
    return replace(
        deadlines,
        respond_by=later(deadlines.respond_by),
        remind_at=later(deadlines.remind_at),
        escalate_at=(later(level_1), later(level_2), later(level_3)),
    )


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("The moment needs a time zone.")
    return moment.astimezone(UTC)
