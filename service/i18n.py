"""The screen's words in Swedish and English: the texts of templates, times and numbers."""

import io
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from domain.working_days import LOCAL_ZONE
from service.language import Language

LOCALES = {Language.SV: "sv_SE", Language.EN: "en_GB"}
"""English as written in Europe: the plain `en` would give twelve-hour clocks."""
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# In tables a day is written so that days stand under each other and sort; Swedish puts a point
# between hours and minutes, in tables as in sentences.
_IN_TABLES = {Language.SV: ("y-MM-dd", "y-MM-dd HH.mm"), Language.EN: ("d MMM y", "d MMM y HH:mm")}
_IN_TEXT = {
    Language.SV: ("d MMMM y", "d MMMM y 'kl.' H.mm"),
    Language.EN: ("d MMMM y", "d MMMM y 'at' H:mm"),
}


@cache
def translations(language: Language) -> NullTranslations:
    """The texts of a language; Swedish is what stands in the templates."""
    if language is Language.SV:
        return NullTranslations()
    source = resources.files("service") / "translations" / language / "LC_MESSAGES" / "samsyn.po"
    catalog = read_po(io.BytesIO(source.read_bytes()), locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def when(moment: datetime | date, language: Language) -> str:
    """A moment or a day in Göteborg as a table shows it: "2026-03-02 09.00"."""
    return _written(moment, language, _IN_TABLES[language])


def when_in_text(moment: datetime | date, language: Language) -> str:
    """A moment or a day in Göteborg as a sentence says it: "2 mars 2026 kl. 9.00"."""
    return _written(moment, language, _IN_TEXT[language])


def day_in_text(day: date, language: Language) -> str:
    """A day as a working day is spoken of: "fredag 27 november 2026, vecka 48" (ISO 8601 week)."""
    week = language.pick("vecka", "week")
    words = format_date(day, "EEEE d MMMM y", locale=LOCALES[language])
    return f"{words}, {week} {day.isocalendar().week}"


@lru_cache(maxsize=1_024)
def month_name(day: date, language: Language) -> str:
    """The month of a day: "mars 2026"."""
    return format_date(day, "MMMM y", locale=LOCALES[language])


def how_long(duration: timedelta | float, language: Language) -> str:
    """A duration in its two largest units: "3 h 38 min", "2 dygn 4 h"."""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    minutes = round(seconds / MINUTE)
    if minutes >= DAY // MINUTE:
        day = language.pick("dygn", "d")
        hours = round(seconds / HOUR)
        return _two(hours // 24, day, hours % 24, "h")
    if minutes >= HOUR // MINUTE:
        return _two(minutes // 60, "h", minutes % 60, "min")
    return f"{minutes} min"


def number(value: float, language: Language, digits: int = 0) -> str:
    """A number with the language's decimal sign and thousands."""
    # Zero has no sign, and one text for all that are equal may be kept.
    return _number(value or 0, language, digits)


@lru_cache(maxsize=8_192)
def _number(value: float, language: Language, digits: int) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=LOCALES[language])


def _two(many: int, large: str, few: int, small: str) -> str:
    return f"{many} {large} {few} {small}" if few else f"{many} {large}"


@lru_cache(maxsize=16_384)
def _written(moment: datetime | date, language: Language, patterns: tuple[str, str]) -> str:
    day, clock = patterns
    locale = LOCALES[language]
    if not isinstance(moment, datetime):
        return format_date(moment, day, locale=locale)
    return format_datetime(moment.astimezone(LOCAL_ZONE), clock, locale=locale)
