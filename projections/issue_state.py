"""What queues and clocks must know of an issue: a state that is kept as JSON, one row an issue.

Only what can still lead to a queue or a clock is kept, so that a long issue does not grow a long
row.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from domain.codes import IssueStatus, Priority, ReferralStatus, ReferralType
from domain.deadlines import ReferralDeadlines
from domain.issue import PING_PONG_DECLINES
from domain.referral_state import UNANSWERED


class ReferralNow(msgspec.Struct, kw_only=True):
    """A referral that somebody may still have to do something about.

    `since_at` is when its status began, `acts_by` the sender's clock after it came back (R6),
    `first_action_due` the receiver's clock after it was accepted.
    """

    type: ReferralType
    from_agency: str
    to_agency: str
    sent_at: datetime
    since_at: datetime
    sent_version: int
    deadlines: ReferralDeadlines | None
    status: ReferralStatus = ReferralStatus.SENT
    delivered: bool = False
    reminded: bool = False
    escalated: int = 0
    agenda_since: datetime | None = None
    acts_by: datetime | None = None
    first_action_due: datetime | None = None

    @property
    def expects_answer(self) -> bool:
        """Whether the referral is unanswered and of a type that is answered."""
        return self.type is not ReferralType.INFORM and self.status in UNANSWERED


class PlannedAction(msgspec.Struct, kw_only=True):
    """An action that is neither performed nor cancelled."""

    agency_id: str
    due_on: date
    planned_at: datetime


class IssueNow(msgspec.Struct, kw_only=True):
    """An issue after the last event folded."""

    number: str
    title: str
    public_title: str
    place_name: str
    category: str
    priority: Priority
    responsible_agency: str
    responsible_since: datetime
    status_since: datetime
    status: IssueStatus = IssueStatus.NEW
    status_before_parking: IssueStatus = IssueStatus.NEW
    version: int = 1
    parked_until: datetime | None = None
    parked_version: int = 0
    caseworkers: dict[str, str] = {}
    secrecy_marks: dict[str, str] = {}
    referrals: dict[UUID, ReferralNow] = {}
    actions: dict[UUID, PlannedAction] = {}
    unassessed_since: datetime | None = None
    unassessed_version: int = 0
    follow_up_due: datetime | None = None
    follow_up_agency: str | None = None
    declines: int = 0
    bounced: bool = False
    bounced_since: datetime | None = None

    @property
    def ping_pong(self) -> bool:
        """R8: sent again to an agency that pushed it back, or declined three times."""
        return self.bounced or self.declines >= PING_PONG_DECLINES

    def came_back(self) -> bool:
        """Whether a referral came back and its sender has not acted since (R6)."""
        for each in self.referrals.values():  # noqa: SIM110  any() costs more than the rest
            if each.acts_by is not None:
                return True
        return False

    def open_referrals(self) -> list[tuple[UUID, ReferralNow]]:
        """The referrals that wait for an answer, with their ids."""
        return [(id_, each) for id_, each in self.referrals.items() if each.expects_answer]


def stored(issue: IssueNow) -> str:
    """The state as it is kept in a column."""
    return msgspec.json.encode(issue).decode()


def restored(text: str) -> IssueNow:
    """The state as it was kept."""
    return _decoder.decode(text)


_decoder = msgspec.json.Decoder(IssueNow)


class IssueState(TypeDecorator[IssueNow]):
    """A column whose rows hold the state itself; it becomes JSON text when it is written."""

    impl = Text
    cells = 25
    """What it takes in memory, compared with a plain value."""
    cache_ok = True

    def process_bind_param(self, value: IssueNow | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else stored(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> IssueNow | None:
        del dialect
        return None if value is None else restored(value)
