"""The questions an issue's page and the list of issues ask, each through the visibility rule."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, select

from domain.notes import CorrectionRecorded, DisputeNoted
from domain.opening import SourceReportAdded
from domain.report import FeedbackSent, ReportReceived, ReportRevised
from projections.audit_trail import lines
from projections.audit_trail_queries import earlier_of
from projections.issue_parts import (
    Head,
    actions_of_issue,
    follow_ups_of_issue,
    head_by_id,
    head_by_number,
    notes_of_issue,
    referrals_of_issue,
)
from projections.issue_story_rows import (
    Mark,
    MarkKind,
    StoryAction,
    StoryFollowUp,
    StoryLine,
    StoryNote,
    StoryReferral,
    StoryReport,
)
from projections.issue_story_tables import links
from projections.viewer import Viewer
from projections.visibility import sees_pushed_only, visible_issue, visible_report


def issue_head(db: Connection, viewer: Viewer, issue_id: UUID) -> Head | None:
    """The head of an issue, or None if there is none that the viewer may see."""
    return head_by_id(viewer, issue_id).ask(db)


def issue_by_number(db: Connection, viewer: Viewer, number: str) -> Head | None:
    """The head of the issue with a number like TIC-2026-00042, or None as above."""
    return head_by_number(viewer, number).ask(db)


def issue_version(db: Connection, viewer: Viewer, issue_id: UUID) -> int | None:
    """The version of an issue's stream, for its ETag; None as above."""
    head = issue_head(db, viewer, issue_id)
    return head.version if head else None


def story(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryLine]:
    """Everything that happened in an issue and to its reports, in the order it happened.

    Empty for partners, who see the referrals sent to them instead.
    """
    if sees_pushed_only(viewer):
        return []
    rows = _lines(db, viewer, issue_id, lines.c.topic != SourceReportAdded.TOPIC)
    earlier = earlier_of(db, rows)
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
    return referrals_of_issue(viewer, issue_id).ask(db)


def actions_of(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryAction]:
    """The actions of an issue in the order they were recorded; for partners their own."""
    return actions_of_issue(viewer, issue_id).ask(db)


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
    return follow_ups_of_issue(viewer, issue_id).ask(db)


def notes_of(db: Connection, viewer: Viewer, issue_id: UUID) -> list[StoryNote]:
    """The notes on an issue, the first one first."""
    return notes_of_issue(viewer, issue_id).ask(db)


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
