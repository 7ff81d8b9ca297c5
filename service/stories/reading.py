"""Reads story files (TOML or JSON) into stories, and says exactly what is wrong with a bad one."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from service.stories.checking import problems_of
from service.stories.story import (
    FEATURES,
    Step,
    Story,
    StoryError,
    is_list,
    is_table,
    moment,
    nearest,
    shown,
)

STORY_KEYS = ("title", "about", "preset", "agencies", "users", "step")
STEP_KEYS = (
    "when", "who", "command", "as", "data", "refused", "expect", "waits_for", "note",
)  # fmt: skip
NAME = re.compile(r"\w[\w.-]{0,59}")
TEXT_KEYS = ("who", "command", "as", "waits_for", "note")


def read_stories(paths: Iterable[Path]) -> list[Story]:
    """Read several files.

    Raises:
        StoryError: with everything that is wrong in any of them.
    """
    stories: list[Story] = []
    problems: list[str] = []
    for path in paths:
        try:
            stories.append(read_story(path))
        except StoryError as error:
            problems.extend(error.problems)
    if problems:
        raise StoryError(*problems)
    return stories


def read_story(path: Path) -> Story:
    """Read one file.

    Raises:
        StoryError: the file cannot be read as a story.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StoryError(f"{path.name}: {error.strerror or error}") from error
    return story_of(content, path.name)


def story_of(content: bytes, file_name: str) -> Story:
    """The story that the content of a file tells; JSON if the name ends in .json, else TOML.

    Raises:
        StoryError: with everything that is wrong.
    """
    name, dot, ending = file_name.rpartition(".")
    name = name if dot else file_name
    try:
        text = content.decode("utf-8-sig")
        raw = json.loads(text) if ending.lower() == "json" else tomllib.loads(text)
        json.dumps(raw, default=str, ensure_ascii=False).encode()  # half characters (JSON's \ud800)
    except UnicodeError as error:
        raise StoryError(f"{file_name}: the file is not written in UTF-8: {error}") from error
    except (ValueError, RecursionError) as error:
        raise StoryError(f"{file_name}: {error}") from error
    problems: list[str] = []
    story = _story(raw, name, file_name, problems)
    if not problems:
        problems += problems_of(story)
    if problems:
        raise StoryError(*problems)
    return story


def _story(raw: object, name: str, file_name: str, problems: list[str]) -> Story:
    if not is_table(raw):
        raise StoryError(f"{file_name}: a story is a table with a title and steps")
    _only(raw, STORY_KEYS, file_name, problems)
    steps = raw.get("step")
    if not is_list(steps) or not steps:
        problems.append(f"{file_name}: the story has no steps; begin each with [[step]]")
        steps = []
    problems += _texts(raw, ("title", "about", "preset"), file_name)
    return Story(
        name=name,
        title=str(raw.get("title", name)),
        about=str(raw.get("about", "")),
        preset=None if raw.get("preset") is None else str(raw["preset"]),
        agencies=_tables(raw, "agencies", file_name, problems),
        users=_tables(raw, "users", file_name, problems),
        steps=tuple(
            step
            for index, each in enumerate(steps, start=1)
            for step in _steps(each, index, name, problems)
        ),
    )


def _steps(raw: object, index: int, story: str, problems: list[str]) -> Iterator[Step]:
    where = f"{story}, step {index}"
    if not is_table(raw):
        problems.append(f"{where}: a step is a table")
        return
    before = len(problems)
    _only(raw, STEP_KEYS, where, problems)
    problems.extend(_shape(raw, where))
    times = raw.get("when", [])
    moments: list[datetime] = []
    for when in times if is_list(times) else [times]:
        try:
            moments.append(moment(when, f"{where}, when"))
        except StoryError as error:
            problems.extend(error.problems)
    if not moments and len(problems) == before:
        problems.append(f"{where}: `when` has no time; write 2026-01-12 08:15")
    if len(problems) > before:
        return
    for occasion, at in enumerate(moments, start=1):
        yield Step(
            story=story,
            index=index,
            at=at,
            occasion=occasion,
            occasions=len(moments),
            who=raw.get("who"),
            command=raw.get("command"),
            name=raw.get("as"),
            data=raw.get("data", {}),
            refused=_refusal(raw.get("refused", False)),
            expectations=tuple(_expectations(raw)),
            waits_for=raw.get("waits_for"),
            note=raw.get("note", ""),
        )


def _shape(raw: Mapping[str, Any], where: str) -> Iterator[str]:
    """What is wrong with the form of a step, whatever it says."""
    if "when" not in raw:
        yield f"{where}: `when` is missing; write when = 2026-01-12 08:15:00"
    yield from _texts(raw, TEXT_KEYS, where)
    name, feature = raw.get("as"), raw.get("waits_for")
    if isinstance(name, str) and not NAME.fullmatch(name):
        yield f"{where}: as = {shown(name)} is no name; use letters, digits, - and _"
    if not is_table(raw.get("data", {})):
        yield f"{where}: data is a table of fields, not {shown(raw['data'])}"
    if not isinstance(raw.get("refused", {}), dict | bool):
        yield f"{where}: refused is true or a table such as {{ status = 409 }}"
    if not all(is_table(each) for each in _expectations(raw)):
        yield f"{where}: expect is a table or a list of tables"
    if isinstance(feature, str) and feature not in FEATURES:
        yield f"{where}: there is no feature {feature!r} to wait for.{nearest(feature, FEATURES)}"
    if feature is None:
        yield from _sense(raw, where)


def _sense(raw: Mapping[str, Any], where: str) -> Iterator[str]:
    """What a step that is played lacks."""
    if "command" in raw:
        if "who" not in raw:
            yield f'{where}: who gives {raw["command"]}? Write who = "u-dis-01"'
        return
    if not _expectations(raw):
        yield f"{where}: a step needs a command, something to expect or waits_for"
    for key in ("as", "data", "refused"):
        if key in raw:
            yield f'{where}: {key} belongs to a command; write command = "…"'


def _texts(raw: Mapping[str, Any], keys: Iterable[str], where: str) -> Iterator[str]:
    for key in keys:
        if key in raw and (not isinstance(raw[key], str) or not raw[key]):
            yield f"{where}: {key} is text, not {shown(raw[key])}"


def _refusal(told: object) -> Mapping[str, Any] | None:
    if is_table(told):
        return told
    return {} if told else None


def _expectations(raw: Mapping[str, Any]) -> list[Any]:
    told = raw.get("expect", [])
    return told if is_list(told) else [told]


def _tables(
    raw: Mapping[str, Any], key: str, where: str, problems: list[str]
) -> tuple[Mapping[str, Any], ...]:
    told = raw.get(key, [])
    if not is_list(told) or not all(is_table(each) for each in told):
        problems.append(f"{where}: write {key} as tables, each beginning with [[{key}]]")
        return ()
    return tuple(told)


def _only(raw: Mapping[str, Any], allowed: Iterable[str], where: str, problems: list[str]) -> None:
    problems.extend(
        f"{where}: unknown key {shown(key)}.{nearest(key, allowed)}"
        for key in raw
        if key not in allowed
    )
