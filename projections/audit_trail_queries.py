"""Who did what, when and for which agency: the trail, filtered, page by page or as a whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    false,
    or_,
    select,
    true,
)

from domain.values import Role
from projections.audit_trail import actions, issues, lines, links, referrals
from projections.lines import DIRECTORY, ISSUE, REPORT, REVIEW
from projections.occurrence import LATE, Earlier, Occurrence
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.viewer import Viewer
from projections.visibility import agency_of, sees_pushed_only, visible_issue, visible_report

_LINES_OF_AN_EXPORT_AT_ONCE = 1_000


class TrailFilter(TypedDict, total=False):
    """What of the trail is wanted; what is not given, or None, is not filtered by.

    `agency` is whom the actor acted for, `actor` a user id, `since` and `until` bound when it
    happened (until is not included). Of an issue, the events of its reports are part too. `above`
    and `up_to` are positions of the log; the first one is not included.
    """

    agency: str | None
    actor: str | None
    topics: Sequence[str]
    since: datetime | None
    until: datetime | None
    issue_id: UUID | None
    above: int | None
    up_to: int | None


@dataclass(frozen=True, kw_only=True)
class TrailLine:
    """One event of the trail; `kind` is issue, report, directory or access_review."""

    position: int
    kind: str
    issue_id: UUID | None
    issue_number: str | None
    report_id: UUID | None
    version: int
    topic: str
    event_id: UUID
    causation_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    user_id: str
    agency_id: str
    role: str
    registering_agency: str
    data: Mapping[str, Any]
    about: Mapping[str, Any]

    @property
    def late(self) -> bool:
        """R14: whether both times are to be shown, because more than an hour lies between."""
        return self.recorded_at - self.occurred_at > LATE

    @property
    def occurrence(self) -> Occurrence:
        """What to narrate."""
        return Occurrence(
            topic=self.topic,
            agency_id=self.agency_id,
            role=self.role,
            data=self.data,
            about=self.about,
        )


def trail(
    db: Connection,
    viewer: Viewer,
    *,
    oldest_first: bool = False,
    after: str | None = None,
    limit: int = 50,
    **wanted: Unpack[TrailFilter],
) -> Page[TrailLine]:
    """A page of the trail, the newest entry of the log first unless `oldest_first`.

    Raises:
        ValueError: the cursor or the limit is none.
    """
    last = read_cursor(after, int)
    rows = _read(
        db,
        viewer,
        wanted,
        after=last[0] if last else None,
        oldest_first=oldest_first,
        limit=check_limit(limit) + 1,
    )
    told = told_lines(db, viewer, rows[:limit])
    return page_of(rows, limit, lambda row: told[row["position"]], lambda row: (row["position"],))


def export(db: Connection, viewer: Viewer, **wanted: Unpack[TrailFilter]) -> Iterator[TrailLine]:
    """The whole trail that is wanted, in the order of the log, however long it is."""
    last: int | None = None
    while rows := _read(
        db, viewer, wanted, after=last, oldest_first=True, limit=_LINES_OF_AN_EXPORT_AT_ONCE
    ):
        yield from told_lines(db, viewer, rows).values()
        last = rows[-1]["position"]


def _read(
    db: Connection,
    viewer: Viewer,
    wanted: TrailFilter,
    *,
    after: int | None,
    oldest_first: bool,
    limit: int,
) -> Sequence[RowMapping]:
    query: Select[Any] = select(lines).where(visible_line(viewer), *_conditions(db, wanted))
    position = lines.c.position
    if after is not None:
        query = query.where(position > after if oldest_first else position < after)
    query = query.order_by(position if oldest_first else position.desc()).limit(limit)
    return db.execute(query).mappings().all()


def visible_line(viewer: Viewer) -> ColumnElement[bool]:
    """The one rule for issues and reports; the directory is open to every authority's staff.

    That an access log was reviewed is for the agency it belongs to, and for auditors everywhere.
    """
    of_issues = visible_issue(viewer, lines.c.issue_id)
    if sees_pushed_only(viewer):
        pushed = select(referrals.c.referral_id).where(referrals.c.to_agency == viewer.agency_id)
        own = or_(lines.c.agency_id == viewer.agency_id, lines.c.referral_id.in_(pushed))
        of_issues = and_(of_issues, own)
    role = viewer.actor.role
    of_directory = role is Role.SYSTEM or (viewer.authority and role is not Role.REPORTER)
    if not viewer.authority:
        return or_(
            and_(lines.c.kind == ISSUE, of_issues),
            and_(lines.c.kind == REPORT, visible_report(viewer, lines.c.report_id)),
            and_(lines.c.kind == DIRECTORY, true() if of_directory else false()),
            and_(lines.c.kind == REVIEW, _visible_review(viewer)),
        )
    # An authority may read nearly every line. As a CASE the latest
    # lines are read from the end; as an OR all lines of each kind would be read and sorted.
    return case(
        (lines.c.kind == ISSUE, of_issues),
        (lines.c.kind == REPORT, visible_report(viewer, lines.c.report_id)),
        (lines.c.kind == REVIEW, _visible_review(viewer)),
        else_=true() if of_directory else false(),
    )


def _visible_review(viewer: Viewer) -> ColumnElement[bool]:
    role = viewer.actor.role
    if role is Role.SYSTEM or (viewer.authority and role is Role.AUDITOR):
        return true()
    if viewer.authority and role not in (Role.REPORTER, Role.ADMIN):
        return lines.c.registering_agency == agency_of(viewer)
    return false()


def _conditions(db: Connection, wanted: TrailFilter) -> Iterator[ColumnElement[bool]]:
    if (agency := wanted.get("agency")) is not None:
        yield lines.c.agency_id == agency
    if (actor := wanted.get("actor")) is not None:
        yield lines.c.user_id == actor
    if topics := wanted.get("topics"):
        yield lines.c.topic.in_(topics)
    if (since := wanted.get("since")) is not None:
        yield lines.c.occurred_at >= since
    if (until := wanted.get("until")) is not None:
        yield lines.c.occurred_at < until
    if (above := wanted.get("above")) is not None:
        yield lines.c.position > above
    if (up_to := wanted.get("up_to")) is not None:
        yield lines.c.position <= up_to
    if (issue_id := wanted.get("issue_id")) is not None:
        linked = select(links.c.report_id).where(links.c.issue_id == issue_id)
        # Asked apart: PostgreSQL reads the whole table for an OR with a question inside.
        report_ids = db.scalars(linked).all()
        yield or_(lines.c.issue_id == issue_id, lines.c.report_id.in_(report_ids))


def told_lines(db: Connection, viewer: Viewer, rows: Sequence[RowMapping]) -> dict[int, TrailLine]:
    """The rows by position, with what earlier events said of what they name."""
    issue_of = _issues_of_reports(db, viewer, rows)
    earlier = earlier_of(db, rows, issue_of.values())
    told: dict[int, TrailLine] = {}
    for row in rows:
        fields = {str(name): value for name, value in row.items() if name != "referral_id"}
        fields["issue_id"] = row["issue_id"] or issue_of.get(row["report_id"])
        number = earlier.numbers.get(str(fields["issue_id"]))
        about = earlier.about(row["data"])
        told[row["position"]] = TrailLine(**fields, issue_number=number, about=about)
    return told


def _issues_of_reports(
    db: Connection, viewer: Viewer, rows: Sequence[RowMapping]
) -> Mapping[UUID, UUID]:
    """Which issue each report belongs to now: the last it was linked to or merged into."""
    report_ids = {row["report_id"] for row in rows if row["report_id"]}
    query = select(links.c.report_id, links.c.issue_id).where(
        links.c.report_id.in_(report_ids), visible_issue(viewer, links.c.issue_id)
    )
    found = db.execute(query.order_by(links.c.position))
    return {row.report_id: row.issue_id for row in found}


def earlier_of(db: Connection, rows: Sequence[RowMapping], more: Iterable[UUID] = ()) -> Earlier:
    """What to say of referrals, actions and issues that lines only name, and of ``more`` issues."""
    referral_ids = {row["referral_id"] for row in rows if row["referral_id"]}
    action_ids = {UUID(row["data"]["action_id"]) for row in rows if "action_id" in row["data"]}
    issue_ids = {row["issue_id"] for row in rows if row["issue_id"]} | set(more)
    sent = select(referrals).where(referrals.c.referral_id.in_(referral_ids))
    types = select(actions).where(actions.c.action_id.in_(action_ids))
    numbers = select(issues).where(issues.c.issue_id.in_(issue_ids))
    return Earlier(
        referrals={str(row["referral_id"]): dict(row) for row in db.execute(sent).mappings()},
        action_types={str(id_): action_type for id_, action_type in db.execute(types)},
        numbers={str(id_): number for id_, number in db.execute(numbers)},
    )
