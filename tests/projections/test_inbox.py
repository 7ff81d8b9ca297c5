"""The inbox: what waits for triage, in order of time, and each report with what became of it."""

from uuid import UUID, uuid4

from domain.codes import DismissReason, ReportChannel
from domain.lifecycle import MergeIssues
from domain.opening import LinkReport
from domain.report import DismissReport, ReviseReport, SendFeedback
from domain.values import ExternalRef, Place
from projections.inbox import INBOX, ReportItem, inbox_of, report_detail, waiting_count
from projections.visibility import VISIBILITY
from service.viewers import viewer_of
from tests.examples import (
    BRUNNSPARKEN,
    Started,
    a_report,
    a_started_samsyn,
    actor,
    an_open_issue,
)

NEEDED = (VISIBILITY, INBOX)


def inbox(started: Started, *agency_ids: str, by: str = "u-dis-01") -> list[ReportItem]:
    """Every page of an inbox, two reports each."""
    started.catch_up()
    viewer = viewer_of(actor(by), started.samsyn.execution.agencies())
    found: list[ReportItem] = []
    after = None
    with started.samsyn.engine.connect() as db:
        while True:
            page = inbox_of(db, viewer, *agency_ids, after=after, limit=2)
            assert len(page.items) <= 2
            found += page.items
            if page.next is None:
                return found
            after = page.next


def detail(started: Started, report_id: object, by: str = "u-dis-01") -> ReportItem | None:
    started.catch_up()
    viewer = viewer_of(actor(by), started.samsyn.execution.agencies())
    with started.samsyn.engine.connect() as db:
        return report_detail(db, viewer, report_id)  # type: ignore[arg-type]  # always an id here


def count(started: Started, agency_id: str, by: str = "u-dis-01") -> int:
    started.catch_up()
    viewer = viewer_of(actor(by), started.samsyn.execution.agencies())
    with started.samsyn.engine.connect() as db:
        return waiting_count(db, viewer, agency_id)


def test_the_most_pressing_report_comes_first(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        low = a_report(started, category="graffiti", receiving_agency="district")
        urgent = a_report(started, category="robbery", receiving_agency="district")
        unknown = a_report(started, receiving_agency="district")
        later = a_report(started, receiving_agency="district")
        assert [item.report_id for item in inbox(started, "district")] == [
            urgent,
            unknown,
            later,
            low,
        ]
        assert count(started, "district") == 4


def test_several_inboxes_are_one_list(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        reports: list[UUID] = []
        for receiver in ("district", "contact_center", "district", "contact_center", "police"):
            reports.append(a_report(started, receiving_agency=receiver))
            started.clock.advance(minutes=5)
        found = [item.report_id for item in inbox(started, "district", "contact_center")]
        assert found == reports[:4]


def test_what_is_linked_or_dismissed_leaves_the_inbox(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        opened, linked, dismissed, stays = (
            a_report(started, receiving_agency="district") for _ in range(4)
        )
        issue_id = an_open_issue(started, report_ids=(opened,))
        started.execute(LinkReport(issue_id=issue_id, report_id=linked))
        started.execute(
            DismissReport(
                report_id=dismissed, reason=DismissReason.TEST, explanation_sv="Bara ett prov."
            )
        )
        assert [item.report_id for item in inbox(started, "district")] == [stays]
        assert count(started, "district") == 1
        first = detail(started, opened)
        last = detail(started, dismissed)
        assert first is not None
        assert last is not None
        assert (first.issue_id, first.settled) == (issue_id, True)
        assert (last.dismissed, last.dismissed_sv) == (DismissReason.TEST, "Bara ett prov.")
        assert last.settled


def test_a_revision_replaces_what_it_says(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        report_id = a_report(
            started,
            "u-dis-01",
            channel=ReportChannel.IMPORT,
            external_ref=ExternalRef(system="polisen", id="4711"),
        )
        revision = ReviseReport(
            report_id=report_id,
            text="Det var ett annat ställe än det som stod först.",
            place=Place(name="Heden", place_id="heden"),
            category="disorder_group",
        )
        started.execute(revision)
        found = detail(started, report_id)
        assert found is not None
        assert found.external_ref == ExternalRef(system="polisen", id="4711")
        assert (found.place_name, found.category) == ("Heden", "disorder_group")
        assert (found.revisions, found.version, found.settled) == (1, 2, False)
        assert found.content.place.place_id == "heden"
        assert found.text == revision.text


def test_feedback_and_merging_show_on_the_report(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=NEEDED) as started:
        report_id = a_report(started, receiving_agency="district", wants_reply=True)
        first = an_open_issue(started, report_ids=(report_id,))
        into = an_open_issue(started)
        started.execute(SendFeedback(report_id=report_id, text_sv="Tack. Vi ser över platsen."))
        answered_at = started.clock.now
        started.clock.advance(hours=1)
        started.execute(SendFeedback(report_id=report_id, text_sv="Nu är det åtgärdat."))
        started.execute(MergeIssues(issue_id=first, into_issue_id=into, reason_sv="Samma problem."))
        found = detail(started, report_id)
        assert found is not None
        assert (found.feedback_at, found.issue_id) == (answered_at, into)
        assert found.channel is ReportChannel.WEB
        assert found.content.place == BRUNNSPARKEN


def test_nobody_reads_or_counts_what_is_hidden_from_him(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=NEEDED) as started:
        open_one = a_report(started, receiving_agency="police")
        secret = a_report(started, receiving_agency="police", category="extremism")
        for by, seen in (("u-pol-01", {open_one, secret}), ("u-dis-01", {open_one})):
            assert {item.report_id for item in inbox(started, "police", by=by)} == seen
            assert count(started, "police", by) == len(seen)
        for by in ("u-adm-01", "u-rep-01"):
            assert inbox(started, "police", by=by) == []
            assert count(started, "police", by) == 0
        assert detail(started, secret) is None
        assert detail(started, secret, "u-pol-02") is not None
        assert detail(started, uuid4()) is None
