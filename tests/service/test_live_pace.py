"""When pages are told: soon after a change, seldom while changes follow each other, and at last."""

from itertools import pairwise

import pytest

from service.live.pace import (
    LEAST_SECONDS,
    MOST_SECONDS,
    QUIET_SECONDS,
    SETTLED_SECONDS,
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
            pace.told(now)
            told.append(now)
    return told


def test_nothing_is_told_when_nothing_has_changed() -> None:
    assert told_at([], 50, 5.0) == []


def test_a_command_whose_events_come_one_by_one_is_told_once_and_at_once() -> None:
    (told,) = told_at([1.0, 1.04, 1.08], 1, 5.0)
    assert told == pytest.approx(1.08 + SETTLED_SECONDS, abs=2 * STEP)


@pytest.mark.parametrize("pages", [1, 50, 1_000])
def test_while_changes_follow_each_other_pages_are_told_seldom_and_of_the_last_soon(
    pages: int,
) -> None:
    moves = [step * 0.05 for step in range(600)]
    told = told_at(moves, pages, 32.0)
    *during, last = told
    apart = [after - before for before, after in pairwise(during)]
    assert min(apart) >= LEAST_SECONDS
    assert max(apart) <= MOST_SECONDS + 0.1
    assert moves[-1] <= last <= moves[-1] + QUIET_SECONDS + 2 * STEP


def test_the_more_pages_are_open_the_more_seldom_they_are_told() -> None:
    moves = [step * 0.05 for step in range(600)]
    often, seldom = (len(told_at(moves, pages, 32.0)) for pages in (10, 100))
    assert often > 2 * seldom


def test_changes_that_come_now_and_then_do_not_make_pages_ask_all_the_time() -> None:
    moves = [step * 0.45 for step in range(40)]
    assert len(told_at(moves, 50, 20.0)) <= len(moves)
    moves = [step * 0.35 for step in range(60)]
    assert len(told_at(moves, 50, 22.0)) <= len(moves) / 5
