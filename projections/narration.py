"""Every event as one line in Swedish and English, and what stands below it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from domain.codes import ReferralType
from domain.labels import Label
from domain.values import PlacePrecision
from projections import narration_issues, narration_records, narration_referrals
from projections.narration_fields import AS_WRITTEN, DETAILS, PLACE, SOURCE, TEXTS, WEEK
from projections.narration_line import Line
from projections.narration_words import Language, Names, Teller, say
from projections.occurrence import Occurrence

LINES: Mapping[str, tuple[Line, ...]] = {
    **narration_records.LINES,
    **narration_issues.LINES,
    **narration_referrals.LINES,
}
"""The lines of every event type; a test fails when one is missing."""

_ABOUT = ("referral_type", "from_agency", "to_agency", "action_type", "number")
_ISO_WEEK = re.compile(r"(\d{4})-W0?(\d{1,2})")
_OPINION = Label("Yttrande", "Opinion")

T = TypeVar("T")


@dataclass(frozen=True)
class Text:
    """A text somebody wrote, and what it is."""

    label: Label
    text: str


@dataclass(frozen=True)
class Detail:
    """A short fact below a line: a deadline, a place, a number of people."""

    label: Label
    value: Label


def narrate(occurrence: Occurrence, names: Names) -> Label:
    """Say in one sentence of each language what happened; without any free text.

    Raises:
        KeyError: an event of this topic has no line.
    """
    facts = _facts(occurrence)
    line = line_of(occurrence)
    return Label(
        Teller(facts, "sv", names).tell(line.words.sv),
        Teller(facts, "en", names).tell(line.words.en),
    )


def line_of(occurrence: Occurrence) -> Line:
    """The line among those of its topic that fits an event: the first one that does."""
    facts = _facts(occurrence)
    return next(each for each in LINES[occurrence.topic] if each.fits(facts))


def texts(occurrence: Occurrence) -> list[Text]:
    """The free texts of an event as they were written, with their labels."""
    return [
        Text(_opinion(occurrence, path) or label, value)
        for path, label, value in _found(occurrence, TEXTS)
    ]


def details(occurrence: Occurrence, names: Names) -> list[Detail]:
    """The short facts of an event that its line leaves out."""
    found = _found(occurrence, DETAILS)
    return [
        Detail(label, Label(_fact(value, how, "sv", names), _fact(value, how, "en", names)))
        for _, (label, how), value in found
    ]


def _facts(occurrence: Occurrence) -> Mapping[str, Any]:
    return {
        **dict.fromkeys(_ABOUT),
        **occurrence.about,
        **occurrence.data,
        "actor": occurrence.agency_id,
    }


def _opinion(occurrence: Occurrence, path: str) -> Label | None:
    consult = occurrence.about.get("referral_type") == ReferralType.CONSULT
    return _OPINION if consult and path == "answer_sv" else None


def _found(occurrence: Occurrence, table: Mapping[str, T]) -> Iterator[tuple[str, T, Any]]:
    """The fields of an event that a table knows and that say something, in the event's order."""
    for path, value in _paths(occurrence.data):
        known = table.get(f"{occurrence.topic}.{path}") or table.get(path)
        # False and nothing are left out, the number 0 says something.
        if known is not None and (value or value == 0) and value is not False:
            yield path, known, value


def _paths(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each field, and each field inside a field."""
    for field, value in data.items():
        yield field, value
        if isinstance(value, Mapping):
            inside = cast("Mapping[str, Any]", value)
            yield from ((f"{field}.{inner}", inside[inner]) for inner in inside)


def _fact(value: Any, how: str, language: Language, names: Names) -> str:  # noqa: ANN401  JSON
    if how == AS_WRITTEN:
        return value if isinstance(value, str) else ", ".join(value)
    if how == WEEK:
        # The field is free: a week that is written in another way is shown as it stands.
        iso = _ISO_WEEK.fullmatch(value)
        return f"{'vecka' if language == 'sv' else 'week'} {iso[2]}, {iso[1]}" if iso else value
    if how == SOURCE:
        return f"{value['system']} {value['id']}"
    if how == PLACE:
        name: str = value["name"]
        if value["precision"] != PlacePrecision.AREA:
            return name
        return f"{name} ({say(value['precision'], 'PlacePrecision/lower', language, names)})"
    return say(value, how, language, names)
