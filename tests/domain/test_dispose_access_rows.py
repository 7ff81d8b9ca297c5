"""DisposeAccessRows: by the system, by a decision, once, and never before five years are out."""

from datetime import date
from typing import Any

import pytest

from domain.access_disposal import (
    AccessRowsDisposed,
    DisposeAccessRows,
    disposal_id,
    first_day_kept,
)
from domain.refusals import Conflict, Invalid, NotAllowed
from domain.values import Role
from tests.domain.given import Scene, of

DAY = date(2021, 1, 1)


def disposal(**changes: Any) -> DisposeAccessRows:
    data: dict[str, Any] = {
        "agency_id": "social",
        "before": DAY,
        "rows": 400,
        "decision_ref": "N140-0123/25",
    }
    return DisposeAccessRows(**(data | changes))


def test_accepted_is_an_event_of_the_agency_with_its_decision() -> None:
    scene = Scene().when(disposal(), "system")
    event = scene.then(
        AccessRowsDisposed,
        agency_id="social",
        before=DAY,
        rows=400,
        decision_ref="N140-0123/25",
        registering_agency="social",
    )
    assert event.originator_id == disposal_id("social", DAY) != disposal_id("police", DAY)


def test_refused_a_second_time_for_the_same_day() -> None:
    scene = Scene().given(disposal(), "system").when(disposal(rows=1), "system")
    scene.then_refused(Conflict, "disposed_already", happened="AccessRowsDisposed")
    scene.when(disposal(agency_id="police"), "system").then(AccessRowsDisposed)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"before": date(2021, 6, 1)}, "before", "must_be_kept"),
        ({"rows": 0}, "rows", "nothing_to_do"),
    ],
)
def test_refused_what_must_be_kept_or_is_not_there(
    changes: dict[str, Any], field: str, code: str
) -> None:
    scene = Scene().when(disposal(**changes), "system")
    assert isinstance(scene.refusal, Invalid)
    assert [(each.field, each.code) for each in scene.refusal.errors] == [(field, code)]


def test_refused_by_people() -> None:
    for role in set(Role) - {Role.SYSTEM}:
        scene = Scene().when(disposal(), of("social", role))
        scene.then_refused(NotAllowed, "role_not_allowed", who_may=("system",))


def test_five_years_are_kept_also_from_the_end_of_february() -> None:
    assert first_day_kept(date(2026, 11, 27)) == date(2021, 11, 27)
    assert first_day_kept(date(2028, 2, 29)) == date(2023, 2, 28)
