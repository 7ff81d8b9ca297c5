"""When pages are told: at once after a change, seldom while changes follow each other, at last."""

from itertools import pairwise

import pytest

from service.live.pace import (
    AT_ONCE,
    LEAST_SECONDS,
    MOST_SECONDS,
    SECONDS_AN_ASK,
    SETTLED_SECONDS,
    SHARE,
    Pace,
)

STEP = 0.01


def told_at(moves: list[float], pages: int, until: float) -> list[float]:
    """When pages are told if read models move at these moments."""
    pace, told, waiting = Pace(), [], sorted(moves)
    for step in range(round(until / STEP)):
        now = step * STEP
        while waiting and waiting[0] <= now:
            waiting.pop(0)
            pace.moved(now)
        if pace.due_in(now, pages) == 0.0:
            pace.told(now, pages)
            told.append(now)
    return told


def test_nothing_is_told_when_nothing_has_changed() -> None:
    assert told_at([], 50, 5.0) == []


def test_a_command_whose_events_come_one_by_one_is_told_once_and_at_once() -> None:
    (told,) = told_at([1.0, 1.02, 1.04], 1, 5.0)
    assert told == pytest.approx(1.04 + SETTLED_SECONDS, abs=2 * STEP)


@pytest.mark.parametrize("pages", [1, 50, 1_000])
def test_a_few_commands_after_a_quiet_while_are_each_told_at_once(pages: int) -> None:
    moves = [1.0 + nth * 0.2 for nth in range(AT_ONCE)]
    told = told_at(moves, pages, 10.0)
    assert told == pytest.approx([at + SETTLED_SECONDS for at in moves], abs=2 * STEP)


@pytest.mark.parametrize("pages", [1, 50, 1_000])
def test_while_changes_follow_each_other_pages_are_told_seldom_and_of_the_last_soon(
    pages: int,
) -> None:
    moves = [step * 0.05 for step in range(600)]
    told = told_at(moves, pages, 36.0)
    apart = [after - before for before, after in pairwise(told[AT_ONCE:])]
    assert min(apart) >= LEAST_SECONDS - SETTLED_SECONDS
    assert max(apart) <= MOST_SECONDS + SETTLED_SECONDS + 2 * STEP
    most = min(max(pages * SECONDS_AN_ASK / SHARE, LEAST_SECONDS), MOST_SECONDS)
    assert moves[-1] <= told[-1] <= moves[-1] + most + 2 * STEP


def test_the_more_pages_are_open_the_more_seldom_they_are_told() -> None:
    moves = [step * 0.05 for step in range(600)]
    often, seldom = (len(told_at(moves, pages, 32.0)) for pages in (50, 200))
    assert often > 2 * seldom


@pytest.mark.parametrize("apart", [0.01, 0.05, 0.12, 0.35, 0.45, 0.6, 1.5])
@pytest.mark.parametrize("pages", [1, 50, 100, 500])
def test_however_changes_come_pages_leave_most_of_a_process_to_people(
    apart: float, pages: int
) -> None:
    moves = [step * apart for step in range(round(60 / apart))]
    told = told_at(moves, pages, 60.0)
    asked = len(told[AT_ONCE:]) * pages * SECONDS_AN_ASK
    assert asked <= SHARE * 60.0
    assert len(told) <= len(moves)
