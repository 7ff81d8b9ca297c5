"""Chance by a seed: choices, and moments at which people work, report and go out at night."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from domain.working_days import LOCAL_ZONE, Calendar

T = TypeVar("T")

_DAY = timedelta(days=1)
_OPENS, _CLOSES = time(7, 30), time(16, 45)

# For each rhythm: the weight of each weekday from Monday, and hours from and to (past 24: night).
_RHYTHMS: Mapping[str, tuple[Sequence[int], float, float]] = {
    "night": ((1, 1, 1, 2, 8, 9, 1), 21.5, 27.5),
    "evening": ((3, 3, 3, 3, 6, 6, 3), 16.5, 23.5),
    "afternoon": ((4, 4, 4, 4, 5, 4, 2), 13.0, 19.5),
    "school": ((3, 3, 3, 3, 6, 4, 1), 14.5, 21.0),
    "day": ((5, 4, 4, 4, 4, 2, 2), 6.5, 18.0),
}
_SEASONS: Mapping[str, Sequence[int]] = {
    "": (9, 8, 9, 9, 10, 10, 8, 10, 11, 10, 9, 9),
    "summer": (4, 4, 6, 9, 13, 15, 13, 15, 12, 7, 5, 4),
    "winter": (14, 12, 9, 6, 4, 3, 3, 5, 9, 13, 16, 16),
}


class Draw:
    """The chances of one life: another seed, or another life, is another sequence."""

    def __init__(self, seed: str, calendar: Calendar) -> None:
        self._random = Random(seed)  # noqa: S311  a demo to look at, no secret
        self._calendar = calendar

    def chance(self, probability: float) -> bool:
        """Whether something of this probability happens."""
        return self._random.random() < probability

    def one(self, of: Sequence[T]) -> T:
        """One of several, each as likely."""
        return self._random.choice(of)

    def weighted(self, weights: Mapping[T, float]) -> T:
        """One of several, as likely as its weight says."""
        return self._random.choices(list(weights), list(weights.values()))[0]

    def number(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(least, most)

    def between(self, least: float, most: float) -> float:
        """A number between two."""
        return self._random.uniform(least, most)

    def wait(self, mean: timedelta) -> timedelta:
        """A time to wait: mostly shorter than the mean, sometimes much longer."""
        return mean * self._random.expovariate(1.0)

    def office(self, after: datetime) -> datetime:
        """The moment itself in office hours, else one in the next morning that is worked."""
        wall = after.astimezone(LOCAL_ZONE)
        day = wall.date()
        if self._calendar.is_working_day(day) and _OPENS <= wall.time() <= _CLOSES:
            return after
        if wall.time() > _OPENS:
            day += _DAY
        while not self._calendar.is_working_day(day):
            day += _DAY
        return self._at(day, self.between(7.6, 10.5))

    def out(self, after: datetime, rhythm: str) -> datetime:
        """A moment on one of the next days at which something of this rhythm goes on."""
        weights, begins, ends = _RHYTHMS[rhythm]
        first = after.astimezone(LOCAL_ZONE).date() + _DAY
        days = [first + n * _DAY for n in range(7)]
        day = self._random.choices(days, [weights[each.weekday()] for each in days])[0]
        return self._at(day, self.between(begins, ends))

    def beginning(self, rhythm: str, season: str, first: date, days: int) -> datetime:
        """When, in so many days from the first, something of this rhythm and season begins."""
        weekdays, begins, ends = _RHYTHMS[rhythm]
        months = _SEASONS[season]
        heaviest = max(weekdays) * max(months)
        while True:
            day = first + self.number(0, days - 1) * _DAY
            if self.number(1, heaviest) <= weekdays[day.weekday()] * months[day.month - 1]:
                return self._at(day, self.between(begins, ends))

    def _at(self, day: date, hour: float) -> datetime:
        midnight = datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
        return midnight + timedelta(hours=hour, seconds=self.number(0, 59))
