"""In which agency's queues an issue stands, and why: the rules of DOMAIN 9 (A3) as plain rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.codes import Badge, IssueStatus, Priority, ReferralStatus, ReferralType
from domain.command import OPEN
from domain.deadlines import Clock, due
from domain.working_days import LOCAL_ZONE
from projections.issue_state import IssueNow, ReferralNow

URGENCY: Mapping[Priority, int] = {each: nth for nth, each in enumerate(reversed(Priority))}
"""How far from the most urgent: what an index puts in order."""

MARKS: Mapping[Badge, int] = {
    Badge.AWAITING_ANSWER: 1,
    Badge.PING_PONG: 2,
    Badge.ESCALATED: 4,
    Badge.SECRECY_MARKED: 8,
}
"""The marks that do not change with the time, each as a bit."""

EVERYONE = "*"
"""The agency of the agenda: it is the coordinators', whatever agency they are of."""

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""Where rows without a due time stand in the order: last."""


class Bucket(StrEnum):
    """The parts of an agency's queue."""

    TO_ANSWER = "to_answer"
    RETURNED = "returned"
    OURS = "ours"
    ASSISTING = "assisting"
    WAITING = "waiting"
    OVERDUE = "overdue"
    FOLLOW_UP = "follow_up"
    UNASSIGNED = "unassigned"
    INFORMED = "informed"
    AGENDA = "agenda"


FOLLOW_UP_LATER = "follow_up_later"
"""Stored beside the buckets: becomes part of FOLLOW_UP when its due time has come."""

ON_TOP, IN_ORDER = 0, 1
"""Rank: what came back stands above what is sorted by its due time."""


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One line of one agency's queue; `item_id` tells lines about the same issue apart."""

    agency_id: str
    bucket: str
    issue_id: UUID
    item_id: UUID
    rank: int
    sort_at: datetime
    due_at: datetime | None
    since_at: datetime
    referral_id: UUID | None = None
    referral_type: str | None = None
    from_agency: str | None = None
    to_agency: str | None = None

    def as_row(self) -> dict[str, Any]:
        """The row of the table."""
        return dict(vars(self))


@dataclass(frozen=True)
class Due:
    """A time by which an agency is to have done something; `referral_id` if it is an answer."""

    agency_id: str
    at: datetime
    since_at: datetime
    referral_id: UUID | None = None
    came_back: bool = False


@dataclass(frozen=True)
class _CalendarDays:
    """Follow-up clocks count every day, so no calendar of working days is needed for them."""

    zone: ZoneInfo = LOCAL_ZONE

    def is_working_day(self, day: date) -> bool:  # noqa: ARG002  whichever day it is
        return True


def end_of_day(day: date) -> datetime:
    """The last moment of a local day: what is due on a day is overdue when the day is over."""
    midnight = datetime.combine(day + timedelta(days=1), time(), LOCAL_ZONE)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)


def follow_up_at(issue: IssueNow) -> datetime | None:
    """When an open issue is to be followed up: as scheduled, else by the clock of DOMAIN 8."""
    scheduled = issue.follow_up_due if issue.status in OPEN else None
    return scheduled or clock_of_follow_up(issue)


def clock_of_follow_up(issue: IssueNow) -> datetime | None:
    """When the clock that runs since the last action is out, unless a time is scheduled.

    Nobody follows up what is parked; what fell due meanwhile is due when it is resumed.
    """
    if issue.status not in OPEN or issue.follow_up_due is not None:
        return None
    if issue.unassessed_since is None:
        return None
    return due(Clock.FOLLOW_UP, issue.priority, issue.unassessed_since, _CalendarDays())


def badges_of(issue: IssueNow) -> list[str]:
    """The marks of the issue that do not change with the time."""
    unanswered = [referral for _, referral in issue.open_referrals()]
    marks = {
        Badge.AWAITING_ANSWER: bool(unanswered),
        Badge.PING_PONG: issue.ping_pong,
        Badge.ESCALATED: any(referral.escalated for referral in unanswered),
        Badge.SECRECY_MARKED: bool(issue.secrecy_marks),
    }
    return [badge.value for badge, carried in marks.items() if carried]


def sought_by(issue: IssueNow, badges: Sequence[str], agency_id: str) -> dict[str, Any]:
    """What lines of the issue at an agency are found and put in order by, beside their times."""
    return {
        "urgency": URGENCY[issue.priority],
        "number": issue.number,
        "category": issue.category,
        "caseworker": issue.caseworkers.get(agency_id, ""),
        "marks": sum(MARKS[Badge(each)] for each in badges),
    }


def rows_of(issue_id: UUID, issue: IssueNow) -> Iterator[QueueRow]:
    """Every line of every queue in which the issue stands."""
    # What rests, or has ended, is nobody's work; but a question that was asked may be answered.
    if issue.status in OPEN or issue.status is IssueStatus.PARKED:
        dues = list(dues_of(issue))
        yield from _to_answer(issue_id, issue)
        yield from _overdue(issue_id, issue, dues)
        if issue.status in OPEN:
            yield from _of_referrals(issue_id, issue)
            yield from _of_the_responsible(issue_id, issue, dues)
            yield from _of_follow_up(issue_id, issue)
            yield from _agenda(issue_id, issue)


def dues_of(issue: IssueNow) -> Iterator[Due]:
    """Every clock of the issue that runs now, for each agency it concerns."""
    is_open = issue.status in OPEN
    for referral_id, each in issue.referrals.items():
        if each.acts_by is not None and is_open:
            yield Due(each.from_agency, each.acts_by, each.since_at, referral_id, came_back=True)
        if each.status is ReferralStatus.SENT and each.deadlines is not None:
            respond_by = each.deadlines.respond_by
            yield Due(each.to_agency, respond_by, each.sent_at, referral_id)
            if is_open:
                yield Due(each.from_agency, respond_by, each.sent_at, referral_id)
        if each.status is ReferralStatus.ACCEPTED and each.first_action_due and is_open:
            yield Due(each.to_agency, each.first_action_due, each.since_at, referral_id)
    if is_open:
        for action in issue.actions.values():
            yield Due(action.agency_id, end_of_day(action.due_on), action.planned_at)
        follow_up = follow_up_at(issue)
        if follow_up is not None:
            agency_id = issue.follow_up_agency or issue.responsible_agency
            yield Due(agency_id, follow_up, issue.unassessed_since or issue.status_since)


def _to_answer(issue_id: UUID, issue: IssueNow) -> Iterator[QueueRow]:
    for referral_id, each in issue.open_referrals():
        asked = each.status is ReferralStatus.INFO_REQUESTED
        agency_id = each.from_agency if asked else each.to_agency
        # Nobody set the sender a time to complete what it sent.
        at = None if asked else _respond_by(each)
        yield _referral_row(Bucket.TO_ANSWER, agency_id, issue_id, referral_id, each, at)


def _of_referrals(issue_id: UUID, issue: IssueNow) -> Iterator[QueueRow]:
    for referral_id, each in issue.referrals.items():
        key = (issue_id, referral_id, each)
        if each.expects_answer:
            asked = each.status is ReferralStatus.INFO_REQUESTED
            at = None if asked else _respond_by(each)
            yield _referral_row(Bucket.WAITING, each.from_agency, *key, at)
            if asked:
                # The clock stands still and the receiver waits for the sender.
                yield _referral_row(Bucket.WAITING, each.to_agency, *key, None)
        elif each.acts_by is not None:
            yield _referral_row(Bucket.RETURNED, each.from_agency, *key, each.acts_by)
        elif each.status is ReferralStatus.ACCEPTED and each.type is ReferralType.ASSIST:
            yield _referral_row(Bucket.ASSISTING, each.to_agency, *key, None)
        elif each.status is ReferralStatus.SENT and each.type is ReferralType.INFORM:
            yield _referral_row(Bucket.INFORMED, each.to_agency, *key, None)


def _of_the_responsible(issue_id: UUID, issue: IssueNow, dues: Sequence[Due]) -> Iterator[QueueRow]:
    agency_id = issue.responsible_agency
    own = [each for each in dues if each.agency_id == agency_id]
    first = min((each.at for each in own), default=None)
    since = issue.responsible_since
    rank = ON_TOP if any(each.came_back for each in own) else IN_ORDER
    yield _issue_row(Bucket.OURS, agency_id, issue_id, first, since, rank)
    if agency_id not in issue.caseworkers:
        yield _issue_row(Bucket.UNASSIGNED, agency_id, issue_id, first, since, rank)


def _overdue(issue_id: UUID, issue: IssueNow, dues: Sequence[Due]) -> Iterator[QueueRow]:
    """One line an agency: the first of its clocks, seen in the queue once its time has passed."""
    firsts: dict[str, Due] = {}
    for each in dues:
        known = firsts.get(each.agency_id)
        if known is None or _order(each) < _order(known):
            firsts[each.agency_id] = each
    for agency_id, first in firsts.items():
        referral = issue.referrals.get(first.referral_id) if first.referral_id else None
        if first.referral_id and referral:
            row = _referral_row(
                Bucket.OVERDUE, agency_id, issue_id, first.referral_id, referral, first.at
            )
            yield replace(row, item_id=issue_id, since_at=first.at)
        else:
            yield _issue_row(Bucket.OVERDUE, agency_id, issue_id, first.at, first.at)


def _of_follow_up(issue_id: UUID, issue: IssueNow) -> Iterator[QueueRow]:
    at = follow_up_at(issue)
    now = issue.status is IssueStatus.FOLLOW_UP
    agency_id = issue.follow_up_agency or issue.responsible_agency
    if now:
        since = issue.status_since
        yield _issue_row(Bucket.FOLLOW_UP, issue.responsible_agency, issue_id, at, since)
    if at is not None and not (now and agency_id == issue.responsible_agency):
        yield _issue_row(FOLLOW_UP_LATER, agency_id, issue_id, at, at)


def _agenda(issue_id: UUID, issue: IssueNow) -> Iterator[QueueRow]:
    """R8 and escalation: until a coordinator has proposed who should be responsible."""
    reasons = [each.agenda_since for _, each in issue.open_referrals()] + [issue.bounced_since]
    known = [reason for reason in reasons if reason is not None]
    if known:
        since = min(known)
        yield replace(_issue_row(Bucket.AGENDA, EVERYONE, issue_id, None, since), sort_at=since)


def _respond_by(referral: ReferralNow) -> datetime | None:
    return referral.deadlines.respond_by if referral.deadlines else None


def _order(each: Due) -> tuple[datetime, str]:
    return each.at, str(each.referral_id or "")


def _referral_row(
    bucket: Bucket,
    agency_id: str,
    issue_id: UUID,
    referral_id: UUID,
    referral: ReferralNow,
    due_at: datetime | None,
) -> QueueRow:
    return QueueRow(
        agency_id=agency_id,
        bucket=bucket.value,
        issue_id=issue_id,
        item_id=referral_id,
        rank=IN_ORDER,
        sort_at=due_at or NEVER,
        due_at=due_at,
        since_at=referral.since_at,
        referral_id=referral_id,
        referral_type=referral.type.value,
        from_agency=referral.from_agency,
        to_agency=referral.to_agency,
    )


def _issue_row(
    bucket: str,
    agency_id: str,
    issue_id: UUID,
    due_at: datetime | None,
    since_at: datetime,
    rank: int = IN_ORDER,
) -> QueueRow:
    return QueueRow(
        agency_id=agency_id,
        bucket=str(bucket),
        issue_id=issue_id,
        item_id=issue_id,
        rank=rank,
        sort_at=due_at or NEVER,
        due_at=due_at,
        since_at=since_at,
    )
