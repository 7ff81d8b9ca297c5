"""Working-day arithmetic in the Swedish calendar, across weekends and clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.working_days import (
    LOCAL_ZONE,
    add_days,
    add_working_days,
    add_working_time,
    working_days_between,
    working_time_between,
)
from infra.holidays import SwedishCalendar

SWEDISH = SwedishCalendar()


def local(text: str) -> datetime:
    """Göteborg time, from '2026-03-09 10:00'."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def shown(moment: datetime) -> str:
    """What a clock in Göteborg shows."""
    assert moment.tzinfo is UTC
    return moment.astimezone(LOCAL_ZONE).strftime("%Y-%m-%d %H:%M")


moments = st.builds(
    datetime.astimezone,
    st.datetimes(
        min_value=datetime(2018, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
        max_value=datetime(2031, 12, 31),  # noqa: DTZ001  as above
        timezones=st.just(UTC),
    ),
    st.sampled_from([UTC, LOCAL_ZONE, ZoneInfo("America/New_York")]),
)
some_days = st.integers(min_value=0, max_value=40)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-03-09 10:00", 0, "2026-03-09 10:00"),
        ("2026-03-09 10:00", 1, "2026-03-10 10:00"),
        ("2026-03-13 16:30", 1, "2026-03-16 16:30"),  # Friday to Monday
        ("2026-03-14 09:00", 1, "2026-03-16 09:00"),  # from Saturday
        ("2026-03-15 23:59", 2, "2026-03-17 23:59"),  # from Sunday
        ("2026-04-02 08:00", 1, "2026-04-07 08:00"),  # over Easter
        ("2026-06-18 12:00", 1, "2026-06-22 12:00"),  # over midsommar
        ("2026-12-23 12:00", 1, "2026-12-28 12:00"),  # over julafton to annandag jul
        ("2026-12-30 12:00", 1, "2027-01-04 12:00"),  # over nyårsafton and nyårsdagen
        ("2026-01-21 11:20", 10, "2026-02-04 11:20"),  # story 2, consult
        ("2026-03-27 02:30", 1, "2026-03-30 02:30"),  # clocks go forward on 03-29
        ("2026-10-23 02:30", 1, "2026-10-26 02:30"),  # clocks go back on 10-25
    ],
)
def test_add_working_days_keeps_the_clock_time(start: str, days: int, end: str) -> None:
    assert shown(add_working_days(local(start), days, SWEDISH)) == end


def test_add_working_days_over_a_clock_change_is_not_whole_days_of_24_hours() -> None:
    start = local("2026-03-27 10:00")

    assert add_working_days(start, 1, SWEDISH) - start == timedelta(hours=71)


def test_add_working_days_counts_local_days_whatever_zone_the_moment_comes_in() -> None:
    # 23.30 UTC on Sunday is already Monday in Göteborg.
    start = datetime(2026, 3, 15, 23, 30, tzinfo=UTC)

    assert shown(add_working_days(start, 1, SWEDISH)) == "2026-03-17 00:30"


def test_add_working_days_from_the_hour_that_comes_twice() -> None:
    first = local("2026-10-25 02:30")
    second = first.replace(fold=1)

    assert add_working_days(first, 1, SWEDISH) == add_working_days(second, 1, SWEDISH)


def test_add_days_counts_every_day_by_the_wall_clock() -> None:
    assert shown(add_days(local("2026-03-20 09:00"), 14, SWEDISH)) == "2026-04-03 09:00"


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-03-09 10:00", "2026-03-09 10:00", 0),
        ("2026-03-09 10:00", "2026-03-08 10:00", 0),
        ("2026-03-09 10:00", "2026-03-09 10:01", 1),
        ("2026-03-09 10:00", "2026-03-12 10:00", 3),
        ("2026-03-09 10:00", "2026-03-12 10:01", 4),
        ("2026-03-09 10:00", "2026-03-12 09:59", 3),
        ("2026-03-13 10:00", "2026-03-14 12:00", 1),  # Saturday is reached by Monday
        ("2026-03-14 10:00", "2026-03-15 12:00", 1),
        ("2026-03-13 10:00", "2026-03-16 10:01", 2),
    ],
)
def test_working_days_between_rounds_up(start: str, end: str, days: int) -> None:
    assert working_days_between(local(start), local(end), SWEDISH) == days


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-01-22 10:00", 6.5, "2026-01-22 16:30"),
        ("2026-03-13 10:00", 13.5, "2026-03-13 23:30"),
        ("2026-03-13 10:00", 14, "2026-03-16 00:00"),  # midnight to Saturday rolls to Monday
        ("2026-03-13 10:00", 20, "2026-03-16 06:00"),
        ("2026-03-14 10:00", 5, "2026-03-16 05:00"),  # nothing of Saturday counts
        ("2026-03-14 10:00", 0, "2026-03-14 10:00"),
        ("2026-03-27 22:00", 8, "2026-03-30 06:00"),  # the short night is no working time
        ("2026-06-18 12:00", 48, "2026-06-23 12:00"),  # over midsommarafton
    ],
)
def test_add_working_time_passes_over_days_off(start: str, hours: float, end: str) -> None:
    assert shown(add_working_time(local(start), timedelta(hours=hours), SWEDISH)) == end


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-01-20 08:40", "2026-01-20 15:10", 6.5),  # story 2, the pause
        ("2026-03-13 15:00", "2026-03-16 09:00", 18),  # a weekend in between
        ("2026-03-14 08:00", "2026-03-15 20:00", 0),
        ("2026-03-13 15:00", "2026-03-13 15:00", 0),
        ("2026-03-13 15:00", "2026-03-12 15:00", 0),
        ("2026-03-13 15:00", "2026-03-13 14:00", 0),
        ("2026-12-23 00:00", "2026-12-29 00:00", 48),  # 23 and 28 December
        ("2026-10-23 12:00", "2026-10-26 12:00", 24),  # clocks go back on the Sunday
    ],
)
def test_working_time_between_leaves_days_off_out(start: str, end: str, hours: float) -> None:
    assert working_time_between(local(start), local(end), SWEDISH) == timedelta(hours=hours)


def test_moments_without_zone_are_refused() -> None:
    naive = local("2026-03-09 10:00").replace(tzinfo=None)
    aware = local("2026-03-09 10:00")

    for refused in (
        lambda: add_days(naive, 1, SWEDISH),
        lambda: add_working_days(naive, 1, SWEDISH),
        lambda: add_working_time(naive, timedelta(1), SWEDISH),
        lambda: working_days_between(naive, aware, SWEDISH),
        lambda: working_time_between(aware, naive, SWEDISH),
    ):
        with pytest.raises(ValueError, match="zone"):
            refused()


def test_counting_backwards_is_refused() -> None:
    start = local("2026-03-09 10:00")

    with pytest.raises(ValueError, match="forward"):
        add_working_days(start, -1, SWEDISH)
    with pytest.raises(ValueError, match="added"):
        add_working_time(start, timedelta(seconds=-1), SWEDISH)


@given(start=moments, days=some_days)
def test_add_working_days_lands_on_the_same_clock_time_of_a_working_day(
    start: datetime, days: int
) -> None:
    end = add_working_days(start, days, SWEDISH)

    assert end.tzinfo is UTC
    wall = end.astimezone(LOCAL_ZONE)
    if days == 0:
        assert end == start
    else:
        assert wall.time() == start.astimezone(LOCAL_ZONE).time()
        assert SWEDISH.is_working_day(wall.date())


@given(start=moments, days=some_days)
def test_working_days_between_undoes_add_working_days(start: datetime, days: int) -> None:
    assert working_days_between(start, add_working_days(start, days, SWEDISH), SWEDISH) == days


@given(start=moments, span=spans)
def test_working_days_between_is_the_smallest_that_reaches(
    start: datetime, span: timedelta
) -> None:
    end = start.astimezone(UTC) + span

    days = working_days_between(start, end, SWEDISH)

    assert add_working_days(start, days, SWEDISH) >= end
    assert days == 0 or add_working_days(start, days - 1, SWEDISH) < end


@given(start=moments, first=some_days, second=some_days)
def test_working_days_add_up(start: datetime, first: int, second: int) -> None:
    halfway = add_working_days(start, first, SWEDISH)

    together = add_working_days(start, first + second, SWEDISH)
    assert add_working_days(halfway, second, SWEDISH) == together


@given(start=moments, span=spans)
def test_working_time_between_undoes_add_working_time(start: datetime, span: timedelta) -> None:
    end = add_working_time(start, span, SWEDISH)

    assert working_time_between(start, end, SWEDISH) == span
    if span:
        assert SWEDISH.is_working_day(end.astimezone(LOCAL_ZONE).date())


@given(start=moments, first=spans, second=spans)
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    halfway = add_working_time(start, first, SWEDISH)

    together = add_working_time(start, first + second, SWEDISH)
    assert add_working_time(halfway, second, SWEDISH) == together


@given(earlier=moments, later=moments, span=spans)
def test_add_working_time_never_overtakes(
    earlier: datetime, later: datetime, span: timedelta
) -> None:
    earlier, later = sorted((earlier, later))

    assert add_working_time(earlier, span, SWEDISH) <= add_working_time(later, span, SWEDISH)


@given(start=moments, days=some_days)
def test_a_working_day_holds_24_hours_of_working_time(start: datetime, days: int) -> None:
    if SWEDISH.is_working_day(start.astimezone(LOCAL_ZONE).date()):
        end = add_working_days(start, days, SWEDISH)

        assert working_time_between(start, end, SWEDISH) == days * timedelta(hours=24)


def test_the_calendar_decides_which_days_are_worked() -> None:
    class ShopCalendar:
        zone = LOCAL_ZONE

        def is_working_day(self, day: date) -> bool:
            return day.isoweekday() != 7

    assert shown(add_working_days(local("2026-03-13 10:00"), 1, ShopCalendar())) == (
        "2026-03-14 10:00"
    )
