"""Who sends to whom, how much comes back and how long it waits: a picture and its table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from projections.figure_counts import Cell
from projections.figure_texts import FigureId
from projections.follow_up_queries import Figures
from service.pages.charts import Flow, flow
from service.pages.figure_tiles import Period
from service.pages.names import Names

_MUCH = 0.25
"""From this share that comes back a ribbon is marked."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """What one agency sent to another; a number that is withheld is None."""

    giver: str
    taker: str
    sent: int | None
    back: float | None
    median_seconds: float | None
    p90_seconds: float | None
    link: str
    back_link: str
    wait_link: str
    slowest_link: str

    @property
    def comes_back_much(self) -> bool:
        """Whether so much of it is declined that it is worth a look."""
        return self.back is not None and self.back >= _MUCH


@dataclass(frozen=True, kw_only=True)
class FlowPicture:
    """The picture, and the same numbers as a table, the busiest way first."""

    drawn: Flow
    routes: Sequence[Route]
    by_pair: dict[tuple[str, str], Route]
    ends: Mapping[tuple[str, bool], str]
    """Where the list of all is that an agency sent, or that it got; by whether it is the giver."""


def flow_picture(found: Figures, period: Period, names: Names) -> FlowPicture | None:
    """The referrals of the period between agencies; None if there were none."""
    waits = {cell.key: cell for cell in _pairs(found, FigureId.K2)}
    sent = _pairs(found, FigureId.K5)
    routes = {_ends(cell): _route(cell, waits.get(cell.key), period, names) for cell in sent}
    if not routes:
        return None
    counts = {pair: each.sent for pair, each in routes.items() if each.sent}
    back = {pair: each.back or 0.0 for pair, each in routes.items()}
    drawn = flow(counts, back)
    return FlowPicture(
        drawn=drawn,
        routes=sorted(
            routes.values(), key=lambda each: (-(each.sent or 0), each.giver, each.taker)
        ),
        by_pair=routes,
        ends={
            (end.agency, end.is_giver): period.link(
                FigureId.K5, kind="giver" if end.is_giver else "taker", key=end.agency
            )
            for end in drawn.ends
        },
    )


def _pairs(found: Figures, figure_id: FigureId) -> list[Cell]:
    return [cell for cell in found[figure_id].cells if cell.kind == "pair"]


def _ends(cell: Cell) -> tuple[str, str]:
    return cell.from_agency or "", cell.to_agency or ""


def _route(cell: Cell, wait: Cell | None, period: Period, names: Names) -> Route:
    giver, taker = _ends(cell)
    spread = wait.spread if wait is not None else None
    shown = not cell.withheld
    sent = period.link(FigureId.K5, kind="pair", key=cell.key) if shown else ""
    declined = period.link(FigureId.K5, kind="pair", key=cell.key, hits="1")
    timed = shown and spread is not None
    return Route(
        giver=names.short(giver),
        taker=names.short(taker),
        sent=cell.count,
        back=cell.share.value if cell.share is not None else None,
        median_seconds=spread.median_seconds if spread else None,
        p90_seconds=spread.p90_seconds if spread else None,
        link=sent,
        back_link=declined if cell.share and cell.share.numerator else sent,
        wait_link=period.link(FigureId.K2, kind="pair", key=cell.key) if timed else "",
        slowest_link=period.link(FigureId.K2, kind="pair", key=cell.key, slowest="1")
        if timed
        else "",
    )
