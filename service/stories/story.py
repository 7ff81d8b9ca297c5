"""What a story is: steps in time, each a command, what it shall lead to, or both."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, TypeGuard

from domain.working_days import LOCAL_ZONE

FEATURES: Mapping[str, str] = {
    "layer-b": "an agency's own secret annex",
    "disclosure": "decisions to hand out secret information",
    "est": "EST weeks, meetings and focus areas",
    "promise": "the yearly promise to the public",
    "record-request": "requests for public records",
    "retention": "rules of retention and erasure",
}
"""What a step may wait for: features that Samsyn does not have yet."""

NOTHING = "none"
"""How a story writes that something is not there: TOML has no word for it."""
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class StoryError(ValueError):
    """A story that cannot be played as it is told: every line says where and how to mend it."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Step:
    """One moment of a story.

    `index` counts from 1 in the order of the file; a step with several times counts once and is
    told apart by `occasion`. `at` is in UTC. `refused` is what a refusal must say, None where the
    command is to be carried out.
    """

    story: str
    index: int
    at: datetime
    occasion: int = 1
    occasions: int = 1
    who: str | None = None
    command: str | None = None
    name: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])
    refused: Mapping[str, Any] | None = None
    expectations: tuple[Mapping[str, Any], ...] = ()
    waits_for: str | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """The idempotency key: a step that was played in these words is never played again."""
        told = [self.at.isoformat(), self.who, self.command, self.data]
        words = json.dumps(told, default=str, sort_keys=True)
        digest = hashlib.sha256(words.encode()).hexdigest()[:16]
        return f"story:{self.story}:{self.index}.{self.occasion}:{digest}"

    @property
    def where(self) -> str:
        """How messages name the step."""
        at = f"{self.at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"
        return f"{self.story}, step {self.index} ({at})"

    @property
    def is_played(self) -> bool:
        """Whether the step gives a command that is to be carried out."""
        return self.command is not None and self.refused is None and self.waits_for is None


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story as told by its file; `preset` is None where any organisation will do."""

    name: str
    title: str = ""
    about: str = ""
    preset: str | None = None
    agencies: tuple[Mapping[str, Any], ...] = ()
    users: tuple[Mapping[str, Any], ...] = ()
    steps: tuple[Step, ...] = ()


def in_order(stories: Iterable[Story]) -> list[Step]:
    """All steps by time; what happens at the same time stays in the order of the files."""
    return sorted((step for story in stories for step in story.steps), key=lambda step: step.at)


def moment(value: object, where: str) -> datetime:
    """A time in a story, in UTC: without a zone it is the clock in Göteborg; a day is its midnight.

    Raises:
        StoryError: it is no time between 1970 and 2200.
    """
    told = value
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        elif isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
            at = (value if value.tzinfo else value.replace(tzinfo=LOCAL_ZONE)).astimezone(UTC)
            if EARLIEST <= at < LATEST:
                return at
    except (ValueError, OverflowError):
        pass  # said below, as for everything else that is no time
    raise StoryError(f"{where}: {shown(told)} is no time; write 2026-01-12 08:15")


def in_story_time(at: datetime) -> str:
    """A time as a story writes it: the clock in Göteborg."""
    local = at if at.tzinfo is None else at.astimezone(LOCAL_ZONE).replace(tzinfo=None)
    return local.isoformat(" ")


def is_table(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether this is a table; keys are text in TOML and JSON."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether this is a list."""
    return isinstance(value, list)


def shown(value: object) -> str:
    """A value as messages repeat it: short."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004  one line of a terminal


def nearest(word: object, known: Iterable[str]) -> str:
    """What may have been meant: " Did you mean …?" or nothing, then all there is."""
    there = sorted(known)
    close = get_close_matches(str(word), there, n=3, cutoff=0.6)
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"{meant} There are: {', '.join(there) or 'none'}."
