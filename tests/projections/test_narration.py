"""Every event has its line in both languages, in the words of the glossary, without free text."""

import dataclasses
import itertools
import re
import string
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest

from domain.codes import Implementation, ReferralType
from domain.events import EVENTS
from domain.values import SYSTEM, Actor, Role
from projections.narration import LINES, details, line_of, narrate, texts
from projections.narration_fields import DETAILS, NOT_SHOWN, TEXTS
from projections.narration_words import HOW
from projections.occurrence import Occurrence, occurrence_of, told_fields
from tests.architecture.test_glossary import ROWS
from tests.projections.event_examples import ACTOR, AT, WRITTEN, an_event

NAMES = {
    ("police", "sv"): "Polisen",
    ("police", "en"): "The police",
    ("district", "sv"): "Stadsdelsförvaltningen",
    ("district", "en"): "The district administration",
    ("social", "sv"): "Social resursförvaltning",
    ("social", "en"): "Social resources",
}


TRANSFER = {"referral_type": "transfer", "from_agency": "district", "to_agency": "social"}
ABOUT: list[dict[str, str]] = [
    {},
    *(TRANSFER | {"referral_type": each} for each in ReferralType),
    {"action_type": "cleaning", "number": "TIC-2026-00042"},
]
CHOICES: dict[str, tuple[Any, ...]] = {
    "implementation": tuple(Implementation),
    "together_with": ((), ("district", "social")),
    "successor_id": (None, "social"),
    "responsible_agency": ("police", "social"),
    "receiving_agency": ("police", "social"),
    "type": tuple(ReferralType),
    "findings": ((), ("not_needed",)),
}


def names(identity: str, language: str) -> str:
    return NAMES.get((identity, language), f"<{identity}>")


def occurrences(topic: str) -> Iterator[Occurrence]:
    """Occurrences that together need every line of the topic."""
    fields = told_fields(EVENTS[topic])
    choices = {name: values for name, values in CHOICES.items() if name in fields}
    if topic == "ActionPerformed":
        choices["agency_id"] = (None, "police")
    for chosen in itertools.product(*choices.values()):
        changes = dict(zip(choices, chosen, strict=True))
        for actor in (ACTOR, SYSTEM):
            for about in ABOUT:
                yield occurrence_of(an_event(topic, actor, **changes), about)


def placeholders(topic: str) -> Iterator[tuple[str, str]]:
    for line in LINES[topic]:
        for words in (line.words.sv, line.words.en):
            for _, field, how, _ in string.Formatter().parse(words):
                if field is not None:
                    yield field, how or ""


def test_every_event_has_a_line_and_every_line_an_event() -> None:
    assert LINES.keys() == EVENTS.keys()


@pytest.mark.parametrize("topic", EVENTS)
def test_both_languages_tell_the_same_facts(topic: str) -> None:
    for line in LINES[topic]:
        sv, en = (
            sorted((f, h) for _, f, h, _ in string.Formatter().parse(words) if f)
            for words in (line.words.sv, line.words.en)
        )
        assert sv == en


@pytest.mark.parametrize("topic", EVENTS)
def test_a_line_is_swedish_and_english_and_has_no_free_text(topic: str) -> None:
    for occurrence in occurrences(topic):
        told = narrate(occurrence, names)
        assert told.sv
        assert told.en
        assert told.sv != told.en
        for said in (told.sv, told.en):
            assert WRITTEN not in said
            assert "None" not in said
            assert said[0].isupper() or said[0] == "<"
            assert not said.endswith(".")


@pytest.mark.parametrize("topic", EVENTS)
def test_every_line_is_used(topic: str) -> None:
    used = {line_of(occurrence) for occurrence in occurrences(topic)}
    assert used == set(LINES[topic])


@pytest.mark.parametrize("topic", EVENTS)
def test_a_sentence_says_values_in_known_ways_only(topic: str) -> None:
    for field, how in placeholders(topic):
        assert how.partition("/")[0] in HOW
        if how == "number":
            assert field in {"number", "merged_number", "into_number", "level"}


def leaves(data: Mapping[str, Any]) -> Iterator[str]:
    """Each field, or the fields inside it unless it is told as a whole."""
    for field, value in data.items():
        if isinstance(value, dict) and field not in DETAILS:
            yield from (f"{field}.{name}" for name in cast("dict[str, Any]", value))
        else:
            yield field


@pytest.mark.parametrize("topic", EVENTS)
def test_every_field_is_told_somewhere_or_left_out_on_purpose(topic: str) -> None:
    occurrence = occurrence_of(an_event(topic))
    in_lines = {field for field, _ in placeholders(topic)}
    for path in leaves(occurrence.data):
        known = {path, f"{topic}.{path}"} & (in_lines | TEXTS.keys() | DETAILS.keys())
        assert known or path in NOT_SHOWN, f"nobody is told {topic}.{path}"


@pytest.mark.parametrize("topic", EVENTS)
def test_what_users_wrote_stands_below_with_a_label(topic: str) -> None:
    occurrence = occurrence_of(an_event(topic))
    written = [name for name in told_fields(EVENTS[topic]) if name.endswith("_sv")]
    shown = {text.text for text in texts(occurrence)}
    shown |= {detail.value.sv for detail in details(occurrence, names)}
    assert {f"{WRITTEN} ({name})" for name in written} <= shown
    labels = [text.label for text in texts(occurrence)]
    labels += [detail.label for detail in details(occurrence, names)]
    assert all(label.sv and label.en for label in labels)


def avoided() -> set[str]:
    words = {row.svenska for row in ROWS if row.kind == "avoid"}
    return {part.casefold() for word in words for part in word.split(", ")}


@pytest.mark.parametrize("topic", EVENTS)
def test_no_word_that_the_glossary_avoids(topic: str) -> None:
    for line in LINES[topic]:
        words = set(re.findall(r"\w+", line.words.sv.casefold()))
        if "begäran om insats" in line.words.sv:
            words.discard("insats")
        assert not words & (avoided() | {"avslog", "avvisade", "remitterade", "hänvisade"})


def told(topic: str, about: dict[str, str] | None = None, **changes: Any) -> str:
    return narrate(occurrence_of(an_event(topic, **changes), about), names).sv


def test_accepted_says_who_took_over_from_whom() -> None:
    assert told("ReferralAccepted", TRANSFER) == (
        "Polisen tog över ärendet från Stadsdelsförvaltningen"
    )


def test_declined_says_what_and_why() -> None:
    social = Actor(user_id="u-soc-03", agency_id="social", role=Role.CASEWORKER)
    line = told("ReferralDeclined", TRANSFER, actor=social, reason_code="other_agency_right")
    assert line == "Social resursförvaltning avböjde överlämningen: Annan rätt mottagare"


def test_reminder_says_when_the_time_ran_out_in_local_time() -> None:
    line = told("ReferralReminderSent", overdue_since=AT, actor=SYSTEM)
    assert line == "Påminnelse: svarstiden gick ut 12 mars 2026 kl. 10.00"


def test_escalation_says_level_and_to_whom() -> None:
    assert told("ReferralEscalated", level=2) == "Ärendet eskalerades till nivå 2 (samordnare)"


def test_a_consultation_is_answered_with_an_opinion() -> None:
    occurrence = occurrence_of(an_event("ReferralAnswered"), {"referral_type": "consult"})
    assert narrate(occurrence, names).sv == "Polisen svarade på remissen med ett yttrande"
    assert [text.label.sv for text in texts(occurrence)] == ["Yttrande"]


def test_several_agencies_are_listed() -> None:
    line = told("ActionPerformed", agency_id="police", together_with=("district", "social"))
    assert line.startswith(
        "Polisen genomförde en åtgärd tillsammans med Stadsdelsförvaltningen och Social"
    )


def test_details_tell_deadlines_places_and_numbers() -> None:
    occurrence = occurrence_of(an_event("ActionPerformed"))
    said = {detail.label.sv: detail.value.sv for detail in details(occurrence, names)}
    assert said["Antal personer"] == "2"
    assert said["Från"] == "12 mars 2026 kl. 10.00"
    assert said["Plats"] == f"{WRITTEN} (name)"


@pytest.mark.parametrize(
    ("written", "swedish", "english"),
    [
        ("2026-W25", "vecka 25, 2026", "week 25, 2026"),
        ("2026-W05", "vecka 5, 2026", "week 5, 2026"),
        ("v. 25", "v. 25", "v. 25"),
    ],
)
def test_a_week_is_told_as_weeks_are(written: str, swedish: str, english: str) -> None:
    occurrence = occurrence_of(an_event("ReportReceived"))
    data = dict(occurrence.data)
    data["content"] = {**data["content"], "est_week": written}
    shown = details(dataclasses.replace(occurrence, data=data), names)
    week = next(each for each in shown if each.label.sv == "EST-vecka")
    assert (week.value.sv, week.value.en) == (swedish, english)


def test_nothing_is_shown_for_what_was_not_said() -> None:
    event = an_event("ActionPlanned", owner=None, description_sv=None, expected_effect_sv=None)
    occurrence = occurrence_of(event)
    assert texts(occurrence) == []
    assert "Ansvarig för åtgärden" not in {d.label.sv for d in details(occurrence, names)}


def test_the_number_zero_is_shown() -> None:
    occurrence = occurrence_of(an_event("FollowUpRecorded", before_count=11, after_count=0))
    said = {detail.label.en: detail.value.en for detail in details(occurrence, names)}
    assert (said["Count before"], said["Count after"]) == ("11", "0")


def test_a_centre_of_an_area_is_not_told_as_a_place() -> None:
    occurrence = occurrence_of(an_event("PlaceCorrected"))
    data = dict(occurrence.data)
    data["to_place"] = {**data["to_place"], "name": "Centrum", "precision": "area"}
    shown = details(dataclasses.replace(occurrence, data=data), names)
    assert ("Centrum (bara område)", "Centrum (area only)") in [
        (d.value.sv, d.value.en) for d in shown
    ]
