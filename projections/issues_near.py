"""Open issues near a spot, the nearest first: what somebody who stands there probably means."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from sqlalchemy import Connection, and_, select

from projections.issue_parts import head_of
from projections.issue_story_rows import IssueHead
from projections.issue_story_tables import heads
from projections.nearness import METRES_A_DEGREE, STEPS, Spot, east_scale, metres_between, spot_of
from projections.viewer import Viewer
from projections.visibility import visible_issue

WITHIN_METRES: Final = 1_000
"""Ten minutes on foot: what lies further off is no longer here."""
_LOOKED_AT: Final = 100
"""So many of the nearest are asked about whether the viewer may see them."""


@dataclass(frozen=True, kw_only=True)
class NearIssue:
    """An open issue, and how far from the spot it lies."""

    issue: IssueHead
    metres: float


def issues_near(
    db: Connection, viewer: Viewer, spot: Spot, *, within: int = WITHIN_METRES, limit: int = 8
) -> list[NearIssue]:
    """Open issues within so many metres, those of the viewer's among the hundred nearest.

    Of issues that are known to lie in an area only, nobody can say how far off they are.
    """
    scale = east_scale(spot.lat)
    north, east = round(spot.lat * STEPS), round(spot.lon * STEPS)
    steps = ceil(within / METRES_A_DEGREE * STEPS)
    wide = ceil(steps / scale)
    up, right = heads.c.north - north, (heads.c.east - east) * scale
    around = and_(
        heads.c.north.between(north - steps, north + steps),
        heads.c.east.between(east - wide, east + wide),
    )
    off = up * up + right * right
    nearest = (
        select(heads, off.label("off"))
        .where(around)
        .order_by(off, heads.c.issue_id)
        .limit(_LOOKED_AT)
        .subquery()
    )
    query = (
        select(nearest)
        .where(visible_issue(viewer, nearest.c.issue_id))
        .order_by(nearest.c.off, nearest.c.issue_id)
        .limit(limit)
    )
    found: list[NearIssue] = []
    for row in db.execute(query).mappings():
        head = head_of(row, viewer)
        there = spot_of(head.place) if isinstance(head, IssueHead) else None
        if isinstance(head, IssueHead) and there is not None:
            metres = metres_between(spot, there)
            if metres <= within:
                found.append(NearIssue(issue=head, metres=metres))
    return found
