"""Checks what stands beside the trees: the table of logs, and the lines of witnesses."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, Engine, Table, func, select

from infra.audit import findings, store
from infra.audit.anew import parts_of
from infra.audit.findings import Checked, Finding
from infra.audit.note import BadNote, Note, PublicKey, parse_line
from infra.audit.store import Tree
from infra.audit.tables import checkpoints, cosignatures, keys, leaves, nodes

_AT_ONCE: Final = 1_000


def check_register(engine: Engine, witnesses: Sequence[PublicKey]) -> Checked:
    """Hold the table of logs against their names and rows, and lines against their witnesses.

    A line of a witness that is not among those given cannot be judged, and is left alone. That a
    line is gone cannot be seen here: the checkpoint is then short of a witness, and new ones come.
    """
    checked = Checked()
    with engine.connect() as db:
        known = store.find_trees(db)
        for finding in (*_of_trees(db, known), *_of_lines(db, known, witnesses)):
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


def _used(db: Connection, table: Table) -> Iterator[int]:
    """The trees that a table has rows of, by steps along its index."""
    last = -1
    while (
        number := db.scalar(select(func.min(table.c.tree)).where(table.c.tree > last))
    ) is not None:
        yield number
        last = number


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
