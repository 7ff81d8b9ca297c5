"""The follow-up figures of a period (DOMAIN 10), and the list behind each number.

`figures` reads every fact of the period and takes medians in memory, in fourteen statements: its
cost is the number of reports, referrals and issues of the period and of what is open now.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from domain.refusals import NotAllowed
from projections.durations import seconds, slowest_tenth
from projections.figure_counts import Figure, figure_of, parts_of, too_few
from projections.figure_facts import Asked, Fact, Part
from projections.figure_months import COUNTINGS, Month, months_of
from projections.figure_texts import FigureId
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.viewer import Viewer
from projections.visibility import sees_issues, sees_pushed_only


class Only(StrEnum):
    """What of a figure is listed: all, its numerator, or what its 90th percentile bounds."""

    ALL = "all"
    HITS = "hits"
    SLOWEST = "slowest"


ENDS: Final[Mapping[str, int]] = {"giver": 0, "taker": 1}
"""Which end of a pair an agency is at, for lists of all that it sent or got."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Every follow-up figure, for one agency or all, in the order of their ids."""

    asked: Asked
    figures: tuple[Figure, ...]
    months: Mapping[FigureId, tuple[Month, ...]]
    """The same by month, of those that can be told by month."""

    def __getitem__(self, figure_id: str) -> Figure:
        return next(figure for figure in self.figures if figure.id == figure_id)


@dataclass(frozen=True, kw_only=True)
class Behind:
    """One thing that a number counts: an issue, often with its referral, or a report.

    `agency` is the one the figure measures, `seconds` the duration if the figure has one, `hit`
    whether it is in the numerator.
    """

    key: str
    issue_id: UUID | None
    report_id: UUID | None
    number: str | None
    title: str | None
    place_name: str
    category: str | None
    agency: str
    from_agency: str | None
    at: datetime
    seconds: float | None
    hit: bool


def figures(
    db: Connection,
    viewer: Viewer,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    agency: str | None = None,
    category: str | None = None,
    issue_id: UUID | None = None,
) -> Figures:
    """The figures from `since` up to but not including `until`; what is open, as of `now`.

    `agency` is the one that is measured: whoever was asked, is responsible, planned or received.

    Raises:
        NotAllowed: figures are for authorities only (DOMAIN 9.2).
    """
    asked = Asked(
        since=since, until=until, now=now, agency=agency, category=category, issue_id=issue_id
    )
    return figures_asked(db, viewer, asked)


def figures_asked(
    db: Connection, viewer: Viewer, asked: Asked, *, by_month: bool = False
) -> Figures:
    """As `figures`; with `by_month` also each month of the period.

    Raises:
        NotAllowed: as `figures`.
    """
    admit(viewer)
    found: list[Figure] = []
    months: dict[FigureId, tuple[Month, ...]] = {}
    for figure_id, counting in COUNTINGS.items():
        rows = counting.read(db, viewer, asked)
        facts = counting.count(rows)
        found.append(figure_of(figure_id, facts, viewer, per_agency=asked.agency is None))
        if by_month:
            months[figure_id] = months_of(figure_id, rows, viewer, asked)
    return Figures(asked=asked, figures=tuple(found), months=months)


def follow_up_figures(
    db: Connection,
    viewer: Viewer,
    *,
    since: datetime,
    until: datetime,
    now: datetime,
    agency: str | None = None,
) -> dict[str, Any]:
    """The same as plain JSON values, figures by their ids.

    Raises:
        NotAllowed: as `figures`.
    """
    found = figures(db, viewer, since=since, until=until, now=now, agency=agency)
    return {
        **msgspec.to_builtins({"since": since, "until": until, "now": now, "agency": agency}),
        "figures": {figure.id.value: msgspec.to_builtins(figure) for figure in found.figures},
    }


def issues_behind(
    db: Connection,
    viewer: Viewer,
    figure_id: FigureId,
    asked: Asked,
    *,
    part: Part | None = None,
    only: Only = Only.ALL,
    after: str | None = None,
    limit: int = 50,
) -> Page[Behind]:
    """What a figure, one of its cells or a numerator counts: the longest first, then the latest.

    Empty where the number is withheld. Reads all facts of the figure for every page.

    Raises:
        NotAllowed: as `figures`.
        ValueError: the cursor is not one of this list, or the limit is out of range.
    """
    check_limit(limit)
    last = read_cursor(after, int, int, str)
    facts = _facts_behind(db, viewer, figure_id, asked, part, only)
    following = [fact for fact in facts if last is None or _place(fact) > last]
    return page_of(following[: limit + 1], limit, _behind, _place)


def all_behind(
    db: Connection,
    viewer: Viewer,
    figure_id: FigureId,
    asked: Asked,
    *,
    part: Part | None = None,
    only: Only = Only.ALL,
) -> list[Behind]:
    """As `issues_behind`, all of it: as many as the number says.

    Raises:
        NotAllowed: as `figures`.
    """
    facts = _facts_behind(db, viewer, figure_id, asked, part, only)
    return list(map(_behind, facts))


def _facts_behind(
    db: Connection,
    viewer: Viewer,
    figure_id: FigureId,
    asked: Asked,
    part: Part | None,
    only: Only,
) -> list[Fact]:
    admit(viewer)
    found = COUNTINGS[figure_id].facts(db, viewer, asked)
    facts = [
        fact
        for fact in _of_part(found, part, viewer, per_agency=asked.agency is None)
        if (fact.hit and fact.counted) or only is not Only.HITS
    ]
    if too_few(facts, viewer):
        return []
    return sorted(slowest_tenth(facts) if only is Only.SLOWEST else facts, key=_place)


def _of_part(
    facts: Sequence[Fact], part: Part | None, viewer: Viewer, *, per_agency: bool
) -> Sequence[Fact]:
    """The facts of a cell, or of all cells of which an agency is the giver or the taker.

    Cells whose number is withheld are left out of these: they are not in their sum either.
    """
    if part is None:
        return facts
    if part.kind not in ENDS:
        return [fact for fact in facts if part in parts_of(fact, per_agency=per_agency)]
    pairs: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        for each in fact.parts:
            if each.kind == "pair" and each.key.split(">")[ENDS[part.kind]] == part.key:
                pairs[each.key].append(fact)
    return [fact for of_pair in pairs.values() if not too_few(of_pair, viewer) for fact in of_pair]


def _place(fact: Fact) -> tuple[int, int, str]:
    lasted = -1 if fact.lasted is None else fact.lasted
    return -lasted, -round(fact.at.timestamp() * 1_000), fact.key


def _behind(fact: Fact) -> Behind:
    return Behind(
        key=fact.key,
        issue_id=_id(getattr(fact.row, "issue_id", None)),
        report_id=_id(getattr(fact.row, "report_id", None)),
        number=getattr(fact.row, "number", None),
        title=getattr(fact.row, "title", None),
        place_name=fact.row.place_name,
        category=fact.category,
        agency=fact.agency,
        from_agency=getattr(fact.row, "from_agency", None),
        at=fact.at,
        seconds=None if fact.lasted is None else seconds(fact.lasted),
        hit=fact.hit,
    )


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def admit(viewer: Viewer) -> None:
    """Let authorities read figures, and nobody else.

    Raises:
        NotAllowed: the viewer is none (DOMAIN 9.2).
    """
    if not sees_issues(viewer) or sees_pushed_only(viewer):
        raise NotAllowed(
            "figures_for_authorities",
            "Uppföljningens siffror är för myndigheter.",
            "The follow-up figures are for authorities.",
            who_may=("authority",),
        )
