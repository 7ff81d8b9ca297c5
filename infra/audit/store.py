"""Reads the audit log: its trees, tiles, entries, checkpoints and what witnesses have signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, Select, bindparam, desc, func, literal, select, text, union_all

from infra.audit.note import BadNote, Note, PublicKey, Signature, parse_line
from infra.audit.paths import Tile, Tiles
from infra.audit.tables import checkpoints, cosignatures, keys, leaves, nodes, trees

_COSIGNED_LOOKED_AT: Final = 50


@dataclass(frozen=True, slots=True)
class Tree:
    """One log: a kind of what is audited, in one year; in a year that was begun anew, the rest."""

    tree: int
    kind: str
    year: int
    origin: str

    @property
    def part(self) -> str:
        """What its address and its origin end in: the year, `2026-2` if that was begun anew."""
        return self.origin.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A checkpoint as it was signed, and when by the log's own clock, which proves nothing."""

    size: int
    note: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """What a witness has signed last, and when its line came in; 0 and None: nothing yet."""

    witness: str
    size: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Begun:
    """A size that witnesses have begun to sign, and when the first line of it came in."""

    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptLeaf:
    """An entry with its place."""

    tree: int
    index: int
    hash: bytes
    entry: bytes


def find_trees(db: Connection, kind: str | None = None) -> list[Tree]:
    """All trees, or those of a kind, in the order of their years."""
    query = select(trees).order_by(trees.c.kind, trees.c.year, trees.c.tree)
    if kind is not None:
        query = query.where(trees.c.kind == kind)
    return [_tree(row) for row in db.execute(query)]


def last_tree(db: Connection, kind: str) -> Tree | None:
    """The tree of a kind that grows, None before the first entry."""
    query = select(trees).where(trees.c.kind == kind)
    query = query.order_by(desc(trees.c.year), desc(trees.c.tree)).limit(1)
    row = db.execute(query).one_or_none()
    return None if row is None else _tree(row)


def tree_named(db: Connection, kind: str, part: str) -> Tree | None:
    """The tree of a kind whose origin ends so: in a year, or `2026-2`."""
    return next((tree for tree in find_trees(db, kind) if tree.part == part), None)


def tree_of(db: Connection, origin: str) -> Tree | None:
    """The tree of an origin."""
    row = db.execute(select(trees).where(trees.c.origin == origin)).one_or_none()
    return None if row is None else _tree(row)


def last_checkpoint(db: Connection, tree: int) -> Sealed | None:
    """The newest checkpoint of a tree."""
    query = _sealed(tree).order_by(desc(checkpoints.c.tree_size)).limit(1)
    return _sealed_of(db.execute(query).one_or_none())


def checkpoint_at(db: Connection, tree: int, size: int) -> Sealed | None:
    """The checkpoint that was signed at a size."""
    query = _sealed(tree).where(checkpoints.c.tree_size == size)
    return _sealed_of(db.execute(query).one_or_none())


def cosigned_sizes(db: Connection, tree: int, above: int) -> list[int]:
    """Sizes above one at which a witness has signed, the newest first, so many as matter."""
    size = cosignatures.c.tree_size
    query = (
        select(size)
        .where(cosignatures.c.tree == tree, size > above)
        .distinct()
        .order_by(desc(size))
        .limit(_COSIGNED_LOOKED_AT)
    )
    return list(db.scalars(query))


def sizes_signed_by(db: Connection, tree: int, witnesses: Sequence[str], least: int) -> list[int]:
    """Sizes at which at least so many of these have signed, the newest first, so many as matter."""
    size = cosignatures.c.tree_size
    query = (
        select(size)
        .where(cosignatures.c.tree == tree, cosignatures.c.witness.in_(witnesses))
        .group_by(size)
        .having(func.count() >= least)
        .order_by(desc(size))
        .limit(_COSIGNED_LOOKED_AT)
    )
    return list(db.scalars(query))


def first_signed_above(db: Connection, tree: int, size: int) -> datetime | None:
    """When the log signed the first checkpoint of more leaves than so many."""
    column = checkpoints.c
    query = (
        select(column.signed_at)
        .where(column.tree == tree, column.tree_size > size)
        .order_by(column.tree_size)
        .limit(1)
    )
    found: datetime | None = db.scalar(query)
    return found


def last_seen(db: Connection, tree: int, witnesses: Sequence[str]) -> list[Seen]:
    """What each witness has signed last."""
    column = cosignatures.c
    found: list[Seen] = []
    for name in witnesses:
        query = (
            select(column.tree_size, column.received_at)
            .where(column.tree == tree, column.witness == name)
            .order_by(desc(column.tree_size))
            .limit(1)
        )
        row = db.execute(query).one_or_none()
        found.append(Seen(name, *row) if row else Seen(name, 0, None))
    return found


def begun_above(db: Connection, tree: int, witnesses: Sequence[str], size: int) -> list[Begun]:
    """Sizes above one that some of these have signed, the least first, so many as matter."""
    column = cosignatures.c
    query = (
        select(column.tree_size, func.min(column.received_at))
        .where(column.tree == tree, column.witness.in_(witnesses), column.tree_size > size)
        .group_by(column.tree_size)
        .order_by(desc(column.tree_size))
        .limit(_COSIGNED_LOOKED_AT)
    )
    return [Begun(*row) for row in reversed(db.execute(query).all())]


def _newest_signs() -> Select[Any, Any, Any, Any]:
    newest = select(trees.c.tree).where(trees.c.kind == bindparam("kind"))
    tree = newest.order_by(desc(trees.c.year), desc(trees.c.tree)).limit(1).scalar_subquery()
    size = select(func.max(checkpoints.c.tree_size)).where(checkpoints.c.tree == tree)
    lines = (
        select(cosignatures.c.tree_size)
        .where(cosignatures.c.tree == tree)
        .order_by(desc(cosignatures.c.tree_size))
        .limit(_COSIGNED_LOOKED_AT)
        .subquery()
    )
    signed = lines.c.tree_size
    return select(tree, size.scalar_subquery(), func.count(signed), func.sum(signed))


# Made once: to make it takes as long as to ask it.
_SIGNS: Final = _newest_signs()


def cosignatures_at(db: Connection, tree: int, size: int) -> list[Signature]:
    """What witnesses have signed at a size; a line that cannot be read is left out."""
    query = (
        select(cosignatures.c.line)
        .where(cosignatures.c.tree == tree, cosignatures.c.tree_size == size)
        .order_by(cosignatures.c.witness)
    )
    found: list[Signature] = []
    for line in db.scalars(query):
        try:
            found.append(parse_line(line))
        except BadNote:
            continue  # somebody wrote into the table; whoever checks misses a signature and says so
    return found


def witnessed(db: Connection, tree: int, sealed: Sealed) -> Note:
    """A checkpoint with the log's signatures and those of witnesses; raises BadNote."""
    note = Note.parse(sealed.note)
    return Note(note.text, (*note.signatures, *cosignatures_at(db, tree, sealed.size)))


def known_keys(db: Connection, tree: int) -> list[PublicKey]:
    """The keys that have signed a tree, as the log itself says: to be compared, not trusted.

    Raises:
        BadNote: what is kept is no key.
    """
    query = select(keys.c.vkey).where(keys.c.tree == tree).order_by(keys.c.since, keys.c.vkey)
    return [PublicKey.parse(vkey) for vkey in db.scalars(query)]


def tiles_in(db: Connection, tree: int) -> Tiles:
    """The tiles of a tree, all that are asked for together in one statement."""
    if db.dialect.name == "postgresql":
        return lambda wanted: _tiles_together(db, tree, wanted)

    def read(wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
        if not wanted:
            return {}
        found: dict[Tile, list[tuple[int, bytes]]] = {tile: [] for tile in wanted}
        query = union_all(*map(_range, range(len(wanted)), wanted))
        rows: Any = db.execute(query)
        for place, index, data in rows:
            found[wanted[place]].append((index, data))
        return {
            tile: b"".join(data for _, data in sorted(hashes)) for tile, hashes in found.items()
        }

    def _range(place: int, tile: Tile) -> Select[Any, Any, Any]:
        if tile.level == 0:
            table, index, data = leaves, leaves.c.leaf_index, leaves.c.leaf_hash
            query = select(literal(place), index, data).where(table.c.tree == tree)
        else:
            table, index, data = nodes, nodes.c.node_index, nodes.c.hash
            query = select(literal(place), index, data).where(
                table.c.tree == tree, table.c.level == tile.level
            )
        return query.where(index >= tile.start, index < tile.start + tile.width)

    return read


# PostgreSQL puts a tile together by itself: to take 256 rows from it one by one takes longer than
# all the rest of a proof.
_TOGETHER: Final = text("""
SELECT CASE WHEN asked.level = 0 THEN (
    SELECT string_agg(leaf_hash, ''::bytea ORDER BY leaf_index) FROM audit_leaf
    WHERE tree = :tree AND leaf_index >= asked.start AND leaf_index < asked.until
) ELSE (
    SELECT string_agg(hash, ''::bytea ORDER BY node_index) FROM audit_node
    WHERE tree = :tree AND level = asked.level
        AND node_index >= asked.start AND node_index < asked.until
) END
FROM unnest(CAST(:levels AS int[]), CAST(:starts AS bigint[]), CAST(:untils AS bigint[]))
    WITH ORDINALITY AS asked(level, start, until, place)
ORDER BY asked.place""")


def _tiles_together(db: Connection, tree: int, wanted: Sequence[Tile]) -> Mapping[Tile, bytes]:
    if not wanted:
        return {}
    asked = {
        "tree": tree,
        "levels": [tile.level for tile in wanted],
        "starts": [tile.start for tile in wanted],
        "untils": [tile.start + tile.width for tile in wanted],
    }
    found: Any = db.execute(_TOGETHER, asked)
    return {tile: data or b"" for tile, (data,) in zip(wanted, found, strict=True)}


def entries_in(db: Connection, tree: int, start: int, count: int) -> list[bytes]:
    """The entries from an index on, at most so many."""
    index = leaves.c.leaf_index
    query = (
        select(leaves.c.entry)
        .where(leaves.c.tree == tree, index >= start, index < start + count)
        .order_by(index)
    )
    return list(db.scalars(query))


def leaf_count(db: Connection, tree: int) -> int:
    """One more than the last index of a tree's leaves."""
    return (db.scalar(select(func.max(leaves.c.leaf_index)).where(leaves.c.tree == tree)) or 0) + 1


def has_leaves_in_front(db: Connection, tree: int) -> bool:
    """Whether there are rows before the first index: nobody but the database's owner makes any."""
    query = select(leaves.c.leaf_index).where(leaves.c.tree == tree, leaves.c.leaf_index < 0)
    return db.execute(query.limit(1)).first() is not None


def last_position(db: Connection, tree: int) -> int | None:
    """How far into what is audited a tree has come."""
    query = select(func.max(leaves.c.notification_id)).where(leaves.c.tree == tree)
    found: int | None = db.scalar(query)
    return found


def reached(db: Connection, kind: str) -> int:
    """How far into what is audited all trees of a kind have come; 0 before the first entry."""
    trees_ = reversed(find_trees(db, kind))
    # A tree of lost entries alone has come to nothing: the one before it tells.
    return next((last for tree in trees_ if (last := last_position(db, tree.tree))), 0)


def newest_signs(db: Connection, kind: str) -> tuple[int | None, ...]:
    """What changes whenever a kind of log is sealed or witnessed further, by one short look.

    Of signatures the newest are looked at, by which alone a quorum can come together.
    """
    return tuple(db.execute(_SIGNS, {"kind": kind}).one())


def position_within(db: Connection, tree: int, size: int) -> int | None:
    """How far into what is audited the first so many leaves of a tree come."""
    column = leaves.c
    query = (
        select(column.notification_id)
        .where(column.tree == tree, column.leaf_index < size, column.notification_id.is_not(None))
        .order_by(desc(column.leaf_index))
        .limit(1)
    )
    found: int | None = db.scalar(query)
    return found


def leaf_about(db: Connection, event_id: UUID) -> KeptLeaf | None:
    """The entry about an event, None if it is not sealed yet."""
    column = leaves.c
    query = (
        select(column.tree, column.leaf_index, column.leaf_hash, column.entry)
        .where(column.event_id == event_id, column.leaf_index >= 0)
        .order_by(column.tree, column.leaf_index)
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    return None if row is None else KeptLeaf(*row)


def entry_at(db: Connection, kind: str, position: int) -> bytes | None:
    """The entry about what stands at a position of what is audited."""
    query = (
        select(leaves.c.entry)
        .join(trees, trees.c.tree == leaves.c.tree)
        .where(trees.c.kind == kind, leaves.c.notification_id == position)
    )
    found: bytes | None = db.scalar(query)
    return found


def _sealed_of(row: Any) -> Sealed | None:  # noqa: ANN401  a row of what `_sealed` asks for
    return None if row is None else Sealed(*row)


def _sealed(tree: int) -> Select[Any, Any, Any]:
    column = checkpoints.c
    return select(column.tree_size, column.note, column.signed_at).where(column.tree == tree)


def _tree(row: Any) -> Tree:  # noqa: ANN401  a row of the table
    return Tree(*row)
