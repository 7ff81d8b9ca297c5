"""The follow-up figures that the stories expect, told through the commands."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta
from uuid import UUID

from domain.action import PlanAction
from domain.answer import AnswerReferral, ProvideReferralInfo, RequestReferralInfo
from domain.codes import ActionType, Effect, NextStep, ReferralType
from domain.opening import ReopenIssue
from domain.report import SendFeedback
from projections.figure_counts import Cell, Figure
from projections.figure_facts import Part
from projections.follow_up import FOLLOW_UP
from projections.follow_up_queries import figures
from projections.handovers import HANDOVERS
from projections.rebuild import rebuild
from projections.visibility import VISIBILITY
from tests.examples import (
    Clock,
    Started,
    a_report,
    a_started_samsyn,
    accept,
    an_open_issue,
    closed,
    followed_up,
    local,
    performed,
    send_referral,
)
from tests.projections.follow_up_examples import share
from tests.projections.written_log import EVERYTHING


@contextmanager
def told(database_url: str, start: str) -> Generator[Started]:
    with a_started_samsyn(database_url, Clock(start), (VISIBILITY, FOLLOW_UP, HANDOVERS)) as begun:
        yield begun
        for projection in (FOLLOW_UP, HANDOVERS):
            casework = begun.samsyn.casework
            assert rebuild(begun.samsyn.engine, projection, casework.read, casework.head).same


def figure(started: Started, name: str, issue_id: UUID | None = None) -> Figure:
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        return figures(
            db,
            EVERYTHING,
            since=local("2026-01-01 00:00"),
            until=local("2027-01-01 00:00"),
            now=started.clock.now,
            issue_id=issue_id,
        )[name]


def cell(found: Figure, part: Part) -> Cell:
    return next(c for c in found.cells if (c.kind, c.key) == part)


def median(found: Figure | Cell) -> timedelta:
    assert found.spread is not None
    return timedelta(seconds=found.spread.median_seconds)


def test_story_1_answered_in_three_hours_and_thirty_eight_minutes(database_url: str) -> None:
    with told(database_url, "2026-01-12 08:15") as started:
        report_id = a_report(started)
        started.clock.set("2026-01-12 09:02")
        issue_id = an_open_issue(started, report_ids=(report_id,))
        started.clock.set("2026-01-12 10:02")
        r1 = started.create(send_referral(issue_id, respond_by=local("2026-01-13 10:02")))
        started.clock.set("2026-01-12 13:40")
        started.execute(accept(issue_id, r1), "u-pol-01")
        started.clock.set("2026-01-13 09:10")
        r2 = started.create(send_referral(issue_id, "social", type=ReferralType.ASSIST), "u-pol-01")
        started.clock.set("2026-01-13 14:20")
        started.execute(accept(issue_id, r2), "u-soc-01")
        started.clock.set("2026-01-14 18:30")
        started.execute(performed(issue_id, ActionType.TARGETED_OPERATION), "u-pol-02")
        started.clock.set("2026-01-15 18:00")
        started.execute(performed(issue_id, ActionType.OUTREACH), "u-soc-02")
        started.clock.set("2026-03-02 09:00")
        started.execute(followed_up(issue_id, next_step=NextStep.CLOSE), "u-pol-01")
        started.execute(closed(issue_id), "u-pol-01")

        k2 = figure(started, "K2", issue_id)
        r1_answered = timedelta(hours=3, minutes=38)
        assert median(cell(k2, Part("pair", "district>police"))) == r1_answered
        assert median(figure(started, "K1")) == timedelta(minutes=47)
        assert share(figure(started, "K3")) == (2, 2)
        assert share(figure(started, "K5")) == (0, 2)
        assert median(figure(started, "K7")) == timedelta(days=2, hours=9, minutes=28)
        assert share(figure(started, "K9")) == (1, 1)
        assert share(figure(started, "K10")) == (1, 1)
        assert share(figure(started, "K11")) == (0, 1)
        assert share(figure(started, "K14")) == (1, 1)


def test_story_2_the_wait_for_information_is_left_out(database_url: str) -> None:
    with told(database_url, "2026-01-19 09:30") as started:
        issue_id = an_open_issue(started, "u-pol-01", category="licensed_premises")
        started.clock.set("2026-01-19 10:00")
        r1 = started.create(send_referral(issue_id, "environment"), "u-pol-01")
        started.clock.set("2026-01-20 08:40")
        question = "Vilka adresser och klockslag gäller det?"
        started.execute(
            RequestReferralInfo(issue_id=issue_id, referral_id=r1, question_sv=question),
            "u-env-01",
        )
        started.clock.set("2026-01-20 15:10")
        started.execute(
            ProvideReferralInfo(issue_id=issue_id, referral_id=r1, answer_sv="Se bifogat."),
            "u-pol-01",
        )
        started.clock.set("2026-01-21 11:00")
        started.execute(accept(issue_id, r1), "u-env-01")
        started.clock.set("2026-01-21 11:20")
        respond_by = local("2026-02-04 11:20")
        asked = [
            started.create(
                send_referral(issue_id, agency, type=ReferralType.CONSULT, respond_by=respond_by),
                "u-env-01",
            )
            for agency in ("police", "district")
        ]
        started.clock.set("2026-02-02 11:20")
        for referral_id, by in zip(asked, ("u-pol-01", "u-dis-01"), strict=True):
            started.execute(
                AnswerReferral(issue_id=issue_id, referral_id=referral_id, answer_sv="Vårt svar."),
                by,
            )

        k2 = figure(started, "K2", issue_id)
        waited = timedelta(hours=49) - timedelta(hours=6, minutes=30)
        assert median(cell(k2, Part("pair", "police>environment"))) == waited
        assert k2.paused_seconds == timedelta(hours=6, minutes=30).total_seconds()
        assert median(cell(k2, Part("pair", "environment>district"))) == timedelta(days=12)
        assert share(figure(started, "K3")) == (3, 3)
        assert figure(started, "K6").average == 1.0


def test_story_6_the_reporter_is_answered_within_four_weeks(database_url: str) -> None:
    with told(database_url, "2026-02-18 16:00") as started:
        report_id = a_report(started, wants_reply=True)
        assert share(figure(started, "K12")) == (0, 1)
        started.clock.set("2026-02-18 16:05")
        reply = "Tack. Gör en polisanmälan. Vi använder din rapport i lägesbilden."
        started.execute(SendFeedback(report_id=report_id, text_sv=reply), "u-dis-01")
        k12 = figure(started, "K12")
        assert share(k12) == share(cell(k12, Part("reply", "within_4_weeks"))) == (1, 1)
        assert median(figure(started, "K1")) == timedelta(minutes=5)


def test_story_7_two_days_late_shows_from_the_day(database_url: str) -> None:
    with told(database_url, "2026-03-04 09:00") as started:
        issue_id = an_open_issue(started, "u-cit-01", category="visibility")
        started.clock.set("2026-03-06 09:00")
        action_id = started.create(
            PlanAction(
                issue_id=issue_id,
                action_type=ActionType.VEGETATION_CUT,
                due_on=date(2026, 4, 15),
            ),
            "u-cit-01",
        )
        shown = {}
        for day in (14, 15, 16):
            started.clock.set(f"2026-04-{day} 12:00")
            shown[day] = figure(started, "K8").count
        started.clock.set("2026-04-17 12:00")
        started.execute(performed(issue_id, ActionType.VEGETATION_CUT, action_id), "u-cit-01")
        assert shown == {14: 0, 15: 1, 16: 1}
        assert figure(started, "K8").count == 0


def test_story_8_reopened_after_twenty_six_days(database_url: str) -> None:
    with told(database_url, "2026-04-20 08:05") as started:
        issue_id = an_open_issue(started, "u-cit-01", category="needles")
        started.clock.set("2026-04-20 09:40")
        started.execute(performed(issue_id, ActionType.NEEDLE_COLLECTION), "u-cit-01")
        started.clock.set("2026-04-27 10:00")
        started.execute(followed_up(issue_id, Effect.RESOLVED), "u-cit-01")
        started.execute(closed(issue_id), "u-cit-01")
        assert share(figure(started, "K11")) == (0, 1)
        started.clock.set("2026-05-23 09:10")
        started.execute(
            ReopenIssue(issue_id=issue_id, reason_sv="Nya kanyler på samma plats."), "u-dis-02"
        )
        k11 = figure(started, "K11")
        assert share(k11) == (1, 1)
        assert median(k11) == timedelta(days=25, hours=23, minutes=10)
