"""How each event of an issue changes what queues and clocks must know of it."""

from collections.abc import Callable, Sequence
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
from domain.classification import (
    CaseworkerAssigned,
    CaseworkerUnassigned,
    CategoryChanged,
    PlaceCorrected,
    PriorityChanged,
    TitleChanged,
)
from domain.codes import IssueStatus, NextStep, ReferralStatus, ReferralType
from domain.command import OPEN
from domain.escalation import ReferralEscalated, ReferralReminderSent
from domain.events import EVENTS
from domain.follow_up import FollowUpRecorded, FollowUpScheduled
from domain.issue import PING_PONG_DECLINES, Issue
from domain.lifecycle import IssueClosed, IssueParked, IssueResumed, IssuesMerged, IssueVoided
from domain.log_entry import LogEntry
from domain.notes import SecrecyMarked, SecrecyMarkRemoved
from domain.opening import IssueOpened, IssueReopened
from domain.referral import (
    ReferralDelivered,
    ReferralOpened,
    ReferralSent,
    ReferralWithdrawn,
)
from domain.referral_state import UNANSWERED
from domain.responsibility import (
    ReferralReturned,
    ResponsibilityProposed,
    ResponsibilityTransferred,
)
from projections.issue_state import IssueNow, PlannedAction, ReferralNow, restored

ISSUE_TOPICS = frozenset(topic for topic, kind in EVENTS.items() if issubclass(kind, Issue.Event))
"""Every event of an issue: each changes its version, and most show that an agency acts."""

AGENDA_LEVEL = 2
"""From this level of escalation on an issue is for the coordinator (DOMAIN 8)."""


def after(issue: IssueNow | None, entry: LogEntry) -> IssueNow:
    """The state after one more event of the issue; `issue` may be changed in place.

    Raises:
        ValueError: the issue has an event before it was opened.
    """
    event: Issue.Event = entry.event
    if isinstance(event, IssueOpened):
        issue = _opened(event)
    if issue is None:
        raise ValueError(f"issue {entry.stream_id} was never opened")
    change = _CHANGES.get(type(event))
    if change is not None:
        change(issue, event, entry)
    if not isinstance(event, ReferralOpened):
        _sender_acts(issue, event.actor.agency_id)
    issue.version = entry.version
    return issue


def states_after(
    batch: Sequence[LogEntry], kept: Callable[[UUID], str | None]
) -> dict[UUID, IssueNow]:
    """The state of every issue of a batch after it; `kept` gives what was stored before it."""
    states: dict[UUID, IssueNow | None] = {}
    for entry in batch:
        if entry.stream_id not in states:
            before = kept(entry.stream_id)
            states[entry.stream_id] = restored(before) if before is not None else None
        states[entry.stream_id] = after(states[entry.stream_id], entry)
    return {issue_id: issue for issue_id, issue in states.items() if issue is not None}


def _opened(event: IssueOpened) -> IssueNow:
    return IssueNow(
        number=event.number,
        title=event.title,
        public_title=event.public_title,
        place_name=event.place.name,
        category=event.category,
        priority=event.priority,
        responsible_agency=event.responsible_agency,
        responsible_since=event.occurred_at,
        status_since=event.occurred_at,
    )


def _sender_acts(issue: IssueNow, agency_id: str) -> None:
    """R6: whatever the sender does now, it has dealt with what came back to it."""
    settled = [
        id_
        for id_, referral in issue.referrals.items()
        if referral.acts_by is not None and referral.from_agency == agency_id
    ]
    for id_ in settled:
        del issue.referrals[id_]


def _become(issue: IssueNow, status: IssueStatus, at: datetime) -> None:
    if issue.status is not status:
        issue.status = status
        issue.status_since = at


def _activate(issue: IssueNow, at: datetime) -> None:
    if issue.status in (IssueStatus.NEW, IssueStatus.FOLLOW_UP):
        _become(issue, IssueStatus.ACTIVE, at)
    elif issue.status is IssueStatus.PARKED:
        issue.status_before_parking = IssueStatus.ACTIVE


Change = Callable[[IssueNow, Any, LogEntry], None]
_CHANGES: dict[type, Change] = {}


def _on(*kinds: type) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        _CHANGES.update(dict.fromkeys(kinds, change))
        return change

    return register


@_on(ReferralSent)
def _sent(issue: IssueNow, event: ReferralSent, entry: LogEntry) -> None:
    issue.referrals[event.referral_id] = ReferralNow(
        type=event.type,
        from_agency=event.from_agency,
        to_agency=event.to_agency,
        sent_at=event.occurred_at,
        since_at=event.occurred_at,
        sent_version=entry.version,
        deadlines=event.deadlines,
    )
    if event.bounces:
        issue.bounced = True
        issue.bounced_since = event.occurred_at
    _activate(issue, event.occurred_at)


@_on(ReferralDelivered, ReferralReminderSent, ReferralEscalated)
def _told(
    issue: IssueNow,
    event: ReferralDelivered | ReferralReminderSent | ReferralEscalated,
    _entry: LogEntry,
) -> None:
    referral = issue.referrals.get(event.referral_id)
    if referral is None:
        return
    match event:
        case ReferralDelivered():
            referral.delivered = True
        case ReferralReminderSent():
            referral.reminded = True
        case ReferralEscalated():
            referral.escalated = event.level
            if event.level >= AGENDA_LEVEL:
                referral.agenda_since = event.occurred_at


@_on(ReferralOpened, ReferralAnswered, ReferralWithdrawn)
def _settled(
    issue: IssueNow, event: ReferralOpened | ReferralAnswered | ReferralWithdrawn, _entry: LogEntry
) -> None:
    referral = issue.referrals.get(event.referral_id)
    if referral is None:
        return
    if isinstance(event, ReferralOpened) and referral.type is not ReferralType.INFORM:
        return
    del issue.referrals[event.referral_id]


@_on(ReferralAccepted, ReferralInfoRequested, ReferralInfoProvided)
def _answering(
    issue: IssueNow,
    event: ReferralAccepted | ReferralInfoRequested | ReferralInfoProvided,
    _entry: LogEntry,
) -> None:
    referral = issue.referrals[event.referral_id]
    referral.since_at = event.occurred_at
    match event:
        case ReferralAccepted():
            referral.status = ReferralStatus.ACCEPTED
            referral.first_action_due = event.first_action_due_at
            _activate(issue, event.occurred_at)
        case ReferralInfoRequested():
            referral.status = ReferralStatus.INFO_REQUESTED
        case ReferralInfoProvided():
            referral.status = ReferralStatus.SENT
            referral.deadlines = event.deadlines


@_on(ReferralDeclined, ReferralReturned)
def _came_back(
    issue: IssueNow, event: ReferralDeclined | ReferralReturned, _entry: LogEntry
) -> None:
    declined = isinstance(event, ReferralDeclined)
    referral = issue.referrals[event.referral_id]
    referral.status = ReferralStatus.DECLINED if declined else ReferralStatus.RETURNED
    referral.since_at = event.occurred_at
    referral.acts_by = event.sender_acts_by
    if declined:
        issue.declines += 1
        if issue.declines >= PING_PONG_DECLINES:
            issue.bounced_since = event.occurred_at


@_on(ResponsibilityTransferred)
def _transferred(issue: IssueNow, event: ResponsibilityTransferred, _entry: LogEntry) -> None:
    issue.responsible_agency = event.to_agency
    issue.responsible_since = event.occurred_at
    if issue.follow_up_agency == event.from_agency:
        issue.follow_up_agency = event.to_agency
    passed_on = [
        id_
        for id_, referral in issue.referrals.items()
        if id_ != event.referral_id
        and referral.type is ReferralType.TRANSFER
        and referral.status is ReferralStatus.ACCEPTED
    ]
    for id_ in passed_on:
        del issue.referrals[id_]


@_on(ResponsibilityProposed)
def _proposed(issue: IssueNow, _event: ResponsibilityProposed, _entry: LogEntry) -> None:
    issue.bounced_since = None
    for referral in issue.referrals.values():
        referral.agenda_since = None


@_on(ActionPlanned)
def _planned(issue: IssueNow, event: ActionPlanned, _entry: LogEntry) -> None:
    issue.actions[event.action_id] = PlannedAction(
        agency_id=event.agency_id, due_on=event.due_on, planned_at=event.occurred_at
    )
    _activate(issue, event.occurred_at)


@_on(ActionCancelled)
def _cancelled(issue: IssueNow, event: ActionCancelled, _entry: LogEntry) -> None:
    issue.actions.pop(event.action_id, None)


@_on(ActionPerformed)
def _performed(issue: IssueNow, event: ActionPerformed, entry: LogEntry) -> None:
    issue.actions.pop(event.action_id, None)
    for referral in issue.referrals.values():
        if referral.to_agency == event.agency_id:
            referral.first_action_due = None
    done_at = event.performed_to or event.performed_from
    if issue.unassessed_since is None or done_at > issue.unassessed_since:
        issue.unassessed_since = done_at
        issue.unassessed_version = entry.version
    _activate(issue, event.occurred_at)


@_on(FollowUpScheduled)
def _scheduled(issue: IssueNow, event: FollowUpScheduled, _entry: LogEntry) -> None:
    issue.follow_up_due = event.due_at
    issue.follow_up_agency = event.responsible_agency
    if issue.status in (IssueStatus.NEW, IssueStatus.ACTIVE):
        _become(issue, IssueStatus.FOLLOW_UP, event.occurred_at)


@_on(FollowUpRecorded)
def _followed_up(issue: IssueNow, event: FollowUpRecorded, _entry: LogEntry) -> None:
    issue.follow_up_due = issue.follow_up_agency = issue.unassessed_since = None
    if issue.status in OPEN:
        closing = event.next_step is NextStep.CLOSE
        _become(issue, IssueStatus.FOLLOW_UP if closing else IssueStatus.ACTIVE, event.occurred_at)


@_on(IssueParked, IssueResumed)
def _rested(issue: IssueNow, event: IssueParked | IssueResumed, entry: LogEntry) -> None:
    if isinstance(event, IssueParked):
        issue.status_before_parking = issue.status
        issue.parked_until = event.until
        issue.parked_version = entry.version
        _become(issue, IssueStatus.PARKED, event.occurred_at)
    else:
        issue.parked_until = None
        _become(issue, issue.status_before_parking, event.occurred_at)


@_on(IssueClosed, IssueVoided, IssuesMerged)
def _ended(
    issue: IssueNow, event: IssueClosed | IssueVoided | IssuesMerged, entry: LogEntry
) -> None:
    match event:
        case IssuesMerged() if event.merged_id != entry.stream_id:
            return  # the other issue lives on here
        case IssuesMerged():
            status = IssueStatus.MERGED
        case IssueVoided():
            status = IssueStatus.VOIDED
        case _:
            status = IssueStatus.CLOSED
    _become(issue, status, event.occurred_at)
    issue.follow_up_due = issue.follow_up_agency = issue.unassessed_since = None
    issue.referrals = {
        id_: referral
        for id_, referral in issue.referrals.items()
        if referral.status in UNANSWERED  # an unread `inform` can still be read
    }


@_on(IssueReopened)
def _reopened(issue: IssueNow, event: IssueReopened, _entry: LogEntry) -> None:
    issue.follow_up_due = issue.follow_up_agency = None
    _become(issue, IssueStatus.ACTIVE, event.occurred_at)


@_on(CaseworkerAssigned, CaseworkerUnassigned)
def _staffed(
    issue: IssueNow, event: CaseworkerAssigned | CaseworkerUnassigned, _entry: LogEntry
) -> None:
    if isinstance(event, CaseworkerAssigned):
        issue.caseworkers[event.agency_id] = event.user_id
        _activate(issue, event.occurred_at)
    else:
        issue.caseworkers.pop(event.agency_id, None)


@_on(CategoryChanged, PriorityChanged, PlaceCorrected, TitleChanged)
def _described(
    issue: IssueNow,
    event: CategoryChanged | PriorityChanged | PlaceCorrected | TitleChanged,
    _entry: LogEntry,
) -> None:
    match event:
        case CategoryChanged():
            issue.category = event.to_category
        case PriorityChanged():
            issue.priority = event.to_priority
        case PlaceCorrected():
            issue.place_name = event.to_place.name
        case TitleChanged():
            issue.title = event.title
            issue.public_title = event.public_title


@_on(SecrecyMarked, SecrecyMarkRemoved)
def _marked(issue: IssueNow, event: SecrecyMarked | SecrecyMarkRemoved, _entry: LogEntry) -> None:
    if isinstance(event, SecrecyMarked):
        issue.secrecy_marks[event.agency_id] = event.provision
    else:
        issue.secrecy_marks.pop(event.agency_id, None)
