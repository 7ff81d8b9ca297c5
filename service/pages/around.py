"""What surrounds the form of a command: where it lives, what stands beside it, what overtook it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.codes import ReferralType
from domain.command import Command
from service.forms.choices import Option
from service.forms.reading import Given
from service.pages.frame import Typed
from service.pages.news import NewsLine, NewsSince


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What stands on the page of a form besides its fields, and what the fields begin with.

    `hints` are sentences beside fields, `quotes` what others wrote, `checklist` what is left to
    do; `hidden` are fields that the link to the form has filled in, `leave_out` those that have no
    meaning here.
    """

    about: str = ""
    referral_type: ReferralType | None = None
    begin: Typed = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict[str, str])
    hidden: frozenset[str] = frozenset()
    leave_out: frozenset[str] = frozenset()
    quotes: Sequence[tuple[str, str]] = ()
    checklist: tuple[str, Sequence[str]] | None = None
    reports: Sequence[Option] = ()
    planned_actions: Sequence[Option] = ()
    events: Sequence[Option] = ()
    emergency: bool = False


@dataclass(frozen=True, kw_only=True)
class Around:
    """Where a form lives: `given` is what its path says, `onwards` where it leads when done.

    `preview` gives what somebody else will see once the command is carried out. `came_from` is the
    list to go on in afterwards, `version` that of the record it is about, `news` what has happened
    to it since an earlier one.
    """

    given: Given
    action: str
    onwards: Callable[[UUID], str]
    cancel: str
    beside: Callable[[Typed], Beside]
    preview: Callable[[Command], Mapping[str, Any]] | None = None
    came_from: str = ""
    version: int | None = None
    news: NewsSince | None = None


@dataclass(frozen=True, kw_only=True)
class Overtaken:
    """What others did while the visitor wrote: told, and beside it what the visitor wrote.

    `both` are the texts that differ, theirs and the visitor's, where one would overwrite the other.
    """

    lead: str
    lines: Sequence[NewsLine]
    both: Sequence[tuple[str, str, str]]
    mine: Sequence[tuple[str, str]]
