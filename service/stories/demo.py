"""The stories that Samsyn brings with it: eight told to their end, and what is going on now."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from importlib.resources import files

from domain.working_days import LOCAL_ZONE
from service.assembly import Samsyn
from service.stories.player import Played, Player, StoryClock
from service.stories.reading import story_of
from service.stories.story import Step, Story

LAST_DAY_TOLD = date(2026, 6, 12)
"""The day on which the story of ongoing issues ends, as its file tells it."""

_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


def ongoing_story(now: datetime) -> Story:
    """Open issues in every state, moved by whole weeks so that they end in the last seven days.

    For an empty database, or to go on with it: in another week it would be another story.
    """
    weeks = (now.astimezone(LOCAL_ZONE).date() - timedelta(days=1) - LAST_DAY_TOLD).days // 7
    told = files("service.stories").joinpath("ongoing", "ongoing.toml").read_text(encoding="utf-8")

    def moved(day: re.Match[str]) -> str:
        return (date.fromisoformat(day[0]) + timedelta(weeks=weeks)).isoformat()

    return story_of(_DAY.sub(moved, told).encode(), "ongoing.toml")


def has_begun(story: Story, samsyn: Samsyn) -> bool:
    """Whether a story was broken off, so that playing it again goes on with it."""
    keys = [f"{step.who}:{step.key}" for step in story.steps if step.is_played]
    return bool(samsyn.casework.find_keys(keys))


def demo_stories() -> list[Story]:
    """The stories that are told to their end, in the order of their files."""
    folder = files("service.stories").joinpath("files")
    told = sorted(folder.iterdir(), key=lambda each: each.name)
    return [story_of(each.read_bytes(), each.name) for each in told if each.name.endswith(".toml")]


def play_demo(
    samsyn: Samsyn, clock: StoryClock, progress: Callable[[Step], None] = lambda _step: None
) -> Played:
    """Play them all, interleaved by time; what was played before is not played again."""
    return Player(samsyn, clock).play(demo_stories(), progress)
