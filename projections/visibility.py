"""Who may read which issue and report (DOMAIN 9.2): one rule for list, detail, search and count.

Default deny: what this projection has not reached yet is shown to nobody but the system. It must
therefore be awaited together with whatever a page is going to read.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Index,
    MetaData,
    String,
    Table,
    and_,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)

from domain.categories import CATEGORIES
from domain.classification import CategoryChanged
from domain.lifecycle import IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from domain.referral import ReferralSent
from domain.report import ReportLinked, ReportReceived, ReportRevised
from domain.responsibility import ResponsibilityTransferred
from domain.values import Role
from projections.columns import UuidText
from projections.merges import MERGES
from projections.projection import Projection
from projections.store import Store
from projections.viewer import Viewer

_SEES_NO_ISSUE = frozenset({Role.ADMIN, Role.REPORTER})

_metadata = MetaData()

issue_access = Table(
    "issue_access",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("number", String(40), nullable=False),
    Column("restricted", Boolean, nullable=False),
    Index("issue_access_by_number", "number"),
)
issue_party = Table(
    "issue_party",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("agency_id", String(100), primary_key=True),
)
report_access = Table(
    "report_access",
    _metadata,
    Column("report_id", UuidText, primary_key=True),
    Column("receiving_agency", String(100), nullable=False),
    Column("received_by", String(200), nullable=False),
    Column("restricted", Boolean, nullable=False),
    Column("issue_id", UuidText),
)

# Under names of their own, so that also a query of these very tables can ask the rule.
_issue = issue_access.alias("issue_seen").c
_party = issue_party.alias("party_seen").c
_report = report_access.alias("report_seen").c


Kind = tuple[Role, bool]
"""What the rule asks of a viewer besides `values_of`: the role, and whether of an authority."""


def kind_of(viewer: Viewer) -> Kind:
    """Viewers of one kind get the same conditions, which differ in the values of parameters."""
    return viewer.actor.role, viewer.authority


def values_of(viewer: Viewer) -> Mapping[str, str]:
    """The values of the parameters in the conditions of a viewer."""
    return {"viewer_agency": viewer.agency_id, "viewer_user": viewer.actor.user_id}


def agency_of(viewer: Viewer) -> ColumnElement[str]:
    """The viewer's agency as a parameter."""
    return bindparam("viewer_agency", viewer.agency_id, String)


def sees_issues(viewer: Viewer) -> bool:
    """Whether the viewer's role reads any issue at all."""
    return viewer.actor.role not in _SEES_NO_ISSUE


def sees_pushed_only(viewer: Viewer) -> bool:
    """Whether of a visible issue only what was sent to the viewer's agency may be shown.

    Partners see the referrals addressed to them and the issue's public title and place, no more.
    """
    return viewer.actor.role is not Role.SYSTEM and not viewer.authority


def visible_issue(viewer: Viewer, issue_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The issues of a query that the viewer may read.

    Authorities read every issue, those of a restricted category only where they have a part in
    it; a partner reads what was sent to it; reporters and administrators read none.
    """
    if not sees_issues(viewer):
        return false()
    if viewer.actor.role is Role.SYSTEM:
        return true()
    if not viewer.authority:
        return _has_part(viewer, issue_id)
    # One look-up a row, which ends with the page; EXISTS would let PostgreSQL read the whole table.
    may_read = (
        select(or_(~_issue.restricted, _has_part(viewer, _issue.issue_id)))
        .where(_issue.issue_id == issue_id)
        .scalar_subquery()
    )
    return func.coalesce(may_read, false())


def numbers_of(db: Connection, viewer: Viewer, issue_ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of those of the issues that the viewer may read."""
    if not issue_ids:
        return {}
    query = select(issue_access.c.issue_id, issue_access.c.number).where(
        issue_access.c.issue_id.in_(issue_ids), visible_issue(viewer, issue_access.c.issue_id)
    )
    return {row.issue_id: row.number for row in db.execute(query)}


def reads_issue(db: Connection, viewer: Viewer, issue_id: UUID) -> bool:
    """Whether there is such an issue and the viewer may read it."""
    query = select(issue_access.c.issue_id).where(
        issue_access.c.issue_id == issue_id, visible_issue(viewer, issue_access.c.issue_id)
    )
    return db.execute(query).first() is not None


def visible_report(viewer: Viewer, report_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The reports of a query that the viewer may read.

    Authorities read every report whose category is not restricted and whose issue they may read;
    whoever sent a report in, and authorities and partners that received it, read it in any case.
    """
    role = viewer.actor.role
    if role is Role.ADMIN:
        return false()
    if role is Role.SYSTEM:
        return true()
    may = _report.received_by == bindparam("viewer_user", viewer.actor.user_id, String)
    if role is not Role.REPORTER:
        may = or_(may, _report.receiving_agency == agency_of(viewer))
    if role is not Role.REPORTER and viewer.authority:
        may = or_(
            may,
            and_(_report.issue_id.is_(None), ~_report.restricted),
            and_(
                visible_issue(viewer, _report.issue_id),
                or_(~_report.restricted, _has_part(viewer, _report.issue_id)),
            ),
        )
    may_read = select(may).where(_report.report_id == report_id).scalar_subquery()
    return func.coalesce(may_read, false())


def _has_part(viewer: Viewer, issue_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    return (
        select(_party.agency_id)
        .where(_party.issue_id == issue_id, _party.agency_id == agency_of(viewer))
        .scalar_subquery()
        .is_not(None)
    )


class _Batch:
    """The rows one batch touches."""

    def __init__(self, batch: Sequence[LogEntry], store: Store) -> None:
        self._store = store
        self._issues = store.rows("issue_access")
        self._parties = store.rows("issue_party")
        self._reports = store.rows("report_access")
        self._issues.prefetch(e.stream_id for e in batch if e.topic == CategoryChanged.TOPIC)
        self._reports.prefetch(id_ for e in batch for id_ in self._changed_reports(e))

    def opened(self, entry: LogEntry) -> None:
        event: IssueOpened = entry.event
        self._issues.put(
            {
                "issue_id": entry.stream_id,
                "number": event.number,
                "restricted": _restricted(event.category),
            }
        )
        self._join(
            entry.stream_id,
            event.actor.agency_id,
            event.registering_agency,
            event.responsible_agency,
        )

    def categorised(self, entry: LogEntry) -> None:
        event: CategoryChanged = entry.event
        if issue := self._issues.change(entry.stream_id):
            issue["restricted"] = _restricted(event.to_category)

    def asked(self, entry: LogEntry) -> None:
        event: ReferralSent | ResponsibilityTransferred = entry.event
        # Only who is asked gets a part: nobody joins by writing in the issue himself.
        self._join(entry.stream_id, event.from_agency, event.to_agency)

    def received(self, entry: LogEntry) -> None:
        event: ReportReceived = entry.event
        self._reports.put(
            {
                "report_id": entry.stream_id,
                "receiving_agency": event.receiving_agency,
                "received_by": event.actor.user_id,
                "restricted": _restricted(event.content.category),
            }
        )

    def revised(self, entry: LogEntry) -> None:
        event: ReportRevised = entry.event
        if report := self._reports.change(entry.stream_id):
            report["restricted"] = _restricted(event.content.category)

    def linked(self, entry: LogEntry) -> None:
        event: ReportLinked = entry.event
        if report := self._reports.change(entry.stream_id):
            report["issue_id"] = event.issue_id

    def merged(self, entry: LogEntry) -> None:
        event: IssuesMerged = entry.event
        for report_id in self._changed_reports(entry):
            if report := self._reports.change(report_id):
                report["issue_id"] = event.into_id

    def _join(self, issue_id: UUID, *agencies: str) -> None:
        for agency_id in agencies:
            self._parties.put({"issue_id": issue_id, "agency_id": agency_id})

    def _changed_reports(self, entry: LogEntry) -> Sequence[UUID]:
        if entry.topic in _OF_A_KNOWN_REPORT:
            return (entry.stream_id,)
        if entry.topic != IssuesMerged.TOPIC:
            return ()
        event: IssuesMerged = entry.event
        return [report_id for report_id in event.report_ids if self._store.owns(report_id)]


_OF_A_KNOWN_REPORT = frozenset({ReportRevised.TOPIC, ReportLinked.TOPIC})
_HANDLERS: Mapping[str, Callable[[_Batch, LogEntry], None]] = {
    IssueOpened.TOPIC: _Batch.opened,
    CategoryChanged.TOPIC: _Batch.categorised,
    ReferralSent.TOPIC: _Batch.asked,
    ResponsibilityTransferred.TOPIC: _Batch.asked,
    IssuesMerged.TOPIC: _Batch.merged,
    ReportReceived.TOPIC: _Batch.received,
    ReportRevised.TOPIC: _Batch.revised,
    ReportLinked.TOPIC: _Batch.linked,
}


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    rows = _Batch(batch, store)
    for entry in batch:
        _HANDLERS[entry.topic](rows, entry)


def _restricted(category: str | None) -> bool:
    known = CATEGORIES.get(category or "")
    return known is not None and known.restricted


VISIBILITY = Projection(
    name="visibility",
    version=1,
    metadata=_metadata,
    fold=_fold,
    topics=frozenset(_HANDLERS),
    across=MERGES,
)
