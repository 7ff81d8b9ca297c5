"""What an issue's page shows: its head, referrals, actions, reports and the lines of its story."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from domain.codes import (
    ActionType,
    Badge,
    CloseOutcome,
    ContextFlag,
    DeclineReason,
    Effect,
    Horizon,
    Implementation,
    IssueStatus,
    NextStep,
    Priority,
    ReferralStatus,
    ReferralType,
)
from domain.deadlines import ReferralDeadlines
from domain.report import ReportContent
from domain.values import ExternalRef, Place
from projections.occurrence import LATE, Occurrence


@dataclass(frozen=True, kw_only=True)
class PushedHead:
    """All that a partner sees of an issue besides the referrals sent to it."""

    issue_id: UUID
    version: int
    number: str
    public_title: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class IssueHead:
    """The facts on top of an issue's page; `version` is that of its stream (ETag)."""

    issue_id: UUID
    version: int
    number: str
    title: str
    public_title: str
    description_sv: str | None
    category: str
    priority: Priority
    place: Place
    area_id: str | None
    context_flags: tuple[ContextFlag, ...]
    priority_area: str | None
    external_ref: ExternalRef | None
    status: IssueStatus
    status_since: datetime
    responsible_agency: str
    responsible_since: datetime
    registering_agency: str
    registry_refs: Mapping[str, str]
    caseworkers: Mapping[str, str]
    secrecy_marks: Mapping[str, str]
    opened_at: datetime
    closed_at: datetime | None
    outcome: CloseOutcome | None
    parked_until: datetime | None
    follow_up_due_at: datetime | None
    effect: Effect | None
    declines: int
    merged_into_id: UUID | None
    merged_into_number: str | None
    lasting_badges: tuple[Badge, ...]
    due_at: datetime | None

    def badges(self, now: datetime) -> tuple[Badge, ...]:
        """The marks of the issue at a time: overdue once the first of its clocks is out."""
        late = self.due_at is not None and self.due_at < now
        carried = {*self.lasting_badges, *([Badge.OVERDUE] if late else [])}
        return tuple(badge for badge in Badge if badge in carried)


@dataclass(frozen=True, kw_only=True)
class Question:
    """More that the receiver asked for, and the sender's answer once there is one."""

    question_sv: str
    asked_at: datetime
    answer_sv: str | None = None
    answered_at: datetime | None = None


class StoryReferral(msgspec.Struct, frozen=True):
    """A referral of an issue; `settled_at` is when the waiting ended, however it did."""

    referral_id: UUID
    issue_id: UUID
    type: ReferralType
    status: ReferralStatus
    from_agency: str
    to_agency: str
    to_unit: str | None
    sent_by: str
    question_sv: str | None
    wanted_sv: str | None
    background_sv: str | None
    items_disclosed: tuple[str, ...]
    deadlines: ReferralDeadlines | None
    sent_at: datetime
    delivered_at: datetime | None
    opened_at: datetime | None
    opened_by: str | None
    settled_at: datetime | None
    settled_by: str | None
    returned_at: datetime | None
    completed_at: datetime | None
    reminded_at: datetime | None
    escalation_level: int
    escalated_at: datetime | None
    questions: tuple[Question, ...]
    planned_first_action_by: date | None
    first_action_due_at: datetime | None
    reason_code: DeclineReason | None
    reason_sv: str | None
    suggested_agency: str | None
    earliest_on: date | None
    sender_acts_by: datetime | None
    done_so_far_sv: str | None
    answer_sv: str | None


class StoryAction(msgspec.Struct, frozen=True):
    """An action: planned, performed or cancelled, by which of these times are there."""

    action_id: UUID
    issue_id: UUID
    action_type: ActionType
    agency_id: str | None
    recorded_by: str
    planned_at: datetime | None
    due_on: date | None
    owner: str | None
    description_sv: str | None
    expected_effect_sv: str | None
    horizon: Horizon | None
    performed_from: datetime | None
    performed_to: datetime | None
    together_with: tuple[str, ...]
    place: Place | None
    people: int | None
    result_sv: str | None
    implementation: Implementation | None
    implementation_reason_sv: str | None
    cancelled_at: datetime | None
    cancel_reason_sv: str | None
    promise_commitment_id: str | None
    est_focus_id: str | None

    @property
    def is_planned(self) -> bool:
        """Whether it is still to be done."""
        return self.performed_from is None and self.cancelled_at is None


@dataclass(frozen=True, kw_only=True)
class StoryReport:
    """A report of an issue in its latest version."""

    report_id: UUID
    received_at: datetime
    received_by: str
    receiving_agency: str
    content: ReportContent
    versions: int
    wants_reply: bool
    anonymous: bool
    feedback_at: datetime | None


class StoryFollowUp(msgspec.Struct, frozen=True):
    """What a follow-up found."""

    event_id: UUID
    occurred_at: datetime
    agency_id: str
    user_id: str
    effect: Effect
    evidence_sv: str
    next_step: NextStep
    agencies_present: tuple[str, ...]
    before_count: int | None
    after_count: int | None


class StoryNote(msgspec.Struct, frozen=True):
    """A dated, signed note."""

    note_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    agency_id: str
    user_id: str
    text_sv: str


class MarkKind(StrEnum):
    """What stands beside a line that somebody came back to later."""

    CORRECTED = "corrected"
    DISPUTED = "disputed"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A correction or a dispute, on the line it refers to."""

    kind: MarkKind
    occurred_at: datetime
    agency_id: str
    user_id: str
    text_sv: str


@dataclass(frozen=True, kw_only=True)
class StoryLine:
    """One event of an issue's story, or of a report that belongs to it."""

    position: int
    event_id: UUID
    topic: str
    version: int
    report_id: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    user_id: str
    agency_id: str
    role: str
    data: Mapping[str, Any]
    about: Mapping[str, Any]
    marks: tuple[Mark, ...]

    @property
    def late(self) -> bool:
        """Whether it was recorded so long after it happened that both times are to be shown."""
        return self.recorded_at - self.occurred_at > LATE

    @property
    def occurrence(self) -> Occurrence:
        """What to narrate."""
        return Occurrence(
            topic=self.topic,
            agency_id=self.agency_id,
            role=self.role,
            data=self.data,
            about=self.about,
        )
