"""DismissReport: an open report is settled without an issue, with a reason."""

from domain.codes import DismissReason
from domain.opening import LinkReport
from domain.refusals import Conflict, NotAllowed
from domain.report import DismissReport, ReportDismissed
from tests.domain.given import given_a_report, given_an_issue


def test_accepted_with_a_reason() -> None:
    scene = given_a_report()
    command = scene.on_report(
        DismissReport, reason=DismissReason.NOT_IN_SCOPE, explanation_sv="Hör hemma i annat system."
    )
    scene.when(command).then(
        ReportDismissed,
        reason=DismissReason.NOT_IN_SCOPE,
        explanation_sv="Hör hemma i annat system.",
    )
    assert scene.report.dismissed is DismissReason.NOT_IN_SCOPE


def test_refused_second_time() -> None:
    scene = given_a_report()
    command = scene.on_report(DismissReport, reason=DismissReason.TEST)
    scene.given(command).when(command)
    scene.then_refused(Conflict, "report_dismissed", happened="ReportDismissed")


def test_refused_after_it_was_linked() -> None:
    scene = given_an_issue().with_a_report()
    scene.given(scene.on_issue(LinkReport, report_id=scene.report_id))
    scene.when(scene.on_report(DismissReport, reason=DismissReason.DUPLICATE))
    scene.then_refused(Conflict, "report_linked", happened="ReportLinked")


def test_accepted_by_any_authority_where_intake_received_it() -> None:
    scene = given_a_report(receiving_agency="contact_center")
    scene.when(scene.on_report(DismissReport, reason=DismissReason.TEST), "police")
    scene.then(ReportDismissed, registering_agency="police")


def test_refused_by_a_partner_where_intake_received_it() -> None:
    scene = given_a_report(receiving_agency="contact_center")
    scene.when(scene.on_report(DismissReport, reason=DismissReason.TEST), "partner_guards")
    scene.then_refused(NotAllowed, "not_an_authority")


def test_refused_by_an_agency_that_did_not_receive_it() -> None:
    scene = given_a_report()
    scene.when(scene.on_report(DismissReport, reason=DismissReason.TEST), "police")
    scene.then_refused(NotAllowed, "not_the_receiver", who_may=("district",))
