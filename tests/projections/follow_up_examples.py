"""Short ways to write what happened and to read the figures of it; times in hours from START."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from domain.answer import (
    ReferralAccepted,
    ReferralDeclined,
    ReferralInfoProvided,
    ReferralInfoRequested,
)
from domain.classification import CategoryChanged, PlaceCorrected, TitleChanged
from domain.codes import CloseOutcome, DeclineReason, Effect, NextStep
from domain.envelope import RecordedEvent
from domain.follow_up import FollowUpRecorded
from domain.lifecycle import IssueClosed, IssueParked, IssueResumed
from domain.opening import IssueReopened
from domain.report import FeedbackSent, ReportLinked
from domain.responsibility import ReferralReturned
from domain.values import Actor, Place, Role
from projections.figure_counts import Cell, Figure
from projections.figure_facts import Asked, Part
from projections.figure_texts import FigureId
from projections.follow_up import FOLLOW_UP
from projections.follow_up_queries import figures, issues_behind
from projections.viewer import Viewer
from projections.visibility import VISIBILITY
from tests.projections.written_log import EVERYTHING, WrittenLog, fold_all

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = 3_600.0


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def asked(**changes: Any) -> Asked:
    told: dict[str, Any] = {"since": at(0), "until": at(24 * 365), "now": at(24 * 30)}
    return Asked(**(told | changes))


def figure(
    engine: Engine, log: WrittenLog, name: str, viewer: Viewer = EVERYTHING, **changes: Any
) -> Figure:
    """Fold the log and give one figure; the list behind it must be as long as its count."""
    fold_all(engine, log, VISIBILITY, FOLLOW_UP)
    question = asked(**changes)
    told = {n: getattr(question, n) for n in ("since", "until", "now", "agency", "category")}
    with engine.connect() as db:
        found = figures(db, viewer, **told)[name]
        behind = issues_behind(db, viewer, FigureId(name), question, limit=200)
        for cell in found.cells:
            listed = issues_behind(
                db, viewer, FigureId(name), question, part=Part(cell.kind, cell.key), limit=200
            )
            assert cell.withheld or len(listed.items) == cell.count
    if found.share is not None:
        assert sum(item.hit for item in behind.items) == found.share.numerator
    return found


def cell(found: Figure, kind: str, key: str) -> Cell:
    return next(c for c in found.cells if (c.kind, c.key) == (kind, key))


def share(found: Figure | Cell) -> tuple[int, int]:
    assert found.share is not None
    return found.share.numerator, found.share.denominator


def medians(found: Figure | Cell) -> tuple[int, float, float]:
    """Count, median and 90th percentile, in hours."""
    assert found.spread is not None
    spread = found.spread
    return spread.count, spread.median_seconds / HOUR, spread.p90_seconds / HOUR


def answer(
    log: WrittenLog,
    issue_id: UUID,
    hours: float,
    referral_id: UUID,
    event: type[RecordedEvent] = ReferralAccepted,
    **data: object,
) -> None:
    log.append(event, issue_id, at(hours), referral_id=referral_id, **data)


def close(log: WrittenLog, issue_id: UUID, hours: float) -> None:
    log.append(IssueClosed, issue_id, at(hours), outcome=CloseOutcome.RESOLVED, summary_sv="Klart.")


def follow_up(log: WrittenLog, issue_id: UUID, hours: float, effect: Effect) -> None:
    log.append(
        FollowUpRecorded,
        issue_id,
        at(hours),
        effect=effect,
        next_step=NextStep.CONTINUE,
        agencies_present=("district",),
    )


def a_caseworker(agency_id: str) -> Viewer:
    return Viewer(Actor(user_id="u", agency_id=agency_id, role=Role.CASEWORKER), authority=True)


def a_busy_log() -> WrittenLog:
    """Every kind of row, changed often."""
    log = WrittenLog()
    for n in range(12):
        hours = n * 5.0
        issue_id = log.issue(n, at(hours))
        report_id = log.report(n, at(hours), wants_reply=n % 2 == 0)
        log.append(ReportLinked, report_id, at(hours + 1), issue_id=issue_id)
        referral_id = log.refer(issue_id, at(hours + 1), at(hours + 20), "police")
        answer(log, issue_id, hours + 2, referral_id, ReferralInfoRequested)
        answer(log, issue_id, hours + 3, referral_id, ReferralInfoProvided)
        if n % 3:
            answer(log, issue_id, hours + 4, referral_id)
            log.transfer(issue_id, at(hours + 4), "district", "police")
        else:
            answer(
                log, issue_id, hours + 4, referral_id, ReferralDeclined,
                reason_code=DeclineReason.OTHER,
            )  # fmt: skip
        action_id = log.plan(issue_id, at(hours + 5), "police", at(hours).date())
        log.append(IssueParked, issue_id, at(hours + 5), until=at(999))
        log.append(IssueResumed, issue_id, at(hours + 6))
        log.action(issue_id, at(hours + 7), "police", action_id=action_id)
        follow_up(log, issue_id, hours + 8, Effect.IMPROVED)
        close(log, issue_id, hours + 9)
        log.append(IssueReopened, issue_id, at(hours + 10), reason_sv="Igen.")
        log.append(FeedbackSent, report_id, at(hours + 11))
        elsewhere = Place(name="Nordstan", place_id="nordstan")
        log.append(CategoryChanged, issue_id, at(hours + 12), to_category="needles")
        log.append(PlaceCorrected, issue_id, at(hours + 12), to_place=elsewhere)
        log.append(TitleChanged, issue_id, at(hours + 12), title="Kanyler")
        if n % 3:
            answer(
                log, issue_id, hours + 13, referral_id, ReferralReturned,
                reason_code=DeclineReason.WRONG_AREA,
            )  # fmt: skip
            log.transfer(issue_id, at(hours + 13), "police", "district")
    return log
