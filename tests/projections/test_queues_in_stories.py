"""The queues of every agency, step by step through four of the stories."""

from domain.answer import AnswerReferral, ProvideReferralInfo, RequestReferralInfo
from domain.classification import AssignCaseworker
from domain.codes import (
    ActionType,
    Badge,
    Effect,
    NextStep,
    Priority,
    ReferralType,
)
from domain.opening import ReopenIssue
from domain.responsibility import ProposeResponsibility
from projections.queues import Bucket
from service.policies import Policies
from tests.examples import (
    Clock,
    a_report,
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
from tests.projections.queue_reading import lines, stands, the_line

ASSIST, CONSULT, INFORM = ReferralType.ASSIST, ReferralType.CONSULT, ReferralType.INFORM


def test_story_1_the_happy_path(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        report_id = a_report(started, receiving_agency="district")
        started.clock.set("2026-01-12 09:02")
        issue_id = an_open_issue(started, report_ids=(report_id,))
        district = {"district ours", "district unassigned"}
        assert stands(started, issue_id) == district

        started.clock.set("2026-01-12 10:02")
        r1 = started.create(send_referral(issue_id))
        assert stands(started, issue_id) == district | {"police to_answer", "district waiting"}
        asked = the_line(started, "police", Bucket.TO_ANSWER)
        assert (asked.referral_id, asked.referral_type) == (r1, "transfer")
        assert (asked.from_agency, asked.to_agency) == ("district", "police")
        assert asked.due_at == local("2026-01-13 10:02")
        assert asked.since == local("2026-01-12 10:02")
        assert (asked.overdue, asked.badges) == (False, (Badge.AWAITING_ANSWER,))
        assert (asked.number, asked.version) == ("TIC-2026-00001", 2)

        started.clock.set("2026-01-12 13:40")
        started.execute(accept(issue_id, r1), "u-pol-01")
        police = {"police ours", "police unassigned"}
        assert stands(started, issue_id) == police
        assert the_line(started, "police", Bucket.OURS).since == local("2026-01-12 13:40")

        started.clock.set("2026-01-13 09:10")
        started.execute(AssignCaseworker(issue_id=issue_id, user_id="u-pol-01"), "u-pol-01")
        r2 = started.create(send_referral(issue_id, "social", type=ASSIST), "u-pol-01")
        assert stands(started, issue_id) == {"police ours", "police waiting", "social to_answer"}
        assert the_line(started, "police", Bucket.OURS).caseworker == "u-pol-01"

        started.clock.set("2026-01-13 14:20")
        started.execute(accept(issue_id, r2), "u-soc-01")
        assert stands(started, issue_id) == {"police ours", "social assisting"}

        started.clock.set("2026-01-14 16:00")
        started.execute(performed(issue_id, ActionType.OUTREACH), "u-soc-02")
        started.clock.set("2026-01-14 18:30")
        started.execute(performed(issue_id, ActionType.TARGETED_OPERATION), "u-pol-02")
        started.clock.set("2026-01-28 18:29")
        assert "police follow_up" not in stands(started, issue_id)
        started.clock.set("2026-01-28 18:31")
        assert stands(started, issue_id) == {
            "police ours",
            "police follow_up",
            "police overdue",
            "social assisting",
        }
        started.clock.set("2026-01-28 19:05")
        started.execute(performed(issue_id, ActionType.HOTSPOT_PATROL), "u-pol-03")
        assert stands(started, issue_id) == {"police ours", "social assisting"}

        started.clock.set("2026-02-16 10:00")
        started.execute(followed_up(issue_id, next_step=NextStep.CONTINUE), "u-pol-01")
        assert stands(started, issue_id) == {"police ours", "social assisting"}
        started.clock.set("2026-03-02 09:00")
        started.execute(followed_up(issue_id, next_step=NextStep.CLOSE), "u-pol-01")
        assert stands(started, issue_id) == {
            "police ours",
            "police follow_up",
            "social assisting",
        }
        started.execute(closed(issue_id), "u-pol-01")
        assert stands(started, issue_id) == set()


def test_story_2_information_and_opinions(database_url: str) -> None:
    with a_started_samsyn(database_url, Clock("2026-01-19 09:30")) as started:
        issue_id = an_open_issue(started, "u-pol-01", category="licensed_premises")
        started.execute(AssignCaseworker(issue_id=issue_id, user_id="u-pol-01"), "u-pol-01")
        started.clock.set("2026-01-19 10:00")
        r1 = started.create(send_referral(issue_id, "environment"), "u-pol-01")
        sent = {"police ours", "police waiting", "environment to_answer"}
        assert stands(started, issue_id) == sent
        assert the_line(started, "environment", Bucket.TO_ANSWER).due_at == local(
            "2026-01-22 10:00"
        )

        started.clock.set("2026-01-20 08:40")
        ask = RequestReferralInfo(
            issue_id=issue_id, referral_id=r1, question_sv="Vilka adresser och klockslag?"
        )
        started.execute(ask, "u-env-01")
        assert stands(started, issue_id) == {
            "police ours",
            "police waiting",
            "police to_answer",
            "environment waiting",
        }
        assert the_line(started, "police", Bucket.TO_ANSWER).due_at is None
        # The clock stands still: not even much later is anything overdue.
        started.clock.set("2026-02-20 08:40")
        assert not lines(started, "environment", Bucket.OVERDUE)
        assert not lines(started, "police", Bucket.OVERDUE)

        started.clock.set("2026-01-20 15:10")
        answer = ProvideReferralInfo(
            issue_id=issue_id, referral_id=r1, answer_sv="Se sammanställningen per kvarter."
        )
        started.execute(answer, "u-pol-01")
        assert stands(started, issue_id) == sent
        due = the_line(started, "environment", Bucket.TO_ANSWER).due_at
        assert due == local("2026-01-22 16:30")

        started.clock.set("2026-01-21 11:00")
        started.execute(accept(issue_id, r1), "u-env-01")
        ours = {"environment ours", "environment unassigned"}
        assert stands(started, issue_id) == ours

        started.clock.set("2026-01-21 11:20")
        by = local("2026-02-04 16:00")
        consult = {
            agency: started.create(
                send_referral(issue_id, agency, type=CONSULT, respond_by=by), "u-env-01"
            )
            for agency in ("police", "district")
        }
        assert stands(started, issue_id) == ours | {
            "environment waiting",
            "police to_answer",
            "district to_answer",
        }
        waiting = lines(started, "environment", Bucket.WAITING)
        assert {line.to_agency for line in waiting} == {"police", "district"}

        started.clock.set("2026-02-02 10:00")
        opinion = AnswerReferral(
            issue_id=issue_id,
            referral_id=consult["police"],
            answer_sv="Förskjutna stängningstider skulle hjälpa.",
        )
        started.execute(opinion, "u-pol-01")
        assert stands(started, issue_id) == ours | {"environment waiting", "district to_answer"}
        started.clock.set("2026-02-04 16:00")
        assert stands(started, issue_id) == ours | {
            "environment waiting",
            "environment overdue",
            "district to_answer",
            "district overdue",
        }


def test_story_8_closed_and_reopened(database_url: str) -> None:
    with a_started_samsyn(database_url, Clock("2026-04-20 08:05")) as started:
        issue_id = an_open_issue(started, category="needles", priority=Priority.URGENT)
        r1 = started.create(send_referral(issue_id, "city_env"))
        asked = the_line(started, "city_env", Bucket.TO_ANSWER)
        assert asked.due_at == local("2026-04-20 16:05")
        started.execute(accept(issue_id, r1), "u-cit-01")
        started.clock.set("2026-04-20 09:40")
        started.execute(performed(issue_id, ActionType.NEEDLE_COLLECTION), "u-cit-01")
        r2 = started.create(send_referral(issue_id, "social", type=ASSIST), "u-cit-01")
        started.clock.set("2026-04-20 17:00")
        started.execute(accept(issue_id, r2), "u-soc-01")
        assert stands(started, issue_id) == {
            "city_env ours",
            "city_env unassigned",
            "social assisting",
        }
        started.clock.set("2026-04-27 10:00")
        assert "city_env follow_up" in stands(started, issue_id)
        started.execute(followed_up(issue_id, Effect.RESOLVED), "u-cit-01")
        started.execute(closed(issue_id), "u-cit-01")
        assert stands(started, issue_id) == set()
        started.clock.set("2026-05-23 09:10")
        reopen = ReopenIssue(issue_id=issue_id, reason_sv="Nya kanyler på samma plats.")
        started.execute(reopen, "u-dis-02")
        # What was promised before it was closed is over: help is asked for anew.
        assert stands(started, issue_id) == {"city_env ours", "city_env unassigned"}


def test_story_12_silence(database_url: str) -> None:
    with a_started_samsyn(database_url, Clock("2026-03-09 10:00")) as started:
        policies = Policies(started.samsyn)
        issue_id = an_open_issue(started, category="homelessness", priority=Priority.MEDIUM)
        r1 = started.create(send_referral(issue_id, "social"))
        waiting = {
            "district ours",
            "district unassigned",
            "district waiting",
            "social to_answer",
        }
        overdue = waiting | {"district overdue", "social overdue"}
        for time, there, escalated in (
            ("2026-03-12 09:59", waiting, False),
            ("2026-03-12 10:00", overdue, False),
            ("2026-03-16 10:00", overdue, True),
            ("2026-03-17 10:00", overdue | {"* agenda"}, True),
        ):
            started.clock.set(time)
            policies.run()
            assert stands(started, issue_id) == there, time
            badges = the_line(started, "social", Bucket.TO_ANSWER).badges
            assert (Badge.ESCALATED in badges) == escalated
            assert (Badge.OVERDUE in badges) == (there != waiting)
        started.clock.set("2026-03-18 10:00")
        propose = ProposeResponsibility(issue_id=issue_id, proposed_agency="social")
        started.execute(propose, "u-coo-01")
        assert stands(started, issue_id) == overdue
        started.clock.set("2026-03-18 15:30")
        started.execute(decline(issue_id, r1), "u-soc-03")
        assert stands(started, issue_id) == {
            "district ours",
            "district unassigned",
            "district returned",
        }
        started.clock.set("2026-03-19 09:00")
        r2 = started.create(send_referral(issue_id, "social", type=ASSIST))
        started.execute(accept(issue_id, r2), "u-soc-03")
        assert stands(started, issue_id) == {
            "district ours",
            "district unassigned",
            "social assisting",
        }
