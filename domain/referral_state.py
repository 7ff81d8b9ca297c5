"""The state of one referral inside an issue, and the words for having come too late."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.codes import ReferralStatus, ReferralType
from domain.context import Context
from domain.deadlines import ReferralDeadlines
from domain.labels import label
from domain.refusals import Conflict
from domain.working_days import LOCAL_ZONE

UNANSWERED = frozenset({ReferralStatus.SENT, ReferralStatus.INFO_REQUESTED})


@dataclass
class Referral:
    """One transfer, assist, consult or inform from one agency to another."""

    referral_id: UUID
    type: ReferralType
    from_agency: str
    to_agency: str
    sent_at: datetime
    deadlines: ReferralDeadlines | None
    status: ReferralStatus = ReferralStatus.SENT
    delivered: bool = False
    opened: bool = False
    reminded: bool = False
    escalated: int = 0
    info_asked_at: datetime | None = None
    last_event: str = "ReferralSent"
    last_agency: str = ""
    last_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits for an answer; nobody does for `inform`."""
        return self.type is not ReferralType.INFORM and self.status in UNANSWERED

    def happened(self, event: str, agency_id: str, at: datetime) -> None:
        """Remember the latest event, so that whoever comes too late is told what happened."""
        self.last_event = event
        self.last_agency = agency_id
        self.last_at = at

    def not_before_last(self, context: Context) -> None:
        """Note a time before the latest event: an answer does not lie before its question.

        What happens now is never too early, also where the other's clock was a little fast.
        """
        last = min(self.last_at or self.sent_at, context.now)
        context.problems.need(
            context.occurred_at >= last,
            "occurred_at",
            "before_it_was_sent",
            "Tiden ligger före det senaste som hände med överlämningen.",
            "The time lies before what happened last with the referral.",
        )

    def conflict(self, context: Context) -> Conflict:
        """R13: what happened instead, in plain words."""
        at = self.last_at or self.sent_at
        clock = f"{at.astimezone(LOCAL_ZONE):%H.%M}"
        day = f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d}"
        who_sv = context.agencies.name_sv(self.last_agency)
        who_en = context.agencies.name_en(self.last_agency)
        code = "referral_" + self.status.value
        if self.status is ReferralStatus.SENT:
            return Conflict(
                code,
                "Överlämningen är inte besvarad än.",
                "The referral has not been answered yet.",
                happened=self.last_event,
            )
        if self.status is ReferralStatus.INFO_REQUESTED:
            return Conflict(
                code,
                f"{who_sv} bad om komplettering {day} kl. {clock}. Svara när den har kommit.",
                f"{who_en} asked for more {day} {clock}. Answer when it has come.",
                happened=self.last_event,
            )
        state = label(self.status)
        return Conflict(
            code,
            f"Någon annan hann före: överlämningen är {state.sv.lower()} sedan {day} kl. {clock}, "
            f"av {who_sv}.",
            f"Somebody else was first: the referral is {state.en.lower()} since {day} {clock}, "
            f"by {who_en}.",
            happened=self.last_event,
        )
