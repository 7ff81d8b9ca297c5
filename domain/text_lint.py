"""Finds what looks like personal data in shared text (L11): Layer A holds place, time and problem.

What is found is told by kind and span only, so that a finding can be logged or stored without
repeating the personal data. What counts as what is in `domain.text_patterns`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain import text_patterns
from domain.text_patterns import Span


class Severity(StrEnum):
    """Whether the text is refused until the user confirms, or only commented on."""

    BLOCK = "block"
    WARN = "warn"


class FindingKind(StrEnum):
    """What the text looks like it contains."""

    PERSONAL_IDENTITY_NUMBER = "personal_identity_number"
    PHONE = "phone"
    PLATE = "plate"
    EMAIL = "email"
    SIGNALEMENT = "signalement"

    @property
    def severity(self) -> Severity:
        """A description of a person may be innocent words, so it does not block."""
        return Severity.WARN if self is FindingKind.SIGNALEMENT else Severity.BLOCK


@dataclass(frozen=True)
class Finding:
    """Where in the text: `start` to `end`, in characters, `end` not included."""

    kind: FindingKind
    start: int
    end: int


@dataclass(frozen=True)
class Message:
    """What the user reads about a finding."""

    sv: str
    en: str


MESSAGES: Final[Mapping[FindingKind, Message]] = MappingProxyType(
    {
        FindingKind.PERSONAL_IDENTITY_NUMBER: Message(
            sv="Texten ser ut att innehålla ett personnummer."
            " Ta bort det eller flytta till sekretessdelen.",
            en="The text seems to contain a personal identity number."
            " Remove it or move it to the confidential section.",
        ),
        FindingKind.PHONE: Message(
            sv="Texten ser ut att innehålla ett telefonnummer."
            " Ta bort det eller flytta till sekretessdelen.",
            en="The text seems to contain a telephone number."
            " Remove it or move it to the confidential section.",
        ),
        FindingKind.PLATE: Message(
            sv="Texten ser ut att innehålla ett registreringsnummer."
            " Ta bort det eller flytta till sekretessdelen.",
            en="The text seems to contain a vehicle registration number."
            " Remove it or move it to the confidential section.",
        ),
        FindingKind.EMAIL: Message(
            sv="Texten ser ut att innehålla en e-postadress."
            " Ta bort den eller flytta till sekretessdelen.",
            en="The text seems to contain an e-mail address."
            " Remove it or move it to the confidential section.",
        ),
        FindingKind.SIGNALEMENT: Message(
            sv="Texten ser ut att beskriva en person. Beskriv platsen och det som hände i stället.",
            en="The text seems to describe a person. Describe the place and what happened instead.",
        ),
    }
)

_SEEKERS: Final[Mapping[FindingKind, Callable[[str], Iterator[Span]]]] = MappingProxyType(
    {
        FindingKind.PERSONAL_IDENTITY_NUMBER: text_patterns.identity_numbers,
        FindingKind.PHONE: text_patterns.phones,
        FindingKind.PLATE: text_patterns.plates,
        FindingKind.EMAIL: text_patterns.emails,
        FindingKind.SIGNALEMENT: text_patterns.descriptions,
    }
)


def lint(text: str) -> tuple[Finding, ...]:
    """Everything in `text` that looks like personal data, in order of appearance.

    One stretch of text can look like two kinds: 070123-4567 is a number of either sort.
    """
    findings = {
        Finding(kind, start, end) for kind, seek in _SEEKERS.items() for start, end in seek(text)
    }
    return tuple(sorted(findings, key=lambda finding: (finding.start, finding.end, finding.kind)))


def blocking(text: str) -> tuple[FindingKind, ...]:
    """The kinds of personal data for which shared text is refused unless the user confirms."""
    kinds = {finding.kind: None for finding in lint(text)}
    return tuple(kind for kind in kinds if kind.severity is Severity.BLOCK)
