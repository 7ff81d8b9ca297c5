"""The path of an issue over time: who was responsible when, and who was asked to answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from projections.follow_up_tables import referrals
from projections.handovers import spans
from projections.viewer import Viewer
from projections.visibility import sees_pushed_only, visible_issue


@dataclass(frozen=True, kw_only=True)
class Held:
    """An agency had the issue, or was asked about it, from a time until another or until now."""

    agency_id: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class IssuePath:
    """Each in the order of time."""

    responsible: tuple[Held, ...]
    asked: tuple[Held, ...]


def path_of(db: Connection, viewer: Viewer, issue_id: UUID) -> IssuePath:
    """The path of an issue; empty if the viewer may not read it, or only what was sent to it."""
    if sees_pushed_only(viewer):
        return IssuePath(responsible=(), asked=())
    held = (
        select(spans.c.agency_id, spans.c.from_at, spans.c.until_at)
        .where(spans.c.issue_id == issue_id, visible_issue(viewer, spans.c.issue_id))
        .order_by(spans.c.version)
    )
    asked = (
        select(referrals.c.to_agency, referrals.c.sent_at, referrals.c.settled_at)
        .where(referrals.c.issue_id == issue_id, visible_issue(viewer, referrals.c.issue_id))
        .order_by(referrals.c.sent_at, referrals.c.referral_id)
    )
    return IssuePath(
        responsible=tuple(
            Held(agency_id=agency, since=since, until=until)
            for agency, since, until in db.execute(held)
        ),
        asked=tuple(
            Held(agency_id=agency, since=since, until=until)
            for agency, since, until in db.execute(asked)
        ),
    )
