"""AssignCaseworker: within the own agency only; work has begun."""

import pytest

from domain.classification import AssignCaseworker, CaseworkerAssigned
from domain.codes import IssueStatus, ReferralType
from domain.refusals import Conflict
from tests.domain.given import given_an_issue


def test_accepted_begins_the_work() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(AssignCaseworker, user_id="u-dis-02"))
    scene.then(CaseworkerAssigned, user_id="u-dis-02", agency_id="district")
    assert scene.issue.caseworkers == {"district": "u-dis-02"}
    assert scene.issue.status is IssueStatus.ACTIVE


def test_accepted_one_for_each_agency_that_takes_part() -> None:
    scene = given_an_issue().with_a_referral("social", ReferralType.ASSIST).accepted()
    scene.given(scene.on_issue(AssignCaseworker, user_id="u-dis-02"))
    scene.when(scene.on_issue(AssignCaseworker, user_id="u-soc-02"), "u-man-03")
    scene.then(CaseworkerAssigned, agency_id="social")
    assert scene.issue.caseworkers == {"district": "u-dis-02", "social": "u-soc-02"}


def test_accepted_another_one_replaces_the_first() -> None:
    scene = given_an_issue()
    scene.given(scene.on_issue(AssignCaseworker, user_id="u-dis-01"))
    scene.given(scene.on_issue(AssignCaseworker, user_id="u-dis-02"))
    assert scene.issue.caseworkers == {"district": "u-dis-02"}


def test_ignored_when_it_is_so_already() -> None:
    scene = given_an_issue()
    scene.given(scene.on_issue(AssignCaseworker, user_id="u-dis-01"))
    scene.when(scene.on_issue(AssignCaseworker, user_id="u-dis-01"))
    scene.then_refused(Conflict, "nothing_changes", happened="CaseworkerAssigned")


@pytest.mark.parametrize("user_id", ["u-soc-01", "u-nobody"])
def test_refused_somebody_elses_people(user_id: str) -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(AssignCaseworker, user_id=user_id))
    scene.then_bad(("user_id", "not_of_your_agency"))
