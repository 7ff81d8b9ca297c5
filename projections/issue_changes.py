"""How each event of an issue changes what queues and clocks must know of it."""

from collections.abc import Callable
from datetime import datetime

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
from domain.envelope import RecordedEvent
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
from projections.issue_state import IssueNow, PlannedAction, ReferralNow
from projections.lean import Lean, Said, topic_of

ISSUE_TOPICS = frozenset(topic for topic, kind in EVENTS.items() if issubclass(kind, Issue.Event))
"""Every event of an issue: each changes its version, and most show that an agency acts."""

AGENDA_LEVEL = 2
"""From this level of escalation on an issue is for the coordinator (DOMAIN 8)."""


def after(issue: IssueNow | None, entry: LogEntry) -> IssueNow:
    """The state after one more event of the issue; `issue` may be changed in place.

    Raises:
        ValueError: the issue has an event before it was opened.
    """
    topic = entry.topic
    if topic == IssueOpened.TOPIC:
        issue = _opened(_lean.read(entry))
    elif issue is None:
        raise ValueError(f"issue {entry.stream_id} was never opened")
    change = _CHANGES.get(topic)
    came_back = issue.came_back()
    # Most events only count: of those nothing needs to be read.
    if change is not None or came_back:
        said = _lean.read(entry)
        if change is not None:
            change(issue, said, entry)
        if topic != ReferralOpened.TOPIC:
            _sender_acts(issue, said.actor.agency_id)
    issue.version = entry.version
    return issue


def _opened(said: Said) -> IssueNow:
    event = said.data
    return IssueNow(
        number=event.number,
        title=event.title,
        public_title=event.public_title,
        place_name=event.place.name,
        category=event.category,
        priority=event.priority,
        responsible_agency=event.responsible_agency,
        responsible_since=said.occurred_at,
        status_since=said.occurred_at,
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


Change = Callable[[IssueNow, Said, LogEntry], None]
_CHANGES: dict[str, Change] = {}
_READ: dict[type[RecordedEvent], tuple[str, ...]] = {
    IssueOpened: (
        "number",
        "title",
        "public_title",
        "place",
        "category",
        "priority",
        "responsible_agency",
    )
}
"""The fields of each event that its change reads; of all others none."""


def _on(*kinds: type[RecordedEvent], reads: tuple[str, ...] = ()) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        for kind in kinds:
            _CHANGES[topic_of(kind)] = change
            _READ[kind] = reads
        return change

    return register


@_on(
    ReferralSent,
    reads=("referral_id", "type", "from_agency", "to_agency", "deadlines", "bounces"),
)
def _sent(issue: IssueNow, said: Said, entry: LogEntry) -> None:
    event = said.data
    issue.referrals[event.referral_id] = ReferralNow(
        type=event.type,
        from_agency=event.from_agency,
        to_agency=event.to_agency,
        sent_at=said.occurred_at,
        since_at=said.occurred_at,
        sent_version=entry.version,
        deadlines=event.deadlines,
    )
    if event.bounces:
        issue.bounced = True
        issue.bounced_since = said.occurred_at
    _activate(issue, said.occurred_at)


@_on(ReferralDelivered, reads=("referral_id",))
def _delivered(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    if referral := issue.referrals.get(said.data.referral_id):
        referral.delivered = True


@_on(ReferralReminderSent, reads=("referral_id",))
def _reminded(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    if referral := issue.referrals.get(said.data.referral_id):
        referral.reminded = True


@_on(ReferralEscalated, reads=("referral_id", "level"))
def _escalated(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    if referral := issue.referrals.get(said.data.referral_id):
        referral.escalated = said.data.level
        if said.data.level >= AGENDA_LEVEL:
            referral.agenda_since = said.occurred_at


@_on(ReferralOpened, reads=("referral_id",))
def _opened_by_receiver(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    referral = issue.referrals.get(said.data.referral_id)
    if referral is not None and referral.type is ReferralType.INFORM:
        del issue.referrals[said.data.referral_id]


@_on(ReferralAnswered, ReferralWithdrawn, reads=("referral_id",))
def _settled(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.referrals.pop(said.data.referral_id, None)


@_on(ReferralAccepted, reads=("referral_id", "first_action_due_at"))
def _accepted(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    referral = issue.referrals[said.data.referral_id]
    referral.since_at = said.occurred_at
    referral.status = ReferralStatus.ACCEPTED
    referral.first_action_due = said.data.first_action_due_at
    _activate(issue, said.occurred_at)


@_on(ReferralInfoRequested, reads=("referral_id",))
def _asked(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    referral = issue.referrals[said.data.referral_id]
    referral.since_at = said.occurred_at
    referral.status = ReferralStatus.INFO_REQUESTED


@_on(ReferralInfoProvided, reads=("referral_id", "deadlines"))
def _informed(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    referral = issue.referrals[said.data.referral_id]
    referral.since_at = said.occurred_at
    referral.status = ReferralStatus.SENT
    referral.deadlines = said.data.deadlines


@_on(ReferralDeclined, ReferralReturned, reads=("referral_id", "sender_acts_by"))
def _came_back(issue: IssueNow, said: Said, entry: LogEntry) -> None:
    declined = entry.topic == ReferralDeclined.TOPIC
    referral = issue.referrals[said.data.referral_id]
    referral.status = ReferralStatus.DECLINED if declined else ReferralStatus.RETURNED
    referral.since_at = said.occurred_at
    referral.acts_by = said.data.sender_acts_by
    if declined:
        issue.declines += 1
        if issue.declines >= PING_PONG_DECLINES:
            issue.bounced_since = said.occurred_at


@_on(ResponsibilityTransferred, reads=("referral_id", "from_agency", "to_agency"))
def _transferred(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    event = said.data
    issue.responsible_agency = event.to_agency
    issue.responsible_since = said.occurred_at
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
def _proposed(issue: IssueNow, _said: Said, _entry: LogEntry) -> None:
    issue.bounced_since = None
    for referral in issue.referrals.values():
        referral.agenda_since = None


@_on(ActionPlanned, reads=("action_id", "agency_id", "due_on"))
def _planned(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    event = said.data
    issue.actions[event.action_id] = PlannedAction(
        agency_id=event.agency_id, due_on=event.due_on, planned_at=said.occurred_at
    )
    _activate(issue, said.occurred_at)


@_on(ActionCancelled, reads=("action_id",))
def _cancelled(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.actions.pop(said.data.action_id, None)


@_on(ActionPerformed, reads=("action_id", "agency_id", "performed_from", "performed_to"))
def _performed(issue: IssueNow, said: Said, entry: LogEntry) -> None:
    event = said.data
    issue.actions.pop(event.action_id, None)
    for referral in issue.referrals.values():
        if referral.to_agency == event.agency_id:
            referral.first_action_due = None
    done_at = event.performed_to or event.performed_from
    if issue.unassessed_since is None or done_at > issue.unassessed_since:
        issue.unassessed_since = done_at
        issue.unassessed_version = entry.version
    _activate(issue, said.occurred_at)


@_on(FollowUpScheduled, reads=("due_at", "responsible_agency"))
def _scheduled(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.follow_up_due = said.data.due_at
    issue.follow_up_agency = said.data.responsible_agency
    if issue.status in (IssueStatus.NEW, IssueStatus.ACTIVE):
        _become(issue, IssueStatus.FOLLOW_UP, said.occurred_at)


@_on(FollowUpRecorded, reads=("next_step",))
def _followed_up(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.follow_up_due = issue.follow_up_agency = issue.unassessed_since = None
    if issue.status in OPEN:
        closing = said.data.next_step is NextStep.CLOSE
        _become(issue, IssueStatus.FOLLOW_UP if closing else IssueStatus.ACTIVE, said.occurred_at)


@_on(IssueParked, reads=("until",))
def _parked(issue: IssueNow, said: Said, entry: LogEntry) -> None:
    issue.status_before_parking = issue.status
    issue.parked_until = said.data.until
    issue.parked_version = entry.version
    _become(issue, IssueStatus.PARKED, said.occurred_at)


@_on(IssueResumed)
def _resumed(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.parked_until = None
    _become(issue, issue.status_before_parking, said.occurred_at)


@_on(IssueClosed)
def _closed(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    _end(issue, IssueStatus.CLOSED, said.occurred_at)


@_on(IssueVoided)
def _voided(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    _end(issue, IssueStatus.VOIDED, said.occurred_at)


@_on(IssuesMerged, reads=("merged_id",))
def _merged(issue: IssueNow, said: Said, entry: LogEntry) -> None:
    if said.data.merged_id == entry.stream_id:  # the other issue lives on
        _end(issue, IssueStatus.MERGED, said.occurred_at)


def _end(issue: IssueNow, status: IssueStatus, at: datetime) -> None:
    _become(issue, status, at)
    issue.follow_up_due = issue.follow_up_agency = issue.unassessed_since = None
    issue.referrals = {
        id_: referral
        for id_, referral in issue.referrals.items()
        if referral.status in UNANSWERED  # an unread `inform` can still be read
    }


@_on(IssueReopened)
def _reopened(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.follow_up_due = issue.follow_up_agency = None
    _become(issue, IssueStatus.ACTIVE, said.occurred_at)


@_on(CaseworkerAssigned, reads=("agency_id", "user_id"))
def _assigned(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.caseworkers[said.data.agency_id] = said.data.user_id
    _activate(issue, said.occurred_at)


@_on(CaseworkerUnassigned, reads=("agency_id",))
def _unassigned(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.caseworkers.pop(said.data.agency_id, None)


@_on(CategoryChanged, reads=("to_category",))
def _recategorised(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.category = said.data.to_category


@_on(PriorityChanged, reads=("to_priority",))
def _prioritised(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.priority = said.data.to_priority


@_on(PlaceCorrected, reads=("to_place",))
def _placed(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.place_name = said.data.to_place.name


@_on(TitleChanged, reads=("title", "public_title"))
def _titled(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.title = said.data.title
    issue.public_title = said.data.public_title


@_on(SecrecyMarked, reads=("agency_id", "provision"))
def _marked(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.secrecy_marks[said.data.agency_id] = said.data.provision


@_on(SecrecyMarkRemoved, reads=("agency_id",))
def _unmarked(issue: IssueNow, said: Said, _entry: LogEntry) -> None:
    issue.secrecy_marks.pop(said.data.agency_id, None)


_lean = Lean({EVENTS[topic]: _READ.get(EVENTS[topic], ()) for topic in ISSUE_TOPICS})
