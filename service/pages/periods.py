"""Days as filters of a page: read from a link, and the moments at which they begin in Göteborg."""

from datetime import UTC, date, datetime, time

from domain.working_days import LOCAL_ZONE

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""A day outside these is a slip of the pen, and no database need look for it."""


def read_day(text: str) -> date | None:
    """The day that a link says, None if it says none that can be meant."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < LAST_YEAR else None


def midnight(day: date) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
