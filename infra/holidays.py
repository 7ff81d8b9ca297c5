"""The Swedish working-day calendar (R15), from the `holidays` library."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from runpy import run_path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from holidays import constants
from holidays.constants import DE_FACTO, PUBLIC

from domain.working_days import LOCAL_ZONE

if TYPE_CHECKING:
    from holidays.countries.sweden import Sweden

_SATURDAY = 5


# The country's file alone: its package imports those of 250 others on the way.
_FILE: Final = Path(constants.__file__).with_name("countries") / "sweden.py"
_Sweden: "type[Sweden]" = run_path(str(_FILE))["Sweden"]


@lru_cache(maxsize=200)
def days_off(year: int) -> Mapping[date, str]:
    """The red days of `year` and the three eves that count as such, with their Swedish names.

    PUBLIC are the red days (lag 1989:253); DE_FACTO are midsommarafton, julafton and nyårsafton,
    which semesterlagen 7 § puts on a par with Sundays. Sundays themselves are left out here.
    The library knows 1953 to 2100; other years have none.
    """
    red_days = _Sweden(
        years=year,
        expand=False,
        include_sundays=False,
        categories=(PUBLIC, DE_FACTO),
        language="sv",
    )
    return MappingProxyType(dict(sorted(red_days.items())))


@dataclass(frozen=True)
class SwedishCalendar:
    """Monday to Friday except the days off; a `domain.working_days.Calendar`."""

    zone: ZoneInfo = LOCAL_ZONE

    def is_working_day(self, day: date) -> bool:
        """Whether `day` counts in deadlines."""
        return day.weekday() < _SATURDAY and day not in days_off(day.year)
