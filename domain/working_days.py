"""Swedish working-day arithmetic (R15, DOMAIN 8 "Counting"): deadlines in days and pauses in time.

Everything goes by the wall clock of the calendar's zone, so a deadline set at 10.00 falls at 10.00
also after the clocks have changed. Moments come in aware, in any zone, and go out in UTC.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

LOCAL_ZONE: Final = ZoneInfo("Europe/Stockholm")

_DAY: Final = timedelta(days=1)
_NOTHING: Final = timedelta(0)


class Calendar(Protocol):
    """Which local days are worked; `infra.holidays` has the Swedish one."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose midnights divide the days."""
        ...

    def is_working_day(self, day: date) -> bool:
        """Whether `day` counts in deadlines."""
        ...


def add_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The same local clock time `days` calendar days later.

    Raises:
        ValueError: if `start` has no zone.
    """
    return _utc(_wall(start, calendar) + days * _DAY, calendar)


def add_working_days(start: datetime, days: int, calendar: Calendar) -> datetime:
    """The same local clock time `days` working days later; the day of `start` is never counted.

    From a weekend or red day the first working day is therefore number 1. 0 days is `start`.

    Raises:
        ValueError: if `start` has no zone or `days` is negative.
    """
    if days < 0:
        raise ValueError("Working days are only counted forward.")
    wall = _wall(start, calendar)
    if days == 0:
        return start.astimezone(UTC)
    while days > 0:
        wall += _DAY
        if calendar.is_working_day(wall.date()):
            days -= 1
    return _utc(wall, calendar)


def working_days_between(start: datetime, end: datetime, calendar: Calendar) -> int:
    """The fewest working days after `start` that reach `end`; 0 if `end` is not later.

    Raises:
        ValueError: if a moment has no zone.
    """
    first, last = _wall(start, calendar), _wall(end, calendar)
    if end.astimezone(UTC) <= start.astimezone(UTC):
        return 0
    counted = [
        day for day in _days(first.date() + _DAY, last.date()) if calendar.is_working_day(day)
    ]
    # n = len(counted) lands on the last working day up to the end; one more if that is too early.
    reached = counted and datetime.combine(counted[-1], first.time()) >= last
    return len(counted) if reached else len(counted) + 1


def add_working_time(start: datetime, time: timedelta, calendar: Calendar) -> datetime:
    """The moment when `time` of working time has passed since `start`.

    A working day has the 24 hours of its wall clock, any other day none. What ends exactly at the
    midnight before days off rolls on to the next working day. No time added: `start`.

    Raises:
        ValueError: if `start` has no zone or `time` is negative.
    """
    if time < _NOTHING:
        raise ValueError("Working time is only added, never taken away.")
    wall = _wall(start, calendar)
    if time == _NOTHING:
        return start.astimezone(UTC)
    while True:
        midnight = datetime.combine(wall.date() + _DAY, datetime.min.time())
        if calendar.is_working_day(wall.date()):
            if time < midnight - wall:
                return _utc(wall + time, calendar)
            time -= midnight - wall
        wall = midnight


def working_time_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How much of the time from `start` to `end` lies on working days; none if `end` is earlier.

    Raises:
        ValueError: if a moment has no zone.
    """
    first, last = _wall(start, calendar), _wall(end, calendar)
    total = _NOTHING
    for day in _days(first.date(), last.date()):
        if calendar.is_working_day(day):
            midnight = datetime.combine(day, datetime.min.time())
            total += min(last, midnight + _DAY) - max(first, midnight)
    return max(total, _NOTHING)


def _days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    day = first
    while day <= last:
        yield day
        day += _DAY


def _wall(moment: datetime, calendar: Calendar) -> datetime:
    """What a clock on the wall shows: local time without zone.

    An hour that is shown twice or skipped is one of a night to Sunday, which is no working day.
    """
    if moment.tzinfo is None:
        raise ValueError("The moment needs a time zone.")
    return moment.astimezone(calendar.zone).replace(tzinfo=None, fold=0)


def _utc(wall: datetime, calendar: Calendar) -> datetime:
    return wall.replace(tzinfo=calendar.zone).astimezone(UTC)
