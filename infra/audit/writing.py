"""Adds to the tables of the audit log what one sealing made, in the transaction of its caller."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from infra.audit.store import Sealed, Tree
from infra.audit.tables import checkpoints, cosignatures, keys, leaves, nodes, trees
from infra.audit.tree import Node

LeafRow: TypeAlias = tuple[int, int | None, UUID | None, bytes, bytes]
"""Index, position, event, hash and entry."""


class Overtaken(Exception):
    """Another sequencer was faster; what it wrote counts, and nothing of ours was written."""


def next_tree(db: Connection) -> int:
    """A number for a new tree; who takes it first has it."""
    return (db.scalar(select(func.max(trees.c.tree))) or 0) + 1


def add_tree(db: Connection, tree: Tree) -> None:
    """Begin a tree; raises Overtaken."""
    values = {"tree": tree.tree, "kind": tree.kind, "year": tree.year, "origin": tree.origin}
    _add(db, trees, [values])


def add_keys(db: Connection, tree: int, vkeys: Sequence[str], at: datetime) -> None:
    """Note which keys have begun to sign; raises Overtaken."""
    known = set(db.scalars(select(keys.c.vkey).where(keys.c.tree == tree)))
    new = [vkey for vkey in vkeys if vkey not in known]
    _add(db, keys, [{"tree": tree, "vkey": vkey, "since": at} for vkey in new])


def add_leaves(db: Connection, tree: int, rows: Sequence[LeafRow]) -> None:
    """Add leaves, all or nothing; raises Overtaken when one of their places is taken."""
    if db.dialect.name != "postgresql":
        names = ("leaf_index", "notification_id", "event_id", "leaf_hash", "entry")
        _add(db, leaves, [{"tree": tree, **dict(zip(names, row, strict=True))} for row in rows])
        return
    cursor: Any = db.connection.cursor()
    statement = (
        "COPY audit_leaf (tree, leaf_index, notification_id, event_id, leaf_hash, entry)"
        " FROM STDIN (FORMAT BINARY)"
    )
    try:
        with cursor.copy(statement) as copy:
            copy.set_types(("int4", "int8", "int8", "uuid", "bytea", "bytea"))
            for row in rows:
                copy.write_row((tree, *row))
    except psycopg.errors.UniqueViolation as error:
        raise Overtaken from error


def add_nodes(db: Connection, tree: int, made: Sequence[Node]) -> None:
    """Add nodes; raises Overtaken."""
    rows = [
        {"tree": tree, "level": node.level, "node_index": node.index, "hash": node.hash}
        for node in made
    ]
    _add(db, nodes, rows)


def add_checkpoint(db: Connection, tree: int, sealed: Sealed) -> None:
    """Add a checkpoint; raises Overtaken."""
    values = {
        "tree": tree,
        "tree_size": sealed.size,
        "note": sealed.note,
        "signed_at": sealed.signed_at,
    }
    _add(db, checkpoints, [values])


def add_cosignature(
    db: Connection, tree: int, size: int, witness: str, line: str, at: datetime
) -> bool:
    """Keep a witness's line unless it has signed this checkpoint before; says whether it is new."""
    make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    values = {
        "tree": tree,
        "tree_size": size,
        "witness": witness,
        "line": line,
        "received_at": at,
    }
    adding = make(cosignatures).values(values).on_conflict_do_nothing()
    return db.execute(adding.returning(cosignatures.c.witness)).first() is not None


def _add(db: Connection, table: Any, rows: Sequence[dict[str, Any]]) -> None:  # noqa: ANN401  a table
    if not rows:
        return
    try:
        db.execute(insert(table), rows)
    except IntegrityError as error:
        raise Overtaken from error
