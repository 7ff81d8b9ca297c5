"""What the system does when time passes: each thing once and in order, late or often run."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest

from domain.action import PerformAction
from domain.answer import ProvideReferralInfo, RequestReferralInfo
from domain.classification import ChangePriority
from domain.codes import ActionType, Effect, Priority, ReferralType
from domain.follow_up import RecordFollowUp, ScheduleFollowUp
from domain.lifecycle import ParkIssue, ResumeIssue
from domain.log_entry import LogEntry
from domain.referral import WithdrawReferral
from domain.responsibility import ProposeResponsibility
from domain.values import SYSTEM
from projections.catalogue import PROJECTIONS
from projections.clocks import CLOCKS
from service.assembly import assemble
from service.policies import Policies
from tests.examples import (
    Clock,
    Started,
    a_sent_referral,
    a_started_samsyn,
    accept,
    an_open_issue,
    decline,
    local,
    send_referral,
)


def by_system(started: Started) -> list[LogEntry]:
    """What the system recorded after it had filled the directory."""
    return [
        entry
        for entry in started.samsyn.casework.read(0, 10_000)
        if entry.event.actor == SYSTEM
        and not entry.topic.endswith(("Registered", "Granted", "Started"))
    ]


def told(started: Started) -> list[tuple[str, datetime]]:
    return [
        (entry.topic + str(getattr(entry.event, "level", "")), entry.event.occurred_at)
        for entry in by_system(started)
    ]


def topics(started: Started) -> list[str]:
    return [topic for topic, _ in told(started)]


def run_until(started: Started, policies: Policies, end: str) -> None:
    """Let time pass as the story player does: from one due time to the next."""
    policies.run()
    while (due := policies.next_due()) is not None and due <= local(end):
        started.clock.now = max(started.clock.now, due)
        policies.run()
    started.clock.set(end)


def test_story_12_is_escalated_at_its_times(database_url: str) -> None:
    with a_started_samsyn(database_url, Clock("2026-03-09 10:00")) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started, category="homelessness", priority=Priority.MEDIUM)
        referral_id = started.create(send_referral(issue_id, "social"))
        run_until(started, policies, "2026-03-18 09:59")
        assert told(started) == [
            ("ReferralDelivered", local("2026-03-09 10:00")),
            ("ReferralReminderSent", local("2026-03-12 10:00")),
            ("ReferralEscalated1", local("2026-03-16 10:00")),
            ("ReferralEscalated2", local("2026-03-17 10:00")),
        ]
        assert policies.next_due() == local("2026-03-20 10:00")
        started.execute(decline(issue_id, referral_id), "u-soc-03")
        assert policies.next_due() is None


def test_a_late_worker_does_everything_once_and_in_order(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        a_sent_referral(started)
        a_sent_referral(started, "social")
        started.clock.advance(days=21)
        assert Policies(started.samsyn).run() == 10
        for stream_id in {entry.stream_id for entry in by_system(started)}:
            assert [
                entry.topic + str(getattr(entry.event, "level", ""))
                for entry in by_system(started)
                if entry.stream_id == stream_id
            ] == [
                "ReferralDelivered",
                "ReferralReminderSent",
                "ReferralEscalated1",
                "ReferralEscalated2",
                "ReferralEscalated3",
            ]


def test_policies_that_are_stopping_begin_nothing_and_do_it_when_run_again(
    sqlite_url: str,
) -> None:
    with a_started_samsyn(sqlite_url) as started:
        a_sent_referral(started)
        started.clock.advance(days=21)
        allowed = 2
        answers = iter([False] * allowed)
        stopping = Policies(started.samsyn, stopping=lambda: next(answers, True))
        assert stopping.run() == allowed
        assert Policies(started.samsyn).run() == 5 - allowed


def test_run_twice_writes_nothing_more(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        a_sent_referral(started)
        started.clock.advance(days=21)
        policies = Policies(started.samsyn)
        policies.run()
        head = started.samsyn.casework.head()
        assert policies.run() == 0
        assert Policies(started.samsyn).run() == 0
        assert started.samsyn.casework.head() == head


def test_workers_at_once_write_each_thing_once(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        for _ in range(8):
            a_sent_referral(started)
        started.clock.advance(days=21)
        others = [assemble(database_url, PROJECTIONS, started.clock) for _ in range(3)]
        try:
            with ThreadPoolExecutor(4) as pool:
                workers = [Policies(samsyn) for samsyn in (started.samsyn, *others)]
                done = list(pool.map(Policies.run, workers))
        finally:
            for samsyn in others:
                samsyn.close()
        assert sum(done) == 40
        recorded = [
            (entry.stream_id, entry.topic, getattr(entry.event, "level", 0))
            for entry in by_system(started)
        ]
        assert len(recorded) == len(set(recorded)) == 40


def test_an_answer_stops_the_clocks(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        policies = Policies(started.samsyn)
        accepted = a_sent_referral(started)
        withdrawn = a_sent_referral(started)
        policies.run()
        started.execute(accept(*accepted), "u-pol-01")
        started.execute(WithdrawReferral(issue_id=withdrawn[0], referral_id=withdrawn[1]))
        started.clock.advance(days=21)
        assert policies.run() == 0
        assert topics(started) == ["ReferralDelivered"] * 2


def test_an_answer_the_projection_has_not_seen_stops_them_too(sqlite_url: str) -> None:
    """The issue decides, not the clock: as when the answer comes while a worker is at work."""
    with a_started_samsyn(sqlite_url) as started:
        issue_id, referral_id = a_sent_referral(started)
        policies = Policies(started.samsyn)
        policies.run()
        due = policies.next_due()
        assert due is not None
        started.clock.now = due
        clocks = list(policies._clocks(until=due))  # noqa: SLF001  as read just before the answer
        started.execute(accept(issue_id, referral_id), "u-pol-01")
        head = started.samsyn.casework.head()
        assert not any(policies._carry_out(clock) for clock in clocks)  # noqa: SLF001  as above
        assert clocks
        assert started.samsyn.casework.head() == head


def test_information_asked_for_pauses_the_clock(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, Clock("2026-01-19 10:00")) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started, priority=Priority.MEDIUM)
        referral_id = started.create(send_referral(issue_id))
        run_until(started, policies, "2026-01-20 08:40")
        ask = RequestReferralInfo(
            issue_id=issue_id, referral_id=referral_id, question_sv="Vilka klockslag?"
        )
        started.execute(ask, "u-pol-01")
        assert policies.next_due() is None
        started.clock.set("2026-01-30 08:40")
        assert policies.run() == 0
        answer = ProvideReferralInfo(
            issue_id=issue_id, referral_id=referral_id, answer_sv="Kl. 15-19 varje dag."
        )
        started.execute(answer)
        # Due on 22 January at 10.00; eight working days were spent waiting.
        assert policies.next_due() == local("2026-02-03 10:00")


def test_a_parked_issue_is_resumed_at_its_time_each_time(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started)
        until = local("2026-02-02 08:00")
        park = ParkIssue(issue_id=issue_id, until=until, reason_sv="Väntar på våren.")
        started.execute(park)
        started.execute(ResumeIssue(issue_id=issue_id))
        assert policies.next_due() is None
        started.execute(park)
        assert policies.next_due() == until
        started.clock.now = until
        assert policies.run() == 1
        assert told(started) == [("IssueResumed", until)]
        assert policies.run() == 0


@pytest.mark.parametrize(
    ("priority", "days"),
    [(Priority.URGENT, 7), (Priority.HIGH, 14), (Priority.MEDIUM, 30), (Priority.LOW, 60)],
)
def test_follow_up_falls_due_after_the_last_action(
    sqlite_url: str, priority: Priority, days: int
) -> None:
    with a_started_samsyn(sqlite_url) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started, priority=priority)
        perform(started, issue_id)
        started.clock.advance(hours=5)
        perform(started, issue_id)
        done_at = started.clock.now
        due = policies.next_due()
        assert due is not None
        assert (due - done_at).days in (days, days - 1, days + 1)
        assert local(f"{due:%Y-%m-%d} 13:15") == due  # the same clock time, summer or winter
        started.clock.now = due
        assert policies.run() == 1
        assert told(started) == [("FollowUpScheduled", due)]
        assert policies.next_due() is None


def test_a_new_action_starts_a_new_follow_up_clock(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started, priority=Priority.URGENT)
        performed_at = started.clock.now
        for _ in range(2):
            perform(started, issue_id, performed_at)
            started.clock.advance(days=8)
            assert policies.run() == 1
            started.execute(
                RecordFollowUp(
                    issue_id=issue_id, effect=Effect.UNCHANGED, evidence_sv="Lika många rapporter."
                )
            )
        assert topics(started) == ["FollowUpScheduled"] * 2


def test_a_follow_up_set_by_hand_leaves_nothing_to_the_system(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started, priority=Priority.URGENT)
        perform(started, issue_id)
        started.execute(ScheduleFollowUp(issue_id=issue_id, due_at=local("2026-06-01 09:00")))
        started.clock.advance(days=30)
        assert policies.run() == 0


def test_a_lower_priority_moves_the_follow_up(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started, priority=Priority.HIGH)
        perform(started, issue_id)
        assert policies.next_due() == local("2026-01-26 08:15")
        started.execute(ChangePriority(issue_id=issue_id, priority=Priority.MEDIUM))
        assert policies.next_due() == local("2026-02-11 08:15")


def test_what_is_for_information_is_delivered_and_nothing_more(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id = an_open_issue(started)
        started.execute(send_referral(issue_id, "partner_guards", type=ReferralType.INFORM))
        started.clock.advance(days=60)
        policies = Policies(started.samsyn)
        policies.run()
        assert topics(started) == ["ReferralDelivered"]
        assert policies.next_due() is None


def test_what_the_issue_refuses_is_not_waited_for(sqlite_url: str) -> None:
    """A clock whose command is refused for good must not keep the story player from going on."""
    with a_started_samsyn(sqlite_url) as started:
        a_sent_referral(started)
        policies = Policies(started.samsyn)
        policies.run()
        started.clock.advance(days=21)
        clocks = list(policies._clocks(until=None))  # noqa: SLF001  as a worker has just read them
        policies.run()
        for clock in clocks:
            assert not policies._carry_out(clock)  # noqa: SLF001  a second worker, later
        assert policies.next_due() is None


def test_only_the_needed_projection_is_followed(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=[CLOCKS]) as started:
        issue_id, _ = a_sent_referral(started)
        propose = ProposeResponsibility(issue_id=issue_id, proposed_agency="police")
        started.execute(propose, "u-coo-01")
        assert Policies(started.samsyn).run() == 1


def perform(started: Started, issue_id: UUID, at: datetime | None = None) -> None:
    started.execute(
        PerformAction(issue_id=issue_id, action_type=ActionType.CLEANING, performed_from=at)
    )
