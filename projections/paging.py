"""Keyset paging: a page of a list and the opaque text that leads to the next one."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

MOST_ITEMS = 200
"""Nobody gets more than so many items of a list at once."""

T = TypeVar("T")
R = TypeVar("R")
K = TypeVar("K")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some items of a list, in its order; `next` is None on the last page."""

    items: tuple[T, ...]
    next: str | None


def check_limit(limit: int) -> int:
    """Give back a limit from 1 to 200; any other is a ValueError."""
    if not 1 <= limit <= MOST_ITEMS:
        raise ValueError(f"the limit is a number from 1 to {MOST_ITEMS}, not {limit}")
    return limit


def cursor_of(values: Sequence[object]) -> str:
    """The text that leads on from the item with these values in the list's ordering columns."""
    return base64.urlsafe_b64encode(msgspec.json.encode(tuple(values))).decode().rstrip("=")


def read_cursor(cursor: str | None, kind: type[K]) -> K | None:
    """Read back what `cursor_of` wrote: `read_cursor(after, tuple[datetime, UUID])`.

    Raises:
        ValueError: it is not a cursor of this list.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, UnicodeError, msgspec.DecodeError) as error:
        raise ValueError("this is not a cursor of this list") from error


def page_of(
    rows: Sequence[R],
    limit: int,
    item: Callable[[R], T],
    values: Callable[[R], Sequence[object]],
) -> Page[T]:
    """Make a page of rows that were read with `limit + 1`, so that one tells whether more follow.

    `values` gives a row's values in the ordering columns.
    """
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(tuple(item(row) for row in shown), cursor_of(values(shown[-1])) if more else None)
