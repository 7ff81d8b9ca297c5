"""Which facts each follow-up figure counts, and the same figure month by month."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from domain.working_days import LOCAL_ZONE
from projections import figures_of_issues, figures_of_referrals, figures_of_reports
from projections.figure_counts import Share, Spread, figure_of
from projections.figure_facts import Asked, Fact
from projections.figure_texts import FigureId
from projections.viewer import Viewer

_A_DAY = timedelta(days=1)
_A_MOMENT = timedelta(microseconds=1)
_MORE_THAN_A_MONTH = timedelta(days=31)

Read = Callable[[Connection, Viewer, Asked], list[Any]]


def _as_read(rows: Sequence[Fact]) -> list[Fact]:
    return list(rows)


@dataclass(frozen=True, kw_only=True)
class Counting:
    """How a figure comes about: what is read of a period, and which facts that is.

    `placed` tells when something read lies in time; None for what is counted as of now, or over
    several months, and so has no value of a month.
    """

    read: Read
    placed: Callable[[Any], datetime] | None = attrgetter("at")
    count: Callable[[Sequence[Any]], list[Fact]] = _as_read

    def facts(self, db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
        """The facts of a period."""
        return self.count(self.read(db, viewer, asked))


COUNTINGS: Mapping[FigureId, Counting] = MappingProxyType(
    {
        FigureId.K1: Counting(read=figures_of_reports.first_responses),
        FigureId.K2: Counting(read=figures_of_referrals.answers),
        FigureId.K3: Counting(
            read=figures_of_referrals.answered_in_time, placed=attrgetter("row.due_at")
        ),
        FigureId.K4: Counting(read=figures_of_referrals.unanswered, placed=None),
        FigureId.K5: Counting(read=figures_of_referrals.declined),
        FigureId.K6: Counting(read=figures_of_issues.passed_back_and_forth, placed=None),
        FigureId.K7: Counting(read=figures_of_issues.first_actions),
        FigureId.K8: Counting(read=figures_of_issues.not_done, placed=None),
        FigureId.K9: Counting(
            read=figures_of_issues.closings_in,
            placed=attrgetter("closed_at"),
            count=figures_of_issues.followed_up,
        ),
        FigureId.K10: Counting(
            read=figures_of_issues.follow_ups,
            placed=attrgetter("recorded_at"),
            count=figures_of_issues.effects_seen,
        ),
        FigureId.K11: Counting(
            read=figures_of_issues.closings_in,
            placed=attrgetter("closed_at"),
            count=figures_of_issues.reopened,
        ),
        FigureId.K12: Counting(read=figures_of_reports.feedback),
        FigureId.K14: Counting(read=figures_of_issues.shared),
        FigureId.K15: Counting(read=figures_of_issues.recurring_places, placed=None),
    }
)


@dataclass(frozen=True, kw_only=True)
class Month:
    """A figure in one month, or in what of it lies in the period; days included.

    What is withheld, because so few are told, is None.
    """

    first: date
    last: date
    count: int | None
    spread: Spread | None
    share: Share | None
    withheld: bool


def months_of(
    figure_id: FigureId, rows: Sequence[Any], viewer: Viewer, asked: Asked
) -> tuple[Month, ...]:
    """The figure in each month of the period, the same as if that month alone were asked for."""
    counting = COUNTINGS[figure_id]
    if counting.placed is None:
        return ()
    by_month: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in rows:
        at = counting.placed(row).astimezone(LOCAL_ZONE)
        by_month[at.year, at.month].append(row)
    found: list[Month] = []
    for first, last in _months(asked):
        told = counting.count(by_month[first.year, first.month])
        figure = figure_of(figure_id, told, viewer, per_agency=False)
        found.append(
            Month(
                first=first,
                last=last,
                count=figure.count,
                spread=figure.spread,
                share=figure.share,
                withheld=figure.withheld,
            )
        )
    return tuple(found)


def _months(asked: Asked) -> Iterator[tuple[date, date]]:
    """First and last day of each month, as far as it lies in the period."""
    day, last = _day(asked.since), _day(asked.until, before=True)
    while day <= last:
        following = (day.replace(day=1) + _MORE_THAN_A_MONTH).replace(day=1)
        yield day, min(following - _A_DAY, last)
        day = following


def _day(moment: datetime, *, before: bool = False) -> date:
    at = moment - _A_MOMENT if before else moment
    return at.astimezone(LOCAL_ZONE).date()
