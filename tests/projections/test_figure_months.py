"""Figures month by month: each month says what it would say if it were asked for alone."""

from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy import Engine

from domain.codes import Effect
from domain.working_days import LOCAL_ZONE
from projections.figure_months import Month
from projections.figure_texts import FigureId
from projections.follow_up import FOLLOW_UP
from projections.follow_up_queries import all_behind, figures_asked, issues_behind
from projections.visibility import VISIBILITY
from service.pages.periods import midnight
from tests.projections.follow_up_examples import a_busy_log, a_caseworker, asked, at, follow_up
from tests.projections.written_log import EVERYTHING, WrittenLog, fold_all

DAY = 24.0
OPEN_NOW = {FigureId.K4, FigureId.K6, FigureId.K8, FigureId.K15}


def fill(engine: Engine, log: WrittenLog) -> None:
    fold_all(engine, log, VISIBILITY, FOLLOW_UP)


def test_a_month_says_what_it_would_say_alone(engine: Engine) -> None:
    log = a_busy_log()
    for stream, days in ((901, 3), (902, 40), (903, 70)):
        issue_id = log.issue(stream, at(0))
        log.action(issue_id, at(days * DAY), "police")
        for later, found in ((1, Effect.UNCHANGED), (35, Effect.RESOLVED)):
            follow_up(log, issue_id, (days + later) * DAY, found)
    fill(engine, log)
    question = asked(until=at(DAY * 120))
    compared = 0
    with engine.connect() as db:
        months = figures_asked(db, EVERYTHING, question, by_month=True).months
        assert {figure_id for figure_id, told in months.items() if not told} == OPEN_NOW
        for figure_id, told in months.items():
            assert all(one.last < next_one.first for one, next_one in pairwise(told))
            for month in told:
                since, until = midnight(month.first), midnight(month.last) + (at(DAY) - at(0))
                alone = replace(question, since=max(since, question.since), until=until)
                figure = figures_asked(db, EVERYTHING, alone)[figure_id]
                same = (figure.count, figure.spread, figure.share, figure.withheld)
                assert (month.count, month.spread, month.share, month.withheld) == same
                compared += bool(month.count)
    assert compared > 10


def test_months_are_those_of_the_calendar_here(engine: Engine) -> None:
    fill(engine, WrittenLog())
    question = asked(since=midnight(at(0).astimezone(LOCAL_ZONE).date()), until=at(DAY * 60))
    with engine.connect() as db:
        told = figures_asked(db, EVERYTHING, question, by_month=True).months[FigureId.K1]
    days = [(month.first.isoformat(), month.last.isoformat()) for month in told]
    assert days == [
        ("2026-03-02", "2026-03-31"),
        ("2026-04-01", "2026-04-30"),
        ("2026-05-01", "2026-05-01"),
    ]


@pytest.mark.parametrize("issues", [4, 5])
def test_few_of_a_sensitive_category_are_withheld_in_a_month(engine: Engine, issues: int) -> None:
    log = WrittenLog()
    for stream in range(issues):
        log.action(log.issue(stream, at(0), "social", category="violence_close"), at(3), "social")
    for stream in range(50, 60):  # many in the year hide no one in March
        later = at(DAY * 40)
        log.action(log.issue(stream, later, "social", category="violence_close"), later, "social")
    fill(engine, log)
    question = asked(category="violence_close")
    with engine.connect() as db:
        found = figures_asked(db, a_caseworker("police"), question, by_month=True)
    march: Month = found.months[FigureId.K7][0]
    assert found["K7"].count == issues + 10
    assert (march.count, march.withheld) == ((None, True) if issues < 5 else (5, False))


def test_a_whole_list_is_as_long_as_its_number(engine: Engine) -> None:
    log = WrittenLog()
    for stream in range(7):
        log.action(log.issue(stream, at(stream)), at(9), "police")
    fill(engine, log)
    with engine.connect() as db:
        whole = all_behind(db, EVERYTHING, FigureId.K7, asked())
        page = issues_behind(db, EVERYTHING, FigureId.K7, asked(), limit=3)
    assert len(whole) == 7
    assert [each.key for each in whole[:3]] == [each.key for each in page.items]
