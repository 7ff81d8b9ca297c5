"""The state of a rebuild in the database: who has come how far with which part, and what is next.

A rebuild has two halves. First each part of the streams is folded into the copies of the tables,
which have no indexes yet; each part has its own checkpoint, ``queues@rebuild/0of2``. Then the parts
become one, ``queues@rebuild``, with indexes, and follow the log like the live tables until they
take their place. Whatever is killed, the next call goes on from these rows.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine, MetaData, Table, insert, inspect, text
from sqlalchemy.schema import CreateTable

from projections import checkpoints
from projections.checkpoints import Checkpoint
from projections.projection import Projection
from projections.store import Tables
from projections.tail import LeadershipLost


@dataclass(frozen=True)
class Part:
    """One of several disjoint parts of all streams."""

    number: int = 0
    of: int = 1

    def has(self, stream_id: UUID) -> bool:
        """Whether a stream belongs to this part: by its last byte, which is random."""
        return self.of == 1 or (stream_id.int & 0xFF) % self.of == self.number


WHOLE = Part()


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """What is there of a rebuild: checkpoints of its parts, or the one of the whole."""

    generation: int
    metadata: MetaData
    copies: Tables
    parts: tuple[Checkpoint, ...]
    whole: Checkpoint | None


def begin_or_continue(db: Connection, projection: Projection, parts: int) -> Jobs:
    """Find what an earlier call left, or create empty copies; another division starts anew."""
    live = checkpoints.hold(db, projection.name)
    generation = live.generation + 1
    metadata, copies = projection.copies(generation)
    known = {
        name: checkpoint
        for name, checkpoint in checkpoints.find(db).items()
        if name == _whole(projection) or name.startswith(f"{_whole(projection)}/")
    }
    ours = {
        name: checkpoint
        for name, checkpoint in known.items()
        if (checkpoint.version, checkpoint.generation) == (projection.version, generation)
    }
    whole = ours.get(_whole(projection))
    names = [part_name(projection, Part(number, parts)) for number in range(parts)]
    if whole is None and not all(name in ours for name in names):
        # Left behind by another version of the code, or divided otherwise: of no use to us.
        for checkpoint in known.values():
            checkpoints.drop_tables(db, checkpoint)
            checkpoints.forget(db, checkpoint)
        metadata.drop_all(db)
        for _, table in copies:
            db.execute(CreateTable(table))
            _vacuum(db, table, "SET (autovacuum_enabled = off)")
        tables = sorted(metadata.tables)
        for name in names:
            ours[name] = checkpoints.record(db, name, projection.version, generation, 0, tables)
    return Jobs(
        generation=generation,
        metadata=metadata,
        copies=copies,
        parts=() if whole else tuple(ours[name] for name in names),
        whole=whole,
    )


def index(engine: Engine, jobs: Jobs) -> None:
    """Build the indexes that are missing, each in a transaction of its own, and statistics."""
    for _, table in jobs.copies:
        known = {each["name"] for each in inspect(engine).get_indexes(table.name)}
        for each in sorted(table.indexes, key=lambda index: str(index.name)):
            if each.name not in known:
                with engine.execution_options(writes=True).begin() as db:
                    each.create(db)
        with engine.execution_options(writes=True).begin() as db:
            _vacuum(db, table, "RESET (autovacuum_enabled)")
            # From the swap on it is asked at once: its first plans must not be guesses.
            db.execute(text(f"ANALYZE {_quoted(db, table)}"))


def unite(db: Connection, projection: Projection, jobs: Jobs) -> Checkpoint:
    """Make one of the parts, which have all come to the same position; derive what follows.

    Raises:
        LeadershipLost: another process has gone on with the same parts.
    """
    known = checkpoints.find(db)
    parts = [known.get(part.name) for part in jobs.parts]
    position = max(part.position for part in parts if part)
    for part in parts:
        if part is None or part.position != position:
            raise LeadershipLost(f"another rebuild of {projection.name} is under way")
        # Held until the commit, and still where we saw it.
        if checkpoints.advance(db, part, position) is None:
            raise LeadershipLost(f"another rebuild of {projection.name} is under way")
        checkpoints.forget(db, part)
    for name, query in projection.derived.items():
        table = jobs.copies[name]
        names = [column.name for column in table.columns]
        db.execute(insert(table).from_select(names, query(jobs.copies)))
    tables = sorted(jobs.metadata.tables)
    return checkpoints.record(
        db, _whole(projection), projection.version, jobs.generation, position, tables
    )


def part_name(projection: Projection, part: Part) -> str:
    """Name the checkpoint of a part."""
    return f"{_whole(projection)}/{part.number}of{part.of}"


def _vacuum(db: Connection, table: Table, setting: str) -> None:
    """Tell PostgreSQL whether it shall tidy up a table by itself: not one that is being filled."""
    if db.dialect.name == "postgresql":
        db.execute(text(f"ALTER TABLE {_quoted(db, table)} {setting}"))


def _quoted(db: Connection, table: Table) -> str:
    return db.dialect.identifier_preparer.quote(table.name)


def _whole(projection: Projection) -> str:
    return f"{projection.name}@rebuild"
