"""The audit trail: a row for every event, told, filtered, paged, and shown to who may see it."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import func, select

from domain.access_review import PerformAccessReview
from domain.events import EVENTS
from domain.notes import AddNote
from domain.opening import LinkReport
from domain.values import SYSTEM, Actor
from projections.audit_trail import AUDIT_TRAIL, lines
from projections.audit_trail_queries import TrailLine, export, trail
from projections.audit_trail_streams import streams
from projections.lines import ISSUE, REPORT
from projections.narration import narrate
from projections.rebuild import rebuild
from projections.visibility import VISIBILITY
from tests.examples import (
    Started,
    a_report,
    a_sent_referral,
    a_started_samsyn,
    accept,
    an_open_issue,
    local,
)
from tests.projections.story_examples import PARTNER, Life, a_whole_life, seen_by


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url, projections=[VISIBILITY, AUDIT_TRAIL]) as started:
        yield started


@pytest.fixture
def life(started: Started) -> Life:
    return a_whole_life(started)


def read(started: Started, who: str | Actor = SYSTEM, **wanted: object) -> list[TrailLine]:
    """Everything wanted, by pages of seven."""
    started.catch_up()
    viewer = seen_by(started, who)
    found: list[TrailLine] = []
    after: str | None = None
    with started.samsyn.engine.connect() as db:
        while True:
            page = trail(db, viewer, after=after, limit=7, **wanted)  # type: ignore[arg-type]  # as the test says
            found += page.items
            after = page.next
            if after is None:
                return found


def names(identity: str, language: str) -> str:
    return f"{identity}-{language}"


def test_every_event_of_the_log_has_its_row(started: Started, life: Life) -> None:
    entries = started.samsyn.casework.read(0, 10_000)
    found = read(started, oldest_first=True)
    assert [line.position for line in found] == [entry.position for entry in entries]
    for line, entry in zip(found, entries, strict=True):
        event = entry.event
        assert (line.topic, line.version, line.event_id) == (
            entry.topic,
            entry.version,
            event.event_id,
        )
        assert (line.user_id, line.agency_id, line.role) == (
            event.actor.user_id,
            event.actor.agency_id,
            event.actor.role,
        )
        assert (line.occurred_at, line.recorded_at) == (event.occurred_at, entry.recorded_at)


def test_every_topic_of_the_domain_is_followed() -> None:
    assert AUDIT_TRAIL.topics == EVENTS.keys()


def test_every_row_is_told(started: Started, life: Life) -> None:
    for line in read(started):
        told = narrate(line.occurrence, names)
        assert told.sv != told.en
    (declined,) = read(started, topics=["ReferralDeclined"])
    assert narrate(declined.occurrence, names).sv == (
        "Social-sv avböjde överlämningen: Ingår inte i vårt uppdrag"
    )
    (cancelled,) = read(started, topics=["ActionCancelled"])
    assert narrate(cancelled.occurrence, names).en == "District-en cancelled an action: Cleaning"
    linked = read(started, topics=["ReportLinked"], oldest_first=True)[0]
    assert narrate(linked.occurrence, names).sv == (
        "District-sv kopplade rapporten till ärende TIC-2026-00001"
    )


def test_newest_first_and_oldest_first_are_each_other_turned_round(
    started: Started, life: Life
) -> None:
    assert read(started) == list(reversed(read(started, oldest_first=True)))


def test_rows_of_issues_and_their_reports_name_the_issue(started: Started, life: Life) -> None:
    found = read(started, issue_id=life.issue_id, oldest_first=True)
    assert found[0].topic == "ReportReceived"
    assert found[0].report_id == life.report_id
    assert found[-1].topic == "ReportRevised"
    assert {line.issue_number for line in found} == {"TIC-2026-00001"}
    merged = [line for line in found if line.report_id not in (None, life.report_id)]
    assert [line.topic for line in merged] == ["ReportReceived", "ReportLinked"]


def test_filters_by_agency_actor_topic_and_time(started: Started, life: Life) -> None:
    whole = read(started)
    by_social = read(started, agency="social")
    assert by_social == [line for line in whole if line.agency_id == "social"] != []
    by_user = read(started, actor="u-env-01")
    assert [line.topic for line in by_user] == ["ReferralAnswered"]
    both = read(started, topics=["IssueOpened", "IssueVoided"], agency="district")
    assert [line.topic for line in both] == ["IssueVoided", "IssueOpened", "IssueOpened"]
    early = read(started, until=local("2026-01-13 00:00"), agency="contact_center")
    assert [line.topic for line in early] == ["ReportDismissed", "ReportReceived", "ReportReceived"]
    late = read(started, since=local("2026-01-13 00:00"), agency="contact_center")
    assert [line.topic for line in late] == ["ReportRevised", "ReportReceived"]
    assert read(started, agency="social", actor="u-pol-01") == []


def test_what_happened_at_a_bound_counts_once(started: Started) -> None:
    at = started.clock.now
    an_open_issue(started)
    assert [line.topic for line in read(started, since=at, topics=["IssueOpened"])]
    assert read(started, until=at) == []


def test_the_system_is_an_actor(started: Started, life: Life) -> None:
    topics = {line.topic for line in read(started, agency="system", oldest_first=True)}
    assert {"ReferralDelivered", "ReferralReminderSent", "ReferralEscalated"} <= topics


def test_what_was_recorded_late_shows_both_times(started: Started, life: Life) -> None:
    assert [line.topic for line in read(started) if line.late] == ["ActionPerformed"]


def test_export_gives_the_whole_in_the_order_of_the_log(started: Started, life: Life) -> None:
    expected = read(started, "u-aud-01", oldest_first=True)
    with started.samsyn.engine.connect() as db:
        assert list(export(db, seen_by(started, "u-aud-01"))) == expected
        one = list(export(db, seen_by(started, "u-aud-01"), issue_id=life.voided_id))
    assert [line.topic for line in one] == ["IssueOpened", "IssueVoided"]


@pytest.mark.parametrize("limit", [0, 201])
def test_a_limit_out_of_range_is_refused(started: Started, limit: int) -> None:
    with started.samsyn.engine.connect() as db, pytest.raises(ValueError, match="limit"):
        trail(db, seen_by(started), limit=limit)


def test_a_cursor_of_another_list_is_refused(started: Started) -> None:
    with started.samsyn.engine.connect() as db, pytest.raises(ValueError, match="cursor"):
        trail(db, seen_by(started), after="bm9uc2Vuc2U")


def test_entries_that_come_meanwhile_move_nothing(started: Started, life: Life) -> None:
    started.catch_up()
    viewer = seen_by(started)
    with started.samsyn.engine.connect() as db:
        first = trail(db, viewer, limit=5)
    started.execute(AddNote(issue_id=life.issue_id, text_sv="Något nytt."))
    started.catch_up()
    with started.samsyn.engine.connect() as db:
        second = trail(db, viewer, limit=5, after=first.next)
    assert second.items[0].position < first.items[-1].position


def kinds_seen(started: Started, who: str | Actor) -> set[str]:
    return {line.kind for line in read(started, who)}


def test_authorities_read_all_three_kinds(started: Started, life: Life) -> None:
    for who in ("u-aud-01", "u-pol-01", "u-man-03"):
        assert kinds_seen(started, who) == {"issue", "report", "directory"}


def test_an_administrator_reads_the_directory_only(started: Started, life: Life) -> None:
    assert kinds_seen(started, "u-adm-01") == {"directory"}


def test_a_reporter_reads_only_what_became_of_own_reports(started: Started, life: Life) -> None:
    assert read(started, "u-rep-01") == []
    own_id = a_report(started, by="u-rep-01", receiving_agency="district")
    assert {line.report_id for line in read(started, "u-rep-01")} == {own_id}
    issue_id = an_open_issue(started)
    started.execute(LinkReport(issue_id=issue_id, report_id=own_id))
    seen = read(started, "u-rep-01", oldest_first=True)
    assert [line.topic for line in seen] == ["ReportReceived", "ReportLinked"]
    assert [(line.issue_id, line.issue_number) for line in seen] == [(None, None)] * 2


def test_a_partner_reads_what_was_pushed_and_its_own_acts(started: Started, life: Life) -> None:
    seen = read(started, PARTNER)
    assert [(line.topic, line.data["referral_id"]) for line in seen] == [
        ("ReferralSent", str(life.inform_id))
    ]


def test_a_restricted_issue_is_for_its_parties(started: Started) -> None:
    issue_id = an_open_issue(started, "u-pol-01", category="extremism")
    assert read(started, "u-soc-01", issue_id=issue_id) == []
    assert [line.topic for line in read(started, "u-pol-02", issue_id=issue_id)] == ["IssueOpened"]


def test_a_review_of_an_access_log_is_for_its_agency_and_for_auditors(started: Started) -> None:
    signed = PerformAccessReview(
        agency_id="police",
        period_from=date(2025, 12, 1),
        period_to=date(2025, 12, 31),
    )
    started.execute(signed, "u-man-02")
    topics = ["AccessReviewPerformed"]
    for who in ("u-pol-01", "u-aud-01", SYSTEM):
        assert [line.agency_id for line in read(started, who, topics=topics)] == ["police"]
    for who in ("u-soc-01", "u-man-01", "u-adm-01", "u-rep-01", PARTNER):
        assert read(started, who, topics=topics) == []


def test_streams_are_the_trail_issue_by_issue(started: Started, life: Life) -> None:
    seen = read(started, "u-aud-01", oldest_first=True)
    viewer = seen_by(started, "u-aud-01")
    with started.samsyn.engine.connect() as db:
        for kind in (ISSUE, REPORT):
            ours = [line.event_id for line in seen if line.kind == kind]
            found = list(streams(db, viewer, kind, at_once=4))
            ids = [stream_id for stream_id, _ in found]
            assert len(set(ids)) == len(ids) > 2
            together = [line for _, lines in found for line in lines]
            together.sort(key=lambda line: line.position)
            assert [line.event_id for line in together] == ours
            for _, lines in found:
                assert [line.version for line in lines] == list(range(1, len(lines) + 1))


def test_rows_are_only_added(started: Started) -> None:
    issue_id, referral_id = a_sent_referral(started)
    before = read(started, "u-pol-01", oldest_first=True)
    started.execute(accept(issue_id, referral_id), "u-pol-01")
    after = read(started, "u-pol-01", oldest_first=True)
    assert after[: len(before)] == before
    assert [line.topic for line in after[len(before) :]] == [
        "ReferralAccepted",
        "ResponsibilityTransferred",
    ]


def test_rebuild_equals_the_incremental_rows(started: Started, life: Life) -> None:
    samsyn = started.samsyn
    for position in range(1, samsyn.casework.head() + 1):
        samsyn.runner.catch_up(until=position)
    result = rebuild(samsyn.engine, AUDIT_TRAIL, samsyn.casework.read, samsyn.casework.head)
    assert result.hash_live == result.hash_copy
    with samsyn.engine.connect() as db:
        rows = db.execute(select(func.count()).select_from(lines)).scalar_one()
    assert rows == samsyn.casework.head()
