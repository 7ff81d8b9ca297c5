"""Checks what stands beside the trees: logs, keys, lines of witnesses, and what they handed in."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, Table, func, or_, select

from infra.audit import anew, findings, store
from infra.audit.ahead import lacking as what_lacks
from infra.audit.ahead import said_text
from infra.audit.anew import parts_of
from infra.audit.checkpoint import Checkpoint
from infra.audit.findings import Checked, Finding
from infra.audit.note import BadNote, KeyType, Note, PublicKey, parse_line
from infra.audit.store import Tree
from infra.audit.tables import ahead, checkpoints, cosignatures, keys, leaves, nodes

_AT_ONCE: Final = 1_000
_WHOLE: Final = 5
"""Letters of base64 that four bytes fill alone."""


def check_register(engine: Engine, witnesses: Sequence[PublicKey]) -> Checked:
    """Hold the table of logs against their names and rows, and lines against their witnesses.

    A line of a witness that is not among those given cannot be judged, and is left alone. That a
    line is gone cannot be seen here: the checkpoint is then short of a witness, and new ones come.
    """
    checked = Checked()
    with engine.connect() as db:
        known = store.find_trees(db)
        for finding in (
            *_of_trees(db, known),
            *_of_given_up(db, known),
            *_of_keys(db, known),
            *_of_lines(db, known, witnesses),
            *_of_what_lacks(db, witnesses),
        ):
            checked.add(finding)
    return checked


def _of_trees(db: Connection, known: Iterable[Tree]) -> Iterator[Finding]:
    for tree in known:
        try:
            is_same = parts_of(tree.origin)[1:] == (tree.kind, tree.year)
        except ValueError:
            is_same = False
        if not is_same:
            yield findings.other_register(tree.origin, tree.kind, tree.year)
    used = {number for table in (leaves, nodes, checkpoints, keys) for number in _used(db, table)}
    for number in sorted(used - {tree.tree for tree in known}):
        yield findings.unknown_tree(number)


def _of_given_up(db: Connection, known: Sequence[Tree]) -> Iterator[Finding]:
    for each in anew.forged(db):
        yield findings.forged_giving_up(*each)
    for each in anew.unnoted(db, known):
        yield findings.giving_up_gone(*each)


def _used(db: Connection, table: Table) -> Iterator[int]:
    """The trees that a table has rows of, by steps along its index."""
    last = -1
    while (
        number := db.scalar(select(func.min(table.c.tree)).where(table.c.tree > last))
    ) is not None:
        yield number
        last = number


def _of_keys(db: Connection, known: Sequence[Tree]) -> Iterator[Finding]:
    """Each key has signed, in one of the logs at least, and the newest checkpoint names no other.

    A healed log has the keys of all: that is why a key need not have signed under its own.
    """
    for tree in known:
        ids: set[bytes] = set()
        for vkey in db.scalars(select(keys.c.vkey).where(keys.c.tree == tree.tree)):
            try:
                key = PublicKey.parse(vkey)
            except BadNote:
                yield findings.bad_key(tree.origin, vkey)
                continue
            ids.add(key.key_id)
            if not any(_has_signed(db, each, key) for each in known):
                yield findings.bad_key(tree.origin, vkey)
        sealed = store.last_checkpoint(db, tree.tree)
        if sealed is not None and not _ids_in(sealed.note, tree.origin) <= ids:
            yield findings.key_gone(tree.origin, sealed.size)


def _has_signed(db: Connection, tree: Tree, key: PublicKey) -> bool:
    """Whether a line of a log is by a key, as its bytes are known under the log's name."""
    column = checkpoints.c
    query = select(column.tree_size).where(column.tree == tree.tree)
    begun = [_begun(name, key) for name in (tree.origin, key.name)]
    query = query.where(or_(*(column.note.contains(each, autoescape=True) for each in begun)))
    return db.execute(query.limit(1)).first() is not None


def _begun(name: str, key: PublicKey) -> str:
    """How a line of a key begins, up to where the signature's bits come in."""
    key_id = PublicKey(name, KeyType.LOG, key.public).key_id
    return f"\n\N{EM DASH} {name} {base64.b64encode(key_id).decode()[:_WHOLE]}"


def _ids_in(note: str, origin: str) -> set[bytes]:
    try:
        return {each.key_id for each in Note.parse(note).signatures if each.name == origin}
    except BadNote:
        return set()  # the check of the tree says so


def _of_what_lacks(db: Connection, witnesses: Sequence[PublicKey]) -> Iterator[Finding]:
    """While anything lacks nothing is written: so a witness must really have signed it, or say so.

    What is only said nobody can check here: it is told of as long as the log lacks it.
    """
    column, names = ahead.c, {key.name for key in witnesses}
    query = select(column.origin, column.tree_size, column.text, column.note)
    lacking = {(each.origin, each.size, each.note) for each in what_lacks(db)}
    for origin, size, text, kept in db.execute(query).all() if witnesses else ():
        if kept in names and text == said_text(origin, size):
            if (origin, size, kept) in lacking:
                yield findings.only_said(origin, size, kept)
            continue
        try:
            note = Note.parse(kept)
            told = Checkpoint.parse(note.text)
            note.checked(witnesses)
            is_told = (told.origin, told.size, note.text) == (origin, size, text)
        except BadNote:
            is_told = False
        if not is_told:
            yield findings.handed_in_by_nobody(origin, size)


def _of_lines(
    db: Connection, known: Iterable[Tree], witnesses: Sequence[PublicKey]
) -> Iterator[Finding]:
    origins = {tree.tree: tree.origin for tree in known}
    line, note = cosignatures.c, checkpoints.c
    same = (note.tree == line.tree) & (note.tree_size == line.tree_size)
    query = select(line.tree, line.tree_size, line.witness, line.line, note.note)
    query = query.select_from(cosignatures.outerjoin(checkpoints, same))
    query = query.order_by(line.tree, line.tree_size, line.witness)
    for tree, size, witness, text, kept in db.execute(query.execution_options(yield_per=_AT_ONCE)):
        origin = origins.get(tree, f"{tree}")
        if kept is None:
            yield findings.cosigned_and_gone(origin, size, witness)
        elif not _may_stand(kept, text, witness, witnesses):
            yield findings.bad_cosignature(origin, size, witness)


def _may_stand(kept: str, text: str, witness: str, witnesses: Sequence[PublicKey]) -> bool:
    """Whether a line is its witness's, as far as the witness's key is known."""
    try:
        line = parse_line(text)
        for key in witnesses:
            if (key.name, key.key_id) == (line.name, line.key_id):
                key.check(Note.parse(kept).text, line)
    except BadNote:
        return False
    return line.name == witness
