"""Checks the event log against the audit log: every event, leaf, node and checkpoint."""

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from domain.log_entry import LogEntry
from infra.audit import anew, findings, losses, store
from infra.audit.anew import State
from infra.audit.checkpoint import Checkpoint
from infra.audit.findings import Checked
from infra.audit.leaf import Leaf, NoLeaf, facts_in, link_entry, written_time
from infra.audit.leaf_pages import StoredLeaf, a_page_ahead, leaf_pages
from infra.audit.losses import Lost
from infra.audit.made import Log, Made
from infra.audit.note import BadNote, Note, PublicKey
from infra.audit.shape import Shape
from infra.audit.store import Tree
from infra.audit.tables import checkpoints
from infra.audit.tree import leaf_hash
from infra.database import microseconds

SKEW: Final = 5_000_000
"""So many microseconds the clocks of two servers may differ."""
# Events that excuse a content that was taken away.
_DISPOSED: Final = b'"type":"RecordDisposed"'
_ERASED: Final = b'"type":"PersonalDataErased"'

# Before all positions: the first that the log gives is 1, and an event put in front is looked at.
_IN_FRONT: Final = -(1 << 63)

Keys = Callable[[Connection, Tree], Sequence[PublicKey]]


def check_log(
    engine: Engine,
    log: Log,
    keys: Keys,
    kind: str,
    progress: Callable[[int, int], None],
) -> Checked:
    """Compare everything; sealing may go on meanwhile.

    ``keys`` gives those that may sign a tree. ``progress`` hears how many leaves of how many are
    done.
    """
    with engine.connect() as db:
        known = store.find_trees(db, kind)
        sizes = {tree.tree: _size(db, tree) for tree in known}
        made = a_page_ahead(log.scan(_IN_FRONT, log.head()))
        check = _Check(db, keys, progress, sum(sizes.values()), log, chain.from_iterable(made))
        for tree in known:
            pages = leaf_pages(engine, tree.tree, sizes[tree.tree])
            check.tree(tree, pages, sizes[tree.tree], is_newest=tree == known[-1])
        check.end()
    return check.checked


class _Check:
    """Goes along events and leaves side by side."""

    def __init__(
        self,
        db: Connection,
        keys: Keys,
        progress: Callable[[int, int], None],
        total: int,
        log: Log,
        made: Iterator[Made],
    ) -> None:
        self.checked = Checked()
        self._db = db
        self._keys = keys
        self._progress = progress
        self._total = total
        self._log = log
        self._made = made
        self._next: Made | None = None
        self._tree = 0
        self._shift = 0
        self._is_explained = False
        self._latest = 0
        self._previous: State | None = None
        self._emptied: list[tuple[int, bytes, str]] = []
        self._disposals: set[str] = set()
        self._lost: list[tuple[Lost, bytes]] = []
        self._told: list[Lost] = []

    def tree(
        self, tree: Tree, pages: Iterator[Sequence[StoredLeaf]], size: int, *, is_newest: bool
    ) -> None:
        """Check one year's tree, and the events that it holds."""
        signed = self._checkpoints(tree, is_newest=is_newest)
        shape = Shape(self._db, tree, signed, self.checked)
        expected = 0
        self._tree = tree.tree
        for page in a_page_ahead(pages):
            hashes: list[bytes] = []
            for leaf in page:
                if leaf[0] != expected:
                    self.checked.add(findings.entries_missing(expected, leaf[0] - 1))
                    shape.add(hashes)
                    hashes, shape.is_broken = [], True
                expected = leaf[0] + 1
                hashes.append(leaf[3])
                if not self._is_as_made(leaf):
                    self._look_closely(tree, leaf)
            shape.add(hashes)
            self.checked.entries += len(page)
            self._progress(self.checked.entries, self._total)
        if expected < size:
            self.checked.add(findings.entries_missing(expected, size - 1))
            shape.is_broken = True
        has_more = store.leaf_count(self._db, tree.tree) > size
        is_whole = not _grew(self._db, tree, size)
        shape.end(is_whole=is_whole)
        if has_more and is_whole:
            self.checked.add(findings.entries_added(size))
        if store.has_leaves_in_front(self._db, tree.tree):
            self.checked.add(findings.entries_in_front(tree.origin))
        if signed:
            last = signed[-1]
            self._previous = State(tree.origin, last.size, last.root.hex())

    def _is_as_made(self, leaf: StoredLeaf) -> bool:
        """Whether the next event becomes this very entry, and this is its hash; then it is done."""
        _, position, event_id, stored, entry = leaf
        made = self._next = self._next or next(self._made, None)
        if (
            made is None
            or made[2] != entry
            or made[0] != position
            or made[1] != event_id
            or leaf_hash(entry) != stored
        ):
            return False
        self._next = None
        self._shift, self._is_explained = 0, False
        self._take(entry, made[3])
        return True

    def _look_closely(self, tree: Tree, leaf: StoredLeaf) -> None:
        index, position, event_id, stored, entry = leaf
        if leaf_hash(entry) != stored:
            self.checked.add(findings.entry_rewritten(index, entry))
            if position is None and event_id is None:
                return
        if position is None:
            self._of_no_event(tree, index, event_id, entry)
        elif self._is_disposed(event_id, entry):
            self.checked.disposed += 1
        else:
            self._event(index, position, event_id, entry)

    def _is_disposed(self, event_id: str | None, entry: bytes) -> bool:
        """Whether the row of an entry is gone because its time was out."""
        if not self._log.disposed_before or (self._next and self._next[1] == event_id):
            return False
        facts = facts_in(entry)
        at = "" if facts is None else written_time(facts.recorded_at)
        return "" < at < self._log.disposed_before

    def end(self) -> None:
        """Judge what needs the whole log."""
        unsealed = int(self._next is not None) + sum(1 for _ in self._made)
        self.checked.unsealed += unsealed
        for index, entry, by in self._emptied:
            if by in self._disposals:
                self.checked.erased += 1
            else:
                self.checked.add(findings.erased_without_decision(index, entry))
        for lost, entry in self._lost:
            if losses.is_told(lost, self._told):
                self.checked.lost += 1
                self.checked.add(findings.lost(lost.first, entry))
            else:
                self.checked.add(findings.removed(lost.first, entry))
        self._progress(self._total, self._total)

    def _of_no_event(self, tree: Tree, index: int, event_id: str | None, entry: bytes) -> None:
        """Take an entry that no event of the store belongs to: a link, or what was lost."""
        if event_id is not None:
            self._lost.append((Lost(tree.origin, index, index), entry))
        elif told := losses.told_in(entry):
            self._told += told
        elif (begun := anew.told_in(entry)) is not None and self._begins(begun.previous, index):
            self.checked.add(findings.begun_anew(tree.origin, begun))
        elif entry != self._link:
            self.checked.add(findings.entry_rewritten(index, entry))

    @property
    def _link(self) -> bytes | None:
        """The first entry of a new year, after the trees that were checked."""
        if self._previous is None:
            return None
        told = self._previous
        return link_entry(told.origin, told.size, bytes.fromhex(told.root))

    def _begins(self, previous: State, index: int) -> bool:
        """Whether a tree may begin so: it names the one before as that was signed."""
        return index == 0 and (self._previous or previous) == previous

    def _checkpoints(self, tree: Tree, *, is_newest: bool) -> list[Checkpoint]:
        column = checkpoints.c
        query = select(column.tree_size, column.note).where(column.tree == tree.tree)
        rows = self._db.execute(query.order_by(column.tree_size)).all()
        keys, elder = _read_keys(self._keys, self._db, tree), _read_keys(_named, self._db, tree)
        # A key that was changed signs no more, and need not be known: what it signed is vouched for
        # by the newest checkpoint, over the same leaves, or by the next year's first entry.
        if not is_newest or (rows and _is_signed(rows[-1].note, keys)):
            keys = [*keys, *elder]
        good: list[Checkpoint] = []
        for size, text in rows:
            try:
                note = Note.parse(text)
                note.checked(keys)
                told = Checkpoint.parse(note.text)
            except BadNote as error:
                self.checked.add(findings.bad_checkpoint(tree.origin, size, str(error)))
                continue
            if (told.origin, told.size) != (tree.origin, size):
                self.checked.add(findings.bad_checkpoint(tree.origin, size, "another size"))
                continue
            if any(each.name != tree.origin for each in note.signatures):
                self.checked.add(findings.bad_checkpoint(tree.origin, size, "a line of another"))
            good.append(told)
            self.checked.checkpoints += 1
        if not good:
            self.checked.add(findings.no_checkpoint(tree.origin))
        return good

    def _event(self, index: int, position: int, event_id: str | None, entry: bytes) -> None:
        """Find the event of an entry; in the store it may have neighbours that are not the log's.

        Events are known by their ids: who takes one out may have numbered the others anew.
        """
        while (event := self._peek()) is not None:
            try:
                made = self._log.leaf_of(event)
            except NoLeaf:
                if event.position > position:
                    break
                self._next = None
                if event.position == position:
                    self._unreadable(index, entry, event)
                    return
                self.checked.add(findings.inserted(event.position, event.topic, "-", _at(event)))
                self._is_explained = True
                continue
            if made.entry == entry or str(made.event_id) == event_id:
                self._next = None
                if str(made.event_id) != event_id:
                    self.checked.add(findings.entry_rewritten(index, entry))
                self._keep_step(position, event, made)
                self._same(index, entry, event, made.entry)
                return
            known = store.leaf_about(self._db, made.event_id)
            comes_later = known is not None and (known.tree, known.index) > (self._tree, index)
            if comes_later and event.position > 0:
                break
            self._next = None
            told = event.position, event.topic, str(made.event_id), _at(event)
            self.checked.add(findings.inserted(*told) if known is None else findings.moved(*told))
            self._is_explained = True
        self.checked.add(findings.removed(index, entry))
        self._is_explained = True

    def _keep_step(self, position: int, event: LogEntry, made: Leaf) -> None:
        """Tell of an event that stands elsewhere, unless one was found before that has pushed it.

        Who takes an event out or puts one in may number the others anew: that is told of the one.
        """
        shift = event.position - position
        if shift != self._shift and not self._is_explained:
            told = event.position, event.topic, str(made.event_id), _at(event)
            self.checked.add(findings.moved(*told))
        self._shift, self._is_explained = shift, False

    def _same(self, index: int, entry: bytes, event: LogEntry, made: bytes) -> None:
        if made != entry:
            self.checked.add(findings.altered(index, entry, made))
        self._take(entry, microseconds(event.recorded_at))

    def _take(self, entry: bytes, at: int) -> None:
        if _DISPOSED in entry or _ERASED in entry:
            facts = facts_in(entry)
            self._disposals |= {str(facts.event)} if facts else set()
        if at >= self._latest:
            self._latest = at
        elif at < self._latest - SKEW:
            self.checked.backwards += 1

    def _unreadable(self, index: int, entry: bytes, event: LogEntry) -> None:
        by = _erased_by(event.state)
        if by is None:
            self.checked.add(findings.content_altered(index, entry))
        else:
            self._emptied.append((index, entry, by))

    def _peek(self) -> LogEntry | None:
        self._next = self._next or next(self._made, None)
        return None if self._next is None else self._log.entry_of(self._next[-1])


def _size(db: Connection, tree: Tree) -> int:
    sealed = store.last_checkpoint(db, tree.tree)
    return sealed.size if sealed else 0


def _grew(db: Connection, tree: Tree, size: int) -> bool:
    """Whether it was sealed on while we looked."""
    return _size(db, tree) > size


def _named(db: Connection, tree: Tree) -> Sequence[PublicKey]:
    return store.known_keys(db, tree.tree)


def _read_keys(keys: Keys, db: Connection, tree: Tree) -> Sequence[PublicKey]:
    try:
        return keys(db, tree)
    except BadNote:
        return ()  # the check of the register says which is none


def _is_signed(note: str, keys: Sequence[PublicKey]) -> bool:
    try:
        return bool(Note.parse(note).checked(keys))
    except BadNote:
        return False


def _at(event: LogEntry) -> str:
    return written_time(event.recorded_at)


def _erased_by(state: bytes) -> str | None:
    """The event that a tombstone names; None for anything else."""
    try:
        told: Any = json.loads(state)
    except (ValueError, RecursionError):
        return None
    match told:
        case {"erased_by": str(event_id), **rest} if not rest:
            return event_id
        case _:
            return None
