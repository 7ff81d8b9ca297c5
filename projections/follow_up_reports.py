"""The part of follow-up that reports have: when they came, were responded to and fed back on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.deadlines import REPLY_TO_RESIDENT
from domain.log_entry import LogEntry
from domain.report import (
    FeedbackSent,
    ReportDismissed,
    ReportLinked,
    ReportReceived,
    ReportRevised,
)
from domain.working_days import LOCAL_ZONE
from projections.store import Store

REPORT_TOPICS = frozenset(
    event.TOPIC
    for event in (ReportReceived, ReportRevised, ReportLinked, ReportDismissed, FeedbackSent)
)


def fold_reports(batch: Sequence[LogEntry], store: Store) -> None:
    """Fold entries of these topics."""
    reports = store.rows("follow_up_reports")
    reports.prefetch(entry.stream_id for entry in batch)
    for entry in batch:
        event = entry.event
        if isinstance(event, ReportReceived):
            reports.put(
                {
                    "report_id": entry.stream_id,
                    "receiving_agency": event.receiving_agency,
                    "category": event.content.category,
                    "place_name": event.content.place.name,
                    "received_at": event.occurred_at,
                    "wants_reply": event.wants_reply,
                    "reply_by": _reply_by(event.occurred_at),
                }
            )
            continue
        report = reports.change(entry.stream_id)
        if report is None:
            raise LookupError("an event of a report that was never received")
        match event:
            case ReportRevised():
                report["category"] = event.content.category
                report["place_name"] = event.content.place.name
                continue
            case ReportLinked():
                report["issue_id"] = event.issue_id
            case FeedbackSent():
                report["feedback_at"] = _earlier(report["feedback_at"], event.occurred_at)
            case _:
                pass
        report["responded_at"] = _earlier(report["responded_at"], event.occurred_at)


def _reply_by(received_at: datetime) -> datetime:
    """Four weeks later at the same local time: the hard limit of an answer to a resident."""
    wall = received_at.astimezone(LOCAL_ZONE).replace(tzinfo=None)
    limit = wall + timedelta(days=REPLY_TO_RESIDENT.amount)
    return limit.replace(tzinfo=LOCAL_ZONE).astimezone(received_at.tzinfo)


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
