"""The projection behind an issue's page: head, referrals, actions, and which reports are its own.

What happened to it, line by line, the audit trail keeps for both.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.action import ActionCancelled, ActionPerformed, ActionPlanned
from domain.codes import ReferralStatus, ReferralType
from domain.lifecycle import IssueClosed, IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from domain.referral import ReferralSent
from domain.report import ReportLinked
from domain.responsibility import ResponsibilityTransferred
from projections.issue_changes import ISSUE_TOPICS
from projections.issue_story_heads import change_head, new_head, place_data
from projections.issue_story_referrals import REFERRAL_CHANGES, new_referral
from projections.issue_story_tables import metadata
from projections.merges import MERGES
from projections.projection import Projection
from projections.rows import Row
from projections.store import Store

_ENDS_WHAT_WAS_ACCEPTED = frozenset({ResponsibilityTransferred.TOPIC, IssueClosed.TOPIC})


class _Rows:
    """The rows that events change; those of the issues in a batch are read at once."""

    def __init__(self, of_issues: Sequence[LogEntry], store: Store) -> None:
        self._store = store
        self._heads = store.rows("story_heads")
        self._referrals = store.rows("story_referrals")
        self._actions = store.rows("story_actions")
        self._links = store.rows("story_reports")
        # What begins in this batch is not looked for in the tables.
        opened = {e.stream_id for e in of_issues if e.topic == IssueOpened.TOPIC}
        self._heads.prefetch(e.stream_id for e in of_issues if e.stream_id not in opened)
        self._referrals.prefetch(
            e.event.referral_id for e in of_issues if e.topic in REFERRAL_CHANGES
        )
        self._referrals.prefetch_by(
            "issue_id", (e.stream_id for e in of_issues if e.topic in _ENDS_WHAT_WAS_ACCEPTED)
        )
        self._actions.prefetch(e.event.action_id for e in of_issues if e.topic in _OF_ACTIONS)

    def fold(self, entry: LogEntry) -> None:
        # The event is made only where it is needed: most cost more to read than to fold.
        topic = entry.topic
        change, more = REFERRAL_CHANGES.get(topic), _MORE.get(topic)
        # First, so that the state need not read the same bytes once more.
        event: Any = entry.event if change or more else None
        if topic == IssueOpened.TOPIC:
            head = self._heads.put(new_head(entry, entry.event))
        else:
            head = _there(self._heads.change(entry.stream_id), entry)
        change_head(head, entry, self._store)
        if change is not None:
            change(_there(self._referrals.change(event.referral_id), entry), event)
        if more is not None:
            more(self, entry)

    def sent(self, entry: LogEntry) -> None:
        event: ReferralSent = entry.event
        self._referrals.put(new_referral(entry, event))

    def transferred(self, entry: LogEntry) -> None:
        event: ResponsibilityTransferred = entry.event
        self._complete(
            entry,
            lambda other: (
                other["type"] == ReferralType.TRANSFER and other["referral_id"] != event.referral_id
            ),
        )

    def closed(self, entry: LogEntry) -> None:
        self._complete(entry, lambda _: True)

    def _complete(self, entry: LogEntry, over: Callable[[Mapping[str, Any]], bool]) -> None:
        """What was taken over is done with: the issue went on to others or was closed."""
        for referral in self._referrals.by("issue_id", entry.stream_id):
            if referral["status"] == ReferralStatus.ACCEPTED and over(referral):
                done = _there(self._referrals.change(referral["referral_id"]), entry)
                done["status"] = ReferralStatus.COMPLETED.value
                done["completed_at"] = entry.event.occurred_at

    def planned(self, entry: LogEntry) -> None:
        self._action(entry).update(_planned(entry.event))

    def performed(self, entry: LogEntry) -> None:
        self._action(entry).update(_performed(entry.event))

    def cancelled(self, entry: LogEntry) -> None:
        event: ActionCancelled = entry.event
        self._action(entry).update(cancelled_at=event.occurred_at, cancel_reason_sv=event.reason_sv)

    def _action(self, entry: LogEntry) -> Row:
        event: ActionPlanned | ActionPerformed | ActionCancelled = entry.event
        return self._actions.change(event.action_id) or self._actions.put(
            {
                "action_id": event.action_id,
                "issue_id": entry.stream_id,
                "position": entry.position,
                "recorded_by": event.actor.user_id,
                "together_with": [],
            }
        )

    def merged(self, entry: LogEntry, store: Store) -> None:
        event: IssuesMerged = entry.event
        if entry.stream_id == event.into_id:
            for report_id in event.report_ids:
                if store.owns(report_id):
                    self.link(event.into_id, report_id, entry)

    def link(self, issue_id: UUID, report_id: UUID, entry: LogEntry) -> None:
        link = {"issue_id": issue_id, "report_id": report_id, "position": entry.position}
        self._links.put(link)


_OF_ACTIONS: Mapping[str, Callable[[_Rows, LogEntry], None]] = {
    ActionPlanned.TOPIC: _Rows.planned,
    ActionPerformed.TOPIC: _Rows.performed,
    ActionCancelled.TOPIC: _Rows.cancelled,
}
_MORE: Mapping[str, Callable[[_Rows, LogEntry], None]] = {
    **_OF_ACTIONS,
    ReferralSent.TOPIC: _Rows.sent,
    ResponsibilityTransferred.TOPIC: _Rows.transferred,
    IssueClosed.TOPIC: _Rows.closed,
}


def _there(row: Row | None, entry: LogEntry) -> Row:
    if row is None:
        raise LookupError(f"{entry.topic} at {entry.position} is about something never recorded")
    return row


def _planned(event: ActionPlanned) -> Row:
    return {
        "action_type": event.action_type.value,
        "agency_id": event.agency_id,
        "planned_at": event.occurred_at,
        "due_on": event.due_on,
        "owner": event.owner,
        "description_sv": event.description_sv,
        "expected_effect_sv": event.expected_effect_sv,
        "horizon": event.horizon.value,
        "promise_commitment_id": event.promise_commitment_id,
    }


def _performed(event: ActionPerformed) -> Row:
    done: Row = {
        "action_type": event.action_type.value,
        "agency_id": event.agency_id,
        "together_with": list(event.together_with),
        "performed_from": event.performed_from,
        "performed_to": event.performed_to,
        "place": place_data(event.place) if event.place else None,
        "people": event.people,
        "result_sv": event.result_sv,
        "implementation": event.implementation.value,
        "implementation_reason_sv": event.implementation_reason_sv,
        "est_focus_id": event.est_focus_id,
    }
    if event.promise_commitment_id is not None:
        done["promise_commitment_id"] = event.promise_commitment_id
    return done


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    rows = _Rows(
        [
            e
            for e in batch
            if e.topic in ISSUE_TOPICS and (e.topic not in MERGES or store.owns(e.stream_id))
        ],
        store,
    )
    for entry in batch:
        if entry.topic == IssuesMerged.TOPIC:
            rows.merged(entry, store)
            if not store.owns(entry.stream_id):
                continue
        if entry.topic in ISSUE_TOPICS:
            rows.fold(entry)
        elif entry.topic == ReportLinked.TOPIC:
            event: ReportLinked = entry.event
            rows.link(event.issue_id, entry.stream_id, entry)


ISSUE_STORY = Projection(
    name="issue_story",
    version=5,
    metadata=metadata,
    fold=_fold,
    topics=ISSUE_TOPICS | {ReportLinked.TOPIC},
    across=MERGES,
)
