"""Reads story files (TOML or JSON) into steps, and says exactly what is wrong with a bad one."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from domain.working_days import LOCAL_ZONE

STORY_KEYS = {"title", "about", "preset", "agencies", "users", "step"}
STEP_KEYS = {"when", "who", "command", "as", "data", "refused", "expect", "waits_for", "note"}


class StoryError(ValueError):
    """A story file that cannot be read: names the file, the step and how to mend it."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One moment of a story: a command, expectations, or both.

    `index` counts from 1 in the order of the file; a step with several times counts once and is
    told apart by `occasion`.
    """

    story: str
    index: int
    occasion: int
    at: datetime
    who: str | None
    command: str | None
    name: str | None
    data: Mapping[str, Any]
    refused: Mapping[str, Any] | None
    expectations: tuple[Mapping[str, Any], ...]
    waits_for: str | None
    note: str

    @property
    def key(self) -> str:
        """The idempotency key: a step that was played is never played again."""
        return f"story:{self.story}:{self.index}:{self.occasion}"

    @property
    def where(self) -> str:
        """How messages name the step."""
        return f"{self.story}, step {self.index} ({self.at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M})"


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story as told by its file."""

    name: str
    title: str
    preset: str
    agencies: tuple[Mapping[str, Any], ...]
    users: tuple[Mapping[str, Any], ...]
    steps: tuple[Step, ...] = field(default_factory=tuple)


def read_story(path: Path) -> Story:
    """Read one file.

    Raises:
        StoryError: the file cannot be read as a story.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise StoryError(f"{path.name}: {error}") from error
    if not isinstance(raw, dict):
        raise StoryError(f"{path.name}: a story is a table with a title and steps")
    _only(raw, STORY_KEYS, path.name)
    steps = raw.get("step")
    if not isinstance(steps, list) or not steps:
        raise StoryError(f"{path.name}: there is no [[step]]")
    name = path.stem
    return Story(
        name=name,
        title=str(raw.get("title", name)),
        preset=str(raw.get("preset", "today")),
        agencies=tuple(raw.get("agencies", ())),
        users=tuple(raw.get("users", ())),
        steps=tuple(
            step for index, each in enumerate(steps, start=1) for step in _steps(each, index, name)
        ),
    )


def in_order(stories: list[Story]) -> list[Step]:
    """All steps by time; what happens at the same time stays in the order of the files."""
    return sorted((step for story in stories for step in story.steps), key=lambda step: step.at)


def moment(value: object, where: str) -> datetime:
    """A time in a story: without a zone it is the clock in Göteborg; a bare day is midnight.

    Raises:
        StoryError: it is no time.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise StoryError(f"{where}: {value!r} is no time; write 2026-01-12T08:15:00") from error
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(), LOCAL_ZONE)
    if not isinstance(value, datetime):
        raise StoryError(f"{where}: {value!r} is no time; write 2026-01-12T08:15:00")
    return (value if value.tzinfo else value.replace(tzinfo=LOCAL_ZONE)).astimezone(UTC)


def _steps(raw: object, index: int, story: str) -> Iterator[Step]:
    where = f"{story}, step {index}"
    if not isinstance(raw, dict):
        raise StoryError(f"{where}: a step is a table")
    _only(raw, STEP_KEYS, where)
    if "when" not in raw:
        raise StoryError(f"{where}: `when` is missing")
    expectations = raw.get("expect", [])
    if isinstance(expectations, dict):
        expectations = [expectations]
    command = raw.get("command")
    if command is None and not expectations and "waits_for" not in raw:
        raise StoryError(f"{where}: a step needs a command or something to expect")
    if command is not None and "who" not in raw:
        raise StoryError(f"{where}: `who` gives the command?")
    times = raw["when"] if isinstance(raw["when"], list) else [raw["when"]]
    for occasion, when in enumerate(times, start=1):
        yield Step(
            story=story,
            index=index,
            occasion=occasion,
            at=moment(when, where),
            who=raw.get("who"),
            command=command,
            name=raw.get("as"),
            data=raw.get("data", {}),
            refused=raw.get("refused"),
            expectations=tuple(expectations),
            waits_for=raw.get("waits_for"),
            note=str(raw.get("note", "")),
        )


def _only(raw: Mapping[str, Any], allowed: set[str], where: str) -> None:
    unknown = set(raw) - allowed
    if unknown:
        raise StoryError(
            f"{where}: unknown {', '.join(sorted(unknown))}; known are {', '.join(sorted(allowed))}"
        )
