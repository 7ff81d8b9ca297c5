"""What the system is to do when its time comes: deliver, remind, escalate, resume, follow up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, Connection, Index, Integer, MetaData, String, Table, select

from domain.codes import IssueStatus, ReferralStatus
from domain.command import LIVE
from domain.log_entry import LogEntry
from domain.referral_state import UNANSWERED
from projections.columns import UtcDateTime, UuidText, beyond
from projections.issue_changes import ISSUE_TOPICS
from projections.issue_fold import fold_states
from projections.issue_state import IssueNow, IssueState, ReferralNow
from projections.projection import Projection
from projections.queue_rows import clock_of_follow_up
from projections.rows import Row
from projections.store import Store
from projections.viewer import Viewer
from projections.visibility import visible_issue


class ClockKind(StrEnum):
    """What is done when a clock is out."""

    DELIVER = "deliver"
    RESUME = "resume"
    REMIND = "remind"
    ESCALATE = "escalate"
    FOLLOW_UP = "follow_up"


_TURN = {kind: turn for turn, kind in enumerate(ClockKind)}
"""Clocks that are out at the same moment are dealt with in this order, escalations by level."""

_metadata = MetaData()

clock_issues = Table(
    "clock_issues",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("state", IssueState, nullable=False),
)
clocks = Table(
    "clocks",
    _metadata,
    Column("issue_id", UuidText, primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("item_id", UuidText, primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("turn", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("set_version", Integer, nullable=False),
    Column("referral_id", UuidText),
    Index("clocks_in_order", "due_at", "turn", "level", "issue_id", "item_id"),
)
_ORDER = (clocks.c.due_at, clocks.c.turn, clocks.c.level, clocks.c.issue_id, clocks.c.item_id)


@dataclass(frozen=True, kw_only=True)
class DueClock:
    """One clock; `level` is 1 to 3 for escalations, else 0.

    `set_version` is the version of the issue at which it was set: a clock that is set anew for the
    same thing is another one.
    """

    kind: ClockKind
    issue_id: UUID
    item_id: UUID
    referral_id: UUID | None
    level: int
    due_at: datetime
    set_version: int

    @property
    def key(self) -> str:
        """What tells this clock from every other one, for ever."""
        return f"policy:{self.kind}:{self.issue_id}:{self.item_id}:{self.level}:{self.set_version}"


def clocks_by(
    db: Connection,
    viewer: Viewer,
    *,
    until: datetime | None,
    after: DueClock | None = None,
    limit: int = 200,
) -> list[DueClock]:
    """The clocks that are out by `until` (all when None), the earliest first, after one of them."""
    query = select(clocks).where(visible_issue(viewer, clocks.c.issue_id))
    if until is not None:
        query = query.where(clocks.c.due_at <= until)
    if after is not None:
        last = (after.due_at, _TURN[after.kind], after.level, after.issue_id, after.item_id)
        query = query.where(beyond(_ORDER, last))
    return [
        DueClock(
            kind=ClockKind(row.kind),
            issue_id=row.issue_id,
            item_id=row.item_id,
            referral_id=row.referral_id,
            level=row.level,
            due_at=row.due_at,
            set_version=row.set_version,
        )
        for row in db.execute(query.order_by(*_ORDER).limit(limit))
    ]


def clocks_of(issue_id: UUID, issue: IssueNow) -> Iterator[DueClock]:
    """Every clock of an issue, whatever the time is now."""
    for referral_id, referral in issue.referrals.items():
        yield from _of_referral(issue_id, issue, referral_id, referral)
    if issue.status is IssueStatus.PARKED and issue.parked_until is not None:
        yield _of_issue(ClockKind.RESUME, issue_id, issue.parked_until, issue.parked_version)
    follow_up = clock_of_follow_up(issue)
    if follow_up is not None:
        yield _of_issue(ClockKind.FOLLOW_UP, issue_id, follow_up, issue.unassessed_version)


def _of_referral(
    issue_id: UUID, issue: IssueNow, referral_id: UUID, referral: ReferralNow
) -> Iterator[DueClock]:
    def clock(kind: ClockKind, at: datetime, level: int = 0) -> DueClock:
        return DueClock(
            kind=kind,
            issue_id=issue_id,
            item_id=referral_id,
            referral_id=referral_id,
            level=level,
            due_at=at,
            set_version=referral.sent_version,
        )

    # Who answered has received it: there is nothing to deliver any more.
    if referral.status in UNANSWERED and not referral.delivered:
        yield clock(ClockKind.DELIVER, referral.sent_at)
    if (
        referral.deadlines is None
        or referral.status is not ReferralStatus.SENT
        or issue.status not in LIVE
    ):
        return
    if not referral.reminded:
        yield clock(ClockKind.REMIND, referral.deadlines.remind_at)
    for level, at in enumerate(referral.deadlines.escalate_at, start=1):
        if level > referral.escalated:
            yield clock(ClockKind.ESCALATE, at, level)


def _of_issue(kind: ClockKind, issue_id: UUID, at: datetime, set_version: int) -> DueClock:
    return DueClock(
        kind=kind,
        issue_id=issue_id,
        item_id=issue_id,
        referral_id=None,
        level=0,
        due_at=at,
        set_version=set_version,
    )


def _fold(batch: Sequence[LogEntry], store: Store) -> None:
    fold_states(batch, store, "clock_issues")
    store.before_flush(_settle)


def _settle(store: Store) -> None:
    """Once for each issue that changed, however often it did: its clocks."""
    issues = store.rows("clock_issues")
    groups: dict[UUID, list[Row]] = {}
    fresh: set[UUID] = set()
    for issue_id, row in issues.touched():
        groups[issue_id] = [_row(clock) for clock in clocks_of(issue_id, row["state"])]
        if issues.is_fresh(issue_id):
            fresh.add(issue_id)
    store.replace("clocks", groups, frozenset(fresh))


def _row(clock: DueClock) -> Row:
    return dict(vars(clock)) | {"kind": clock.kind.value, "turn": _TURN[clock.kind]}


CLOCKS = Projection(
    name="clocks",
    version=1,
    metadata=_metadata,
    fold=_fold,
    topics=ISSUE_TOPICS,
)
