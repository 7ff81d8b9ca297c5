"""UnassignCaseworker: nobody at the own agency handles the issue any more."""

from domain.classification import AssignCaseworker, CaseworkerUnassigned, UnassignCaseworker
from domain.refusals import Conflict
from tests.domain.given import given_an_issue


def test_accepted_names_whom() -> None:
    scene = given_an_issue()
    scene.given(scene.on_issue(AssignCaseworker, user_id="u-dis-02"))
    scene.when(scene.on_issue(UnassignCaseworker))
    scene.then(CaseworkerUnassigned, user_id="u-dis-02", agency_id="district")
    assert scene.issue.caseworkers == {}


def test_refused_when_nobody_is_assigned() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(UnassignCaseworker))
    scene.then_refused(Conflict, "nobody_assigned", happened="CaseworkerUnassigned")
