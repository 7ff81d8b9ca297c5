"""What the demo's year is made of: when each issue and each report begins, about what and where."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.working_days import LOCAL_ZONE, Calendar
from service.demo.affair import Affair, Life, Near
from service.demo.draw import Draw
from service.demo.lives import issue, report_alone
from service.demo.texts import Spot, Subject, demo_texts

SEED = "Göteborg"
YEAR = timedelta(weeks=52)
_ALONE = 0.12
"""Reports that lead to no issue, for each issue."""
_RESTLESS = 3
"""Night places and squares have so many times the issues of others."""


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A life that has not begun yet; `number` tells it from the others."""

    number: int
    at: datetime
    life: Life


class Plan:
    """The lives of a year of so many issues that ends at a time, in no order of time.

    Number 0 begins with the year; the last one is a report that comes in as it ends.
    """

    def __init__(self, ends: datetime, issues: int, calendar: Calendar, near: Near) -> None:
        self._ends, self._issues, self._calendar, self._near = ends, issues, calendar, near
        self.last = issues + max(1, int(issues * _ALONE)) - 1

    def __iter__(self) -> Iterator[Begun]:
        """Every life."""
        return map(self.begun, range(self.last + 1))

    def begun(self, number: int) -> Begun:
        """One life."""
        at = {0: self._ends - YEAR, self.last: self._ends}.get(number)
        affair = _affair(number, self._ends, self._calendar, self._near, at)
        life = issue(affair) if number < self._issues else report_alone(affair)
        return Begun(number=number, at=affair.begins, life=life)


def _affair(
    number: int, ends: datetime, calendar: Calendar, near: Near, at: datetime | None
) -> Affair:
    texts = demo_texts()
    draw = Draw(f"{SEED}:{number}", calendar)
    subject = draw.weighted({each.code: each.weight for each in texts.subjects})
    told = next(each for each in texts.subjects if each.code == subject)
    return Affair(
        draw=draw,
        calendar=calendar,
        texts=texts,
        subject=told,
        spot=_spot(draw, told, texts.spots),
        begins=at or _beginning(draw, told, ends - YEAR, ends),
        near=near,
    )


def _beginning(draw: Draw, subject: Subject, begins: datetime, ends: datetime) -> datetime:
    first = begins.astimezone(LOCAL_ZONE).date()
    days = (ends.astimezone(LOCAL_ZONE).date() - first).days + 1
    while True:
        at = draw.beginning(subject.rhythm, subject.season, first, days)
        if begins < at < ends:
            return at


def _spot(draw: Draw, subject: Subject, spots: Sequence[Spot]) -> Spot:
    fitting = {
        n: _RESTLESS if {"krog", "torg"} & set(each.kinds) else 1
        for n, each in enumerate(spots)
        if set(each.kinds) & set(subject.places)
    }
    return spots[draw.weighted(fitting)]
