"""Seals what happened: reads on in strict order and grows the signed tree, a transaction a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from infra.audit import ahead, anew, losses, store, writing
from infra.audit.anew import Begun
from infra.audit.checkpoint import Checkpoint
from infra.audit.keys import LogKeys
from infra.audit.leaf import Leaf, Leaves, link_entry
from infra.audit.losses import Lost, lost_entry
from infra.audit.note import BadNote, Note, signed_note
from infra.audit.paths import edge_tiles, split_hashes
from infra.audit.store import Sealed, Tree
from infra.audit.tree import Edge, Node, leaf_hash
from infra.audit.writing import LeafRow, Overtaken

MOST_LEAVES: Final = 20_000
"""In one transaction; when there is more, the next one follows."""
CLOCK_SKEW: Final = timedelta(minutes=1)
"""So much two machines' clocks may differ; a clock that is further behind is wrong."""
POINTS: Final = (
    "read",
    "signed",
    "begun",
    "tree",
    "leaves",
    "nodes",
    "checkpoint",
    "committed",
)
"""Where a test may break a sealing off; each is passed after its step."""

log = structlog.get_logger(__name__)


class LogStopped(Exception):
    """The log is not what it was, so nothing may be signed; somebody must look. Casework goes on.

    All other errors pass: try again.
    """


@dataclass(frozen=True)
class _Head:
    """Where the log stands: the tree that grows, its right edge, and how far it has read.

    ``untold`` are entries whose events are lost, of which no entry tells yet; ``begun`` is the
    log that was decided on in the place of this one.
    """

    tree: Tree | None
    sealed: Sealed | None
    position: int
    edge: tuple[tuple[bytes, ...], ...]
    untold: tuple[Lost, ...] = ()
    begun: Begun | None = None

    @property
    def size(self) -> int:
        return self.sealed.size if self.sealed else 0

    @property
    def root(self) -> bytes:
        return Edge(self.edge).root()


@dataclass(frozen=True)
class _Work:
    """What one transaction is to write."""

    head: _Head
    tree: Tree
    is_new_tree: bool
    rows: Sequence[LeafRow]
    nodes: Sequence[Node]
    sealed: Sealed


class Sequencer:
    """Seals one kind of what is audited. Any number may run: one of them wins each transaction.

    What a leaf is depends on nothing but what is stored, so after whatever crash the same leaves
    come again and the tree is the same. Not for several threads at once.
    """

    def __init__(
        self,
        engine: Engine,
        leaves: Leaves,
        keys: LogKeys,
        *,
        kind: str,
        name: str,
        clock: Callable[[], datetime],
        at: Callable[[str], None] = lambda _point: None,
    ) -> None:
        """``name`` begins each origin, ``kind`` and year follow. ``at`` hears of each step."""
        self._engine = engine.execution_options(writes=True)
        # What is looked at together must be of one moment. SQLite's readers see no other.
        is_postgresql = engine.dialect.name == "postgresql"
        self._snapshots = (
            engine.execution_options(isolation_level="REPEATABLE READ") if is_postgresql else engine
        )
        self._leaves = leaves
        self._keys = keys
        self._kind = kind
        self._name = name
        self._clock = clock
        self._at = at
        self._head: _Head | None = None
        self._highest: tuple[int, int] = (0, 0)

    def seal(self, most: int = MOST_LEAVES) -> int:
        """Seal what there is, at most so many leaves; says how many. Nothing: no new checkpoint.

        Raises:
            LogStopped: what is stored is not the log that was signed, or the clock is wrong.
            Exception: what passes, above all of the database; nothing is lost, call again.
        """
        head, self._head = self._head, None
        head = head or self._load()
        batch = self._leaves(head.position, most)
        if not batch and not head.untold and head.begun is None:
            self._head = head
            return 0
        self._at("read")
        try:
            work = self._work(head, batch)
            if work is None:
                return 0
            tree = self._write(head, work)
        except Overtaken:
            log.info("audit_overtaken", kind=self._kind, size=head.size)
            return 0
        self._head = replace(work.head, tree=tree)
        self._note(self._head)
        return len(work.rows)

    def _work(self, head: _Head, batch: Sequence[Leaf]) -> _Work | None:
        """Make everything before the transaction begins: it shall be short."""
        now = self._clock()
        if head.sealed is not None and now <= head.sealed.signed_at:
            behind = head.sealed.signed_at - now
            if behind > CLOCK_SKEW:
                raise LogStopped(f"the clock is {behind} behind the last checkpoint")
            return None
        year = max(head.tree.year if head.tree else 0, batch[0].year if batch else 0)
        if head.begun is not None:
            year = head.begun.tree.year
        # A year is begun by its first event; a clock that lags behind a colleague's ends none.
        some = batch[: next((n for n, leaf in enumerate(batch) if leaf.year > year), None)]
        is_new_tree = head.begun is not None or head.tree is None or year > head.tree.year
        tree = head.tree
        rows: list[LeafRow] = []
        size, edge = head.size, Edge(head.edge)
        if is_new_tree or tree is None:
            tree = Tree(0, self._kind, year, f"{self._name}/{self._kind}/{year}")
            size, edge = 0, Edge()
            if head.begun is not None:
                tree, entry = head.begun.tree, head.begun.entry
                rows.append((0, None, None, leaf_hash(entry), entry))
            elif head.tree is not None:
                entry = link_entry(head.tree.origin, head.size, head.root)
                rows.append((0, None, None, leaf_hash(entry), entry))
        if head.untold:
            entry = lost_entry(head.untold, tree.origin, size, edge.root())
            rows.append((size + len(rows), None, None, leaf_hash(entry), entry))
        for leaf in some:
            entry = leaf.entry
            rows.append((size + len(rows), leaf.position, leaf.event_id, leaf_hash(entry), entry))
        nodes = edge.add([row[3] for row in rows])
        text = Checkpoint(tree.origin, edge.size, edge.root()).text
        note = signed_note(text, [key.sign(text) for key in self._keys.of(tree.origin)])
        self._at("signed")
        sealed = Sealed(edge.size, note, now)
        levels = tuple(tuple(level) for level in edge.levels)
        position = some[-1].position if some else head.position
        after = _Head(tree, sealed, position, levels)
        return _Work(after, tree, is_new_tree, rows, nodes, sealed)

    def _write(self, head: _Head, work: _Work) -> Tree:
        with self._engine.begin() as db:
            self._at("begun")
            self._check_unmoved(db, head)
            tree = work.tree
            if work.is_new_tree:
                tree = replace(tree, tree=writing.next_tree(db))
                writing.add_tree(db, tree)
            vkeys = [str(key) for key in self._keys.public(tree.origin)]
            writing.add_keys(db, tree.tree, vkeys, work.sealed.signed_at)
            self._at("tree")
            writing.add_leaves(db, tree.tree, work.rows)
            self._at("leaves")
            writing.add_nodes(db, tree.tree, work.nodes)
            self._at("nodes")
            writing.add_checkpoint(db, tree.tree, work.sealed)
            self._at("checkpoint")
        self._at("committed")
        return tree

    def _check_unmoved(self, db: Connection, head: _Head) -> None:
        tree = store.last_tree(db, self._kind)
        sealed = store.last_checkpoint(db, tree.tree) if tree else None
        if (tree, sealed) != (head.tree, head.sealed):
            raise Overtaken
        if anew.waiting(db, self._kind) != head.begun:
            raise Overtaken  # it was decided on a moment ago
        for origin, _ in anew.forged(db):
            raise LogStopped(f"{origin} is said to be given up, by no decision: samsyn verify")
        own = f"{self._name}/{self._kind}/"
        if lacking := [each for each in ahead.lacking(db) if each.origin.startswith(own)]:
            last = lacking[-1]
            said = f"a witness has signed {last.size} entries of {last.origin}"
            raise LogStopped(f"{said}, which are not here: samsyn restore-check")

    def _load(self) -> _Head:
        with self._snapshots.connect() as db:
            tree = store.last_tree(db, self._kind)
            if (begun := anew.waiting(db, self._kind)) is not None:
                # What was wrong with the old one is why it was given up.
                sealed = store.last_checkpoint(db, tree.tree) if tree else None
                head = _Head(tree, sealed, store.reached(db, self._kind), (), begun=begun)
            else:
                head = self._load_tree(db, tree) if tree else _Head(None, None, 0, ())
        self._note(head)
        return head

    def _load_tree(self, db: Connection, tree: Tree) -> _Head:
        sealed = store.last_checkpoint(db, tree.tree)
        if sealed is None:
            raise LogStopped(f"{tree.origin} has no checkpoint")
        if store.leaf_count(db, tree.tree) != sealed.size:
            raise LogStopped(f"{tree.origin} has other leaves than were signed")
        wanted = edge_tiles(sealed.size)
        found = store.tiles_in(db, tree.tree)([tile for tile in wanted if tile.width])
        levels = [split_hashes(found.get(tile, b"")) for tile in wanted]
        try:
            edge = Edge(levels)
            checkpoint = Checkpoint.parse(self._signed(sealed, tree))
        except (BadNote, ValueError) as error:
            raise LogStopped(f"{tree.origin} at {sealed.size}: {error}") from error
        if (checkpoint.origin, checkpoint.size) != (tree.origin, sealed.size):
            raise LogStopped(f"{tree.origin} at {sealed.size}: the checkpoint is of something else")
        if (edge.size, edge.root()) != (sealed.size, checkpoint.root):
            raise LogStopped(f"{tree.origin} at {sealed.size}: the leaves give another root")
        position = store.reached(db, self._kind)
        untold = tuple(losses.untold(db, self._kind))
        for lost in untold:
            if not losses.is_at_the_end(db, lost):
                raise LogStopped(f"{lost.origin}: the event of entry {lost.first} was taken away")
        return _Head(tree, sealed, position, tuple(map(tuple, edge.levels)), untold)

    def _signed(self, sealed: Sealed, tree: Tree) -> str:
        """The text of a checkpoint; what a key of ours signed must be what it signed."""
        note = Note.parse(sealed.note)
        ours = {key.key_id for key in self._keys.public(tree.origin)}
        if any(each.key_id in ours for each in note.signatures):
            note.checked(self._keys.public(tree.origin))
        return note.text

    def _note(self, head: _Head) -> None:
        """A log that is shorter than it once was has lost something: an old backup, say."""
        found = (head.tree.tree if head.tree else 0, head.size)
        if found < self._highest:
            raise LogStopped(f"the log of {self._kind} has gone back to {found[1]} entries")
        self._highest = found
