"""Entries whose events are lost since a restore: they stay in the log, and one entry tells so."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import msgspec
from sqlalchemy import Connection, select

from infra.audit.leaf import VERSION
from infra.audit.store import Tree, find_trees, leaf_count, tree_of
from infra.audit.tables import leaves


@dataclass(frozen=True, slots=True, order=True)
class Lost:
    """Entries of a log side by side, the last one included, whose events are nowhere any more."""

    origin: str
    first: int
    last: int

    def has(self, index: int) -> bool:
        """Whether the entry with this index is one of them."""
        return self.first <= index <= self.last


def lost_entry(lost: Sequence[Lost], origin: str, size: int, root: bytes) -> bytes:
    """The entry that tells of a loss; like the first of a year it names the checkpoint before."""
    told = {
        "lost": [asdict(each) for each in lost],
        "previous": {"origin": origin, "root": root.hex(), "size": size},
        "v": VERSION,
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class _Told(msgspec.Struct):
    lost: list[Lost] = []


_read_told: Final = msgspec.json.Decoder(_Told).decode


def told_in(entry: bytes) -> list[Lost]:
    """The losses that an entry tells of; none if it is about something else."""
    try:
        return _read_told(entry).lost
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return []  # none of ours: whoever checks the log's table says so


def lost_in(db: Connection, kind: str) -> list[Lost]:
    """All entries without an event of the trees of a kind."""
    return [each for tree in find_trees(db, kind) for each in _lost_of(db, tree)]


def untold(db: Connection, kind: str) -> list[Lost]:
    """The losses of which no entry tells yet."""
    lost = lost_in(db, kind)
    if not lost:
        return []
    told = {each for tree in find_trees(db, kind) for each in _told_of(db, tree)}
    return [each for each in lost if not is_told(each, told)]


def is_at_the_end(db: Connection, lost: Lost) -> bool:
    """Whether a loss is what a restore loses: the last of a tree, and no entry in its midst."""
    tree = tree_of(db, lost.origin)
    return tree is not None and leaf_count(db, tree.tree) == lost.last + 1


def is_told(lost: Lost, told: Iterable[Lost]) -> bool:
    """Whether all entries of a loss are among those told."""
    return all(
        any(each.origin == lost.origin and each.has(index) for each in told)
        for index in range(lost.first, lost.last + 1)
    )


def _lost_of(db: Connection, tree: Tree) -> list[Lost]:
    column = leaves.c
    query = select(column.leaf_index).where(
        column.tree == tree.tree, column.notification_id.is_(None), column.event_id.is_not(None)
    )
    found: list[Lost] = []
    for index in db.scalars(query.order_by(column.leaf_index)):
        if found and found[-1].last == index - 1:
            found[-1] = Lost(tree.origin, found[-1].first, index)
        else:
            found.append(Lost(tree.origin, index, index))
    return found


def _told_of(db: Connection, tree: Tree) -> list[Lost]:
    column = leaves.c
    query = select(column.entry).where(
        column.tree == tree.tree, column.notification_id.is_(None), column.event_id.is_(None)
    )
    return [each for entry in db.scalars(query) for each in told_in(entry)]
