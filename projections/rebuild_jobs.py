"""The state of a rebuild in the database: who has come how far with which part, and what is next.

A rebuild has two halves. First each part of the streams is folded into the copies of the tables,
which have no indexes yet; each part has its own checkpoint, ``queues@rebuild/0of2/0198…``, with the
last stream of the part in its name. Then the parts become one, ``queues@rebuild``, with indexes,
and follow the log like the live tables until they take their place. Whatever is killed, the next
call goes on from these rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Connection, MetaData, insert
from sqlalchemy.schema import CreateTable

from domain.stream_range import EVERY, StreamRange
from projections import checkpoints
from projections.checkpoints import Checkpoint
from projections.projection import Projection
from projections.rebuild_indexes import prepare_to_fill
from projections.store import Tables
from projections.tail import LeadershipLost

Division = Sequence[UUID]
"""Where streams are cut in parts: the last of each part, in order; the last part is open."""


@dataclass(frozen=True)
class Part:
    """One of several disjoint parts of all streams.

    ``besides`` are the positions of entries of other streams that change rows of these.
    """

    number: int = 0
    of: int = 1
    streams: StreamRange = EVERY
    besides: Sequence[int] = ()


WHOLE = Part()


def parts_of(division: Division) -> list[Part]:
    """The parts, in the order of the streams' ids."""
    edges = [None, *division, None]
    return [
        Part(number, len(edges) - 1, StreamRange(after, last))
        for number, (after, last) in enumerate(pairwise(edges))
    ]


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """What is there of a rebuild: checkpoints of its parts, or the one of the whole."""

    generation: int
    metadata: MetaData
    copies: Tables
    parts: tuple[Checkpoint, ...]
    whole: Checkpoint | None


def begin_or_continue(db: Connection, projection: Projection, division: Division) -> Jobs:
    """Find what an earlier call left, or create empty copies; another division starts anew."""
    live = checkpoints.hold(db, projection.name)
    generation = live.generation + 1
    metadata, copies = projection.copies(generation)
    known = checkpoints.find(db)
    ours = _ours(projection, known, generation)
    whole = ours.get(_whole(projection))
    names = [part_name(projection, part) for part in parts_of(division)]
    if whole is None and set(names) != ours.keys():
        # Left behind by another version of the code, or divided otherwise: of no use to us.
        left = [each for name, each in known.items() if _is_of_rebuild(projection, name)]
        for each in {tuple(each.tables): each for each in left}.values():
            checkpoints.drop_tables(db, each)
        checkpoints.forget(db, left)
        metadata.drop_all(db)
        for _, table in copies:
            db.execute(CreateTable(table))
        prepare_to_fill(db, copies, in_parts=len(names) > 1)
        tables = sorted(metadata.tables)
        version = projection.version
        ours = {
            each.name: each
            for each in checkpoints.record(db, names, version, generation, 0, tables)
        }
    return Jobs(
        generation=generation,
        metadata=metadata,
        copies=copies,
        parts=() if whole else tuple(ours[name] for name in names),
        whole=whole,
    )


def division_of(projection: Projection, known: Mapping[str, Checkpoint]) -> Division | None:
    """How a rebuild that was begun, and can be continued, is divided."""
    begun = begun_parts(projection, known)
    ends = [name.partition("/")[2].partition("/")[2] for name in begun]
    return sorted(UUID(end) for end in ends if end) if begun else None


def begun_parts(projection: Projection, known: Mapping[str, Checkpoint]) -> dict[str, Checkpoint]:
    """The checkpoints of the parts of a rebuild that can be continued."""
    live = known.get(projection.name)
    ours = _ours(projection, known, live.generation + 1) if live else {}
    return {name: each for name, each in ours.items() if name != _whole(projection)}


def _ours(
    projection: Projection, known: Mapping[str, Checkpoint], generation: int
) -> dict[str, Checkpoint]:
    wanted = (projection.version, generation)
    return {
        name: each
        for name, each in known.items()
        if _is_of_rebuild(projection, name) and (each.version, each.generation) == wanted
    }


def _is_of_rebuild(projection: Projection, name: str) -> bool:
    whole = _whole(projection)
    return name == whole or name.startswith(f"{whole}/")


def unite(db: Connection, projection: Projection, jobs: Jobs) -> Checkpoint:
    """Make one of the parts, which have all come to the same position; derive what follows.

    Raises:
        LeadershipLost: another process has gone on with the same parts.
    """
    known = checkpoints.find(db)
    parts = [each for part in jobs.parts if (each := known.get(part.name))]
    position = max((part.position for part in parts), default=0)
    # Only those that stand there still, until the commit.
    at_one = [part for part in parts if part.position == position]
    if checkpoints.forget(db, at_one) != len(jobs.parts):
        raise LeadershipLost(f"another rebuild of {projection.name} is under way")
    for name, query in projection.derived.items():
        table = jobs.copies[name]
        names = [column.name for column in table.columns]
        db.execute(insert(table).from_select(names, query(jobs.copies)))
    tables = sorted(jobs.metadata.tables)
    names = [_whole(projection)]
    (whole,) = checkpoints.record(db, names, projection.version, jobs.generation, position, tables)
    return whole


def part_name(projection: Projection, part: Part) -> str:
    """Name the checkpoint of a part."""
    last = part.streams.last
    return f"{_whole(projection)}/{part.number}of{part.of}" + (f"/{last.hex}" if last else "")


def _whole(projection: Projection) -> str:
    return f"{projection.name}@rebuild"
