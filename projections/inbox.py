"""Reports: those that wait for triage at the agency that received them, and each one in full."""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    bindparam,
    func,
    literal_column,
    select,
    true,
)

from domain.codes import DismissReason, ReportChannel
from domain.lifecycle import IssuesMerged
from domain.log_entry import LogEntry
from domain.report import (
    FeedbackSent,
    ReportContent,
    ReportDismissed,
    ReportLinked,
    ReportReceived,
    ReportRevised,
)
from domain.values import ExternalRef, Role
from projections.columns import UtcDateTime, UuidText, beyond
from projections.merges import MERGES
from projections.paging import Page, check_limit, page_of, read_cursor
from projections.prepared import Prepared
from projections.projection import Projection
from projections.rows import Rows
from projections.store import Store, Tables
from projections.viewer import Viewer
from projections.visibility import visible_report

MOST_COUNTED = 1_000
"""For viewers who may not see all of an inbox it is counted no further."""

_metadata = MetaData()

inbox_reports = Table(
    "inbox_reports",
    _metadata,
    Column("report_id", UuidText, primary_key=True),
    Column("receiving_agency", String(100), nullable=False),
    Column("waiting", Boolean, nullable=False),
    Column("triage_by", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("received_by_agency", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("revisions", Integer, nullable=False),
    Column("wants_reply", Boolean, nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("feedback_at", UtcDateTime),
    Column("issue_id", UuidText),
    Column("dismissed", String(40)),
    Column("dismissed_sv", Text),
    Column("external_ref", Text),
    Column("content", Text, nullable=False),
    Index("inbox_in_order", "receiving_agency", "waiting", "triage_by", "report_id"),
    Index("inbox_by_issue", "issue_id"),
)
inbox_counts = Table(
    "inbox_counts",
    _metadata,
    Column("agency_id", String(100), primary_key=True),
    Column("waiting", Integer, nullable=False),
)

_content = msgspec.json.Decoder(ReportContent)
_external_ref = msgspec.json.Decoder(ExternalRef)


@dataclass(frozen=True, kw_only=True)
class ReportItem:
    """One report: `content` as last revised, and what became of it.

    It is to be triaged by `triage_by`; `version` is that of the report's stream.
    """

    report_id: UUID
    receiving_agency: str
    received_by_agency: str
    received_at: datetime
    triage_by: datetime
    content: ReportContent
    revisions: int
    wants_reply: bool
    anonymous: bool
    feedback_at: datetime | None
    issue_id: UUID | None
    dismissed: DismissReason | None
    dismissed_sv: str | None
    external_ref: ExternalRef | None
    version: int

    @property
    def settled(self) -> bool:
        """Whether the report is linked to an issue or dismissed: it waits for nobody."""
        return self.issue_id is not None or self.dismissed is not None

    @property
    def text(self) -> str:
        """What was reported."""
        return self.content.text

    @property
    def category(self) -> str | None:
        """The category guessed by whoever reported, None for "don't know"."""
        return self.content.category

    @property
    def channel(self) -> ReportChannel:
        """The way it came in."""
        return self.content.channel

    @property
    def place_name(self) -> str:
        """Where it happened, in words."""
        return self.content.place.name


def inbox_of(
    db: Connection,
    viewer: Viewer,
    *agency_ids: str,
    after: str | None = None,
    limit: int = 50,
) -> Page[ReportItem]:
    """A page of the reports that wait for triage at these agencies, the most pressing first.

    Several agencies, because those that only take in reports leave the triage to others.

    Raises:
        ValueError: a bad cursor or limit.
    """
    check_limit(limit)
    start = read_cursor(after, datetime, UUID)
    lists = [
        _waiting_at(db, viewer, agency_id, start, limit + 1)
        for agency_id in dict.fromkeys(agency_ids)
    ]
    merged = list(heapq.merge(*lists, key=_place))[: limit + 1]
    return page_of(merged, limit, _item, _place)


def report_detail(db: Connection, viewer: Viewer, report_id: UUID) -> ReportItem | None:
    """One report, None if there is none that the viewer may read."""
    reports = inbox_reports.c
    row = db.execute(
        select(inbox_reports).where(
            reports.report_id == report_id, visible_report(viewer, reports.report_id)
        )
    ).one_or_none()
    return _item(row) if row else None


def waiting_count(db: Connection, viewer: Viewer, *agency_ids: str) -> int:
    """How many reports wait for triage at agencies that this viewer may see."""
    role = viewer.actor.role
    own = (viewer.agency_id,) == agency_ids and role not in (Role.ADMIN, Role.REPORTER)
    if own or role is Role.SYSTEM:
        counts = inbox_counts.c
        query = select(func.sum(counts.waiting)).where(counts.agency_id.in_(agency_ids))
        return int(db.scalar(query) or 0)
    given = {f"agency_{nth}": each for nth, each in enumerate(agency_ids)}
    ((seen,),) = _SEEN.rows(db, viewer, len(agency_ids), given)
    return int(seen)


def _seen(viewer: Viewer, agencies: int) -> Select[Any]:
    reports = inbox_reports.c
    named = [bindparam(f"agency_{nth}", type_=String) for nth in range(agencies)]
    seen = (
        select(reports.report_id)
        .where(
            reports.receiving_agency.in_(named),
            reports.waiting == true(),
            visible_report(viewer, reports.report_id),
        )
        .limit(literal_column(str(MOST_COUNTED), Integer))
        .offset(literal_column("0", Integer))
        .subquery()
    )
    return select(func.count()).select_from(seen)


# On every page of whoever takes reports in for others: built each time, it cost more than its rows.
_SEEN: Final = Prepared(_seen)


def _waiting_at(
    db: Connection,
    viewer: Viewer,
    agency_id: str,
    start: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    reports = inbox_reports.c
    order = (reports.triage_by, reports.report_id)
    query = (
        select(inbox_reports)
        .where(
            reports.receiving_agency == agency_id,
            reports.waiting == true(),
            visible_report(viewer, reports.report_id),
        )
        .order_by(*order)
        .limit(limit)
    )
    if start is not None:
        query = query.where(beyond(order, start))
    return db.execute(query).all()


def _place(row: Row[Any]) -> tuple[datetime, UUID]:
    return row.triage_by, row.report_id


def _item(row: Row[Any]) -> ReportItem:
    return ReportItem(
        report_id=row.report_id,
        receiving_agency=row.receiving_agency,
        received_by_agency=row.received_by_agency,
        received_at=row.received_at,
        triage_by=row.triage_by,
        content=_content.decode(row.content),
        revisions=row.revisions,
        wants_reply=row.wants_reply,
        anonymous=row.anonymous,
        feedback_at=row.feedback_at,
        issue_id=row.issue_id,
        dismissed=DismissReason(row.dismissed) if row.dismissed else None,
        dismissed_sv=row.dismissed_sv,
        external_ref=_external_ref.decode(row.external_ref) if row.external_ref else None,
        version=row.version,
    )


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    reports = store.rows("inbox_reports")
    received = {entry.stream_id for entry in batch if entry.topic == ReportReceived.TOPIC}
    # What begins in this batch is not looked for in the table.
    reports.prefetch(
        id_ for entry in batch for id_ in _concerned(entry, store) if id_ not in received
    )
    waiting: Counter[str] = Counter()
    for entry in batch:
        if isinstance(entry.event, ReportReceived):
            row = reports.put(_received(entry, entry.event))
            waiting[row["receiving_agency"]] += 1
        for report_id in _concerned(entry, store):
            if changed := reports.change(report_id):
                before = changed["waiting"]
                _change(changed, entry)
                waiting[changed["receiving_agency"]] += changed["waiting"] - before
    _count(store.rows("inbox_counts"), waiting)


def _received(entry: LogEntry, event: ReportReceived) -> dict[str, Any]:
    return {
        "report_id": entry.stream_id,
        "receiving_agency": event.receiving_agency,
        "waiting": True,
        "triage_by": event.triage_by,
        "received_at": event.occurred_at,
        "received_by_agency": event.actor.agency_id,
        "version": entry.version,
        "revisions": 0,
        "wants_reply": event.wants_reply,
        "anonymous": event.anonymous,
        "external_ref": _json(event.external_ref) if event.external_ref else None,
        "content": _json(event.content),
    }


def _change(row: dict[str, Any], entry: LogEntry) -> None:
    if row["report_id"] == entry.stream_id:
        row["version"] = entry.version
    match entry.event:
        case ReportRevised() as event:
            row["content"] = _json(event.content)
            row["revisions"] += 1
        case ReportLinked() as event:
            row["issue_id"] = event.issue_id
            row["waiting"] = False
        case ReportDismissed() as event:
            row["dismissed"] = event.reason.value
            row["dismissed_sv"] = event.explanation_sv
            row["waiting"] = False
        case FeedbackSent() as event:
            row["feedback_at"] = row["feedback_at"] or event.occurred_at
        case IssuesMerged() as event:
            row["issue_id"] = event.into_id
        case _:
            pass


def _concerned(entry: LogEntry, store: Store) -> Sequence[UUID]:
    match entry.event:
        case ReportRevised() | ReportLinked() | ReportDismissed() | FeedbackSent():
            return (entry.stream_id,)
        case IssuesMerged() as event:
            return [report_id for report_id in event.report_ids if store.owns(report_id)]
        case _:
            return ()


def _count(counts: Rows, waiting: Counter[str]) -> None:
    changed = {agency_id: by for agency_id, by in waiting.items() if by}
    counts.prefetch(changed)
    for agency_id, by in changed.items():
        known = counts.get(agency_id)
        total = (known["waiting"] if known else 0) + by
        if total:
            counts.put({"agency_id": agency_id, "waiting": total})
        else:
            counts.delete(agency_id)


def _counted(tables: Tables) -> Select[*tuple[Any, ...]]:
    """The counts as the reports give them: a rebuild counts once, at its end."""
    reports = tables["inbox_reports"].c
    return (
        select(reports.receiving_agency, func.count())
        .where(reports.waiting == true())
        .group_by(reports.receiving_agency)
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value, order="deterministic").decode()


INBOX = Projection(
    name="inbox",
    version=1,
    metadata=_metadata,
    fold=_fold,
    topics=frozenset(
        event.TOPIC
        for event in (
            ReportReceived,
            ReportRevised,
            ReportLinked,
            ReportDismissed,
            FeedbackSent,
            IssuesMerged,
        )
    ),
    across=MERGES,
    derived={"inbox_counts": _counted},
)
