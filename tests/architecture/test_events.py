"""Every event is stored under its own name for ever: frozen bytes, a line, an entry in the docs."""

import dataclasses
import inspect
import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from docs.events_page import own_fields
from domain.envelope import RecordedEvent
from domain.events import EVENTS
from infra.log.errors import EventUnreadable
from infra.log.stored import TimedEvent
from projections.narration import LINES
from tests.architecture.repository import ROOT
from tests.golden.freeze import FOLDER, MAPPER, frozen_bytes, golden

FILES = sorted(FOLDER.iterdir())
STREAM = UUID("01a20000-0000-7000-8000-000000000001")
VERSION, RECORDED_AT = 1, 1_773_306_000_000_000
CHANGED = (
    "{topic} is no longer stored as its version {version} was frozen.{fields} Logs keep what they "
    "hold: raise its schema_version to {next}, add upcast_v{version}_v{next}(data), then run "
    "python -m tests.golden.freeze."
)


def topic_and_version(path: Path) -> tuple[str, int]:
    match = re.fullmatch(r"([A-Za-z]+)\.v([1-9]\d*)\.json", path.name)
    assert match, f"{path.name}: Topic.v1.json"
    return match[1], int(match[2])


def stored(path: Path) -> TimedEvent:
    topic, _ = topic_and_version(path)
    return TimedEvent(STREAM, VERSION, topic, frozen_bytes(path), RECORDED_AT)


def changed(event: type[RecordedEvent], was: set[str]) -> str:
    """What to do about an event whose stored form is another than the frozen one."""
    told = {"new": set(own_fields(event)) - was, "gone": was - set(own_fields(event))}
    fields = "".join(f" Fields {how}: {', '.join(sorted(n))}." for how, n in told.items() if n)
    version = event.schema_version
    return CHANGED.format(topic=event.__name__, version=version, next=version + 1, fields=fields)


@pytest.mark.parametrize("topic", EVENTS)
def test_topic_is_the_name_of_the_class(topic: str) -> None:
    event = EVENTS[topic]
    assert event.__dict__["TOPIC"] == event.__name__ == topic
    assert not event.__qualname__.count("."), "at module level, where grep finds it"


@pytest.mark.parametrize("topic", EVENTS)
def test_every_older_version_has_its_upcast(topic: str) -> None:
    event = EVENTS[topic]
    assert event.schema_version >= 1
    steps = {f"upcast_v{step}_v{step + 1}" for step in range(1, event.schema_version)}
    assert {name for name in vars(event) if name.startswith("upcast_")} == steps
    assert all(isinstance(vars(event)[name], staticmethod) for name in steps)


@pytest.mark.parametrize("topic", EVENTS)
def test_it_is_told_and_described(topic: str) -> None:
    assert LINES[topic], "a line in projections/narration"
    assert f"\n### {topic}\n" in (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert inspect.getdoc(EVENTS[topic]), "a docstring"


@pytest.mark.parametrize("topic", EVENTS)
def test_bytes_of_every_version_are_frozen(topic: str) -> None:
    versions = range(1, EVENTS[topic].schema_version + 1)
    lacking = [golden(topic, each).name for each in versions if not golden(topic, each).exists()]
    assert not lacking, "python -m tests.golden.freeze"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_frozen_bytes_are_of_a_known_event(path: Path) -> None:
    topic, version = topic_and_version(path)
    assert topic in EVENTS, "an event that was ever recorded is kept"
    assert version <= EVENTS[topic].schema_version
    assert json.loads(frozen_bytes(path))["schema_version"] == version


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_frozen_bytes_are_read(path: Path) -> None:
    topic, version = topic_and_version(path)
    event = EVENTS[topic]
    was = set(json.loads(frozen_bytes(path))["data"])
    try:
        read = MAPPER.to_domain_event(stored(path))
    except EventUnreadable as error:
        pytest.fail(
            f"{error}\n{changed(event, was)}" if version == event.schema_version else f"{error}"
        )
    assert type(read) is event
    if version == event.schema_version:
        assert MAPPER.to_stored_event(read).state == frozen_bytes(path), changed(event, was)


def test_a_new_field_is_told_with_what_to_do() -> None:
    event = EVENTS["NoteAdded"]
    assert changed(event, {"note_id"}) == (
        "NoteAdded is no longer stored as its version 1 was frozen. Fields new: text_sv. Logs keep "
        "what they hold: raise its schema_version to 2, add upcast_v1_v2(data), then run "
        "python -m tests.golden.freeze."
    )


def test_own_fields_are_those_that_are_stored_as_data() -> None:
    for path in FILES:
        topic, version = topic_and_version(path)
        event = EVENTS[topic]
        assert {field.name for field in dataclasses.fields(event)} >= set(own_fields(event))
        if version == event.schema_version:
            assert list(json.loads(frozen_bytes(path))["data"]) == own_fields(event), topic
