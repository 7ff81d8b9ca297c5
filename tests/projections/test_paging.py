"""Cursors lead on, and nothing but a cursor does."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.paging import check_limit, cursor_of, page_of, read_cursor

SOME_ID = UUID("0199f2c4-7a10-7c3e-9a55-0d7f6b1c2a01")


def test_a_cursor_is_read_back() -> None:
    values = (1, datetime(2026, 1, 12, 8, 15, 0, 123456, tzinfo=UTC), SOME_ID)
    assert read_cursor(cursor_of(values), int, datetime, UUID) == values
    assert read_cursor(None, int) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "åäö",
        "!!!",
        cursor_of(()),
        cursor_of((1,)),
        cursor_of(("1", "2026-01-12T08:15:00Z")),
        cursor_of((1, "2026-01-12T08:15:00")),
        cursor_of((10**30, "2026-01-12T08:15:00Z")),
    ],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        read_cursor(cursor, int, datetime)


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_a_value_error(text: str) -> None:
    try:
        read_cursor(text, int, UUID)
    except ValueError as error:
        assert "cursor" in str(error)  # noqa: PT017  either outcome is right


def test_the_last_page_leads_nowhere() -> None:
    first = page_of([1, 2, 3], 2, str, lambda row: (row,))
    assert first.items == ("1", "2")
    assert read_cursor(first.next, int) == (2,)
    assert page_of([3], 2, str, lambda row: (row,)).next is None


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_limits_have_limits(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        check_limit(limit)
