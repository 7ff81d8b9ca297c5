"""The projection behind an issue's page: head, referrals, actions, reports and the whole story."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from domain.action import ActionCancelled, ActionPerformed, ActionPlanned
from domain.codes import ReferralType
from domain.events import EVENTS
from domain.issue import Issue
from domain.lifecycle import IssueClosed, IssuesMerged
from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from domain.referral import ReferralSent
from domain.report import Report, ReportLinked
from domain.responsibility import ResponsibilityTransferred
from projections.issue_changes import after
from projections.issue_state import IssueNow, restored
from projections.issue_story_heads import change_head, new_head, note_state, place_data
from projections.issue_story_referrals import change_referral, complete, new_referral
from projections.issue_story_tables import metadata
from projections.occurrence import data_of
from projections.projection import Projection
from projections.rows import Row
from projections.store import Store

_ENDS_WHAT_WAS_ACCEPTED = (ResponsibilityTransferred, IssueClosed)
_OF_ACTIONS = (ActionPlanned, ActionPerformed, ActionCancelled)


class _Batch:
    """The rows one batch touches, read at once and written at once."""

    def __init__(self, batch: Sequence[LogEntry], store: Store) -> None:
        issues = [entry for entry in batch if isinstance(entry.event, Issue.Event)]
        self._heads = store.rows("story_heads")
        self._referrals = store.rows("story_referrals")
        self._actions = store.rows("story_actions")
        self._links = store.rows("story_reports")
        self._heads.prefetch(entry.stream_id for entry in issues)
        self._referrals.prefetch(_ids(issues, "referral_id"))
        self._referrals.prefetch_by(
            "issue_id",
            (e.stream_id for e in issues if isinstance(e.event, _ENDS_WHAT_WAS_ACCEPTED)),
        )
        self._actions.prefetch(
            e.event.action_id for e in issues if isinstance(e.event, _OF_ACTIONS)
        )
        self._states: dict[UUID, IssueNow] = {}
        for entry in batch:
            self._fold(entry)
        for issue_id, state in self._states.items():
            if head := self._heads.change(issue_id):
                note_state(head, state)
        store.add("story_lines", [_line(entry) for entry in batch])

    def _fold(self, entry: LogEntry) -> None:
        event = entry.event
        if isinstance(event, Issue.Event):
            self._fold_head(entry)
            self._fold_referrals(entry)
        if isinstance(event, _OF_ACTIONS):
            self._fold_action(entry)
        if isinstance(event, ReportLinked):
            self._link(event.issue_id, (entry.stream_id,), entry)
        if isinstance(event, IssuesMerged) and entry.stream_id == event.into_id:
            self._link(event.into_id, event.report_ids, entry)

    def _fold_head(self, entry: LogEntry) -> None:
        event = entry.event
        if isinstance(event, IssueOpened):
            head = self._heads.put(new_head(entry, event))
        else:
            head = _there(self._heads.change(entry.stream_id), entry)
        before = self._states.get(entry.stream_id)
        if before is None and not isinstance(event, IssueOpened):
            before = restored(head["state"])
        self._states[entry.stream_id] = after(before, entry)
        change_head(head, event)

    def _fold_referrals(self, entry: LogEntry) -> None:
        event = entry.event
        if isinstance(event, ReferralSent):
            self._referrals.put(new_referral(entry, event))
        elif isinstance(event, _ENDS_WHAT_WAS_ACCEPTED):
            self._complete(entry)
        elif hasattr(event, "referral_id"):
            change_referral(_there(self._referrals.change(event.referral_id), entry), entry)

    def _complete(self, entry: LogEntry) -> None:
        event = entry.event
        for each in self._referrals.by("issue_id", entry.stream_id):
            referral_id = each["referral_id"]
            referral = _there(self._referrals.change(referral_id), entry)
            if isinstance(event, ResponsibilityTransferred) and (
                referral_id == event.referral_id or referral["type"] != ReferralType.TRANSFER
            ):
                continue
            complete(referral, entry)

    def _fold_action(self, entry: LogEntry) -> None:
        event = entry.event
        action = self._actions.change(event.action_id)
        if action is None:
            action = self._actions.put(
                {
                    "action_id": event.action_id,
                    "issue_id": entry.stream_id,
                    "position": entry.position,
                    "recorded_by": event.actor.user_id,
                    "together_with": [],
                }
            )
        match event:
            case ActionPlanned():
                action |= _planned(event)
            case ActionPerformed():
                action |= _performed(event)
            case ActionCancelled():
                action["cancelled_at"] = event.occurred_at
                action["cancel_reason_sv"] = event.reason_sv
            case _:
                pass

    def _link(self, issue_id: UUID, report_ids: Iterable[UUID], entry: LogEntry) -> None:
        for report_id in report_ids:
            self._links.put(
                {"issue_id": issue_id, "report_id": report_id, "position": entry.position}
            )


def _ids(entries: Iterable[LogEntry], field: str) -> list[UUID]:
    return [getattr(e.event, field) for e in entries if hasattr(e.event, field)]


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


def _line(entry: LogEntry) -> Row:
    event = entry.event
    of_report = isinstance(event, Report.Event)
    return {
        "position": entry.position,
        "issue_id": None if of_report else entry.stream_id,
        "report_id": entry.stream_id if of_report else None,
        "version": entry.version,
        "topic": entry.topic,
        "event_id": event.event_id,
        "occurred_at": event.occurred_at,
        "recorded_at": entry.recorded_at,
        "user_id": event.actor.user_id,
        "agency_id": event.actor.agency_id,
        "role": event.actor.role.value,
        "data": data_of(event),
    }


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    _Batch(batch, store)


ISSUE_STORY = Projection(
    name="issue_story",
    version=2,
    metadata=metadata,
    fold=_fold,
    topics=frozenset(
        topic for topic, event in EVENTS.items() if issubclass(event, Issue.Event | Report.Event)
    ),
)
