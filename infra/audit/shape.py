"""Grows a tree anew out of its stored leaves, for the check of the whole log."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from infra.audit import findings
from infra.audit.checkpoint import Checkpoint
from infra.audit.findings import Checked
from infra.audit.store import Tree
from infra.audit.tables import nodes
from infra.audit.tree import HASH_BYTES, TILE_HEIGHT, Edge

_NEVER: Final = 1 << 63
_MOST_LEVEL: Final = 7
"""Of nodes: one above would be over more leaves than can be counted."""


class Shape:
    """Grows a tree again, and holds it against its stored nodes and every checkpoint."""

    def __init__(
        self, db: Connection, tree: Tree, signed: Sequence[Checkpoint], checked: Checked
    ) -> None:
        """Take the good checkpoints in their order; what is found goes into ``checked``."""
        self.is_broken = False
        self._tree = tree
        self._signed = list(reversed(signed))
        self._checked = checked
        self._edge = Edge()
        self._good = 0
        self._size = 0
        self._next = self._signed[-1].size if self._signed else _NEVER
        self._nodes = _nodes(db, tree)

    def add(self, stored: Sequence[bytes]) -> None:
        """Take the hashes of the next leaves."""
        at = 0
        while self._next - self._size <= len(stored) - at and not self.is_broken:
            until = at + self._next - self._size
            self._grow(stored[at:until])
            at = until
            self._compare(self._signed.pop())
        self._grow(stored[at:])

    def end(self, *, is_whole: bool) -> None:
        """Judge what is left when there are no more leaves; ``is_whole`` unless it has grown on."""
        for level, index in sorted(self._nodes):
            # What is left belongs to nothing that was signed, unless sealing went on meanwhile.
            is_due = not 0 < level <= _MOST_LEVEL or index < 0
            if is_whole or is_due or (index + 1) << (TILE_HEIGHT * level) <= self._edge.size:
                self._checked.add(findings.other_node(self._tree.origin, level, index))

    def _grow(self, stored: Sequence[bytes]) -> None:
        self._size += len(stored)
        if any(len(each) != HASH_BYTES for each in stored):
            self.is_broken = True
            stored = [each.ljust(HASH_BYTES, b"\0")[:HASH_BYTES] for each in stored]
        for node in self._edge.add(stored):
            known = self._nodes.pop((node.level, node.index), None)
            if known != node.hash and not self.is_broken:
                self._checked.add(findings.other_node(self._tree.origin, node.level, node.index))

    def _compare(self, checkpoint: Checkpoint) -> None:
        if self._edge.root() != checkpoint.root:
            self._checked.add(findings.other_root(self._tree.origin, self._good, checkpoint.size))
            # All that follow are other ones for the same reason.
            self.is_broken = True
        self._good = checkpoint.size
        self._next = self._signed[-1].size if self._signed else _NEVER


def _nodes(db: Connection, tree: Tree) -> dict[tuple[int, int], bytes]:
    column = nodes.c
    query = select(column.level, column.node_index, column.hash).where(column.tree == tree.tree)
    return {(level, index): data for level, index, data in db.execute(query).all()}
