"""What a line of the narration is: a sentence with placeholders, and when it is the right one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.codes import ReferralType
from domain.labels import Label
from domain.values import SYSTEM

Facts = Mapping[str, Any]


def _always(_facts: Facts) -> bool:
    return True


@dataclass(frozen=True)
class Line:
    """One sentence; ``fits`` chooses among several of the same event, the first that fits."""

    words: Label
    fits: Callable[[Facts], bool] = _always


def line(sv: str, en: str, fits: Callable[[Facts], bool] = _always) -> Line:
    """A line in Swedish and English."""
    return Line(Label(sv, en), fits)


def by_system(facts: Facts) -> bool:
    """The clock did it, no user."""
    return bool(facts["actor"] == SYSTEM.agency_id)


def has(field: str) -> Callable[[Facts], bool]:
    """Fits when the field says something."""
    return lambda facts: bool(facts[field])


def lacks(field: str) -> Callable[[Facts], bool]:
    """Fits when the field says nothing."""
    return lambda facts: not facts[field]


def equals(field: str, value: str) -> Callable[[Facts], bool]:
    """Fits when the field has this value."""
    return lambda facts: bool(facts[field] == value)


def of_type(referral_type: ReferralType) -> Callable[[Facts], bool]:
    """Fits events of a referral of this type."""
    return equals("referral_type", referral_type)


def every(*conditions: Callable[[Facts], bool]) -> Callable[[Facts], bool]:
    """Fits when all conditions do."""
    return lambda facts: all(condition(facts) for condition in conditions)
