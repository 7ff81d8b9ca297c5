"""ProposeResponsibility: the coordinator's advice when an issue bounces; it orders nobody (R8)."""

import pytest

from domain.refusals import NotAllowed
from domain.responsibility import ProposeResponsibility, ResponsibilityProposed
from domain.values import Role
from tests.domain.given import given_an_issue, of

COORDINATOR = of("district", Role.COORDINATOR)


def test_accepted_moves_nothing() -> None:
    scene = given_an_issue()
    command = scene.on_issue(
        ProposeResponsibility, proposed_agency="social", reason_sv="Närmast till frågan."
    )
    scene.when(command, COORDINATOR)
    scene.then(ResponsibilityProposed, proposed_agency="social", reason_sv="Närmast till frågan.")
    assert scene.issue.responsible_agency == "district"
    assert scene.issue.proposals == 1


def test_accepted_without_a_reason() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(ProposeResponsibility, proposed_agency="social"), COORDINATOR)
    scene.then(ResponsibilityProposed, reason_sv="")


@pytest.mark.parametrize(
    ("agency", "code"),
    [
        ("nobody", "unknown_agency"),
        ("social_2018", "agency_closed"),
        ("partner_nordstan", "not_an_authority"),
        ("contact_center", "intake_only"),
    ],
)
def test_refused_for_one_that_cannot_be_responsible(agency: str, code: str) -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(ProposeResponsibility, proposed_agency=agency), COORDINATOR)
    scene.then_bad(("proposed_agency", code))


def test_refused_by_a_caseworker() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(ProposeResponsibility, proposed_agency="social"))
    scene.then_refused(NotAllowed, "role_not_allowed", who_may=("coordinator",))
