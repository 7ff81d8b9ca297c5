"""A log that cannot be healed is given up by a decision, and a new one is begun that says so."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from infra.audit import ahead, store
from infra.audit.ahead import Ahead
from infra.audit.checkpoint import Checkpoint
from infra.audit.leaf import VERSION, written_time
from infra.audit.note import Note
from infra.audit.store import Tree
from infra.audit.tables import given_up
from infra.audit.tree import root_of
from infra.log.beside import hold_the_log

_ORIGIN: Final = re.compile(r"(.+)/(issues|access/[^/]+)/([0-9]{4})(?:-[0-9]+)?")


class NothingLacks(Exception):
    """The log holds all that witnesses have signed: there is no reason to begin a new one."""


@dataclass(frozen=True, slots=True)
class State:
    """What a log was at a size, as entries name it.

    ``root`` is empty where a witness has only said how much it signed.
    """

    origin: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Anew:
    """What the first entry of such a log tells.

    ``given_up`` is what witnesses have signed of the old one and nobody could bring back,
    ``previous`` what was there of it, the last that this database had signed.
    """

    decided_at: str
    decision: str
    given_up: tuple[State, ...]
    previous: State


_read_anew: Final = msgspec.json.Decoder(Anew).decode


@dataclass(frozen=True, slots=True)
class Begun:
    """A new log: the tree it will be (its number is given when it is sealed), and its entry."""

    tree: Tree
    entry: bytes


def parts_of(origin: str) -> tuple[str, str, int]:
    """What an origin begins with, the kind of log it is of, and the year; raises ValueError."""
    if found := _ORIGIN.fullmatch(origin):
        return found[1], found[2], int(found[3])
    raise ValueError(f"{origin} is no log of this program")


def begin_anew(engine: Engine, decision: str, at: datetime) -> list[Begun]:
    """Give up every log that lacks what was witnessed; from then on things are written again.

    The next seal begins the new ones. ``decision`` is how the decision is known where it is kept;
    it stands in the log for ever and is no place for persons.

    Raises:
        NothingLacks: no log lacks anything; nothing was done.
    """
    with engine.execution_options(writes=True).begin() as db:
        hold_the_log(db)
        by_kind: dict[str, list[Ahead]] = {}
        for each in ahead.lacking(db):  # the largest of an origin comes last, and is the one named
            by_kind.setdefault(parts_of(each.origin)[1], []).append(each)
        if not by_kind:
            raise NothingLacks
        return [_give_up(db, kind, each, decision, at) for kind, each in by_kind.items()]


def keep(db: Connection, begun: Begun) -> None:
    """Note a log that was begun anew, as its first entry tells of it."""
    told = told_in(begun.entry)
    if told is None:
        return
    new = {"successor": begun.tree.origin, "kind": begun.tree.kind, "year": begun.tree.year}
    known = set(db.scalars(select(given_up.c.origin)))
    rows = [
        {"origin": origin, **new, "entry": begun.entry}
        for origin in dict.fromkeys(each.origin for each in told.given_up)
        if origin not in known
    ]
    if rows:
        db.execute(insert(given_up), rows)


def waiting(db: Connection, kind: str) -> Begun | None:
    """A log that was decided on and is not begun yet."""
    column = given_up.c
    query = select(column.kind, column.year, column.successor, column.entry)
    for row in db.execute(query.where(column.kind == kind)).all():
        if store.tree_of(db, row[2]) is None:
            return Begun(Tree(0, *row[:3]), row[3])
    return None


def is_given_up(db: Connection, origin: str) -> bool:
    """Whether a log goes on no more, by decision."""
    query = select(given_up.c.origin).where(given_up.c.origin == origin)
    return db.scalar(query) is not None


def forged(db: Connection) -> list[tuple[str, str]]:
    """Logs that are said to be given up, each with its successor, where no entry says so.

    A row is true if it holds the very entry that the successor begins with, or, until that is
    sealed, one that it may begin with. Whoever puts an older copy in place could else lift with one
    row what witnesses are ahead by.
    """
    column = given_up.c
    query = select(column.origin, column.successor, column.kind, column.year, column.entry)
    return [
        (row.origin, row.successor)
        for row in db.execute(query.order_by(column.origin))
        if not _is_told(db, row.origin, Tree(0, row.kind, row.year, row.successor), row.entry)
    ]


def unnoted(db: Connection, trees: Iterable[Tree]) -> list[tuple[str, str]]:
    """Logs that a first entry gives up, each with its successor, of which no row says so."""
    column = given_up.c
    noted = {
        (row.origin, row.successor) for row in db.execute(select(column.origin, column.successor))
    }
    return [
        (origin, tree.origin)
        for tree in trees
        if (told := _first(db, tree)) is not None
        for origin in dict.fromkeys(each.origin for each in told.given_up)
        if (origin, tree.origin) not in noted
    ]


def since_anew(db: Connection, trees: Sequence[Tree]) -> Sequence[Tree]:
    """Of the trees of a kind those that witnesses can follow: from the last that was begun anew."""
    successors = set(db.scalars(select(given_up.c.successor)))
    first = max((n for n, tree in enumerate(trees) if tree.origin in successors), default=0)
    return trees[first:]


def all_told(db: Connection, kind: str) -> list[Anew]:
    """Each time a log of a kind was begun anew, in its order."""
    query = select(given_up.c.entry).where(given_up.c.kind == kind).distinct()
    told = [each for entry in db.scalars(query) if (each := told_in(entry)) is not None]
    return sorted(told, key=lambda each: each.decided_at)


def told_in(entry: bytes) -> Anew | None:
    """What the first entry of a log that was begun anew tells; None of any other."""
    try:
        return _read_anew(entry)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _is_told(db: Connection, origin: str, successor: Tree, entry: bytes) -> bool:
    told = told_in(entry)
    if told is None or origin not in {each.origin for each in told.given_up}:
        return False
    tree = store.tree_of(db, successor.origin)
    if tree is None:
        return _names(successor)
    return store.entries_in(db, tree.tree, 0, 1) == [entry] and tree.origin != origin


def _names(tree: Tree) -> bool:
    try:
        return parts_of(tree.origin)[1:] == (tree.kind, tree.year)
    except ValueError:
        return False


def _first(db: Connection, tree: Tree) -> Anew | None:
    entries = store.entries_in(db, tree.tree, 0, 1)
    return told_in(entries[0]) if entries else None


def _give_up(
    db: Connection, kind: str, lacking: Iterable[Ahead], decision: str, at: datetime
) -> Begun:
    largest: dict[tuple[str, bool], State] = {}
    for each in lacking:  # what was shown is named, also if somebody says to have signed more
        signed = each.signed
        state = _state(signed) if signed else State(each.origin, each.size, "")
        largest[each.origin, signed is None] = state
    tree = store.last_tree(db, kind)
    sealed = store.last_checkpoint(db, tree.tree) if tree else None
    last = max(largest.values(), key=lambda each: (parts_of(each.origin)[2], each.origin))
    nothing = State(last.origin, 0, root_of([]).hex())
    previous = _state(Note.parse(sealed.note)) if sealed else nothing
    anew = Anew(written_time(at), decision, tuple(largest.values()), previous)
    fields = {**asdict(anew), "v": VERSION}
    entry = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    name, _, year = parts_of(last.origin)
    year = max(year, tree.year if tree else 0)
    taken = {each.origin for each in store.find_trees(db, kind)}
    taken |= {each.origin for each in largest.values()}
    taken |= set(db.scalars(select(given_up.c.successor)))
    number = next(n for n in range(2, len(taken) + 3) if f"{name}/{kind}/{year}-{n}" not in taken)
    begun = Begun(Tree(0, kind, year, f"{name}/{kind}/{year}-{number}"), entry)
    keep(db, begun)
    return begun


def _state(note: Note) -> State:
    told = Checkpoint.parse(note.text)
    return State(told.origin, told.size, told.root.hex())
