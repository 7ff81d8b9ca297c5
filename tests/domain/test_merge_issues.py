"""MergeIssues: two issues were one problem; both streams say so, the reports move (one append)."""

from uuid import UUID

import pytest

from domain.codes import CloseOutcome, IssueStatus, ReferralType
from domain.lifecycle import CloseIssue, IssuesMerged, MergeIssues, ParkIssue
from domain.opening import LinkReport
from domain.refusals import Conflict, NotFound
from tests.clock import START
from tests.domain.given import NO_ID, Scene, given_an_issue, open_issue


def two_issues() -> tuple[Scene, UUID, UUID]:
    """The first, with a report, is the one the scene is about; the second belongs to police."""
    scene = given_an_issue().with_a_report()
    first = scene.issue_id
    scene.given(scene.on_issue(LinkReport, report_id=scene.report_id))
    scene.given(open_issue(), "police")
    second, scene.issue_id = scene.issue_id, first
    return scene, first, second


def merge(scene: Scene, into: UUID) -> Scene:
    command = scene.on_issue(MergeIssues, into_issue_id=into, reason_sv="Samma problem.")
    return scene.when(command)


def test_accepted_in_both_streams() -> None:
    scene, first, second = two_issues()
    merge(scene, second).then(IssuesMerged, IssuesMerged, merged_id=first, into_id=second)
    left, right = scene.events
    assert (left.originator_id, right.originator_id) == (first, second)
    assert (left.correlation_id, right.correlation_id) == (first, second)
    assert left.event_id != right.event_id
    assert scene.issues[first].status is IssueStatus.MERGED
    assert scene.issues[second].status is IssueStatus.NEW
    assert scene.issues[second].report_ids == [scene.report_id]
    assert scene.issues[second].responsible_agency == "police"


def test_accepted_into_a_parked_issue() -> None:
    scene, _, second = two_issues()
    until = START.replace(year=2027)
    park = ParkIssue(issue_id=second, until=until, reason_sv="Vila.")
    merge(scene.given(park, "police"), second).then(IssuesMerged, IssuesMerged)


@pytest.mark.parametrize("into", [NO_ID, None])
def test_refused_into_none_or_itself(into: UUID | None) -> None:
    scene, first, _ = two_issues()
    merge(scene, first if into is None else into).then_refused(NotFound, "no_such_issue")


def test_refused_into_one_that_is_not_open() -> None:
    scene, _, second = two_issues()
    close = CloseIssue(issue_id=second, outcome=CloseOutcome.DUPLICATE, summary_sv="Dubblett.")
    merge(scene.given(close, "police"), second).then_refused(
        Conflict, "wrong_issue_status", happened="closed"
    )


def test_refused_while_somebody_has_not_answered() -> None:
    scene, _, second = two_issues()
    scene.with_a_referral("social", ReferralType.ASSIST)
    refusal = merge(scene, second).then_refused(Conflict, "referral_open", happened="ReferralSent")
    assert refusal.sv.endswith("Återkalla överlämningen först.")
