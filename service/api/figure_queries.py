"""Queries of figures: follow-up, hand-overs of imported logs, and who was responsible how long."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from projections.figure_texts import FigureId
from projections.follow_up_queries import Behind, Figures, Only, figures, issues_behind
from projections.handovers_queries import handover_figures
from projections.paging import Page
from projections.responsibility_queries import Responsibility, responsibility
from service.api.asking import Asked, Paged, Parameters, Query
from service.api.looking import at_list

PERIOD = timedelta(days=365)
"""How far back figures go unless `since` is told."""


@dataclass(frozen=True, kw_only=True)
class Period(Parameters):
    """From `since` up to but not including `until`: the last 365 days unless told."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class FiguresWanted(Period):
    """`agency` is the one that is measured, or all."""

    agency: str | None = None
    category: str | None = None
    issue_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class BehindWanted(Paged, FiguresWanted):
    """What one figure counts."""

    figure_id: FigureId
    hits_only: bool = False


@dataclass(frozen=True, kw_only=True)
class SourceWanted(Parameters):
    """`source` is the name of an imported event log; all issues without it."""

    source: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResponsibilityWanted(Period):
    """`source` as for hand-overs."""

    source: str | None = None


def _follow_up(asked: Asked, wanted: FiguresWanted) -> Figures:
    """The follow-up figures of a period with their definitions; for authorities."""
    since, until = _period(asked, wanted)
    return figures(
        asked.db,
        asked.viewer,
        since=since,
        until=until,
        now=asked.now,
        agency=wanted.agency,
        category=wanted.category,
        issue_id=wanted.issue_id,
    )


def _behind(asked: Asked, wanted: BehindWanted) -> Page[Behind]:
    """What a figure counts, one by one: the longest first, then the latest."""
    told = _follow_up(asked, wanted).asked
    return issues_behind(
        asked.db,
        asked.viewer,
        wanted.figure_id,
        told,
        only=Only.HITS if wanted.hits_only else Only.ALL,
        after=wanted.after,
        limit=wanted.limit,
    )


def _handovers(asked: Asked, wanted: SourceWanted) -> dict[str, Any]:
    """Hand-overs as event logs know them: who acted after whom, to and fro, how long."""
    return handover_figures(asked.db, asked.viewer, source=wanted.source)


def _responsibility(asked: Asked, wanted: ResponsibilityWanted) -> Responsibility:
    """How responsibility moved between agencies, and how long each of them had it."""
    since, until = _period(asked, wanted)
    return responsibility(
        asked.db, asked.viewer, since=since, until=until, now=asked.now, source=wanted.source
    )


def _period(asked: Asked, wanted: Period) -> tuple[datetime, datetime]:
    until = wanted.until or asked.now
    return wanted.since or until - PERIOD, until


FIGURE_QUERIES = (
    Query(
        name="FollowUpFigures",
        path="/figures/follow-up",
        tag="figures",
        parameters=FiguresWanted,
        answer=_follow_up,
        result=Figures,
        looks=at_list,
        reads=("visibility", "follow_up"),
    ),
    Query(
        name="FigureDetails",
        path="/figures/follow-up/{figure_id:str}",
        tag="figures",
        parameters=BehindWanted,
        answer=_behind,
        result=Page[Behind],
        looks=at_list,
        reads=("visibility", "follow_up"),
    ),
    Query(
        name="HandoverFigures",
        path="/figures/handovers",
        tag="figures",
        parameters=SourceWanted,
        answer=_handovers,
        result=dict[str, Any],
        looks=at_list,
        reads=("visibility", "handovers"),
    ),
    Query(
        name="ResponsibilityFigures",
        path="/figures/responsibility",
        tag="figures",
        parameters=ResponsibilityWanted,
        answer=_responsibility,
        result=Responsibility,
        looks=at_list,
        reads=("visibility", "handovers"),
    ),
)
