"""Reads points in time as files from outside write them."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

# What is outside is a slip of the pen, and would overflow when shown in local time.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_CLOCK = (
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
)
_ZONE = r"(?:\s*(?P<utc>Z|UTC|GMT)|\s*(?P<sign>[+-])(?P<off_hour>\d{2}):?(?P<off_minute>\d{2})?)?"
_YEAR_FIRST = r"(?P<year>\d{4})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<day>\d{1,2})"
_DAY_FIRST = r"(?P<day>\d{1,2})(?P<sep>[-/.])(?P<month>\d{1,2})(?P=sep)(?P<year>\d{4})"
_COMPACT = (
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?:[.,](?P<fraction>\d{1,9}))?)?"
)
_FORMS = tuple(
    re.compile(form, re.ASCII | re.IGNORECASE)
    for form in (
        rf"{_YEAR_FIRST}(?:(?:T|\s+){_CLOCK})?{_ZONE}",
        rf"{_DAY_FIRST}(?:(?:T|,?\s+){_CLOCK})?{_ZONE}",
        rf"{_COMPACT}{_ZONE}",
    )
)
# By their number of digits: 10 are seconds until the year 2286, each three more a finer unit.
_EPOCH = re.compile(r"(?P<seconds>\d{10})(?P<fraction>\d{3}|\d{6}|\d{9})?", re.ASCII)
_EPOCH_DECIMAL = re.compile(r"(?P<seconds>\d{10})\.(?P<fraction>\d{1,9})", re.ASCII)
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)


def parse_time(text: str, zone: tzinfo) -> datetime | None:
    """The time in UTC, or None where the text is no time between 1900 and 2199.

    Read are ISO 8601 with T or space, `/` or `.` for `-`, hours of one digit, comma or point
    before a fraction of up to nine digits (kept to the microsecond, cut, not rounded); with `Z`,
    `UTC`, an offset, or nothing, and then `zone` tells. `11-10-2011` is the eleventh of October:
    day first, always. Digits only: 8, 12 or 14 are a date and a time without separators; 10, 13,
    16 or 19 are seconds, milli-, micro- or nanoseconds since 1970.
    """
    text = text.strip()
    epoch = _EPOCH.fullmatch(text) or _EPOCH_DECIMAL.fullmatch(text)
    if epoch is not None:
        whole, part = int(epoch["seconds"]), _microseconds(epoch["fraction"])
        return _plausible(_EPOCH_START + timedelta(seconds=whole, microseconds=part))
    for form in _FORMS:
        if (found := form.fullmatch(text)) is not None:
            return _from_parts(found.groupdict(), zone)
    return None


def local_time(moment: tuple[int, int, int, int, int], zone: tzinfo) -> datetime | None:
    """Year, month, day, hour, minute on the clocks of `zone`, in UTC; None if there is no such.

    In the hour that is skipped in spring the clock is taken not to have been moved yet; in the
    hour that comes twice in autumn the first is meant.
    """
    try:
        year, month, day, hour, minute = moment
        local = datetime(year, month, day, hour, minute, tzinfo=zone)
        return _plausible(local.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _from_parts(parts: dict[str, str | None], zone: tzinfo) -> datetime | None:
    year, month, day = (int(parts[name] or 0) for name in ("year", "month", "day"))
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    try:
        if parts["utc"]:
            zone = UTC
        elif parts["sign"]:
            ahead = timedelta(
                hours=int(parts["off_hour"] or 0), minutes=int(parts["off_minute"] or 0)
            )
            zone = timezone(-ahead if parts["sign"] == "-" else ahead)
        part = _microseconds(parts["fraction"])
        moment = datetime(year, month, day, hour, minute, second, part, tzinfo=zone)
        return _plausible(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _plausible(moment: datetime) -> datetime | None:
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None
