"""An issue's page: events in; head, referrals, actions, reports and story out."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Connection

from domain.codes import (
    ActionType,
    Badge,
    CloseOutcome,
    Effect,
    IssueStatus,
    ReferralStatus,
    ReferralType,
)
from domain.issue import Issue
from domain.lifecycle import CloseIssue
from domain.notes import AddNote
from domain.values import SYSTEM
from projections.audit_trail import AUDIT_TRAIL
from projections.issue_story import ISSUE_STORY
from projections.issue_story_queries import (
    actions_of,
    follow_ups_of,
    issue_by_number,
    issue_head,
    issue_version,
    notes_of,
    referrals_of,
    reports_of,
    story,
)
from projections.issue_story_rows import IssueHead, MarkKind, PushedHead, StoryReferral
from projections.narration import narrate, texts
from projections.rebuild import rebuild
from projections.visibility import VISIBILITY
from tests.examples import (
    BRUNNSPARKEN,
    Started,
    a_report,
    a_sent_referral,
    a_started_samsyn,
    accept,
    an_open_issue,
    send_referral,
)
from tests.projections.story_examples import PARTNER, Life, a_whole_life, seen_by


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(
        database_url, projections=[VISIBILITY, ISSUE_STORY, AUDIT_TRAIL]
    ) as started:
        yield started


@pytest.fixture
def life(started: Started) -> Life:
    life = a_whole_life(started)
    started.catch_up()
    return life


@pytest.fixture
def db(started: Started) -> Iterator[Connection]:
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        yield db


def head_of(started: Started, issue_id: UUID) -> IssueHead:
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        head = issue_head(db, seen_by(started), issue_id)
    assert isinstance(head, IssueHead)
    return head


def referral_of(started: Started, life: Life, referral_id: UUID) -> StoryReferral:
    with started.samsyn.engine.connect() as db:
        found = referrals_of(db, seen_by(started), life.issue_id)
    return next(each for each in found if each.referral_id == referral_id)


def test_head_of_a_new_issue_says_what_was_opened(started: Started) -> None:
    issue_id = an_open_issue(started, title="Intern rubrik", description_sv="Vid bänkarna.")
    head = head_of(started, issue_id)
    assert (head.title, head.public_title) == ("Intern rubrik", "Otrygghet vid Brunnsparken")
    assert head.place == BRUNNSPARKEN
    assert head.description_sv == "Vid bänkarna."
    assert head.status is IssueStatus.NEW
    assert head.responsible_agency == head.registering_agency == "district"
    assert head.opened_at == started.clock.now
    assert (head.version, head.number, head.area_id) == (1, "TIC-2026-00001", "centrum")
    assert head.lasting_badges == ()


def test_head_after_a_whole_life(started: Started, life: Life) -> None:
    head = head_of(started, life.issue_id)
    assert head.title == "Öppen handel vid Ångbåtsbron"
    assert head.category == "drug_use"
    assert head.status is IssueStatus.ACTIVE
    assert head.responsible_agency == "police"
    assert head.caseworkers == {"district": "u-dis-01", "police": "u-pol-01"}
    assert head.registry_refs == {"district": "SFC-2026-00031"}
    assert head.secrecy_marks == {}
    assert head.effect is Effect.IMPROVED
    assert head.declines == 1
    assert (head.closed_at, head.outcome, head.parked_until) == (None, None, None)
    aggregate: Issue = started.samsyn.casework.repository.get(life.issue_id)
    assert (head.version, head.status) == (aggregate.version, aggregate.status)


def test_head_of_a_closed_issue_tells_when_and_how(started: Started) -> None:
    issue_id = an_open_issue(started)
    started.execute(
        CloseIssue(issue_id=issue_id, outcome=CloseOutcome.DUPLICATE, summary_sv="Finns redan.")
    )
    head = head_of(started, issue_id)
    assert (head.status, head.outcome) == (IssueStatus.CLOSED, CloseOutcome.DUPLICATE)
    assert head.closed_at == started.clock.now


def test_merged_and_voided_issues_say_so(started: Started, life: Life) -> None:
    merged = head_of(started, life.merged_id)
    assert (merged.status, merged.merged_into_id) == (IssueStatus.MERGED, life.issue_id)
    assert merged.merged_into_number == "TIC-2026-00001"
    assert head_of(started, life.voided_id).status is IssueStatus.VOIDED
    assert head_of(started, life.issue_id).merged_into_id is None


def test_overdue_comes_with_time_and_goes_with_the_answer(started: Started) -> None:
    issue_id, referral_id = a_sent_referral(started)
    head = head_of(started, issue_id)
    assert head.badges(started.clock.now) == (Badge.AWAITING_ANSWER,)
    started.clock.advance(days=10)
    assert head.badges(started.clock.now) == (Badge.AWAITING_ANSWER, Badge.OVERDUE)
    started.execute(accept(issue_id, referral_id), "u-pol-01")
    assert head_of(started, issue_id).badges(started.clock.now) == ()


def test_number_and_version_find_the_issue(started: Started) -> None:
    issue_id = an_open_issue(started)
    started.execute(AddNote(issue_id=issue_id, text_sv="Ring ägaren."))
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        viewer = seen_by(started)
        found = issue_by_number(db, viewer, "TIC-2026-00001")
        assert found is not None
        assert found.issue_id == issue_id
        assert issue_by_number(db, viewer, "TIC-2026-00002") is None
        assert issue_version(db, viewer, issue_id) == 2


def test_a_declined_referral_keeps_reminder_escalation_and_reason(
    started: Started, life: Life
) -> None:
    referral = referral_of(started, life, life.declined_id)
    assert (referral.status, referral.reason_code) == (ReferralStatus.DECLINED, "not_our_mandate")
    assert referral.reason_sv == "Det här ingår inte i vårt uppdrag, tyvärr."
    assert referral.escalation_level == 1
    times = (referral.sent_at, referral.delivered_at, referral.reminded_at, referral.escalated_at)
    known = [at for at in times if at]
    assert len(known) == 4
    assert known == sorted(known)
    assert referral.settled_at == referral.opened_at == referral.escalated_at
    assert (referral.settled_by, referral.opened_by) == ("u-soc-01", "u-soc-01")
    assert referral.sender_acts_by is not None


def test_a_transfer_keeps_its_questions_and_the_pause(started: Started, life: Life) -> None:
    referral = referral_of(started, life, life.transfer_id)
    assert referral.status is ReferralStatus.COMPLETED  # by closing the issue
    (question,) = referral.questions
    assert (question.question_sv, question.answer_sv) == ("Vilka klockslag?", "Kl. 15 till 19.")
    assert question.answered_at is not None
    assert (question.answered_at - question.asked_at).total_seconds() == 3 * 3600
    assert referral.deadlines is not None
    assert referral.first_action_due_at is not None
    assert referral.question_sv == "Brottsbekämpning är polisens uppdrag."


def test_answers_of_consult_and_assist(started: Started, life: Life) -> None:
    consult = referral_of(started, life, life.consult_id)
    assist = referral_of(started, life, life.assist_id)
    assert (consult.status, consult.answer_sv) == (ReferralStatus.COMPLETED, "Det är lugnt då.")
    assert consult.settled_at == consult.completed_at
    assert (assist.status, assist.answer_sv) == (ReferralStatus.COMPLETED, "Vi har varit där.")


def test_referrals_come_in_the_order_they_were_sent(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        found = referrals_of(db, seen_by(started), life.issue_id)
    assert [each.status for each in found] == [
        ReferralStatus.DECLINED,
        ReferralStatus.WITHDRAWN,
        ReferralStatus.COMPLETED,  # the transfer, by closing
        ReferralStatus.COMPLETED,
        ReferralStatus.COMPLETED,
        ReferralStatus.RETURNED,
        ReferralStatus.SENT,
    ]
    assert found[-1].type is ReferralType.INFORM
    assert found[-2].done_so_far_sv == "Lampan är lagad."


def test_an_earlier_transfer_is_completed_when_the_issue_goes_on(started: Started) -> None:
    issue_id, first = a_sent_referral(started)
    started.execute(accept(issue_id, first), "u-pol-01")
    second = started.create(send_referral(issue_id, "social"), "u-pol-01")
    started.execute(accept(issue_id, second), "u-soc-01")
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        found = referrals_of(db, seen_by(started), issue_id)
    assert [each.status for each in found] == [ReferralStatus.COMPLETED, ReferralStatus.ACCEPTED]


def test_actions_planned_performed_and_cancelled(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        patrol, cleaning, outreach = actions_of(db, seen_by(started), life.issue_id)
    assert (patrol.action_type, patrol.people) == (ActionType.FOOT_PATROL, 6)
    assert patrol.together_with == ("social",)
    assert patrol.planned_at is not None
    assert patrol.performed_from is not None
    assert cleaning.cancel_reason_sv == "Det behövs inte."
    assert outreach.agency_id is None
    assert not any(each.is_planned for each in (patrol, cleaning, outreach))


def test_reports_show_their_latest_version(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        first, second = reports_of(db, seen_by(started), life.issue_id)
        merged = reports_of(db, seen_by(started), life.merged_id)
    assert first.report_id == life.report_id
    assert first.content.text == "Butikspersonal berättar att det säljs narkotika vid bron."
    assert (first.versions, first.wants_reply) == (2, True)
    assert first.feedback_at is not None
    assert second.content.text == "Samma sak från en annan butik vid torget."
    assert [each.report_id for each in merged] == [second.report_id]


def test_follow_ups_and_notes(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        (follow_up,) = follow_ups_of(db, seen_by(started), life.issue_id)
        (note,) = notes_of(db, seen_by(started), life.issue_id)
    assert (follow_up.effect, follow_up.after_count) == (Effect.IMPROVED, 0)
    assert follow_up.agencies_present == ("police",)
    assert (note.text_sv, note.user_id) == ("Butiken ringde i dag.", "u-dis-01")


def names(identity: str, language: str) -> str:
    return f"{identity}-{language}"


def test_the_story_tells_everything_in_order(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        told = story(db, seen_by(started), life.issue_id)
    topics = [line.topic for line in told]
    assert topics[:3] == ["ReportReceived", "IssueOpened", "ReportLinked"]
    assert topics[-1] == "ReportRevised"
    assert "SourceReportAdded" not in topics  # ReportLinked says it
    assert "ReportDismissed" not in topics  # another report
    assert [line.occurred_at for line in told] == sorted(line.occurred_at for line in told)
    said = [narrate(line.occurrence, names).sv for line in told]
    assert "Police-sv tog över ärendet från district-sv" in said
    assert "Social-sv avböjde överlämningen: Ingår inte i vårt uppdrag" in said
    assert "Environment-sv svarade på remissen med ett yttrande" in said
    assert "District-sv ställde in en åtgärd: Städning" in said
    assert "District-sv kopplade rapporten till ärende TIC-2026-00001" in said
    declined = next(line for line in told if line.topic == "ReferralDeclined")
    assert [text.text for text in texts(declined.occurrence)] == [
        "Det här ingår inte i vårt uppdrag, tyvärr."
    ]


def test_what_was_recorded_late_shows_both_times(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        told = story(db, seen_by(started), life.issue_id)
    late = [line for line in told if line.late]
    assert [line.topic for line in late] == ["ActionPerformed"]
    assert late[0].recorded_at > late[0].occurred_at


def test_corrections_and_disputes_stand_on_the_line_they_mean(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        told = story(db, seen_by(started), life.issue_id)
    marked = [line for line in told if line.marks]
    assert [line.topic for line in marked] == ["IssueOpened"]
    assert [(mark.kind, mark.text_sv) for mark in marked[0].marks] == [
        (MarkKind.CORRECTED, "Det gäller bara vardagar."),
        (MarkKind.DISPUTED, "Ägaren håller inte med."),
    ]


def test_a_report_joins_the_story_with_its_own_past(started: Started) -> None:
    report_id = a_report(started)
    started.catch_up()
    issue_id = an_open_issue(started, report_ids=(report_id,))
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        told = story(db, seen_by(started), issue_id)
    assert [line.topic for line in told] == ["ReportReceived", "IssueOpened", "ReportLinked"]
    assert [line.report_id for line in told] == [report_id, None, report_id]


def test_partner_sees_what_was_pushed_and_no_more(started: Started, life: Life) -> None:
    viewer = seen_by(started, PARTNER)
    with started.samsyn.engine.connect() as db:
        head = issue_head(db, viewer, life.issue_id)
        assert isinstance(head, PushedHead)
        assert (head.public_title, head.place) == ("Otrygghet vid Brunnsparken", BRUNNSPARKEN)
        assert head.version == issue_version(db, viewer, life.issue_id)
        (referral,) = referrals_of(db, viewer, life.issue_id)
        assert referral.referral_id == life.inform_id
        for query in (story, actions_of, reports_of, follow_ups_of, notes_of):
            assert query(db, viewer, life.issue_id) == []
        assert issue_head(db, viewer, life.merged_id) is None


@pytest.mark.parametrize("who", ["u-rep-01", "u-adm-01"])
def test_reporter_and_administrator_see_no_issue(started: Started, life: Life, who: str) -> None:
    viewer = seen_by(started, who)
    with started.samsyn.engine.connect() as db:
        assert issue_head(db, viewer, life.issue_id) is None
        assert issue_by_number(db, viewer, "TIC-2026-00001") is None
        assert issue_version(db, viewer, life.issue_id) is None
        for query in (story, referrals_of, actions_of, reports_of, follow_ups_of, notes_of):
            assert query(db, viewer, life.issue_id) == []


def test_a_restricted_issue_is_for_its_parties(started: Started) -> None:
    report_id = a_report(started, category="extremism", by="u-pol-01")
    issue_id = an_open_issue(started, "u-pol-01", category="extremism", report_ids=(report_id,))
    started.execute(AddNote(issue_id=issue_id, text_sv="Plats att följa."), "u-pol-01")
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        outsider, party = seen_by(started, "u-soc-01"), seen_by(started, "u-pol-02")
        assert issue_head(db, outsider, issue_id) is None
        assert issue_head(db, party, issue_id) is not None
        for query in (story, reports_of, notes_of):
            assert query(db, outsider, issue_id) == []
            assert query(db, party, issue_id) != []


def test_the_system_sees_everything(started: Started, life: Life) -> None:
    with started.samsyn.engine.connect() as db:
        assert story(db, seen_by(started, SYSTEM), life.issue_id) != []


def test_rebuild_equals_the_incremental_rows(started: Started) -> None:
    a_whole_life(started)
    samsyn = started.samsyn
    # One entry at a time: as far from a rebuild's pages as can be.
    for position in range(1, samsyn.casework.head() + 1):
        samsyn.runner.catch_up(until=position)
    started.catch_up()
    result = rebuild(samsyn.engine, ISSUE_STORY, samsyn.casework.read, samsyn.casework.head)
    assert result.hash_live == result.hash_copy
    assert result.same
