"""What is said about a field that cannot be read: code, Swedish, English."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

UNKNOWN = ("unknown_field", "Fältet finns inte här. Ta bort det.", "No such field. Remove it.")
REQUIRED = ("required", "Fyll i fältet.", "Fill in the field.")
NOT_AN_OBJECT = ("not_an_object", "Ange ett objekt med fält.", "Give an object with fields.")
NOT_A_LIST = ("not_a_list", "Ange en lista.", "Give a list.")
OUT_OF_RANGE = ("out_of_range", "Värdet är orimligt.", "The value is out of any reason.")
NO_TIME_ZONE = (
    "no_time_zone",
    "Tiden saknar tidszon. Skriv till exempel 2026-01-12T08:15:00+01:00.",
    "The time has no time zone. Write for example 2026-01-12T08:15:00+01:00.",
)
BAD_CHARACTER = (
    "bad_character",
    "Texten innehåller tecken som inte kan visas. Ta bort dem.",
    "The text holds characters that cannot be shown. Remove them.",
)

NOT_OF_KIND: dict[type, tuple[str, str, str]] = {
    str: ("not_a_text", "Ange en text.", "Give a text."),
    bool: ("not_yes_or_no", "Ange true eller false.", "Give true or false."),
    int: ("not_a_whole_number", "Ange ett heltal.", "Give a whole number."),
    float: ("not_a_number", "Ange ett tal.", "Give a number."),
    UUID: ("not_an_id", "Ange ett id (UUID).", "Give an id (UUID)."),
    date: ("not_a_day", "Ange en dag som 2026-01-12.", "Give a day like 2026-01-12."),
    datetime: (
        "not_a_time",
        "Ange en tid som 2026-01-12T08:15:00+01:00.",
        "Give a time like 2026-01-12T08:15:00+01:00.",
    ),
}


def not_one_of(options: Iterable[str]) -> tuple[str, str, str]:
    """The value is none of the codes."""
    listed = ", ".join(options)
    return "not_an_option", f"Välj ett av: {listed}.", f"Choose one of: {listed}."


def too_short(least: int, length: int) -> tuple[str, str, str]:
    """The text has too few characters."""
    return (
        "too_short",
        f"Skriv minst {least} tecken (nu {length}).",
        f"Write at least {least} characters (now {length}).",
    )


def too_long(most: int, length: int) -> tuple[str, str, str]:
    """The text has too many characters."""
    return (
        "too_long",
        f"Skriv högst {most} tecken (nu {length}).",
        f"Write at most {most} characters (now {length}).",
    )


def too_many(most: int) -> tuple[str, str, str]:
    """The list has too many entries."""
    return "too_many", f"Ange högst {most}.", f"Give at most {most}."
