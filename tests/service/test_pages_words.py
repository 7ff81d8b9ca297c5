"""The words of the pages: every text in both languages, times and numbers as people write them."""

import io
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from domain.events import EVENTS
from service.event_words import EVENT_WORDS
from service.forms.choices import swedish
from service.i18n import day_in_text, how_long, number, when, when_in_text
from service.language import Language

SV, EN = Language.SV, Language.EN
FOLDER = resources.files("service")
MOMENT = datetime(2026, 3, 2, 8, 5, tzinfo=UTC)
NOT_OURS = ("ärendes", "tickets", "case", "ticket", "Ärende-", "Remittera ärendet", "godkänn")
"""Words that the glossary avoids on the screen."""


def extracted() -> set[str]:
    """Every text of the templates."""
    found = extract_from_dir(
        str(FOLDER / "templates"),
        method_map=[("**.html", "jinja2")],
        options_map={"**.html": {"silent": "false", "trim_blocks": "true"}},
        keywords={"_": None},
    )
    return {message[0] if isinstance(message, tuple) else message for _, _, message, *_ in found}


def catalog() -> Catalog:
    source = FOLDER / "translations" / "en" / "LC_MESSAGES" / "samsyn.po"
    return read_po(io.BytesIO(source.read_bytes()), locale="en", abort_invalid=True)


def test_every_text_of_the_templates_is_in_english_and_no_other() -> None:
    english = {str(message.id): str(message.string) for message in catalog() if message.id}
    assert sorted(extracted() - set(english)) == []
    assert sorted(set(english) - extracted()) == []
    assert [swedish for swedish, text in english.items() if not text.strip()] == []


def test_no_translation_is_left_in_doubt() -> None:
    read = catalog()
    assert not any(message.fuzzy for message in read if message.id)
    assert not read.obsolete


def test_translations_name_the_same_values() -> None:
    def named(text: str) -> set[str]:
        return {part.split(")")[0] for part in text.split("%(")[1:]}

    for message in catalog():
        if message.id:
            assert named(str(message.id)) == named(str(message.string)), message.id


def test_every_event_has_words_to_choose_it_by() -> None:
    assert set(EVENT_WORDS) == set(EVENTS)


@pytest.mark.parametrize("text", sorted(extracted()))
def test_texts_use_words_of_the_glossary(text: str) -> None:
    assert not [word for word in NOT_OURS if word in text]


@pytest.mark.parametrize(
    ("moment", "language", "table", "sentence"),
    [
        (MOMENT, SV, "2026-03-02 09.05", "2 mars 2026 kl. 9.05"),
        (MOMENT, EN, "2 Mar 2026 09:05", "2 March 2026 at 9:05"),
        (date(2026, 3, 2), SV, "2026-03-02", "2 mars 2026"),
        (date(2026, 3, 2), EN, "2 Mar 2026", "2 March 2026"),
    ],
)
def test_times_are_those_of_goteborg(
    moment: datetime | date, language: Language, table: str, sentence: str
) -> None:
    assert when(moment, language) == table
    assert when_in_text(moment, language) == sentence


@pytest.mark.parametrize(
    ("day", "swedish", "english"),
    [
        (
            date(2026, 11, 27),
            "fredag 27 november 2026, vecka 48",
            "Friday 27 November 2026, week 48",
        ),
        (date(2027, 1, 3), "söndag 3 januari 2027, vecka 53", "Sunday 3 January 2027, week 53"),
    ],
)
def test_a_day_is_told_with_its_week(day: date, swedish: str, english: str) -> None:
    assert [day_in_text(day, language) for language in (SV, EN)] == [swedish, english]


@pytest.mark.parametrize(
    ("seconds", "swedish", "english"),
    [
        (20, "0 min", "0 min"),
        (2700, "45 min", "45 min"),
        (3599, "1 h", "1 h"),
        (13080, "3 h 38 min", "3 h 38 min"),
        (86399, "1 dygn", "1 d"),
        (187200, "2 dygn 4 h", "2 d 4 h"),
    ],
)
def test_durations_have_their_two_largest_units(seconds: int, swedish: str, english: str) -> None:
    assert how_long(seconds, SV) == swedish
    assert how_long(timedelta(seconds=seconds), EN) == english


def test_numbers_are_written_as_in_the_language() -> None:
    assert number(1234567.5, SV, 1) == "1\xa0234\xa0567,5"
    assert number(1234567.5, EN, 1) == "1,234,567.5"
    assert number(12, SV) == "12"


def test_swedish_letters_come_after_z() -> None:
    names = ["Örgryte", "Zenit", "Älvsborg", "Ågatan", "avenyn"]
    assert sorted(names, key=swedish) == ["avenyn", "Zenit", "Ågatan", "Älvsborg", "Örgryte"]
