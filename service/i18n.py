"""The screen's words in Swedish and English: the texts of templates, times and numbers."""

import io
from datetime import date, datetime, timedelta
from functools import cache
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
    """A moment or a day as people in Göteborg read it: "2 mars 2026 kl. 09:00"."""
    locale = LOCALES[language]
    if not isinstance(moment, datetime):
        return format_date(moment, "d MMM y", locale=locale)
    local = moment.astimezone(LOCAL_ZONE)
    return format_datetime(local, "d MMM y HH:mm", locale=locale)


def how_long(duration: timedelta | float, language: Language) -> str:
    """A duration in its two largest units: "3 h 38 min", "2 d 4 h"."""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    day, hour, minute = "d", "h", "min"
    if seconds >= DAY:
        return f"{int(seconds // DAY)} {day} {int(seconds % DAY // HOUR)} {hour}"
    if seconds >= HOUR:
        return f"{int(seconds // HOUR)} {hour} {int(seconds % HOUR // MINUTE)} {minute}"
    return f"{round(seconds / MINUTE)} {minute}"


def number(value: float, language: Language, digits: int = 0) -> str:
    """A number with the language's decimal sign and thousands."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=LOCALES[language])
