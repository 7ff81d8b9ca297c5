"""LinkReport: a report becomes part of an issue; both streams say so in one append."""

from domain.opening import LinkReport, SourceReportAdded
from domain.refusals import Conflict
from domain.report import DismissReport, ReportLinked
from domain.values import Role
from tests.domain.given import given_an_issue, of


def test_accepted_in_both_streams() -> None:
    scene = given_an_issue().with_a_report()
    scene.when(
        scene.on_issue(LinkReport, report_id=scene.report_id), of("district", Role.REGISTRAR)
    )
    scene.then(ReportLinked, SourceReportAdded, report_id=scene.report_id)
    linked, added = scene.events
    assert (linked.originator_id, added.originator_id) == (scene.report_id, scene.issue_id)
    assert linked.causation_id == added.causation_id
    assert scene.report.issue_id == scene.issue_id
    assert scene.issue.report_ids == [scene.report_id]


def test_refused_report_that_is_linked_already() -> None:
    scene = given_an_issue().with_a_report()
    link = scene.on_issue(LinkReport, report_id=scene.report_id)
    scene.given(link).when(link)
    scene.then_refused(Conflict, "report_linked", happened="ReportLinked")


def test_refused_report_that_was_dismissed() -> None:
    scene = given_an_issue().with_a_report()
    scene.given(scene.on_report(DismissReport, reason="test"))
    scene.when(scene.on_issue(LinkReport, report_id=scene.report_id))
    scene.then_refused(Conflict, "report_dismissed", happened="ReportDismissed")
