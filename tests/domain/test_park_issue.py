"""ParkIssue: the issue rests until a time ahead; referrals can still be answered."""

from datetime import datetime, timedelta

import pytest

from domain.codes import IssueStatus
from domain.lifecycle import IssueParked, ParkIssue
from tests.clock import START
from tests.domain.given import given_an_issue

AHEAD = START + timedelta(days=60)


def test_accepted_until_a_time_ahead() -> None:
    scene = given_an_issue().with_a_transfer_to("social")
    scene.when(scene.on_issue(ParkIssue, until=AHEAD, reason_sv="Väntar på våren."))
    scene.then(IssueParked, until=AHEAD, reason_sv="Väntar på våren.")
    assert scene.issue.status is IssueStatus.PARKED
    assert scene.issue.status_before_parking is IssueStatus.ACTIVE
    assert scene.issue.parked_until == AHEAD
    assert scene.issue.open_referrals()


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (START, "in_the_past"),
        (datetime(2026, 3, 1), "no_time_zone"),  # noqa: DTZ001  the mistake to refuse
    ],
)
def test_refused_time(until: datetime, code: str) -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(ParkIssue, until=until, reason_sv="Vila.")).then_bad(("until", code))
