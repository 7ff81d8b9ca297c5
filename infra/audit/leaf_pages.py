"""Reads the leaves of a tree from first to last for the check of all of it, a page ahead."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import Engine

PAGE: Final = 5_000
StoredLeaf: TypeAlias = tuple[int, int | None, str | None, bytes, bytes]
"""Index, position, event's id, hash and entry."""
Page = TypeVar("Page")

_QUERY: Final = (
    "SELECT leaf_index, notification_id, {}, {}, {} FROM audit_leaf"
    " WHERE tree = {} AND leaf_index >= {} AND leaf_index < {} ORDER BY leaf_index LIMIT {}"
)
_ON_POSTGRESQL: Final = _QUERY.format("event_id::text", "leaf_hash", "entry", *["%s"] * 4)
# On SQLite somebody may have put anything into any column.
_ON_SQLITE: Final = _QUERY.format(
    "CAST(event_id AS TEXT)", "CAST(leaf_hash AS BLOB)", "CAST(entry AS BLOB)", *"????"
)


def leaf_pages(engine: Engine, tree: int, size: int) -> Iterator[list[StoredLeaf]]:
    """The leaves up to a size in their order; what is missing is left out."""
    start = 0
    while start < size:
        with engine.connect() as db:
            rows = _page(db.connection.cursor(), engine.dialect.name, (tree, start, size, PAGE))
        if not rows:
            return
        yield rows
        start = rows[-1][0] + 1


def a_page_ahead(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages; while one is worked on the next is read, in a thread of its own."""
    with ThreadPoolExecutor(1, "a page ahead") as reading:
        coming = reading.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = reading.submit(next, pages, None)
            yield page


def _page(cursor: Any, dialect: str, asked: tuple[int, ...]) -> list[StoredLeaf]:  # noqa: ANN401  the driver's
    if dialect == "postgresql":
        # As binary: as text the bytes would come as hexadecimal.
        cursor.execute(_ON_POSTGRESQL, asked, binary=True)
        found: list[StoredLeaf] = cursor.fetchall()
        return found
    cursor.execute(_ON_SQLITE, asked)
    rows: list[StoredLeaf] = cursor.fetchall()
    return [
        (index, at, _dashed(row_id), stored, entry) for index, at, row_id, stored, entry in rows
    ]


def _dashed(digits: str | None) -> str | None:
    """A UUID as it is written everywhere but in SQLite's tables."""
    if digits is None:
        return None
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
