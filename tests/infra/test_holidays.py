"""The Swedish calendar against days that are known (R15)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.working_days import LOCAL_ZONE, Calendar
from infra.holidays import SwedishCalendar, days_off

SWEDISH = SwedishCalendar()

DAYS_OFF_2026 = {
    date(2026, 1, 1): "Nyårsdagen",
    date(2026, 1, 6): "Trettondedag jul",
    date(2026, 4, 3): "Långfredagen",
    date(2026, 4, 5): "Påskdagen",
    date(2026, 4, 6): "Annandag påsk",
    date(2026, 5, 1): "Första maj",
    date(2026, 5, 14): "Kristi himmelsfärdsdag",
    date(2026, 5, 24): "Pingstdagen",
    date(2026, 6, 6): "Nationaldagen",
    date(2026, 6, 19): "Midsommarafton",
    date(2026, 6, 20): "Midsommardagen",
    date(2026, 10, 31): "Alla helgons dag",
    date(2026, 12, 24): "Julafton",
    date(2026, 12, 25): "Juldagen",
    date(2026, 12, 26): "Annandag jul",
    date(2026, 12, 31): "Nyårsafton",
}

# year: långfredagen, annandag påsk, Kristi himmelsfärdsdag, midsommarafton, alla helgons dag
MOVABLE = {
    2018: ("03-30", "04-02", "05-10", "06-22", "11-03"),
    2019: ("04-19", "04-22", "05-30", "06-21", "11-02"),
    2020: ("04-10", "04-13", "05-21", "06-19", "10-31"),
    2021: ("04-02", "04-05", "05-13", "06-25", "11-06"),
    2022: ("04-15", "04-18", "05-26", "06-24", "11-05"),
    2023: ("04-07", "04-10", "05-18", "06-23", "11-04"),
    2024: ("03-29", "04-01", "05-09", "06-21", "11-02"),
    2025: ("04-18", "04-21", "05-29", "06-20", "11-01"),
    2026: ("04-03", "04-06", "05-14", "06-19", "10-31"),
    2027: ("03-26", "03-29", "05-06", "06-25", "11-06"),
    2028: ("04-14", "04-17", "05-25", "06-23", "11-04"),
    2029: ("03-30", "04-02", "05-10", "06-22", "11-03"),
    2030: ("04-19", "04-22", "05-30", "06-21", "11-02"),
}
FIXED = ("01-01", "01-06", "05-01", "06-06", "12-24", "12-25", "12-26", "12-31")

# Counted in the almanac: Mondays to Fridays less the days off that fall on them.
WORKING_DAYS_IN_YEAR = {2024: 262 - 11, 2025: 261 - 12, 2026: 261 - 10}


def test_it_is_a_calendar_in_the_local_zone() -> None:
    calendar: Calendar = SWEDISH

    assert calendar.zone is LOCAL_ZONE


def test_days_off_2026_are_all_named_and_no_more() -> None:
    assert dict(days_off(2026)) == DAYS_OFF_2026


@pytest.mark.parametrize("year", MOVABLE)
def test_known_days_off_are_not_worked(year: int) -> None:
    for month_day in (*MOVABLE[year], *FIXED):
        assert not SWEDISH.is_working_day(date.fromisoformat(f"{year}-{month_day}"))


@pytest.mark.parametrize("year", MOVABLE)
def test_a_year_has_its_sixteen_days_off(year: int) -> None:
    # Långfredagen, påskdagen, annandag påsk, Kristi himmelsfärdsdag, pingstdagen,
    # midsommarafton, midsommardagen and alla helgons dag move; eight stand still.
    assert len(days_off(year)) == 16


@pytest.mark.parametrize(
    "eve",
    ["2026-01-05", "2026-04-02", "2026-04-30", "2026-05-15", "2026-10-30", "2026-12-23"],
    ids=["trettondagsafton", "skärtorsdag", "valborg", "klämdag", "allhelgonaafton", "uppesittar"],
)
def test_other_eves_and_squeezed_days_are_worked(eve: str) -> None:
    assert SWEDISH.is_working_day(date.fromisoformat(eve))


def test_whit_monday_was_exchanged_for_the_national_day_in_2005() -> None:
    assert not SWEDISH.is_working_day(date(2004, 5, 31))
    assert SWEDISH.is_working_day(date(2005, 5, 16))
    assert not SWEDISH.is_working_day(date(2005, 6, 6))


@pytest.mark.parametrize("year", WORKING_DAYS_IN_YEAR)
def test_working_days_in_a_year(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))

    worked = sum(SWEDISH.is_working_day(day) for day in days if day.year == year)

    assert worked == WORKING_DAYS_IN_YEAR[year]


def test_years_without_known_days_off_still_have_weekends() -> None:
    assert not days_off(1948)
    assert SWEDISH.is_working_day(date(1948, 1, 26))
    assert not SWEDISH.is_working_day(date(1948, 1, 25))


@given(day=st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31)))
def test_weekends_are_never_worked_and_no_week_is_all_off(day: date) -> None:
    monday = day - timedelta(days=day.weekday())
    week = [SWEDISH.is_working_day(monday + timedelta(days=number)) for number in range(7)]

    assert not any(week[5:])
    assert any(week)
