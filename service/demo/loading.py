"""Loads the whole demo: the stories and a year around them, in the order of time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.assembly import Samsyn
from service.demo.plan import YEAR
from service.demo.playing import Year, first_and_last_key
from service.demo.texts import PRESET
from service.preset import load_preset
from service.stories.demo import demo_stories, has_begun, ongoing_story
from service.stories.player import Played, Player, StoryClock
from service.stories.story import Step, in_order

ISSUES = 2_000
"""How many issues a year has if nobody says otherwise."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class DemoLoaded:
    """What came of loading: of the stories, and how much of the year was recorded now.

    `given_up` are lives that went no further because somebody else was quicker.
    """

    stories: Played
    year_commands: int = 0
    given_up: int = 0


def load_demo(
    samsyn: Samsyn,
    clock: StoryClock,
    now: datetime,
    issues: int = ISSUES,
    progress: Progress = lambda _what, _done, _total: None,
) -> DemoLoaded:
    """Load what is missing of the demo; a year only into an empty log, or one that was begun.

    Without issues there is no year, the stories alone. Read models are left to be brought along.
    """
    is_empty = samsyn.casework.head() == 0
    year = _year(samsyn, clock, now, issues, progress, is_empty=is_empty) if issues else None
    stories, ongoing = demo_stories(), ongoing_story(year.ends if year else now)
    if is_empty or year is not None or has_begun(ongoing, samsyn):
        stories.append(ongoing)
    total, done = len(in_order(stories)), 0

    def played(_step: Step) -> None:
        nonlocal done
        done += 1
        progress("stories", done, total)

    told = Player(samsyn, clock, alongside=year).play(stories, played)
    if year is None:
        return DemoLoaded(stories=told)
    year.until(year.ends)
    return DemoLoaded(stories=told, year_commands=year.commands, given_up=year.given_up)


def _year(
    samsyn: Samsyn,
    clock: StoryClock,
    now: datetime,
    issues: int,
    progress: Progress,
    *,
    is_empty: bool,
) -> Year | None:
    if is_empty:
        clock.now = min(now - YEAR, in_order(demo_stories())[0].at)
        load_preset(samsyn.execution, PRESET)
        return Year(samsyn, clock, now, issues, progress)
    first_key, last_key = first_and_last_key(issues, samsyn.calendar)
    kept = samsyn.casework.find_keys([first_key, last_key])
    if first_key not in kept or last_key in kept:
        return None
    first: Any = next(iter(samsyn.casework.events.get(kept[first_key].stream_id, limit=1)))
    return Year(samsyn, clock, first.timestamp + YEAR, issues, progress, was_begun=True)
