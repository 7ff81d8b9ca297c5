"""The questions an issue's page and the list of issues ask, each through the visibility rule."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, select

from domain.codes import Badge, IssueStatus
from domain.follow_up import FollowUpRecorded
from domain.notes import CorrectionRecorded, DisputeNoted, NoteAdded
from domain.opening import SourceReportAdded
from domain.report import FeedbackSent, ReportReceived, ReportRevised
from projections.columns import beyond
from projections.issue_state import IssueNow
from projections.issue_story_rows import (
    IssueHead,
    Mark,
    MarkKind,
    PushedHead,
    StoryAction,
    StoryFollowUp,
    StoryLine,
    StoryNote,
    StoryReferral,
    StoryReport,
)
from projections.issue_story_tables import actions, heads, lines, links, referrals
from projections.occurrence import Earlier
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.queue_rows import badges_of, dues_of
from projections.search_text import matches
from projections.viewer import Viewer
from projections.visibility import sees_pushed_only, visible_issue, visible_report

T = TypeVar("T")
_FROM_STATE = (
    *("title", "category", "priority", "status", "status_since", "parked_until", "declines"),
    *("responsible_agency", "responsible_since", "caseworkers", "secrecy_marks"),
)
_FROM_ROW = (
    *("description_sv", "area_id", "context_flags", "priority_area", "external_ref"),
    *("registering_agency", "registry_refs", "opened_at", "closed_at", "outcome", "effect"),
)

Head = IssueHead | PushedHead
"""A partner gets the short one: number, public title and place."""


def issue_head(db: Connection, viewer: Viewer, issue_id: UUID) -> Head | None:
    """The head of an issue, or None if there is none that the viewer may see."""
    return _one_head(db, viewer, heads.c.issue_id == issue_id)


def issue_by_number(db: Connection, viewer: Viewer, number: str) -> Head | None:
    """The head of the issue with a number like TIC-2026-00042, or None as above."""
    return _one_head(db, viewer, heads.c.number == number)


def issue_version(db: Connection, viewer: Viewer, issue_id: UUID) -> int | None:
    """The version of an issue's stream, for its ETag; None as above."""
    head = issue_head(db, viewer, issue_id)
    return head.version if head else None


def find_issues(
    db: Connection,
    viewer: Viewer,
    *,
    text: str | None = None,
    status: IssueStatus | None = None,
    agency: str | None = None,
    category: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Head]:
    """Issues, the latest opened first; `agency` is the responsible one.

    Every word of `text` must be in number, titles, place, category or registry numbers. Partners
    search by the text only, in what they see.

    Raises:
        ValueError: the cursor or the limit is none.
    """
    pushed_only = sees_pushed_only(viewer)
    query = select(heads).where(visible_issue(viewer, heads.c.issue_id))
    if text is not None:
        query = query.where(matches(heads.c.public_search if pushed_only else heads.c.search, text))
    if not pushed_only:
        # What a partner cannot see it cannot search by either.
        wanted = {"status": status, "responsible_agency": agency, "category": category}
        for name, value in wanted.items():
            if value is not None:
                query = query.where(heads.c[name] == str(value))
    order = (heads.c.opened_at, heads.c.issue_id)
    last = read_cursor(after, datetime, UUID)
    if last is not None:
        query = query.where(beyond(order, last, descending=True))
    query = query.order_by(*(column.desc() for column in order)).limit(check_limit(limit) + 1)
    rows = db.execute(query).mappings().all()
    return page_of(
        rows,
        limit,
        lambda row: _head(row, viewer),
        lambda row: (row["opened_at"], row["issue_id"]),
    )


def story(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryLine]:
    """Everything that happened in an issue and to its reports, in the order it happened.

    Empty for partners, who see the referrals sent to them instead.
    """
    if sees_pushed_only(viewer):
        return []
    rows = _lines(db, viewer, issue_id, lines.c.topic != SourceReportAdded.TOPIC)
    earlier = _earlier(db, issue_id)
    marks = _marks(rows)
    return [
        StoryLine(
            position=row["position"],
            event_id=row["event_id"],
            topic=row["topic"],
            version=row["version"],
            report_id=row["report_id"],
            occurred_at=row["occurred_at"],
            recorded_at=row["recorded_at"],
            user_id=row["user_id"],
            agency_id=row["agency_id"],
            role=row["role"],
            data=row["data"],
            about=earlier.about(row["data"]),
            marks=tuple(marks[str(row["event_id"])]),
        )
        for row in rows
    ]


def referrals_of(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryReferral]:
    """The referrals of an issue in the order they were sent; for partners those sent to them."""
    query = _part_of(referrals, viewer, issue_id)
    if sees_pushed_only(viewer):
        query = query.where(referrals.c.to_agency == viewer.agency_id)
    return _all(db, query, StoryReferral)


def actions_of(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryAction]:
    """The actions of an issue in the order they were recorded; for partners their own."""
    query = _part_of(actions, viewer, issue_id)
    if sees_pushed_only(viewer):
        query = query.where(actions.c.agency_id == viewer.agency_id)
    return _all(db, query, StoryAction)


def reports_of(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryReport]:
    """The reports of an issue in their latest versions, the first received first."""
    if sees_pushed_only(viewer):
        return []
    told = (ReportReceived.TOPIC, ReportRevised.TOPIC, FeedbackSent.TOPIC)
    reports: dict[UUID, dict[str, Any]] = {}
    for row in _lines(db, viewer, issue_id, lines.c.topic.in_(told)):
        report = reports.setdefault(row["report_id"], {"versions": 0, "feedback_at": None})
        data = row["data"]
        if row["topic"] == FeedbackSent.TOPIC:
            report["feedback_at"] = report["feedback_at"] or row["occurred_at"]
            continue
        report["versions"] += 1
        report["content"] = data["content"]
        if row["topic"] == ReportReceived.TOPIC:
            report["report_id"] = row["report_id"]
            report["received_at"] = row["occurred_at"]
            report["received_by"] = row["user_id"]
            for name in ("receiving_agency", "wants_reply", "anonymous"):
                report[name] = data[name]
    return [msgspec.convert(report, StoryReport) for report in reports.values()]


def follow_ups_of(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryFollowUp]:
    """What the follow-ups of an issue found, the first one first."""
    return _told(db, viewer, issue_id, FollowUpRecorded.TOPIC, StoryFollowUp)


def notes_of(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryNote]:
    """The notes on an issue, the first one first."""
    return _told(db, viewer, issue_id, NoteAdded.TOPIC, StoryNote)


def _one_head(db: Connection, viewer: Viewer, found: ColumnElement[bool]) -> Head | None:
    query = select(heads).where(found, visible_issue(viewer, heads.c.issue_id))
    row = db.execute(query).mappings().first()
    return _head(row, viewer) if row else None


def _head(row: RowMapping, viewer: Viewer) -> Head:
    state: IssueNow = row["state"]
    known = {
        "issue_id": row["issue_id"],
        "version": state.version,
        "number": state.number,
        "public_title": state.public_title,
        "place": row["place"],
    }
    if sees_pushed_only(viewer):
        return msgspec.convert(known, PushedHead)
    known |= {name: getattr(state, name) for name in _FROM_STATE}
    known |= {name: row[name] for name in _FROM_ROW}
    into: Mapping[str, str] = row["merged_into"] or {}
    return msgspec.convert(
        known
        | {
            "follow_up_due_at": state.follow_up_due,
            "merged_into_id": into.get("issue_id"),
            "merged_into_number": into.get("number"),
            "lasting_badges": [Badge(badge) for badge in badges_of(state)],
            "due_at": min((due.at for due in dues_of(state)), default=None),
        },
        IssueHead,
    )


def _lines(
    db: Connection, viewer: Viewer, issue_id: UUID, wanted: ColumnElement[bool]
) -> Sequence[RowMapping]:
    """Lines of an issue and of those of its reports that the viewer may read, as they happened."""
    linked = select(links.c.report_id).where(
        links.c.issue_id == issue_id,
        visible_issue(viewer, links.c.issue_id),
        visible_report(viewer, links.c.report_id),
    )
    # Asked apart: PostgreSQL reads the whole table for one question with an OR between them.
    of_issue = and_(lines.c.issue_id == issue_id, visible_issue(viewer, lines.c.issue_id))
    of_reports = lines.c.report_id.in_(db.scalars(linked).all())
    found: list[RowMapping] = []
    for part in (of_issue, of_reports):
        found += db.execute(select(lines).where(wanted, part)).mappings()
    return sorted(found, key=lambda row: (row["occurred_at"], row["position"]))


def _told(db: Connection, viewer: Viewer, issue_id: UUID, topic: str, kind: type[T]) -> list[T]:
    """What events of one kind say, in the order they happened; a kind that only issues have."""
    if sees_pushed_only(viewer):
        return []
    query = select(lines).where(
        lines.c.issue_id == issue_id,
        lines.c.topic == topic,
        visible_issue(viewer, lines.c.issue_id),
    )
    rows = db.execute(query.order_by(lines.c.occurred_at, lines.c.position)).mappings()
    return [msgspec.convert(_fields(row) | row["data"], kind) for row in rows]


def _part_of(table: Any, viewer: Viewer, issue_id: UUID) -> Select[Any]:  # noqa: ANN401
    query = select(table).where(table.c.issue_id == issue_id)
    return query.where(visible_issue(viewer, table.c.issue_id)).order_by(table.c.position)


def _all(db: Connection, query: Select[Any], kind: type[T]) -> list[T]:
    return [msgspec.convert(_fields(row), kind) for row in db.execute(query).mappings()]


def _fields(row: RowMapping) -> dict[str, Any]:
    # SQLAlchemy's names are a kind of str of its own, which msgspec does not take.
    return {str(name): value for name, value in row.items()}


def _earlier(db: Connection, issue_id: UUID) -> Earlier:
    """What to say of the referrals and actions that a story's lines only name."""
    sent = select(referrals).where(referrals.c.issue_id == issue_id)
    types = select(actions.c.action_id, actions.c.action_type).where(actions.c.issue_id == issue_id)
    number = select(heads.c.number).where(heads.c.issue_id == issue_id)
    return Earlier(
        referrals={str(row["referral_id"]): dict(row) for row in db.execute(sent).mappings()},
        action_types={str(id_): action_type for id_, action_type in db.execute(types)},
        numbers={str(issue_id): found for (found,) in db.execute(number)},
    )


def _marks(rows: Sequence[RowMapping]) -> Mapping[str, list[Mark]]:
    """The corrections and disputes by the id of the event they refer to."""
    marks: dict[str, list[Mark]] = defaultdict(list)
    for row in rows:
        data = row["data"]
        match row["topic"]:
            case CorrectionRecorded.TOPIC:
                kind, text = MarkKind.CORRECTED, data["correct_value"]
            case DisputeNoted.TOPIC:
                kind, text = MarkKind.DISPUTED, data["text_sv"]
            case _:
                continue
        marks[data["refers_to_event"]].append(
            Mark(
                kind=kind,
                occurred_at=row["occurred_at"],
                agency_id=row["agency_id"],
                user_id=row["user_id"],
                text_sv=text,
            )
        )
    return marks
