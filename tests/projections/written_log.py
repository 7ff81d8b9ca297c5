"""A log written by hand, of the real events, to say exactly what happened when."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from domain.action import ActionPerformed, ActionPlanned
from domain.codes import (
    ActionType,
    AgencyKind,
    Horizon,
    Implementation,
    Priority,
    ReferralType,
    ReportChannel,
    ReportKind,
    SecrecyDomain,
    TimePrecision,
)
from domain.deadlines import ReferralDeadlines
from domain.directory import DIRECTORY_ID, AgencyRegistered
from domain.envelope import RecordedEvent
from domain.log_entry import LogEntry
from domain.opening import IssueOpened
from domain.referral import ReferralSent
from domain.report import ReportContent, ReportReceived
from domain.responsibility import ResponsibilityTransferred
from domain.values import SYSTEM, ExternalRef, Place
from infra.log.codec import codec_of
from infra.log.mapper import event_of
from projections.projection import Projection
from projections.runner import Runner
from projections.viewer import Viewer

EVERYTHING = Viewer(actor=SYSTEM, authority=True)
"""The viewer that sees everything: what imports and stories are measured with."""

_VALUES: dict[str, Any] = {
    "actor": SYSTEM,
    "registering_agency": "district",
    "layer": "A",
    "confirmed_not_personal": (),
    "title": "Otrygghet vid Brunnsparken",
    "public_title": "Otrygghet vid Brunnsparken",
    "category": "drug_dealing",
    "priority": Priority.MEDIUM,
    "place": Place(name="Brunnsparken", place_id="brunnsparken"),
    "source_reports": (),
    "context_flags": (),
    "action_type": ActionType.OTHER,
    "together_with": (),
    "implementation": Implementation.DONE,
    "kind": AgencyKind.AUTHORITY_CITY,
    "secrecy_domain": SecrecyDomain.CITY,
    "intake_only": False,
}


class WrittenLog:
    """Reads like the log; what an event needs and nobody tells is filled in."""

    def __init__(self) -> None:
        self.entries: list[LogEntry] = []
        self._versions: dict[UUID, int] = {}

    def read(self, after: int, limit: int) -> Sequence[LogEntry]:
        return self.entries[after : after + limit]

    def head(self) -> int:
        return len(self.entries)

    def append(
        self, event: type[RecordedEvent], stream_id: UUID, at: datetime, **data: object
    ) -> UUID:
        """Append an event that happened at a time; gives its stream."""
        position = len(self.entries) + 1
        version = self._versions[stream_id] = self._versions.get(stream_id, 0) + 1
        known: dict[str, Any] = {
            "originator_id": stream_id,
            "originator_version": version,
            "originator_topic": "",
            "timestamp": datetime(2030, 1, 1, tzinfo=UTC),
            "event_id": UUID(int=position),
            "causation_id": UUID(int=position),
            "correlation_id": stream_id,
            "occurred_at": at,
            "valid_from": at.date(),
            "performed_from": at,
            "action_id": UUID(int=position),
        }
        values: dict[str, Any] = {
            field.name: (known | data).get(field.name, _VALUES.get(field.name))
            for field in dataclasses.fields(event)
        }
        written = event(**values)
        self.entries.append(
            LogEntry(
                position=position,
                stream_id=stream_id,
                version=version,
                topic=event.__name__,
                recorded_at=known["timestamp"],
                state=codec_of(event).encode(written, salt=""),
                decode=event_of,
                known=written,
            )
        )
        return stream_id

    def agency(self, agency_id: str, name_sv: str, at: datetime) -> None:
        self.append(
            AgencyRegistered,
            DIRECTORY_ID,
            at,
            agency_id=agency_id,
            name_sv=name_sv,
            name_en=name_sv,
        )

    def issue(self, stream: int, at: datetime, by: str = "district", **data: Any) -> UUID:
        """An issue of an agency; `log` names the event log that it was imported from."""
        log = data.pop("log", None)
        return self.append(
            IssueOpened,
            UUID(int=stream),
            at,
            number=f"TIC-2026-{stream:05}",
            responsible_agency=by,
            external_ref=ExternalRef(system=f"event-log:{log}", id=str(stream)) if log else None,
            **data,
        )

    def transfer(self, issue_id: UUID, at: datetime, giver: str, taker: str) -> None:
        self.append(
            ResponsibilityTransferred,
            issue_id,
            at,
            from_agency=giver,
            to_agency=taker,
            referral_id=UUID(int=len(self.entries)),
        )

    def refer(self, issue_id: UUID, at: datetime, due: datetime, to: str, **data: object) -> UUID:
        """A referral from the district, a transfer unless told otherwise; gives its id."""
        referral_id = UUID(int=1_000_000 + len(self.entries))
        deadlines = ReferralDeadlines(
            respond_by=due, remind_at=due, escalate_at=(due, due, due), by_hours=True
        )
        told = {
            "type": ReferralType.TRANSFER,
            "from_agency": "district",
            "items_disclosed": (),
            "bounces": False,
            "deadlines": deadlines,
        }
        self.append(
            ReferralSent, issue_id, at, referral_id=referral_id, to_agency=to, **(told | data)
        )
        return referral_id

    def plan(self, issue_id: UUID, at: datetime, agency_id: str, due_on: date) -> UUID:
        """A planned action; gives its id."""
        action_id = UUID(int=2_000_000 + len(self.entries))
        self.append(
            ActionPlanned,
            issue_id,
            at,
            action_id=action_id,
            agency_id=agency_id,
            due_on=due_on,
            horizon=Horizon.SHORT,
        )
        return action_id

    def report(self, stream: int, at: datetime, by: str = "contact_center", **data: Any) -> UUID:
        """A report that an agency receives."""
        content = ReportContent(
            text="Det säljs narkotika öppet.",
            kind=ReportKind.OBSERVATION,
            channel=ReportChannel.WEB,
            category=data.pop("category", None),
            place=Place(name="Brunnsparken"),
            occurred_from=at,
            occurred_to=None,
            time_precision=TimePrecision.HOUR,
            certainty=None,
            perceived_unsafety=None,
            estimated_people=None,
            reported_to_police=None,
            context_flags=(),
            est_week=None,
        )
        told = {"wants_reply": False, "anonymous": False, "triage_by": at}
        return self.append(
            ReportReceived,
            UUID(int=5_000_000 + stream),
            at,
            content=content,
            receiving_agency=by,
            **(told | data),
        )

    def action(self, issue_id: UUID, at: datetime, agency_id: str | None, **data: object) -> None:
        self.append(ActionPerformed, issue_id, at, agency_id=agency_id, **data)


def fold_all(engine: Engine, log: WrittenLog, *projections: Projection, step: int = 1_000) -> None:
    """Fold a log in batches of at most `step` entries; a fold that fails is raised."""
    runner = Runner(engine, log.read, projections)
    runner.prepare()
    position = 0
    while position < log.head():
        position = min(position + step, log.head())
        if not runner.catch_up(until=position):
            raise next(s.stopped.exception for s in runner.status(log.head()) if s.stopped)
