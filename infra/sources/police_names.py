"""Reads when an event happened from the headline the police give it.

"16 oktober 03:25, Mord/dråp, Göteborg": day, month and clock, but no year; since November 2023
with a point in the clock.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.codes import TimePrecision
from infra.sources.times import local_time, parse_time

STOCKHOLM = ZoneInfo("Europe/Stockholm")

_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip
_DAY = re.compile(
    r"\s*(?:den\s+)?(?P<day>\d{1,2})(?::e|\.)?\s+(?P<month>[^\W\d_]{3,9})\.?(?:\s+(?P<year>\d{4}))?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"[\s,]*(?:kl(?:ockan)?\.?\s*)?(?P<hour>\d{1,2})[.:](?P<minute>\d{2})(?!\d)", re.IGNORECASE
)
# A headline may be a few days ahead by a slip, or since it announces something. More than this
# ahead it means last year.
_AHEAD_AT_MOST = timedelta(days=30)


class OccurredBasis(StrEnum):
    """Where the time of an event comes from."""

    NAME = "name"
    NAME_DATE = "name_date"  # the name has a date, but no (possible) clock: the day's beginning
    AFTER_PUBLICATION = "after_publication"  # named later than published: the published time
    NOT_IN_NAME = "not_in_name"  # the published time


class Occurred(NamedTuple):
    """When an event happened (UTC), how sure that is, and what it is read from."""

    at: datetime
    precision: TimePrecision
    basis: OccurredBasis


def occurred(name: str, published_at: datetime) -> Occurred:
    """When the event with this headline happened; in doubt, on the day it was published."""
    when, basis = _named_time(name, published_at)
    if when is None:
        basis = OccurredBasis.NOT_IN_NAME
    elif when > published_at:
        basis = OccurredBasis.AFTER_PUBLICATION
    elif basis is OccurredBasis.NAME:
        return Occurred(when, TimePrecision.EXACT, basis)
    else:
        return Occurred(when, TimePrecision.DAY, basis)
    return Occurred(published_at, TimePrecision.DAY, basis)


def without_time(name: str) -> str:
    """What follows the first comma, or everything where the headline begins with no day."""
    head, comma, rest = name.partition(",")
    return rest.strip() if comma and _DAY.match(head) else name.strip()


def _named_time(name: str, published_at: datetime) -> tuple[datetime | None, OccurredBasis]:
    day = _DAY.match(name)
    month = _month(day["month"]) if day is not None else None
    if day is None or month is None:
        return parse_time(name.partition(",")[0], STOCKHOLM), OccurredBasis.NAME
    years = [int(day["year"])] if day["year"] else _years_around(published_at)
    clock = _CLOCK.match(name, day.end())
    if clock is not None and int(clock["hour"]) < 24 and int(clock["minute"]) < 60:  # noqa: PLR2004  # the hours of a day, the minutes of an hour
        at, basis = (int(clock["hour"]), int(clock["minute"])), OccurredBasis.NAME
    else:
        at, basis = (0, 0), OccurredBasis.NAME_DATE
    for year in years:
        when = local_time((year, month, int(day["day"]), *at), STOCKHOLM)
        if when is not None and when <= published_at + _AHEAD_AT_MOST:
            return when, basis
    return None, basis


def _years_around(published_at: datetime) -> list[int]:
    year = published_at.astimezone(STOCKHOLM).year
    return [year + 1, year, year - 1]


def _month(word: str) -> int | None:
    """1 to 12 from a Swedish month, whole or shortened to three letters or more."""
    word = word.casefold()
    for number, month in enumerate(_MONTHS, start=1):
        if month.startswith(word):
            return number
    return None
