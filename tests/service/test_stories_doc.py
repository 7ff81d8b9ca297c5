"""docs/stories.md says everything that a story may say, and its examples can be played."""

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from domain.codes import Badge, IssueStatus, ReferralStatus
from domain.preset import AgencyPreset
from domain.presets import PRESETS
from projections.catalogue import PROJECTIONS
from projections.queues import Bucket
from service.assembly import assemble
from service.stories import expectations, facts, figures, readers, reading, refusing
from service.stories.player import Played, Player, StoryClock
from service.stories.reading import story_of
from service.stories.story import FEATURES

PAGE = Path(__file__).parents[2] / "docs" / "stories.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
SAID = set(re.findall(r"`\[?\[?([^`\]]+)\]?\]?`", PROSE))
EXAMPLES = re.findall(r"^```(toml|json)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)


def everything() -> Iterator[str]:
    """Every key, choice and word of the format."""
    yield from reading.STORY_KEYS
    yield from reading.STEP_KEYS
    yield from refusing.KEYS
    yield from FEATURES
    yield from expectations.KINDS
    yield from expectations.EVENT_KEYS
    yield from ("at", "by")
    for _, known in facts.KINDS.values():
        yield from known
    yield from readers.QUEUE_KEYS
    yield from Bucket
    yield from Badge
    yield from figures.FIGURE_KEYS
    yield from (value for value in figures.VALUES if value != "median")
    yield from IssueStatus
    yield from ReferralStatus
    yield from (each.name for each in fields(Played))
    yield from (each.name for each in fields(AgencyPreset) if not each.name.startswith("short"))
    yield from PRESETS


@pytest.mark.parametrize("word", sorted(set(everything())))
def test_everything_is_said(word: str) -> None:
    assert word in SAID


def test_the_preset_is_told_as_it_is() -> None:
    preset = PRESETS["today"]
    places = {place.place_id for place in preset.places}
    agencies = {a.agency_id for a in preset.agencies if not a.agency_id.endswith("_2018")}
    assert places <= SAID
    assert agencies <= SAID
    users = {word for word in SAID if word.startswith("u-")}
    between = {"u-dis-02", "u-soc-02", "u-pol-03"}  # "u-dis-01 to u-dis-03"
    assert users | between == {user.user_id for user in preset.users}


def test_there_are_examples_of_both_forms() -> None:
    assert [form for form, _ in EXAMPLES] == ["toml", "json"]


@pytest.mark.parametrize(("form", "example"), EXAMPLES)
def test_an_example_is_played_as_told(form: str, example: str, database_url: str) -> None:
    clock = StoryClock()
    samsyn = assemble(database_url, PROJECTIONS, clock)
    try:
        played = Player(samsyn, clock).play([story_of(example.encode(), f"example.{form}")])
    finally:
        samsyn.close()
    assert played.failures == []
    assert played.expectations_met > 5
