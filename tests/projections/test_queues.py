"""Each rule of the queues by itself; the stories show them together."""

from datetime import timedelta

import pytest

from domain.action import CancelAction, PlanAction
from domain.classification import ChangePriority, ChangeTitle
from domain.codes import (
    ActionType,
    Badge,
    DeclineReason,
    Priority,
    ReferralType,
)
from domain.follow_up import ScheduleFollowUp
from domain.lifecycle import MergeIssues, ParkIssue, ResumeIssue, VoidIssue
from domain.notes import AddNote, MarkSecrecy
from domain.referral import OpenReferral, WithdrawReferral
from domain.responsibility import ProposeResponsibility, ReturnReferral
from projections.queues import Bucket
from tests.examples import (
    a_sent_referral,
    a_started_samsyn,
    accept,
    an_open_issue,
    decline,
    local,
    performed,
    send_referral,
)
from tests.projections.queue_reading import lines, stands, the_line, viewer

ASSIST, CONSULT, INFORM = ReferralType.ASSIST, ReferralType.CONSULT, ReferralType.INFORM


def test_what_comes_back_stands_on_top_until_the_sender_acts(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        others = [an_open_issue(started) for _ in range(3)]
        for issue_id in others:
            started.execute(
                PlanAction(
                    issue_id=issue_id,
                    action_type=ActionType.CLEANING,
                    due_on=local("2026-01-12 12:00").date(),
                )
            )
        issue_id, referral_id = a_sent_referral(started)
        assert lines(started, "district", Bucket.OURS)[-1].issue_id == issue_id
        started.execute(decline(issue_id, referral_id), "u-pol-01")
        ours = lines(started, "district", Bucket.OURS, limit=1)
        assert ours[0].issue_id == issue_id
        assert ours[0].due_at == local("2026-01-14 08:15")
        back = the_line(started, "district", Bucket.RETURNED)
        assert (back.referral_id, back.due_at) == (referral_id, local("2026-01-14 08:15"))
        assert not back.overdue
        started.clock.set("2026-01-14 08:15")
        assert the_line(started, "district", Bucket.RETURNED).overdue
        assert "district overdue" in stands(started, issue_id)
        # Neither what another agency does nor reading settles it; what the sender does, does.
        started.execute(AddNote(issue_id=issue_id, text_sv="Vi har pratat med dem."), "u-soc-01")
        assert "district returned" in stands(started, issue_id)
        started.execute(AddNote(issue_id=issue_id, text_sv="Vi frågar någon annan."), "u-dis-02")
        assert stands(started, issue_id) == {"district ours", "district unassigned"}
        assert lines(started, "district", Bucket.OURS)[-1].issue_id == issue_id


def test_a_return_gives_it_back_with_a_clock(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id, referral_id = a_sent_referral(started)
        started.execute(accept(issue_id, referral_id), "u-pol-01")
        give_back = ReturnReferral(
            issue_id=issue_id,
            referral_id=referral_id,
            reason_code=DeclineReason.WRONG_AREA,
            reason_sv="Platsen ligger i ett annat lokalpolisområde.",
        )
        started.execute(give_back, "u-pol-01")
        assert stands(started, issue_id) == {
            "district ours",
            "district unassigned",
            "district returned",
        }


def test_what_is_for_information_stands_until_it_is_opened(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id = an_open_issue(started)
        referral_id = started.create(send_referral(issue_id, "police", type=INFORM))
        ours = {"district ours", "district unassigned"}
        assert stands(started, issue_id) == ours | {"police informed"}
        started.execute(OpenReferral(issue_id=issue_id, referral_id=referral_id), "u-pol-02")
        assert stands(started, issue_id) == ours


def test_opening_a_transfer_changes_no_queue(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id, referral_id = a_sent_referral(started)
        before = stands(started, issue_id)
        started.execute(OpenReferral(issue_id=issue_id, referral_id=referral_id), "u-pol-02")
        assert stands(started, issue_id) == before
        withdraw = WithdrawReferral(issue_id=issue_id, referral_id=referral_id)
        started.execute(withdraw)
        assert stands(started, issue_id) == {"district ours", "district unassigned"}


def test_a_planned_action_is_overdue_when_its_day_is_over(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id = an_open_issue(started, "u-dis-01")
        plan = PlanAction(
            issue_id=issue_id,
            action_type=ActionType.FOOT_PATROL,
            due_on=local("2026-01-15 12:00").date(),
        )
        first = started.create(plan, "u-pol-01")
        second = started.create(plan, "u-pol-01")
        started.clock.set("2026-01-15 23:59")
        assert "police overdue" not in stands(started, issue_id)
        started.clock.set("2026-01-16 00:00")
        late = the_line(started, "police", Bucket.OVERDUE)
        assert late.due_at == local("2026-01-16 00:00") - timedelta(microseconds=1)
        started.execute(performed(issue_id, ActionType.FOOT_PATROL, first), "u-pol-02")
        assert "police overdue" in stands(started, issue_id)
        cancel = CancelAction(issue_id=issue_id, action_id=second, reason_sv="Behövs inte.")
        started.execute(cancel, "u-pol-01")
        assert "police overdue" not in stands(started, issue_id)


def test_who_took_over_and_does_nothing_is_overdue_until_the_first_action(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id, referral_id = a_sent_referral(started)
        started.execute(accept(issue_id, referral_id), "u-pol-01")
        # High priority: three working days from Monday to act (DOMAIN 8).
        started.clock.set("2026-01-15 08:14")
        assert "police overdue" not in stands(started, issue_id)
        started.clock.advance(minutes=1)
        assert "police overdue" in stands(started, issue_id)
        started.execute(performed(issue_id, ActionType.FOOT_PATROL), "u-pol-02")
        assert "police overdue" not in stands(started, issue_id)


def test_a_scheduled_follow_up_stands_where_it_was_put(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id = an_open_issue(started)
        started.execute(
            ScheduleFollowUp(
                issue_id=issue_id,
                due_at=local("2026-02-02 09:00"),
                responsible_agency="social",
            )
        )
        ours = {"district ours", "district unassigned", "district follow_up"}
        assert stands(started, issue_id) == ours
        started.clock.set("2026-02-02 09:00")
        assert stands(started, issue_id) == ours | {"social follow_up", "social overdue"}


def test_a_parked_issue_leaves_but_what_was_asked_may_be_answered(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        issue_id, _ = a_sent_referral(started)
        helper = started.create(send_referral(issue_id, "social", type=ASSIST))
        started.execute(accept(issue_id, helper), "u-soc-01")
        started.execute(send_referral(issue_id, "transit", type=INFORM))
        before = stands(started, issue_id)
        started.execute(
            ParkIssue(issue_id=issue_id, until=local("2026-02-02 08:00"), reason_sv="Väntar."),
        )
        assert stands(started, issue_id) == {"police to_answer"}
        started.clock.set("2026-01-20 08:00")
        assert stands(started, issue_id) == {"police to_answer", "police overdue"}
        started.execute(ResumeIssue(issue_id=issue_id))
        assert stands(started, issue_id) == before | {
            "police overdue",
            "district overdue",
            "social overdue",  # promised to help and has done nothing yet
        }


@pytest.mark.parametrize("end", ["merge", "void"])
def test_what_was_merged_or_voided_leaves_every_queue(sqlite_url: str, end: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        into = an_open_issue(started)
        issue_id, helper = a_sent_referral(started, "social", type=ASSIST)
        started.execute(accept(issue_id, helper), "u-soc-01")
        there = stands(started, into)
        started.execute(
            MergeIssues(issue_id=issue_id, into_issue_id=into, reason_sv="Samma problem.")
            if end == "merge"
            else VoidIssue(issue_id=issue_id, reason_sv="Skrevs av misstag.")
        )
        assert stands(started, issue_id) == set()
        assert stands(started, into) == there


def test_bouncing_puts_it_on_the_agenda_until_somebody_proposes(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        issue_id, referral_id = a_sent_referral(started)
        started.execute(decline(issue_id, referral_id), "u-pol-01")
        assert "* agenda" not in stands(started, issue_id)
        again = started.create(send_referral(issue_id))
        assert "* agenda" in stands(started, issue_id)
        propose = ProposeResponsibility(issue_id=issue_id, proposed_agency="police")
        started.execute(propose, "u-coo-01")
        assert "* agenda" not in stands(started, issue_id)
        assert Badge.PING_PONG in the_line(started, "police", Bucket.TO_ANSWER).badges
        started.execute(decline(issue_id, again), "u-pol-01")
        third = started.create(send_referral(issue_id, "social"))
        started.execute(decline(issue_id, third), "u-soc-01")
        # The third decline: it bounces again, whatever was proposed before.
        assert "* agenda" in stands(started, issue_id)


def test_the_agenda_is_for_coordinators_and_managers(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        issue_id, referral_id = a_sent_referral(started)
        started.execute(decline(issue_id, referral_id), "u-pol-01")
        started.execute(send_referral(issue_id))
        for by, seen in (("u-coo-01", 1), ("u-man-02", 1), ("u-dis-01", 0), ("u-adm-01", 0)):
            agenda = lines(started, "district", Bucket.AGENDA, viewer(started, by))
            assert len(agenda) == seen, by
            assert ("* agenda" in stands(started, issue_id, viewer(started, by))) == bool(seen)


def test_lines_say_what_the_issue_says_now(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        issue_id = an_open_issue(started)
        started.execute(ChangeTitle(issue_id=issue_id, title="Handel vid kanalen"))
        started.execute(ChangePriority(issue_id=issue_id, priority=Priority.URGENT))
        started.execute(MarkSecrecy(issue_id=issue_id, provision="OSL 18:1"), "u-reg-01")
        line = the_line(started, "district", Bucket.OURS)
        assert (line.title, line.priority, line.version) == ("Handel vid kanalen", "urgent", 4)
        assert line.badges == (Badge.SECRECY_MARKED,)
        assert (line.place_name, line.category) == ("Brunnsparken", "drug_dealing")
        assert (line.status, line.responsible_agency) == ("new", "district")
