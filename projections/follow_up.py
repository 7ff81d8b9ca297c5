"""What follow-up figures are counted from: every wait, answer, action, effect and ending as a row.

All durations go by when things happened (`occurred_at`), not by when they were recorded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.action import ActionCancelled, ActionPerformed, ActionPlanned
from domain.answer import (
    ReferralAccepted,
    ReferralAnswered,
    ReferralDeclined,
    ReferralInfoProvided,
    ReferralInfoRequested,
)
from domain.classification import CategoryChanged, PlaceCorrected, TitleChanged
from domain.codes import Effect
from domain.follow_up import FollowUpRecorded
from domain.lifecycle import IssueClosed, IssueParked, IssueResumed, IssuesMerged, IssueVoided
from domain.log_entry import LogEntry
from domain.opening import IssueOpened, IssueReopened
from domain.referral import ReferralSent, ReferralWithdrawn
from domain.responsibility import ReferralReturned, ResponsibilityTransferred
from domain.values import Place, PlacePrecision
from projections.durations import Span, microseconds, overlap
from projections.follow_up_reports import REPORT_TOPICS, fold_reports
from projections.follow_up_tables import metadata
from projections.projection import Projection
from projections.rows import Row
from projections.store import Store

ACCEPTED, DECLINED, ANSWERED, WITHDRAWN = "accepted", "declined", "answered", "withdrawn"


class _Batch:
    """The rows one batch touches."""

    def __init__(self, batch: Sequence[LogEntry], store: Store) -> None:
        self._issues = store.rows("follow_up_issues")
        self._referrals = store.rows("follow_up_referrals")
        self._planned = store.rows("follow_up_planned")
        self._effects = store.rows("follow_up_effects")
        self._closings = store.rows("follow_up_closings")
        streams = {entry.stream_id: None for entry in batch}
        self._issues.prefetch(streams)
        self._referrals.prefetch(_field(batch, _ON_REFERRALS, "referral_id"))
        self._planned.prefetch(_field(batch, _ON_PLANNED, "action_id"))
        issues = (issue for each in streams if (issue := self._issues.get(each)) is not None)
        self._closings.prefetch(
            (i["issue_id"], i["closing"]) for i in issues if i["closing"] is not None
        )

    def opened(self, entry: LogEntry) -> None:
        event: IssueOpened = entry.event
        self._issues.put(
            {
                "issue_id": entry.stream_id,
                "number": event.number,
                "title": event.title,
                "category": event.category,
                "place_key": _place_key(event.place),
                "place_name": event.place.name,
                "responsible_agency": event.responsible_agency,
                "opened_at": event.occurred_at,
                "is_open": True,
                "does_not_count": False,
                "acting_agencies": [],
                "declines": 0,
                "bounced": False,
                "handovers": 0,
                "assessed": False,
                "parked": [],
            }
        )

    def categorised(self, entry: LogEntry) -> None:
        event: CategoryChanged = entry.event
        self._issue(entry)["category"] = event.to_category

    def placed(self, entry: LogEntry) -> None:
        event: PlaceCorrected = entry.event
        issue = self._issue(entry)
        issue["place_key"] = _place_key(event.to_place)
        issue["place_name"] = event.to_place.name

    def titled(self, entry: LogEntry) -> None:
        event: TitleChanged = entry.event
        self._issue(entry)["title"] = event.title

    def transferred(self, entry: LogEntry) -> None:
        event: ResponsibilityTransferred = entry.event
        issue = self._issue(entry)
        issue["responsible_agency"] = event.to_agency
        issue["handovers"] += 1

    def parked(self, entry: LogEntry) -> None:
        self._issue(entry)["parked_at"] = entry.event.occurred_at

    def resumed(self, entry: LogEntry) -> None:
        issue = self._issue(entry)
        issue["parked"] = [*issue["parked"], _kept(issue["parked_at"], entry.event.occurred_at)]
        issue["parked_at"] = None

    def closed(self, entry: LogEntry) -> None:
        event: IssueClosed = entry.event
        issue = self._issue(entry)
        issue["is_open"] = False
        issue["closing"] = entry.version
        self._closings.put(
            {
                "issue_id": entry.stream_id,
                "version": entry.version,
                "closed_at": event.occurred_at,
                "agency_id": issue["responsible_agency"],
                "outcome": event.outcome.value,
                "acted": issue["first_action_at"] is not None,
                "assessed": issue["assessed"],
            }
        )

    def reopened(self, entry: LogEntry) -> None:
        issue = self._issue(entry)
        issue["is_open"] = True
        issue["assessed"] = False
        closing = _known(self._closings.change((entry.stream_id, issue["closing"])))
        closing["reopened_at"] = entry.event.occurred_at

    def merged(self, entry: LogEntry) -> None:
        event: IssuesMerged = entry.event
        if entry.stream_id == event.merged_id:
            self.removed(entry)

    def removed(self, entry: LogEntry) -> None:
        issue = self._issue(entry)
        issue["is_open"] = False
        issue["does_not_count"] = True

    # --- referrals

    def sent(self, entry: LogEntry) -> None:
        event: ReferralSent = entry.event
        if event.bounces:
            self._issue(entry)["bounced"] = True
        if event.deadlines is None:
            return  # for information: nobody waits for an answer
        self._referrals.put(
            {
                "referral_id": event.referral_id,
                "issue_id": entry.stream_id,
                "type": event.type.value,
                "from_agency": event.from_agency,
                "to_agency": event.to_agency,
                "sent_at": event.occurred_at,
                "due_at": event.deadlines.respond_by,
                "pauses": [],
            }
        )

    def info_requested(self, entry: LogEntry) -> None:
        if referral := self._referral(entry):
            referral["asked_at"] = entry.event.occurred_at

    def info_provided(self, entry: LogEntry) -> None:
        event: ReferralInfoProvided = entry.event
        if referral := self._referral(entry):
            pause = _kept(referral["asked_at"], event.occurred_at)
            referral["pauses"] = [*referral["pauses"], pause]
            referral["asked_at"] = None
            if event.deadlines is not None:
                referral["due_at"] = event.deadlines.respond_by

    def accepted(self, entry: LogEntry) -> None:
        self._settle(entry, ACCEPTED)

    def declined(self, entry: LogEntry) -> None:
        event: ReferralDeclined = entry.event
        self._issue(entry)["declines"] += 1
        self._settle(entry, DECLINED, event.reason_code.value)

    def answered(self, entry: LogEntry) -> None:
        self._settle(entry, ANSWERED)

    def withdrawn(self, entry: LogEntry) -> None:
        self._settle(entry, WITHDRAWN)

    def returned(self, entry: LogEntry) -> None:
        event: ReferralReturned = entry.event
        if referral := self._referral(entry):
            referral["returned_at"] = event.occurred_at
            referral["return_reason_code"] = event.reason_code.value

    def _settle(self, entry: LogEntry, outcome: str, reason_code: str | None = None) -> None:
        """The first answer counts: what is accepted may be answered with a result later."""
        referral = self._referral(entry)
        if referral is None or referral["outcome"] is not None:
            return
        start, end = referral["sent_at"], entry.event.occurred_at
        pauses = _spans(referral["pauses"])
        rests = self._rests(entry, end)
        left_out = overlap([*pauses, *rests], start, end)
        paused = overlap(pauses, start, end)
        referral.update(
            outcome=outcome,
            reason_code=reason_code,
            settled_at=end,
            answered_after=microseconds(start, end) - left_out,
            paused=paused,
            parked=left_out - paused,
        )

    # --- actions and their effects

    def planned(self, entry: LogEntry) -> None:
        event: ActionPlanned = entry.event
        self._planned.put(
            {
                "action_id": event.action_id,
                "issue_id": entry.stream_id,
                "agency_id": event.agency_id,
                "action_type": event.action_type.value,
                "planned_at": event.occurred_at,
                "due_on": event.due_on,
            }
        )

    def performed(self, entry: LogEntry) -> None:
        event: ActionPerformed = entry.event
        if plan := self._planned.change(event.action_id):
            plan.update(settled_at=event.occurred_at, performed=True)
        issue = self._issue(entry)
        acting: set[str] = {*issue["acting_agencies"], *event.together_with}
        if event.agency_id is not None:
            acting.add(event.agency_id)
        issue["acting_agencies"] = sorted(acting)
        if _earlier(issue["first_action_at"], event.occurred_at) != issue["first_action_at"]:
            start, end = issue["opened_at"], event.occurred_at
            parked = overlap(self._rests(entry, end), start, end)
            issue.update(
                first_action_at=end,
                first_action_after=microseconds(start, end) - parked,
                first_action_parked=parked,
            )

    def cancelled(self, entry: LogEntry) -> None:
        event: ActionCancelled = entry.event
        if plan := self._planned.change(event.action_id):
            plan.update(settled_at=event.occurred_at, performed=False)

    def followed_up(self, entry: LogEntry) -> None:
        event: FollowUpRecorded = entry.event
        issue = self._issue(entry)
        issue["assessed"] = issue["assessed"] or event.effect is not Effect.TOO_EARLY
        self._effects.put(
            {
                "issue_id": entry.stream_id,
                "version": entry.version,
                "recorded_at": event.occurred_at,
                "effect": event.effect.value,
                "agency_id": issue["responsible_agency"],
            }
        )

    # --- finding rows

    def _issue(self, entry: LogEntry) -> Row:
        return _known(self._issues.change(entry.stream_id))

    def _referral(self, entry: LogEntry) -> Row | None:
        """None for a referral that expects no answer."""
        return self._referrals.change(entry.event.referral_id)

    def _rests(self, entry: LogEntry, end: datetime) -> list[Span]:
        """When the issue was parked, up to `end`."""
        issue = self._issue(entry)
        rests = _spans(issue["parked"])
        if issue["parked_at"] is not None:
            rests.append((issue["parked_at"], end))
        return rests


def _known(row: Row | None) -> Row:
    if row is None:
        raise LookupError("an event of something that never began")
    return row


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def _kept(start: datetime | None, end: datetime) -> list[str]:
    return [(start or end).isoformat(), end.isoformat()]


def _spans(kept: list[list[str]]) -> list[Span]:
    return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in kept]


def _place_key(place: Place) -> str | None:
    """What tells places apart: the id of a named place, else its words; None for a whole area."""
    if place.precision is PlacePrecision.AREA:
        return None
    return place.place_id or " ".join(place.name.casefold().split())


def _field(batch: Sequence[LogEntry], topics: Mapping[str, Any], name: str) -> Iterator[UUID]:
    return (getattr(entry.event, name) for entry in batch if entry.topic in topics)


_Handlers = Mapping[str, Callable[[_Batch, LogEntry], None]]

_ON_REFERRALS: _Handlers = {
    ReferralSent.TOPIC: _Batch.sent,
    ReferralInfoRequested.TOPIC: _Batch.info_requested,
    ReferralInfoProvided.TOPIC: _Batch.info_provided,
    ReferralAccepted.TOPIC: _Batch.accepted,
    ReferralDeclined.TOPIC: _Batch.declined,
    ReferralAnswered.TOPIC: _Batch.answered,
    ReferralWithdrawn.TOPIC: _Batch.withdrawn,
    ReferralReturned.TOPIC: _Batch.returned,
}
_ON_PLANNED: _Handlers = {
    ActionPlanned.TOPIC: _Batch.planned,
    ActionPerformed.TOPIC: _Batch.performed,
    ActionCancelled.TOPIC: _Batch.cancelled,
}
_ON_ISSUES: _Handlers = {
    IssueOpened.TOPIC: _Batch.opened,
    CategoryChanged.TOPIC: _Batch.categorised,
    PlaceCorrected.TOPIC: _Batch.placed,
    TitleChanged.TOPIC: _Batch.titled,
    ResponsibilityTransferred.TOPIC: _Batch.transferred,
    FollowUpRecorded.TOPIC: _Batch.followed_up,
    IssueParked.TOPIC: _Batch.parked,
    IssueResumed.TOPIC: _Batch.resumed,
    IssueClosed.TOPIC: _Batch.closed,
    IssueReopened.TOPIC: _Batch.reopened,
    IssuesMerged.TOPIC: _Batch.merged,
    IssueVoided.TOPIC: _Batch.removed,
    **_ON_REFERRALS,
    **_ON_PLANNED,
}


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    fold_reports([entry for entry in batch if entry.topic in REPORT_TOPICS], store)
    of_issues = [entry for entry in batch if entry.topic in _ON_ISSUES]
    rows = _Batch(of_issues, store)
    for entry in of_issues:
        _ON_ISSUES[entry.topic](rows, entry)


FOLLOW_UP = Projection(
    name="follow_up",
    version=1,
    metadata=metadata,
    fold=_fold,
    topics=REPORT_TOPICS | frozenset(_ON_ISSUES),
)
