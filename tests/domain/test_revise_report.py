"""ReviseReport: the source changed what it says; the earlier words stay in the log."""

from typing import Any

from domain.opening import LinkReport
from domain.refusals import Conflict, NotAllowed
from domain.report import DismissReport, ReportRevised, ReviseReport
from domain.values import Role
from tests.domain.given import BRUNNSPARKEN, Scene, given_a_report, given_an_issue, of

NEW_TEXT = "Det säljs narkotika även vid bron."


def revise(scene: Scene, by: Any = "district", **data: Any) -> Scene:
    given = {"text": NEW_TEXT, "place": BRUNNSPARKEN} | data
    return scene.when(scene.on_report(ReviseReport, **given), by)


def test_accepted_as_a_whole() -> None:
    scene = revise(given_a_report(category="noise"), reason_sv="Ny uppgift.")
    revised = scene.then(ReportRevised, reason_sv="Ny uppgift.")
    assert revised.content.text == NEW_TEXT
    assert revised.content.category is None
    assert scene.report.content == revised.content


def test_accepted_whatever_became_of_the_report() -> None:
    dismissed = given_a_report()
    revise(dismissed.given(dismissed.on_report(DismissReport, reason="test"))).then(ReportRevised)
    linked = given_an_issue().with_a_report()
    linked.given(linked.on_issue(LinkReport, report_id=linked.report_id))
    revise(linked).then(ReportRevised)


def test_ignored_when_it_says_so_already() -> None:
    scene = revise(given_a_report())
    at = scene.now
    revise(scene.later(hours=1), occurred_from=at).then_refused(
        Conflict, "report_unchanged", happened="ReportRevised"
    )


def test_refused_by_an_agency_that_did_not_receive_it() -> None:
    refusal = revise(given_a_report(), "police").then_refused(
        NotAllowed, "not_the_receiver", who_may=("district",)
    )
    assert refusal.sv.endswith("som tog emot rapporten, kan göra detta.")


def test_refused_by_a_reporter() -> None:
    revise(given_a_report(), of("district", Role.REPORTER)).then_refused(
        NotAllowed, "role_not_allowed"
    )


def test_refused_bad_fields_at_once() -> None:
    revise(given_a_report(), text="Kort.", category="unheard_of").then_bad(
        ("text", "too_short"), ("category", "unknown_category")
    )
