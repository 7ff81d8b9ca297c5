"""Reading what was sent: each field on its own, and whatever is wrong with it in plain words."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import pytest

from domain.codes import Priority
from domain.command import Text
from domain.values import Place
from service.commands import COMMANDS, Row
from service.reading import hints_of, read_fields, take_apart

SOME_ID = "01a204d8-c6a6-779b-8ec3-c32aa2d735fa"


@dataclass(frozen=True, kw_only=True)
class Everything:
    """A field of each kind."""

    text: Annotated[str, Text(3, 5)] = "text"
    name: str = "name"
    number: int = 0
    share: float = 0.0
    yes: bool = False
    priority: Priority = Priority.LOW
    some_id: UUID | None = None
    day: date | None = None
    at: datetime | None = None
    place: Place | None = None
    ids: tuple[UUID, ...] = ()


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("text", "abcd", "abcd"),
        ("number", 7, 7),
        ("share", 1, 1.0),
        ("yes", True, True),
        ("priority", "urgent", Priority.URGENT),
        ("some_id", SOME_ID, UUID(SOME_ID)),
        ("some_id", None, None),
        ("day", "2026-01-12", date(2026, 1, 12)),
        ("at", "2026-01-12T09:15:00+01:00", datetime(2026, 1, 12, 8, 15, tzinfo=UTC)),
        ("place", {"name": "Heden", "lat": 57.7}, Place(name="Heden", lat=57.7)),
        ("ids", [SOME_ID], (UUID(SOME_ID),)),
    ],
)
def test_a_good_value_is_read(name: str, given: object, read: object) -> None:
    reading = read_fields(Everything, {name: given})
    assert reading.errors == ()
    assert reading.values == {name: read}


@pytest.mark.parametrize(
    ("name", "given", "field", "code"),
    [
        ("text", "ab", "text", "too_short"),
        ("text", "abcdef", "text", "too_long"),
        ("text", "ab\x00c", "text", "bad_character"),
        ("text", None, "text", "required"),
        ("text", 3, "text", "not_a_text"),
        ("name", "x" * 201, "name", "too_long"),
        ("number", "7", "number", "not_a_whole_number"),
        ("number", True, "number", "not_a_whole_number"),
        ("number", 2**31, "number", "out_of_range"),
        ("share", "x", "share", "not_a_number"),
        ("yes", "yes", "yes", "not_yes_or_no"),
        ("priority", "later", "priority", "not_an_option"),
        ("some_id", "7", "some_id", "not_an_id"),
        ("day", "2026-02-30", "day", "not_a_day"),
        ("at", "today", "at", "not_a_time"),
        ("at", "2026-01-12T09:15:00", "at", "no_time_zone"),
        ("at", "0001-01-01T00:00:00+14:00", "at", "out_of_range"),
        ("place", "Heden", "place", "not_an_object"),
        ("place", {}, "place.name", "required"),
        ("place", {"name": "Heden", "lat": "x"}, "place.lat", "not_a_number"),
        ("place", {"name": "Heden", "colour": 1}, "place.colour", "unknown_field"),
        ("ids", SOME_ID, "ids", "not_a_list"),
        ("ids", [SOME_ID, 1], "ids.1", "not_an_id"),
        ("ids", [SOME_ID] * 101, "ids", "too_many"),
        ("colour", 1, "colour", "unknown_field"),
        ("Anna 19121212-1212", 1, "?", "unknown_field"),
    ],
)
def test_a_bad_value_is_told(name: str, given: object, field: str, code: str) -> None:
    reading = read_fields(Everything, {name: given})
    assert [(error.field, error.code) for error in reading.errors] == [(field, code)]
    assert reading.values == {}
    assert reading.errors[0].sv
    assert reading.errors[0].en


def test_numbers_and_answers_are_read_from_text_where_there_is_only_text() -> None:
    reading = read_fields(Everything, {"number": "7", "yes": "true"}, from_text=True)
    assert reading.values == {"number": 7, "yes": True}


@pytest.mark.parametrize("row", COMMANDS.values(), ids=lambda row: row.name)
def test_every_field_of_every_command_can_be_read(row: Row) -> None:
    command = row.command
    for hint in hints_of(command).values():
        if "ClassVar" not in str(hint):
            assert take_apart(hint).kind is not None
