"""PerformAccessReview: a manager signs that a period of the own access log was looked through."""

from datetime import date
from typing import Any

import pytest

from domain.access_review import AccessReviewPerformed, PerformAccessReview, review_id
from domain.codes import AccessFinding, AccessPattern
from domain.refusals import Conflict, NotAllowed
from domain.values import Role
from tests.domain.given import Scene, of

MANAGER = of("social", Role.MANAGER)
DECEMBER = {"period_from": date(2025, 12, 1), "period_to": date(2025, 12, 31)}


def review(**changes: Any) -> PerformAccessReview:
    data: dict[str, Any] = {
        "agency_id": "social",
        **DECEMBER,
        "log_rows": 400,
        "readers": 12,
        "rows_without_reason": 3,
        "sample_size": 20,
    }
    return PerformAccessReview(**(data | changes))


def test_accepted_is_an_event_of_its_own_stream() -> None:
    scene = Scene().when(
        review(
            patterns=(AccessPattern.NIGHT, AccessPattern.WITHOUT_REASON, AccessPattern.NIGHT),
            findings=(AccessFinding.REASON_UNKNOWN,),
        ),
        MANAGER,
    )
    event = scene.then(
        AccessReviewPerformed,
        agency_id="social",
        **DECEMBER,
        sample_size=20,
        patterns=(AccessPattern.NIGHT, AccessPattern.WITHOUT_REASON),
        findings=(AccessFinding.REASON_UNKNOWN,),
        registering_agency="social",
    )
    assert event.originator_id == scene.created == review_id("social", *DECEMBER.values())


def test_what_the_sample_is_drawn_by_follows_from_what_is_reviewed() -> None:
    december = review_id("social", *DECEMBER.values())
    assert december == review_id("social", date(2025, 12, 1), date(2025, 12, 31))
    assert december != review_id("police", date(2025, 12, 1), date(2025, 12, 31))
    assert december != review_id("social", date(2025, 12, 1), date(2025, 12, 30))


def test_refused_a_second_time_for_the_same_period() -> None:
    scene = Scene().given(review(), MANAGER).when(review(sample_size=30), MANAGER)
    scene.then_refused(Conflict, "reviewed_already", happened="AccessReviewPerformed")
    scene.when(review(period_from=date(2025, 11, 1), period_to=date(2025, 11, 30)), MANAGER)
    scene.then(AccessReviewPerformed)


def test_refused_for_the_log_of_another_agency() -> None:
    scene = Scene().when(review(agency_id="police"), MANAGER)
    scene.then_refused(NotAllowed, "other_agency", who_may=("police",))


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.COORDINATOR, Role.AUDITOR, Role.ADMIN])
def test_refused_to_all_but_managers(role: Role) -> None:
    Scene().when(review(), of("social", role)).then_refused(NotAllowed, "role_not_allowed")


def test_refused_to_a_partner() -> None:
    scene = Scene().when(review(agency_id="partner_nordstan"), of("partner_nordstan", Role.MANAGER))
    scene.then_refused(NotAllowed, "not_an_authority")


def test_refused_of_days_that_are_not_over() -> None:
    scene = Scene()
    today = scene.now.date()
    scene.when(review(period_from=today, period_to=today), MANAGER)
    scene.then_bad(("period_to", "not_over"))
    scene.when(review(period_from=date(2025, 12, 31), period_to=date(2025, 12, 1)), MANAGER)
    scene.then_bad(("period_to", "before_period_from"))
    scene.when(review(period_from=date(2024, 1, 1), period_to=date(2025, 1, 1)), MANAGER)
    scene.then_bad(("period_to", "too_long"))


def test_refused_numbers_that_cannot_be() -> None:
    scene = Scene().when(review(readers=401, rows_without_reason=-1), MANAGER)
    scene.then_bad(("readers", "not_of_the_log"), ("rows_without_reason", "not_of_the_log"))
    scene.when(review(sample_size=19), MANAGER).then_bad(("sample_size", "too_small"))
    scene.when(review(log_rows=4, readers=1, rows_without_reason=0, sample_size=4), MANAGER).then(
        AccessReviewPerformed
    )


def test_a_quiet_period_is_signed_too() -> None:
    nothing = review(log_rows=0, readers=0, rows_without_reason=0, sample_size=0)
    Scene().when(nothing, MANAGER).then(AccessReviewPerformed, log_rows=0)
