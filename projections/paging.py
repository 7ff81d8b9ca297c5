"""Keyset paging: a page of a list and the opaque text that leads to the next one."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, Generic, TypeVar

import msgspec

MOST_ITEMS = 200
"""Nobody gets more than so many items of a list at once."""

T = TypeVar("T")
R = TypeVar("R")

# A forged cursor must not bring the database a value it cannot hold.
_STORABLE: Mapping[type, Any] = {
    int: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
    datetime: Annotated[datetime, msgspec.Meta(tz=True)],
}


class BadCursor(ValueError):
    """The text leads nowhere in this list."""


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


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """Read back what `cursor_of` wrote, values of these types: `datetime, UUID`.

    Raises:
        BadCursor: it is not a cursor of this list.
    """
    if cursor is None:
        return None
    whole: Any = GenericAlias(tuple, tuple(_STORABLE.get(kind, kind) for kind in kinds))
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values: tuple[Any, ...] = msgspec.json.decode(raw, type=whole)
    except (ValueError, msgspec.DecodeError) as error:
        raise BadCursor("this is not a cursor of this list") from error
    return values


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
    return Page(tuple([item(row) for row in shown]), cursor_of(values(shown[-1])) if more else None)
