"""How far each projection has come: one row a projection, written together with its rows."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
    tuple_,
    update,
)

from projections.columns import Json, UtcDateTime
from projections.projection import Projection

_LOCK_OF_THE_FIRST_START = 5_394_287_101

METADATA = MetaData()
"""The tables of the engine itself: checkpoints here, leases in ``leases``."""

table = Table(
    "projection_checkpoints",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("tables", Json, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("term", BigInteger, nullable=False, server_default="0"),
)


_IN_ONE_STATEMENT = 1_000
_COMPARED = ("name", "position", "generation", "version", "term")
# Made once: it is sent with each batch of each projection.
_SWITCH = (
    update(table)
    .where(*(table.c[name] == bindparam(f"old_{name}") for name in _COMPARED))
    .values({column.name: bindparam(column.name) for column in table.columns})
)


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A projection has folded everything up to ``position`` into these ``tables``.

    ``generation`` counts the rebuilds, ``version`` is that of the projection that wrote them.
    ``term`` is that of the last leader: whoever leads in an earlier one can write no more.
    """

    name: str
    version: int
    position: int
    generation: int
    tables: Sequence[str]
    updated_at: datetime
    term: int = 0


def prepare(db: Connection, projections: Iterable[Projection]) -> None:
    """Create the checkpoint table, and tables and checkpoint of every projection without one."""
    if db.dialect.name == "postgresql":
        # Two processes that start together must not both create (IF NOT EXISTS does not wait).
        db.execute(select(func.pg_advisory_xact_lock(_LOCK_OF_THE_FIRST_START)))
    METADATA.create_all(db)
    if not any(column["name"] == "term" for column in inspect(db).get_columns(table.name)):
        db.execute(text("ALTER TABLE projection_checkpoints ADD term BIGINT NOT NULL DEFAULT 0"))
    known = find(db)
    for projection in projections:
        if projection.name not in known:
            begin(db, projection.name, projection.version, 0, projection.metadata)


def find(db: Connection) -> dict[str, Checkpoint]:
    """All checkpoints by name; those of rebuilds under way are called ``name@rebuild``."""
    rows = db.execute(select(table)).mappings()
    return {row["name"]: Checkpoint(**row) for row in rows}


def hold(db: Connection, name: str) -> Checkpoint:
    """Keep everybody else from moving this checkpoint until the transaction ends."""
    query = select(table).where(table.c.name == name).with_for_update()
    return Checkpoint(**db.execute(query).mappings().one())


def begin(
    db: Connection, name: str, version: int, generation: int, metadata: MetaData
) -> Checkpoint:
    """Create empty tables and their checkpoint at position 0."""
    # Tables without a checkpoint hold nothing that anybody vouches for.
    metadata.drop_all(db)
    metadata.create_all(db)
    (begun,) = record(db, [name], version, generation, 0, sorted(metadata.tables))
    return begun


def record(
    db: Connection,
    names: Sequence[str],
    version: int,
    generation: int,
    position: int,
    tables: Sequence[str],
) -> list[Checkpoint]:
    """Write checkpoints that are not there yet, all for the same tables."""
    begun = [
        Checkpoint(
            name=name,
            version=version,
            position=position,
            generation=generation,
            tables=tables,
            updated_at=_now(),
        )
        for name in names
    ]
    db.execute(insert(table), [asdict(checkpoint) for checkpoint in begun])
    return begun


def advance(db: Connection, old: Checkpoint, position: int) -> Checkpoint | None:
    """Move a checkpoint that is still where ``old`` says; None when somebody else has moved it.

    Called before the fold of the same transaction: whoever comes second waits here, finds the
    checkpoint moved and folds nothing, so two instances never write the same rows.
    """
    return switch(db, old, replace(old, position=position))


def stamp(db: Connection, name: str, term: int) -> Checkpoint | None:
    """Begin a term: from the commit on no earlier leader writes. None when a later one began."""
    db.execute(update(table).where(table.c.name == name, table.c.term < term).values(term=term))
    there = find(db).get(name)
    return there if there is None or there.term == term else None


def switch(db: Connection, old: Checkpoint, new: Checkpoint) -> Checkpoint | None:
    """Put ``new`` in the place of ``old``; None when ``old`` is no longer what is there."""
    new = replace(new, updated_at=_now(), term=max(old.term, new.term))
    where = {f"old_{name}": getattr(old, name) for name in _COMPARED}
    moved = db.execute(_SWITCH, {**vars(new), **where})
    return new if moved.rowcount == 1 else None


def forget(db: Connection, gone: Sequence[Checkpoint]) -> int:
    """Remove checkpoints that nobody has moved, and say how many; their tables stay."""
    removed = 0
    for start in range(0, len(gone), _IN_ONE_STATEMENT):
        some = gone[start : start + _IN_ONE_STATEMENT]
        keys = [(each.name, each.position) for each in some]
        where = tuple_(table.c.name, table.c.position).in_(keys)
        removed += db.execute(delete(table).where(where)).rowcount
    return removed


def drop_tables(db: Connection, checkpoint: Checkpoint) -> None:
    """Remove the tables a checkpoint speaks for, also those today's code no longer knows."""
    for name in checkpoint.tables:
        Table(name, MetaData()).drop(db, checkfirst=True)


def _now() -> datetime:
    # For the health page only; no fold ever sees it, so it needs no injected clock.
    return datetime.now(UTC)
