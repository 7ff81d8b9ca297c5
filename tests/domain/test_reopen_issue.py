"""ReopenIssue: the problem is back; same stream, same number, same responsible agency."""

from datetime import timedelta

from domain.codes import CloseOutcome, Effect, IssueStatus
from domain.follow_up import RecordFollowUp
from domain.lifecycle import CloseIssue
from domain.opening import IssueReopened, ReopenIssue, SourceReportAdded
from domain.refusals import Conflict
from domain.report import DismissReport, ReportLinked
from tests.domain.given import Scene, given_an_issue


def closed() -> Scene:
    scene = given_an_issue()
    scene.given(
        scene.on_issue(RecordFollowUp, effect=Effect.RESOLVED, evidence_sv="Inga rapporter.")
    )
    close = scene.on_issue(CloseIssue, outcome=CloseOutcome.RESOLVED, summary_sv="Det är löst.")
    return scene.given(close).later(days=26)


def reopen(scene: Scene, by: str = "education", **data: object) -> Scene:
    return scene.when(scene.on_issue(ReopenIssue, reason_sv="Det är tillbaka.", **data), by)


def test_accepted_by_any_authority_leaves_responsibility_where_it_was() -> None:
    scene = closed()
    number = scene.issue.number
    reopen(scene).then(IssueReopened, reason_sv="Det är tillbaka.")
    assert scene.issue.status is IssueStatus.ACTIVE
    assert scene.issue.responsible_agency == "district"
    assert scene.issue.number == number
    assert "education" in scene.issue.involved


def test_accepted_needs_a_new_assessment_before_it_can_be_closed_again() -> None:
    scene = reopen(closed())
    scene.when(scene.on_issue(CloseIssue, outcome=CloseOutcome.RESOLVED, summary_sv="Löst igen."))
    scene.then_refused(Conflict, "follow_up_missing")


def test_accepted_with_the_report_that_says_so() -> None:
    scene = closed().with_a_report()
    reopen(scene, report_ids=(scene.report_id,))
    scene.then(ReportLinked, IssueReopened, SourceReportAdded, report_id=scene.report_id)


def test_refused_with_a_settled_report_records_nothing() -> None:
    scene = closed().with_a_report()
    scene.given(scene.on_report(DismissReport, reason="test"))
    reopen(scene, report_ids=(scene.report_id,)).then_refused(Conflict, "report_dismissed")
    assert scene.issue.status is IssueStatus.CLOSED


def test_refused_when_it_is_not_closed() -> None:
    reopen(given_an_issue()).then_refused(Conflict, "wrong_issue_status", happened="new")


def test_accepted_late_is_told_by_when_it_happened() -> None:
    scene = closed()
    earlier = scene.now - timedelta(days=2)
    reopen(scene, occurred_at=earlier).then(IssueReopened, occurred_at=earlier)
