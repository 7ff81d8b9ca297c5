"""VoidIssue: entered by mistake; never deleted, and nobody is left waiting."""

from domain.codes import IssueStatus, ReferralType
from domain.lifecycle import IssueVoided, VoidIssue
from domain.notes import AddNote
from domain.refusals import Conflict
from tests.domain.given import given_an_issue


def test_accepted_keeps_everything_that_was_recorded() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(VoidIssue, reason_sv="Dubblett av misstag."))
    scene.then(IssueVoided, reason_sv="Dubblett av misstag.", originator_version=2)
    assert scene.issue.status is IssueStatus.VOIDED
    assert scene.issue.title == "Otrygghet vid Brunnsparken"


def test_refused_while_somebody_has_not_answered() -> None:
    scene = given_an_issue().with_a_referral("social", ReferralType.CONSULT)
    scene.when(scene.on_issue(VoidIssue, reason_sv="Misstag."))
    scene.then_refused(Conflict, "referral_open", happened="ReferralSent")


def test_refused_anything_but_the_register_afterwards() -> None:
    scene = given_an_issue()
    scene.given(scene.on_issue(VoidIssue, reason_sv="Misstag."))
    scene.when(scene.on_issue(AddNote, text_sv="Men ändå."))
    refusal = scene.then_refused(Conflict, "wrong_issue_status", happened="voided")
    assert refusal.sv == "Ärendet har status Makulerat. Det går inte att göra detta då."
