"""Facts of reports: how soon they were responded to (K1) and fed back on (K12)."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, true

from projections.durations import microseconds
from projections.figure_facts import Asked, Fact, Part, equal, in_period
from projections.follow_up_tables import reports
from projections.viewer import Viewer
from projections.visibility import visible_report


def first_responses(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    return [
        _report_fact(row, lasted=microseconds(row.received_at, row.responded_at))
        for row in _reports(db, viewer, asked, reports.c.responded_at.is_not(None))
    ]


def feedback(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    facts = []
    for row in _reports(db, viewer, asked, reports.c.wants_reply == true()):
        answered = row.feedback_at is not None
        in_time = answered and row.feedback_at <= row.reply_by
        facts.append(
            _report_fact(
                row,
                hit=answered,
                lasted=microseconds(row.received_at, row.feedback_at) if answered else None,
                parts=(Part("reply", "within_4_weeks"),) if in_time else (),
            )
        )
    return facts


def _reports(
    db: Connection, viewer: Viewer, asked: Asked, wanted: ColumnElement[bool]
) -> list[Row[Any]]:
    """Reports received in the period by the agency asked about."""
    query = select(reports).where(
        in_period(reports.c.received_at, asked),
        wanted,
        equal(reports.c.receiving_agency, asked.agency),
        equal(reports.c.category, asked.category),
        equal(reports.c.issue_id, asked.issue_id),
        visible_report(viewer, reports.c.report_id),
    )
    return list(db.execute(query))


def _report_fact(row: Row[Any], **told: Any) -> Fact:  # noqa: ANN401  fields of a fact
    # Not the issue it led to: whoever may read the report may not always read that.
    return Fact(
        key=str(row.report_id),
        issue_id=None,
        report_id=row.report_id,
        place_name=row.place_name,
        category=row.category,
        owner=row.receiving_agency,
        agency=row.receiving_agency,
        at=row.received_at,
        **told,
    )
