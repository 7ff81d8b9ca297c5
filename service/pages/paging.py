"""Reads a page of a list from what a link says; a link that leads nowhere leads to the first."""

from collections.abc import Callable
from typing import TypeVar

from projections.paging import BadCursor, Page

T = TypeVar("T")


def read_page(read: Callable[[str | None], Page[T]], after: str | None) -> Page[T]:
    """The page after a cursor, or the first page if that is no cursor of this list."""
    try:
        return read(after or None)
    except BadCursor:
        return read(None)
