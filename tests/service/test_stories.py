"""Stories: the eight of the demo and our own, played whole, cut off, again and interleaved."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from service.stories.demo import demo_stories, play_demo
from service.stories.player import Played, Player, StoryClock
from service.stories.reading import read_stories, read_story
from service.stories.story import FEATURES, Step, Story, in_order

FOLDER = Path(__file__).parent / "stories"
DEMO = demo_stories()
OWN = read_stories(sorted(FOLDER.iterdir()))
BY_NAME = {story.name: story for story in (*DEMO, *OWN)}


class Killed(Exception):
    """The program was killed."""


@contextmanager
def a_stage(database_url: str) -> Generator[tuple[Samsyn, StoryClock]]:
    """A program on a clock of stories."""
    clock = StoryClock()
    samsyn = assemble(database_url, PROJECTIONS, clock)
    try:
        yield samsyn, clock
    finally:
        samsyn.close()


def play(database_url: str, stories: Sequence[Story], killed_at: int | None = None) -> Played:
    """Play in a process of its own, as it were; `killed_at` is the number of the last step."""
    steps: list[Step] = []

    def kill(step: Step) -> None:
        steps.append(step)
        if len(steps) == killed_at:
            raise Killed

    with a_stage(database_url) as (samsyn, clock):
        player = Player(samsyn, clock)
        try:
            player.play(stories, kill)
        except Killed:
            assert killed_at is not None
        assert [status.stopped for status in samsyn.runner.status(0) if status.stopped] == []
        return player.played


def told(database_url: str) -> list[tuple[Any, ...]]:
    """The log in words that are the same in every database: ids by the order they appear in."""
    with a_stage(database_url) as (samsyn, _):
        streams: dict[Any, int] = {}
        return [
            (
                streams.setdefault(entry.stream_id, len(streams)),
                entry.version,
                entry.topic,
                entry.recorded_at,
                entry.event.occurred_at,
                entry.event.actor,
                getattr(entry.event, "number", None),
            )
            for entry in samsyn.casework.read(0, 100_000)
        ]


@pytest.mark.parametrize("name", BY_NAME)
def test_story_is_played_as_told_and_only_once(name: str, database_url: str) -> None:
    story = BY_NAME[name]
    played = play(database_url, [story])
    assert played.failures == []
    assert played.carried_out == sum(step.is_played for step in story.steps)
    assert played.expectations_met == sum(
        len(step.expectations) for step in story.steps if step.waits_for is None
    )
    before = told(database_url)
    again = play(database_url, [story])
    assert again.failures == []
    assert (again.carried_out, again.policy_commands) == (0, 0)
    assert again.already_there == played.carried_out
    assert again.passed_over == played.expectations_met + played.refused_as_told
    assert told(database_url) == before


def test_demo_is_played_as_told_and_says_what_it_left_out(database_url: str) -> None:
    steps: list[Step] = []
    with a_stage(database_url) as (samsyn, clock):
        played = play_demo(samsyn, clock, steps.append)
    assert played.failures == []
    assert steps == in_order(DEMO)
    waiting = [step for step in steps if step.waits_for is not None]
    assert len(played.left_out) == len(waiting) > 0
    assert {step.waits_for for step in waiting} <= set(FEATURES)
    assert played.left_out[0] == (
        "01-narkotika-brunnsparken, step 9 (2026-01-14 18:35): AddNote waits for layer-b"
    )


def test_the_eight_stories_are_those_of_the_document() -> None:
    numbers = [story.name.partition("-")[0] for story in DEMO]
    assert numbers == ["01", "02", "04", "05", "06", "07", "08", "12"]


def test_all_stories_interleaved_by_time_are_played_as_told(sqlite_url: str) -> None:
    together = [story for story in (*DEMO, *OWN) if story.preset != "seed-2018"]
    assert play(sqlite_url, together).failures == []
    assert play(sqlite_url, together).carried_out == 0


def test_a_story_may_join_others_that_were_played_before(sqlite_url: str) -> None:
    first, second = BY_NAME["12-boplats-drottningtorget"], BY_NAME["silence"]
    assert play(sqlite_url, [second]).failures == []
    assert play(sqlite_url, [first]).failures == []
    together = play(sqlite_url, [first, second])
    assert (together.failures, together.carried_out) == ([], 0)


@pytest.mark.parametrize("name", ["12-boplats-drottningtorget", "silence", "records"])
def test_a_story_killed_after_any_step_and_continued_is_the_same(
    name: str, sqlite_url: str, tmp_path: Path
) -> None:
    story = BY_NAME[name]
    whole = f"sqlite:///{tmp_path}/whole.db"
    play(whole, [story])
    for last in range(1, len(story.steps)):
        assert play(sqlite_url, [story], killed_at=last).failures == []
    assert play(sqlite_url, [story]).failures == []
    assert told(sqlite_url) == told(whole)


@pytest.fixture(scope="module")
def demo_told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """What the demo tells when nobody kills it: once for both databases."""
    whole = f"sqlite:///{tmp_path_factory.mktemp('whole')}/demo.db"
    play(whole, DEMO)
    return told(whole)


@pytest.mark.slow
def test_stories_killed_in_the_middle_and_continued_are_the_same(
    database_url: str, demo_told: list[tuple[Any, ...]]
) -> None:
    steps = len(in_order(DEMO))
    for last in (steps // 5, steps // 2, steps - 3):
        play(database_url, DEMO, killed_at=last)
    assert play(database_url, DEMO).failures == []
    assert told(database_url) == demo_told


def test_killed_between_a_command_and_what_it_leads_to(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = read_story(FOLDER / "silence.toml")
    whole = f"sqlite:///{tmp_path}/whole.db"
    play(whole, [story])

    def die(_self: object) -> int:
        raise Killed

    for last in range(0, len(story.steps), 2):
        with monkeypatch.context() as patch:
            patch.setattr("service.policies.Policies.run", die)
            play(sqlite_url, [story], killed_at=0)
        play(sqlite_url, [story], killed_at=last)
    assert play(sqlite_url, [story]).failures == []
    assert told(sqlite_url) == told(whole)
