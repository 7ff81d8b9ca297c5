"""The audit trail: one row for every event of issues, reports and directory, only ever added to."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table

from domain.action import ActionPlanned
from domain.directory import Directory
from domain.events import EVENTS
from domain.issue import Issue
from domain.lifecycle import IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from domain.referral import ReferralSent
from domain.report import Report, ReportLinked
from projections.columns import Json, UtcDateTime, UuidText
from projections.occurrence import data_of
from projections.projection import Projection
from projections.rows import Row
from projections.store import Store

ISSUE, REPORT, DIRECTORY = "issue", "report", "directory"

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
    Index("trail_lines_of_report", "report_id", "position"),
    Index("trail_lines_of_agency", "agency_id", "position"),
    Index("trail_lines_of_user", "user_id", "position"),
    Index("trail_lines_of_topic", "topic", "position"),
    Index("trail_lines_of_kind", "kind", "position"),
    Index("trail_lines_in_time", "occurred_at", "position"),
)
"""`kind` is the stream's: issue, report or directory; told when read, in any language."""

issues = Table(
    "trail_issues",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("number", String(40), nullable=False),
)

referrals = Table(
    "trail_referrals",
    _metadata,
    Column("referral_id", UuidText, primary_key=True),
    Column("type", String(20), nullable=False),
    Column("from_agency", String(100), nullable=False),
    Column("to_agency", String(100), nullable=False),
    Index("trail_referrals_to_agency", "to_agency", "referral_id"),
)

actions = Table(
    "trail_actions",
    _metadata,
    Column("action_id", UuidText, primary_key=True),
    Column("action_type", String(40), nullable=False),
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
    store.add("trail_lines", [_line(entry) for entry in batch])
    for name, added in _named(batch).items():
        if name == "trail_reports":
            # A report may be linked again, by a merge.
            for link in added.values():
                store.rows(name).put(link)
        else:
            store.add(name, list(added.values()))


def _line(entry: LogEntry) -> Row:
    event = entry.event
    kind = _KINDS[entry.topic]
    return {
        "position": entry.position,
        "kind": kind,
        "issue_id": entry.stream_id if kind == ISSUE else None,
        "report_id": entry.stream_id if kind == REPORT else None,
        "referral_id": getattr(event, "referral_id", None),
        "version": entry.version,
        "topic": entry.topic,
        "event_id": event.event_id,
        "causation_id": event.causation_id,
        "occurred_at": event.occurred_at,
        "recorded_at": entry.recorded_at,
        "user_id": event.actor.user_id,
        "agency_id": event.actor.agency_id,
        "role": event.actor.role.value,
        "registering_agency": event.registering_agency,
        "data": data_of(event),
    }


def _named(batch: Sequence[LogEntry]) -> Mapping[str, Mapping[object, Row]]:
    """What later events name by id only, so that their lines can be told; by table and key."""
    issues: dict[object, Row] = {}
    referrals: dict[object, Row] = {}
    actions: dict[object, Row] = {}
    links: dict[object, Row] = {}

    def link(issue_id: UUID, report_id: UUID, entry: LogEntry) -> None:
        row = {"issue_id": issue_id, "report_id": report_id, "position": entry.position}
        links[issue_id, report_id] = row

    for entry in batch:
        match entry.event:
            case IssueOpened() as event:
                issues[entry.stream_id] = {"issue_id": entry.stream_id, "number": event.number}
            case ReferralSent() as event:
                referrals[event.referral_id] = {
                    "referral_id": event.referral_id,
                    "type": event.type.value,
                    "from_agency": event.from_agency,
                    "to_agency": event.to_agency,
                }
            case ActionPlanned() as event:
                actions[event.action_id] = {
                    "action_id": event.action_id,
                    "action_type": event.action_type.value,
                }
            case ReportLinked() as event:
                link(event.issue_id, entry.stream_id, entry)
            case IssuesMerged() as event if entry.stream_id == event.into_id:
                for report_id in event.report_ids:
                    link(event.into_id, report_id, entry)
            case _:
                pass
    return {
        "trail_issues": issues,
        "trail_referrals": referrals,
        "trail_actions": actions,
        "trail_reports": links,
    }


_KINDS: Mapping[str, str] = {
    topic: kind
    for stream, kind in ((Issue, ISSUE), (Report, REPORT), (Directory, DIRECTORY))
    for topic, event in EVENTS.items()
    if issubclass(event, stream.Event)
}
"""Only streams of which it is decided, in the queries, who may read them; a test holds it whole."""

AUDIT_TRAIL = Projection(
    name="audit_trail",
    version=1,
    metadata=_metadata,
    fold=_fold,
    topics=frozenset(_KINDS),
)
