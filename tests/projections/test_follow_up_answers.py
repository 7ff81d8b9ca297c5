"""K1-K5: how soon reports and referrals are answered, each against an example by hand."""

from sqlalchemy import Engine

from domain.answer import (
    ReferralAnswered,
    ReferralDeclined,
    ReferralInfoProvided,
    ReferralInfoRequested,
)
from domain.codes import DeclineReason, ReferralType
from domain.lifecycle import IssueParked, IssueResumed
from domain.referral import ReferralWithdrawn
from domain.report import FeedbackSent, ReportDismissed, ReportLinked
from tests.projections.follow_up_examples import HOUR, answer, at, cell, figure, medians, share
from tests.projections.written_log import WrittenLog


def test_k1_is_the_first_of_link_dismissal_and_feedback(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    linked, dismissed, fed_back, _waiting = (log.report(n, at(n)) for n in (1, 2, 3, 4))
    log.append(FeedbackSent, fed_back, at(5))
    log.append(ReportLinked, linked, at(7), issue_id=issue_id)
    log.append(FeedbackSent, linked, at(30))
    log.append(ReportLinked, fed_back, at(50), issue_id=issue_id)
    log.append(ReportDismissed, dismissed, at(6))
    found = figure(engine, log, "K1")
    assert medians(found) == (3, 4.0, 5.6)  # of 2, 4 and 6 hours
    assert cell(found, "agency", "contact_center").count == 3


def test_k2_leaves_out_the_wait_for_information(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    first = log.refer(issue_id, at(0), at(24), "environment")
    answer(log, issue_id, 5, first, ReferralInfoRequested)
    answer(log, issue_id, 11.5, first, ReferralInfoProvided)
    answer(log, issue_id, 20, first)
    second = log.refer(issue_id, at(21), at(48), "police", type=ReferralType.ASSIST)
    answer(log, issue_id, 24.5, second)
    answer(log, issue_id, 100, second, ReferralAnswered)
    found = figure(engine, log, "K2")
    assert medians(cell(found, "pair", "district>environment")) == (1, 13.5, 13.5)
    assert medians(cell(found, "pair", "district>police")) == (1, 3.5, 3.5)
    assert medians(found) == (2, 8.5, 12.5)
    assert (found.paused_seconds, found.parked_seconds) == (6.5 * HOUR, 0)
    assert medians(figure(engine, log, "K2", agency="police")) == (1, 3.5, 3.5)


def test_k2_leaves_out_parked_time_once(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    referral_id = log.refer(issue_id, at(1), at(24), "police")
    answer(log, issue_id, 2, referral_id, ReferralInfoRequested)
    log.append(IssueParked, issue_id, at(3), until=at(99))
    answer(log, issue_id, 5, referral_id, ReferralInfoProvided)
    log.append(IssueResumed, issue_id, at(7))
    answer(log, issue_id, 8, referral_id)
    found = figure(engine, log, "K2")
    assert medians(found) == (1, 2.0, 2.0)
    assert (found.paused_seconds, found.parked_seconds) == (3 * HOUR, 2 * HOUR)


def test_k2_takes_no_referral_sent_for_information_or_withdrawn(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    log.refer(issue_id, at(1), at(24), "police", type=ReferralType.INFORM, deadlines=None)
    withdrawn = log.refer(issue_id, at(1), at(24), "police")
    answer(log, issue_id, 2, withdrawn, ReferralWithdrawn)
    assert figure(engine, log, "K2").spread is None
    assert share(figure(engine, log, "K5")) == (0, 1)


def test_k3_counts_what_was_answered_or_has_fallen_due(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    due = at(10)
    in_time, late, _never, withdrawn = (log.refer(issue_id, at(0), due, "police") for _ in range(4))
    log.refer(issue_id, at(0), at(5_000), "police")
    answer(log, issue_id, 10, in_time)
    answer(log, issue_id, 10.1, late)
    answer(log, issue_id, 3, withdrawn, ReferralWithdrawn)
    assert share(figure(engine, log, "K3")) == (1, 3)
    assert share(figure(engine, log, "K3", now=at(9))) == (1, 2)


def test_k3_goes_by_the_deadline_after_the_pause(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    referral_id = log.refer(issue_id, at(0), at(10), "police")
    later = log.entries[-1].event.deadlines
    answer(log, issue_id, 5, referral_id, ReferralInfoRequested)
    moved = type(later)(
        respond_by=at(15), remind_at=at(15), escalate_at=later.escalate_at, by_hours=True
    )
    answer(log, issue_id, 10, referral_id, ReferralInfoProvided, deadlines=moved)
    answer(log, issue_id, 14, referral_id)
    assert share(figure(engine, log, "K3")) == (1, 1)


def test_k4_is_by_how_long_past_due(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    now = 24 * 60
    for hours_late in (-1, 1, 23, 25, 24 * 8, 24 * 31):
        log.refer(issue_id, at(1), at(now - hours_late), "police")
    waiting = log.refer(issue_id, at(1), at(50), "police")
    answer(log, issue_id, 40, waiting, ReferralInfoRequested)
    found = figure(engine, log, "K4", now=at(now))
    assert found.count == 5
    bands = [(c.key, c.count) for c in found.cells if c.kind == "age"]
    assert bands == [
        ("under_1_day", 2), ("under_7_days", 1), ("under_30_days", 1), ("over_30_days", 1),
    ]  # fmt: skip


def test_k5_is_by_reason_and_pair(engine: Engine) -> None:
    log = WrittenLog()
    issue_id = log.issue(1, at(0))
    for hours, (to, reason) in enumerate(
        [
            ("police", DeclineReason.WRONG_AREA),
            ("police", None),
            ("social", DeclineReason.WRONG_AREA),
            ("social", DeclineReason.OTHER),
        ]
    ):
        referral_id = log.refer(issue_id, at(hours), at(90), to)
        if reason:
            answer(log, issue_id, 10, referral_id, ReferralDeclined, reason_code=reason)
    found = figure(engine, log, "K5")
    assert share(found) == (3, 4)
    assert share(cell(found, "pair", "district>police")) == (1, 2)
    assert share(cell(found, "pair", "district>social")) == (2, 2)
    assert share(cell(found, "reason", "wrong_area")) == (2, 4)
    assert share(cell(found, "reason", "other")) == (1, 4)
