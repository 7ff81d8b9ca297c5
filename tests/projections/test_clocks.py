"""Which clocks run for an issue, when each is out, and what stops it."""

from datetime import datetime
from uuid import UUID

from domain.answer import ProvideReferralInfo, RequestReferralInfo
from domain.classification import ChangePriority
from domain.codes import Priority, ReferralType
from domain.lifecycle import ParkIssue, ResumeIssue
from domain.referral import MarkReferralDelivered, OpenReferral
from domain.values import SYSTEM
from projections.clocks import CLOCKS, DueClock, clocks_by
from projections.visibility import VISIBILITY
from tests.examples import (
    Started,
    a_sent_referral,
    a_started_samsyn,
    accept,
    an_open_issue,
    closed,
    decline,
    followed_up,
    local,
    performed,
    send_referral,
)
from tests.projections.queue_reading import EVERYTHING, viewer

NEEDED = (VISIBILITY, CLOCKS)


def clocks(
    started: Started, until: datetime | None = None, by: str | None = None
) -> list[DueClock]:
    """Every clock, page by page."""
    started.catch_up()
    who = EVERYTHING if by is None else viewer(started, by)
    found: list[DueClock] = []
    with started.samsyn.engine.connect() as db:
        while page := clocks_by(db, who, until=until, after=found[-1] if found else None, limit=2):
            found += page
    return found


def named(started: Started, until: datetime | None = None) -> list[tuple[str, datetime]]:
    return [
        (each.kind.value + (str(each.level) if each.level else ""), each.due_at)
        for each in clocks(started, until)
    ]


def deliver(started: Started, issue_id: UUID, referral_id: UUID) -> None:
    delivery = MarkReferralDelivered(issue_id=issue_id, referral_id=referral_id)
    started.samsyn.execution.execute(delivery, SYSTEM)


def test_a_referral_sets_all_its_clocks_at_once(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        a_sent_referral(started)
        # High: one working day to answer; 150 and 200 percent are both two whole days.
        everything = [
            ("deliver", local("2026-01-12 08:15")),
            ("remind", local("2026-01-13 08:15")),
            ("escalate1", local("2026-01-14 08:15")),
            ("escalate2", local("2026-01-14 08:15")),
            ("escalate3", local("2026-01-15 08:15")),
        ]
        assert named(started) == everything
        assert named(started, local("2026-01-13 08:15")) == everything[:2]


def test_an_answer_takes_them_away(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        accepted = a_sent_referral(started)
        declined = a_sent_referral(started)
        started.execute(accept(*accepted), "u-pol-01")
        started.execute(decline(*declined), "u-pol-01")
        assert named(started) == []


def test_information_asked_for_takes_them_away_for_a_while(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        issue_id, referral_id = a_sent_referral(started)
        deliver(started, issue_id, referral_id)
        ids = {"issue_id": issue_id, "referral_id": referral_id}
        started.execute(RequestReferralInfo(**ids, question_sv="När?"), "u-pol-01")  # type: ignore[arg-type]  # the two ids
        assert named(started) == []
        started.clock.advance(hours=2)
        started.execute(ProvideReferralInfo(**ids, answer_sv="Varje dag."))  # type: ignore[arg-type]  # the two ids
        assert named(started)[0] == ("remind", local("2026-01-13 10:15"))


def test_what_is_for_information_is_only_delivered(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        issue_id = an_open_issue(started)
        referral_id = started.create(send_referral(issue_id, "social", type=ReferralType.INFORM))
        assert named(started) == [("deliver", started.clock.now)]
        started.execute(OpenReferral(issue_id=issue_id, referral_id=referral_id), "u-soc-01")
        assert named(started) == []


def test_parking_sets_one_clock_and_leaves_those_of_referrals(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        issue_id, referral_id = a_sent_referral(started)
        deliver(started, issue_id, referral_id)
        started.execute(performed(issue_id))
        until = local("2026-01-13 07:00")
        park = ParkIssue(issue_id=issue_id, until=until, reason_sv="Väntar på svar.")
        before = named(started)
        assert before[-1][0] == "follow_up"
        started.execute(park)
        # Nothing is followed up while it rests, but who was asked is still asked.
        assert named(started) == [("resume", until), *before[:-1]]
        started.execute(ResumeIssue(issue_id=issue_id))
        assert named(started) == before
        started.execute(park)
        first, *_ = clocks(started)
        assert first.set_version == 7
        assert first.key == f"policy:resume:{issue_id}:{issue_id}:0:7"


def test_follow_up_follows_the_last_action_and_the_priority(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        issue_id = an_open_issue(started, priority=Priority.HIGH)
        started.execute(performed(issue_id))
        assert named(started) == [("follow_up", local("2026-01-26 08:15"))]
        started.execute(ChangePriority(issue_id=issue_id, priority=Priority.LOW))
        assert named(started) == [("follow_up", local("2026-03-13 08:15"))]
        started.clock.advance(days=1)
        started.execute(performed(issue_id))
        assert named(started) == [("follow_up", local("2026-03-14 08:15"))]
        started.execute(followed_up(issue_id))
        assert named(started) == []


def test_a_closed_issue_has_no_clock(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        issue_id = an_open_issue(started)
        started.execute(performed(issue_id))
        started.execute(followed_up(issue_id))
        started.execute(performed(issue_id))
        started.execute(closed(issue_id))
        assert named(started) == []


def test_clocks_are_seen_by_who_sees_the_issue(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        issue_id = an_open_issue(started, "u-pol-01", category="extremism")
        started.execute(performed(issue_id), "u-pol-01")
        assert len(clocks(started, by="u-pol-02")) == 1
        assert clocks(started, by="u-dis-01") == []
        assert clocks(started, by="u-adm-01") == []
