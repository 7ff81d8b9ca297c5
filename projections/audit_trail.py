"""The audit trail: one row for every event of issues, reports and directory, only ever added to.

An issue's page tells its story from the same rows.
"""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table

from domain.action import ActionPlanned
from domain.lifecycle import IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from domain.referral import ReferralSent
from domain.report import ReportLinked
from projections.columns import AS_STORED, Json, UtcDateTime, UuidText
from projections.lines import TOPICS, line_of
from projections.merges import MERGES
from projections.projection import Projection
from projections.store import Store

_metadata = MetaData()

lines = Table(
    "trail_lines",
    _metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("issue_id", UuidText),
    Column("report_id", UuidText),
    Column("referral_id", UuidText),
    Column("version", Integer, nullable=False),
    Column("topic", String(100), nullable=False),
    Column("event_id", UuidText, nullable=False),
    Column("causation_id", UuidText, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("user_id", String(200), nullable=False),
    Column("agency_id", String(100), nullable=False),
    Column("role", String(40), nullable=False),
    Column("registering_agency", String(100), nullable=False),
    Column("data", Json, nullable=False),
    Index("trail_lines_of_issue", "issue_id", "position"),
    Index("trail_lines_of_agency", "agency_id", "position"),
    Index("trail_lines_of_user", "user_id", "position"),
    Index("trail_lines_of_topic", "topic", "position"),
    Index("trail_lines_in_time", "occurred_at", "position"),
    info=AS_STORED,
)
"""`kind` is the stream's: issue, report, directory, access_review; told in any language."""
_IS_OF_A_REPORT = lines.c.report_id.is_not(None)
Index(
    "trail_lines_of_report",
    lines.c.report_id,
    lines.c.position,
    postgresql_where=_IS_OF_A_REPORT,
    sqlite_where=_IS_OF_A_REPORT,
)

issues = Table(
    "trail_issues",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("number", String(40), nullable=False),
    info=AS_STORED,
)

referrals = Table(
    "trail_referrals",
    _metadata,
    Column("referral_id", UuidText, primary_key=True),
    Column("type", String(20), nullable=False),
    Column("from_agency", String(100), nullable=False),
    Column("to_agency", String(100), nullable=False),
    Index("trail_referrals_to_agency", "to_agency", "referral_id"),
    info=AS_STORED,
)

actions = Table(
    "trail_actions",
    _metadata,
    Column("action_id", UuidText, primary_key=True),
    Column("action_type", String(40), nullable=False),
    info=AS_STORED,
)

links = Table(
    "trail_reports",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("report_id", UuidText, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Index("trail_reports_of_report", "report_id", "position"),
)
"""Which reports belong to which issue, from which position of the log on."""


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    # What is added is in the order of the columns above.
    own = (e for e in batch if e.topic not in MERGES or store.owns(e.stream_id))
    store.add("trail_lines", [line_of(entry) for entry in own])
    for entry in batch:
        tell = _TOLD_LATER.get(entry.topic)
        if tell is not None:
            tell(entry, store)


def _opened(entry: LogEntry, store: Store) -> None:
    event: IssueOpened = entry.event
    store.add("trail_issues", [(str(entry.stream_id), event.number)])


def _sent(entry: LogEntry, store: Store) -> None:
    event: ReferralSent = entry.event
    sent = (str(event.referral_id), event.type.value, event.from_agency, event.to_agency)
    store.add("trail_referrals", [sent])


def _planned(entry: LogEntry, store: Store) -> None:
    event: ActionPlanned = entry.event
    store.add("trail_actions", [(str(event.action_id), event.action_type.value)])


def _linked(entry: LogEntry, store: Store) -> None:
    event: ReportLinked = entry.event
    _link(event.issue_id, entry.stream_id, entry, store)


def _merged(entry: LogEntry, store: Store) -> None:
    event: IssuesMerged = entry.event
    if entry.stream_id == event.into_id:
        for report_id in event.report_ids:
            if store.owns(report_id):
                _link(event.into_id, report_id, entry, store)


def _link(issue_id: UUID, report_id: UUID, entry: LogEntry, store: Store) -> None:
    # Not only added: a merge may link a report again.
    link = {"issue_id": issue_id, "report_id": report_id, "position": entry.position}
    store.rows("trail_reports").put(link)


_TOLD_LATER: Mapping[str, Callable[[LogEntry, Store], None]] = {
    IssueOpened.TOPIC: _opened,
    ReferralSent.TOPIC: _sent,
    ActionPlanned.TOPIC: _planned,
    ReportLinked.TOPIC: _linked,
    IssuesMerged.TOPIC: _merged,
}
"""What later events name by id only is kept, so that their lines can be told."""

AUDIT_TRAIL = Projection(
    name="audit_trail",
    version=3,
    metadata=_metadata,
    fold=_fold,
    topics=TOPICS,
    across=MERGES,
)
