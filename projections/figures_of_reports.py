"""Facts of reports: how soon they were responded to (K1) and fed back on (K12)."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, true

from projections.durations import microseconds
from projections.figure_facts import Asked, Fact, Part, as_text, equal, in_period
from projections.follow_up_tables import reports
from projections.viewer import Viewer
from projections.visibility import visible_report


def first_responses(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    return [
        Fact(
            row,
            row.report_id,
            row.received_at,
            lasted=microseconds(row.received_at, row.responded_at),
        )
        for row in _reports(db, viewer, asked, reports.c.responded_at.is_not(None))
    ]


def feedback(db: Connection, viewer: Viewer, asked: Asked) -> list[Fact]:
    facts: list[Fact] = []
    for row in _reports(db, viewer, asked, reports.c.wants_reply == true()):
        answered = row.feedback_at is not None
        in_time = answered and row.feedback_at <= row.reply_by
        facts.append(
            Fact(
                row,
                row.report_id,
                row.received_at,
                hit=answered,
                lasted=microseconds(row.received_at, row.feedback_at) if answered else None,
                parts=(Part("reply", "within_4_weeks"),) if in_time else (),
            )
        )
    return facts


def _reports(
    db: Connection, viewer: Viewer, asked: Asked, wanted: ColumnElement[bool]
) -> list[Row[Any]]:
    """Reports received in the period by the agency asked about.

    Not the issues they led to: whoever may read a report may not always read that.
    """
    r = reports.c
    shown: list[ColumnElement[Any]] = [
        as_text(r.report_id),
        r.receiving_agency.label("owner"),
        r.receiving_agency.label("agency"),
        r.category,
        r.place_name,
        r.received_at,
        r.responded_at,
        r.feedback_at,
        r.reply_by,
    ]
    query: Select[Any] = select(*shown).where(
        in_period(r.received_at, asked),
        wanted,
        equal(r.receiving_agency, asked.agency),
        equal(r.category, asked.category),
        equal(r.issue_id, asked.issue_id),
        visible_report(viewer, r.report_id),
    )
    return list(db.execute(query))
