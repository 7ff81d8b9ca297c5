"""Brings a log that an older copy replaced up to what its witnesses hold, out of a mirror."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection, Engine

from domain.log_entry import LogEntry
from infra.audit import ahead, anew, store, writing
from infra.audit.ahead import Stands
from infra.audit.anew import Begun, parts_of
from infra.audit.checkpoint import Checkpoint
from infra.audit.leaf import ISSUES, Facts, Leaf, Leaves, facts_in, payload_of
from infra.audit.note import BadNote, KeyType, Note, PublicKey
from infra.audit.paths import edge_tiles, split_hashes
from infra.audit.store import Sealed, Tree
from infra.audit.tree import Edge, leaf_hash
from infra.audit.writing import LeafRow
from infra.log.beside import hold_the_log, write_beside
from infra.log.mapper import event_of

Claims = Callable[[LogEntry], Sequence[str]]
"""The names that an event keeps from being used twice."""
_AT_A_TIME = 1_000


class Source(Protocol):
    """A mirror: a log as a witness has kept it."""

    @property
    def note(self) -> Note:
        """The checkpoint that the witness has signed."""
        ...

    def entries(self, start: int, size: int) -> Iterator[bytes]:
        """The entries from an index up to a size; raises OSError or ValueError."""
        ...


class CannotHeal(Exception):
    """The mirror and the database do not belong together, or too much was done since."""


@dataclass(frozen=True, kw_only=True)
class Healed:
    """What was done: entries put back, events put back, and entries whose events are lost."""

    origin: str
    entries: int
    events: int
    lost: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as somebody kept it: its stored bytes, and its place in the log of events.

    The entry commits to the bytes. Of the place an open entry tells too, and then that counts; a
    closed one does not, and whoever kept the event is believed, as the database is.
    """

    state: bytes
    stream: UUID
    version: int
    topic: str


@dataclass(frozen=True, kw_only=True)
class Healing:
    """The parts of a program that a healing needs.

    ``leaves`` are those of a kind of log, ``logs`` the keys of the log itself, ``witnesses`` those
    that were agreed on; ``states`` are events as somebody kept them, by their ids.
    """

    engine: Engine
    leaves: Callable[[str], Leaves]
    logs: Callable[[Connection, str], Sequence[PublicKey]]
    witnesses: Sequence[PublicKey]
    clock: Callable[[], datetime]
    states: Mapping[UUID, Kept]
    claims: Claims

    def look(self, source: Source) -> tuple[Checkpoint, Stands]:
        """How a mirror's checkpoint stands to the log; one that is ahead may prove to be another.

        Raises:
            BadNote: no log or witness that is known has signed it.
            OSError, ValueError: the mirror cannot be read.
        """
        with self.engine.connect() as db:
            told = self._checked(db, source.note)
            found = ahead.stands(db, told)
            if found is Stands.AHEAD:
                tree = store.tree_of(db, told.origin)
                edge, more = _edge(db, tree), source.entries(_size(db, tree), told.size)
                edge.add(list(map(leaf_hash, more)))
                if (edge.size, edge.root()) != (told.size, told.root):
                    return told, Stands.OTHER
        return told, found

    def heal(self, source: Source) -> Healed:
        """Put back what is missing, all or nothing.

        Raises:
            CannotHeal: another log was grown meanwhile; nothing was done.
            BadNote, OSError, ValueError: as looking.
        """
        with self.engine.execution_options(writes=True).begin() as db:
            hold_the_log(db)
            told = self._checked(db, source.note)
            tree = store.tree_of(db, told.origin)
            size = _size(db, tree)
            more = list(source.entries(size, told.size)) if told.size > size else []
            healed = self._put_back(db, told, tree, more)
            self._sign_again(db, told.origin, source.note)
        return healed

    def _checked(self, db: Connection, note: Note) -> Checkpoint:
        return ahead.signed_by_both(note, self.logs(db, _told(note).origin), self.witnesses)

    def _put_back(
        self, db: Connection, told: Checkpoint, tree: Tree | None, more: Sequence[bytes]
    ) -> Healed:
        if anew.is_given_up(db, told.origin):
            raise CannotHeal(f"{told.origin} was given up by decision")
        if not more:
            if ahead.stands(db, told) is not Stands.HELD:
                raise CannotHeal("the log has other entries than the mirror")
            return Healed(origin=told.origin, entries=0, events=0, lost=())
        size, edge = _size(db, tree), _edge(db, tree)
        nodes = edge.add(list(map(leaf_hash, more)))
        if (edge.size, edge.root()) != (told.size, told.root):
            raise CannotHeal(f"the first {size} entries are others than the mirror's")
        if tree is None:
            _, kind, year = parts_of(told.origin)
            tree = Tree(writing.next_tree(db), kind, year, told.origin)
            writing.add_tree(db, tree)
            anew.keep(db, Begun(tree, more[0]))
        rows, put_back, lost = self._rows(db, tree.kind, size, more)
        writing.add_keys(
            db, tree.tree, [str(key) for key in self.logs(db, told.origin)], self.clock()
        )
        writing.add_leaves(db, tree.tree, rows)
        writing.add_nodes(db, tree.tree, nodes)
        return Healed(origin=told.origin, entries=len(more), events=put_back, lost=lost)

    def _rows(
        self, db: Connection, kind: str, size: int, more: Sequence[bytes]
    ) -> tuple[list[LeafRow], int, tuple[bytes, ...]]:
        """The leaves with the positions of their events, as far as these are there."""
        position = store.reached(db, kind)
        waiting = {leaf.event_id: leaf for leaf in self._unsealed(kind, position)}
        rows: list[LeafRow] = []
        lost: list[bytes] = []
        put_back = 0
        for index, entry in enumerate(more, size):
            facts = facts_in(entry)
            if facts is None:
                rows.append((index, None, None, leaf_hash(entry), entry))
                continue
            place: int | None = None
            kept = waiting.get(facts.event)
            event = self.states.get(facts.event) if kind == ISSUES else None
            if kept is not None and kept.entry == entry and not lost:
                place = position = kept.position
                del waiting[facts.event]
            elif kept is None and event is not None and _fits(facts, event) and not lost:
                if waiting:
                    raise CannotHeal("events were recorded since the copy was put in place")
                place = position = position + 1
                self._add_event(db, position, facts, event)
                put_back += 1
            else:
                lost.append(entry)
            rows.append((index, place, facts.event, leaf_hash(entry), entry))
        if waiting and min(each.position for each in waiting.values()) < position:
            raise CannotHeal("events were recorded in between since the copy was put in place")
        return rows, put_back, tuple(lost)

    def _unsealed(self, kind: str, after: int) -> Iterator[Leaf]:
        while found := self.leaves(kind)(after, _AT_A_TIME):
            yield from found
            after = found[-1].position

    def _add_event(self, db: Connection, position: int, facts: Facts, event: Kept) -> None:
        entry = LogEntry(
            position=position,
            stream_id=event.stream,
            version=event.version,
            topic=event.topic,
            recorded_at=facts.recorded_at,
            state=event.state,
            decode=event_of,
        )
        write_beside(db, [entry], self.claims(entry))

    def _sign_again(self, db: Connection, origin: str, note: Note) -> None:
        """Keep the mirror's checkpoint, and all that were lacking and now are held again."""
        tree = store.tree_of(db, origin)
        if tree is None:
            return
        self._keep(db, tree, note)
        for each in ahead.lacking(db):
            held = each.signed
            if held is None or each.origin != origin:
                continue
            if ahead.stands(db, _told(held)) is Stands.HELD:
                self._keep(db, tree, held)

    def _keep(self, db: Connection, tree: Tree, note: Note) -> None:
        size, now = _told(note).size, self.clock()
        own = [key for key in self.logs(db, tree.origin) if key.name == tree.origin]
        signed = note.checked([*own, *self.witnesses])
        if store.checkpoint_at(db, tree.tree, size) is None:
            lines = [each.signature for each in signed if each.key.type is KeyType.LOG]
            kept = str(Note(note.text, tuple(lines)))
            writing.add_checkpoint(db, tree.tree, Sealed(size, kept, now))
        for each in signed:
            if each.key.type is KeyType.COSIGNATURE:
                name, line = each.key.name, each.signature.line
                writing.add_cosignature(db, tree.tree, size, name, line, now)


def _fits(facts: Facts, event: Kept) -> bool:
    """Whether an event that somebody kept is the one that was sealed, as far as the entry says."""
    place = event.stream, event.version, event.topic
    is_closed = facts.stream is None
    is_there = is_closed or place == (facts.stream, facts.n, facts.type)
    return is_there and payload_of(event.state) == facts.payload


def _told(note: Note) -> Checkpoint:
    return Checkpoint.parse(note.text)


def _size(db: Connection, tree: Tree | None) -> int:
    sealed = store.last_checkpoint(db, tree.tree) if tree else None
    return sealed.size if sealed else 0


def _edge(db: Connection, tree: Tree | None) -> Edge:
    """The right edge of the tree as it is sealed, to grow on from."""
    if tree is None:
        return Edge()
    wanted = edge_tiles(_size(db, tree))
    found = store.tiles_in(db, tree.tree)([tile for tile in wanted if tile.width])
    try:
        return Edge([split_hashes(found.get(tile, b"")) for tile in wanted])
    except ValueError as error:
        raise BadNote(f"the log itself is not whole: {error}") from error
