"""What every command has in common: common fields, texts with limits, and the check of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, get_args, get_type_hints

from domain.codes import IssueStatus, ReferralStatus
from domain.refusals import Problems
from domain.text_lint import MESSAGES, blocking
from domain.values import Place

FUTURE_TOLERANCE = timedelta(minutes=5)
"""R14: what happened may be logged late, never ahead of the clock (beyond clock skew)."""


@dataclass(frozen=True)
class Text:
    """Marks a text field of a command: its length in characters; all such text is Layer A."""

    least: int = 1
    most: int = 4000


Title = Annotated[str, Text(1, 120)]
Id = Annotated[str, Text(1, 100)]
Line = Annotated[str, Text(1, 200)]
Free = Annotated[str, Text(1, 4000)]
Explanation = Annotated[str, Text(20, 2000)]
Words = Annotated[str, Text(1, 2000)]
OptionalLine = Annotated[str | None, Text(1, 200)]
OptionalWords = Annotated[str | None, Text(1, 2000)]
OptionalExplanation = Annotated[str | None, Text(20, 2000)]
OptionalFree = Annotated[str | None, Text(1, 4000)]

PLACE_NAME = Text(0, 200)
"""That a place has a name at all is checked with the rest of the place."""


class Who:
    """Which agencies may give a command on an issue: checked by `Issue.admit`."""

    RESPONSIBLE = "responsible"  # the one responsible agency (R1)
    INVOLVED = "involved"  # any authority that has or had a part in the issue
    AUTHORITY = "authority"  # any authority in force
    RECEIVER = "receiver"  # the agency a referral was sent to
    SENDER = "sender"  # the agency that sent it
    SYSTEM = "system"  # policies only


OPEN = frozenset({IssueStatus.NEW, IssueStatus.ACTIVE, IssueStatus.FOLLOW_UP})
LIVE = OPEN | {IssueStatus.PARKED}
ANY_STATUS = frozenset(IssueStatus)


@dataclass(frozen=True, kw_only=True)
class Command:
    """An intention, in the imperative; frozen data only.

    `occurred_at` is when it happened if that was not now (R14). `not_personal` is the user's
    word that text which looks like personal data is none (L11); it is kept in the event.
    """

    states: ClassVar[frozenset[IssueStatus]] = ANY_STATUS
    referral_states: ClassVar[frozenset[ReferralStatus]] = frozenset()
    who: ClassVar[str] = Who.AUTHORITY

    occurred_at: datetime | None = None
    not_personal: bool = False


_TEXT_FIELDS: dict[type[Command], Mapping[str, Text]] = {}


def text_fields(command_class: type[Command]) -> Mapping[str, Text]:
    """The text fields of a command and their limits."""
    if command_class in _TEXT_FIELDS:
        return _TEXT_FIELDS[command_class]
    hints = get_type_hints(command_class, include_extras=True)
    found = {
        name: mark
        for name, hint in hints.items()
        for part in (hint, *get_args(hint))  # `Title | None` carries its mark inside
        for mark in getattr(part, "__metadata__", ())
        if isinstance(mark, Text)
    }
    _TEXT_FIELDS[command_class] = found
    return found


def check_texts(command: Command, problems: Problems) -> tuple[str, ...]:
    """Note every text that is too short, too long or looks like personal data.

    Returns:
        The kinds of personal data that the user has confirmed are not personal data.
    """
    confirmed: set[str] = set()
    for name, limit, text in _texts(command):
        found = check_text(name, limit, text, problems, not_personal=command.not_personal)
        confirmed.update(found if command.not_personal else ())
    return tuple(sorted(confirmed))


def check_text(
    name: str, limit: Text, text: str, problems: Problems, *, not_personal: bool
) -> tuple[str, ...]:
    """Note what is wrong with one text; `not_personal` as in the command.

    Returns:
        The kinds of personal data that it looks like.
    """
    length = len(text.strip())
    if length < limit.least:
        problems.add(
            name,
            "too_short",
            f"Skriv minst {limit.least} tecken (nu {length}).",
            f"Write at least {limit.least} characters (now {length}).",
        )
    if length > limit.most:
        problems.add(
            name,
            "too_long",
            f"Skriv högst {limit.most} tecken (nu {length}).",
            f"Write at most {limit.most} characters (now {length}).",
        )
    kinds = blocking(text)
    for kind in () if not_personal else kinds:
        problems.add(name, f"looks_like_{kind}", MESSAGES[kind].sv, MESSAGES[kind].en)
    return kinds


def _texts(command: Command) -> Iterator[tuple[str, Text, str]]:
    """Every text that was given: its field, its limits and the text; names of places too."""
    for name, limit in text_fields(type(command)).items():
        value: str | tuple[str, ...] | None = getattr(command, name)
        for text in (value,) if isinstance(value, str) else value or ():
            yield name, limit, text
    place = getattr(command, "place", None)
    if isinstance(place, Place):
        yield "place", PLACE_NAME, place.name


def check_time(command: Command, now: datetime, problems: Problems) -> datetime:
    """R14: note a time without zone or in the future; return when it happened, in UTC.

    Where the time is bad it is taken as now: nothing is computed from it then.
    """
    occurred_at = command.occurred_at or now
    if occurred_at.tzinfo is None:
        problems.add(
            "occurred_at",
            "no_time_zone",
            "Tiden saknar tidszon. Skriv till exempel 2026-01-12T08:15:00+01:00.",
            "The time has no time zone. Write for example 2026-01-12T08:15:00+01:00.",
        )
        return now
    if occurred_at > now + FUTURE_TOLERANCE:
        problems.add(
            "occurred_at",
            "in_the_future",
            "Tiden ligger i framtiden. Ange när det hände.",
            "The time lies in the future. State when it happened.",
        )
        return now
    return occurred_at.astimezone(now.tzinfo)
