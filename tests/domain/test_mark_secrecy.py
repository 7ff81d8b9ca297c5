"""MarkSecrecy: a warning flag with provision, date and agency (L16)."""

from datetime import date, timedelta

from domain.notes import MarkSecrecy, SecrecyMarked
from domain.refusals import Conflict
from tests.clock import START
from tests.domain.given import given_an_issue


def test_accepted_with_provision_day_and_agency() -> None:
    scene = given_an_issue()
    at = START - timedelta(days=2)
    scene.when(scene.on_issue(MarkSecrecy, provision="OSL 35:1", occurred_at=at))
    scene.then(
        SecrecyMarked, agency_id="district", provision="OSL 35:1", marked_on=date(2026, 1, 10)
    )
    assert scene.issue.secrecy_marks == {"district": "OSL 35:1"}


def test_accepted_with_another_provision() -> None:
    scene = given_an_issue()
    scene.given(scene.on_issue(MarkSecrecy, provision="OSL 35:1"))
    scene.when(scene.on_issue(MarkSecrecy, provision="OSL 18:1")).then(SecrecyMarked)
    assert scene.issue.secrecy_marks == {"district": "OSL 18:1"}


def test_ignored_when_it_is_so_already() -> None:
    scene = given_an_issue()
    scene.given(scene.on_issue(MarkSecrecy, provision="OSL 35:1"))
    scene.when(scene.on_issue(MarkSecrecy, provision="OSL 35:1"))
    scene.then_refused(Conflict, "marked_already", happened="SecrecyMarked")
