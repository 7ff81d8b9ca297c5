"""RemoveSecrecyMark: only the agency that set a mark takes it away."""

from domain.codes import ReferralType
from domain.notes import MarkSecrecy, RemoveSecrecyMark, SecrecyMarkRemoved
from domain.refusals import Conflict
from tests.domain.given import given_an_issue


def test_accepted_for_the_own_mark() -> None:
    scene = given_an_issue()
    scene.given(scene.on_issue(MarkSecrecy, provision="OSL 35:1"))
    scene.when(scene.on_issue(RemoveSecrecyMark, reason_sv="Behövs inte."))
    scene.then(SecrecyMarkRemoved, agency_id="district", reason_sv="Behövs inte.")
    assert scene.issue.secrecy_marks == {}


def test_refused_for_another_agencys_mark() -> None:
    scene = given_an_issue().with_a_referral("social", ReferralType.ASSIST).accepted()
    scene.given(scene.on_issue(MarkSecrecy, provision="OSL 35:1"))
    scene.when(scene.on_issue(RemoveSecrecyMark), "social")
    scene.then_refused(Conflict, "not_marked", happened="SecrecyMarkRemoved")
    assert scene.issue.secrecy_marks == {"district": "OSL 35:1"}
