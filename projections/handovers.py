"""Who held each issue and when it changed hands: agencies, actions in order, responsibility."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table

from domain.action import ActionPerformed
from domain.directory import AgencyRegistered
from domain.lifecycle import IssueClosed, IssuesMerged, IssueVoided
from domain.log_entry import LogEntry
from domain.opening import IssueOpened, IssueReopened
from domain.responsibility import ResponsibilityTransferred
from projections.columns import UtcDateTime, UuidText
from projections.projection import Projection
from projections.rows import Row
from projections.store import Store

_metadata = MetaData()

agencies = Table(
    "handover_agencies",
    _metadata,
    Column("agency_id", String(100), primary_key=True),
    Column("name_sv", String, nullable=False),
)
"""The names that figures print: for the groups of an imported log, as they stand in the log."""

issues = Table(
    "handover_issues",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("number", String(40), nullable=False),
    Column("source_system", String, nullable=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("span", Integer, nullable=True),
    Column("does_not_count", Boolean, nullable=False),
    Index("handover_issues_by_source", "source_system", "issue_id"),
    Index("handover_issues_by_opening", "opened_at", "issue_id"),
)
"""Issues; `span` is the latest row of `handover_spans`; merged and voided ones do not count."""

actions = Table(
    "handover_actions",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("acted_at", UtcDateTime, nullable=False),
    Column("agency_id", String(100), nullable=True),
    Index("handover_actions_in_order", "issue_id", "acted_at", "version", "agency_id"),
)
"""Every action performed; without an agency where an imported log does not tell."""

spans = Table(
    "handover_spans",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("agency_id", String(100), nullable=False),
    Column("from_agency", String(100), nullable=True),
    Column("from_at", UtcDateTime, nullable=False),
    Column("until_at", UtcDateTime, nullable=True),
    Index("handover_spans_in_time", "from_at", "until_at"),
)
"""From when until when an agency was responsible; `from_agency` handed the issue over to it."""


class _Batch:
    """The rows one batch touches."""

    def __init__(self, batch: Sequence[LogEntry], store: Store) -> None:
        self._actions = store.rows("handover_actions")
        self._agencies = store.rows("handover_agencies")
        self._issues = store.rows("handover_issues")
        self._spans = store.rows("handover_spans")
        moving = {e.stream_id: None for e in batch if e.topic in _MOVES}
        self._issues.prefetch(moving)
        issues = (issue for each in moving if (issue := self._issues.get(each)) is not None)
        self._spans.prefetch((i["issue_id"], i["span"]) for i in issues if i["span"] is not None)

    def registered(self, entry: LogEntry) -> None:
        event: AgencyRegistered = entry.event
        self._agencies.put({"agency_id": event.agency_id, "name_sv": event.name_sv})

    def performed(self, entry: LogEntry) -> None:
        event: ActionPerformed = entry.event
        self._actions.put(
            {
                "issue_id": entry.stream_id,
                "version": entry.version,
                "acted_at": event.occurred_at,
                "agency_id": event.agency_id,
            }
        )

    def opened(self, entry: LogEntry) -> None:
        event: IssueOpened = entry.event
        self._issues.put(
            {
                "issue_id": entry.stream_id,
                "number": event.number,
                "source_system": event.external_ref.system if event.external_ref else None,
                "opened_at": event.occurred_at,
                "does_not_count": False,
            }
        )
        self._begin(entry, event.responsible_agency, event.occurred_at)

    def transferred(self, entry: LogEntry) -> None:
        event: ResponsibilityTransferred = entry.event
        at = self._end(entry.stream_id, event.occurred_at)
        self._begin(entry, event.to_agency, at, from_agency=event.from_agency)

    def closed(self, entry: LogEntry) -> None:
        self._end(entry.stream_id, entry.event.occurred_at)

    def reopened(self, entry: LogEntry) -> None:
        before = self._latest_span(entry.stream_id)
        at = max(entry.event.occurred_at, before["until_at"] or before["from_at"])
        self._begin(entry, before["agency_id"], at)

    def merged(self, entry: LogEntry) -> None:
        event: IssuesMerged = entry.event
        if entry.stream_id == event.merged_id:
            self.removed(entry)

    def removed(self, entry: LogEntry) -> None:
        self._end(entry.stream_id, entry.event.occurred_at)
        self._issue(entry.stream_id)["does_not_count"] = True

    def _begin(
        self, entry: LogEntry, agency_id: str, at: datetime, from_agency: str | None = None
    ) -> None:
        self._issue(entry.stream_id)["span"] = entry.version
        self._spans.put(
            {
                "issue_id": entry.stream_id,
                "version": entry.version,
                "agency_id": agency_id,
                "from_agency": from_agency,
                "from_at": at,
            }
        )

    def _end(self, issue_id: UUID, at: datetime) -> datetime:
        """End the latest span; never before it began, though the end may be told late (R14)."""
        span = self._latest_span(issue_id)
        if span["until_at"] is None:
            span["until_at"] = max(at, span["from_at"])
        until: datetime = span["until_at"]
        return until

    def _issue(self, issue_id: UUID) -> Row:
        return _known(self._issues.change(issue_id))

    def _latest_span(self, issue_id: UUID) -> Row:
        return _known(self._spans.change((issue_id, self._issue(issue_id)["span"])))


def _known(row: Row | None) -> Row:
    if row is None:
        raise LookupError("an event of an issue that was never opened")
    return row


_MOVES: Mapping[str, Callable[[_Batch, LogEntry], None]] = {
    IssueOpened.TOPIC: _Batch.opened,
    ResponsibilityTransferred.TOPIC: _Batch.transferred,
    IssueClosed.TOPIC: _Batch.closed,
    IssueReopened.TOPIC: _Batch.reopened,
    IssuesMerged.TOPIC: _Batch.merged,
    IssueVoided.TOPIC: _Batch.removed,
}
_HANDLERS: Mapping[str, Callable[[_Batch, LogEntry], None]] = {
    **_MOVES,
    AgencyRegistered.TOPIC: _Batch.registered,
    ActionPerformed.TOPIC: _Batch.performed,
}


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    rows = _Batch(batch, store)
    for entry in batch:
        _HANDLERS[entry.topic](rows, entry)


HANDOVERS = Projection(
    name="handovers",
    version=1,
    metadata=_metadata,
    fold=_fold,
    topics=frozenset(_HANDLERS),
)
