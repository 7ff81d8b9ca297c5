"""When a process collects all its garbage: seldom, but before much of it can have gathered."""

import pytest

from service.garbage import all_due


@pytest.mark.parametrize(
    ("seconds", "young_ones", "due"),
    [
        (1.0, 10, False),
        (599.0, 399, False),
        (600.0, 1, True),
        (3_600.0, 0, False),
        (20.0, 400, True),
    ],
)
def test_all_garbage_is_collected_after_ten_minutes_or_much_work_but_not_at_rest(
    seconds: float, young_ones: int, *, due: bool
) -> None:
    assert all_due(seconds, young_ones) is due
