"""The first half of a rebuild: the log from its beginning into empty copies, as fast as it goes."""

import gc
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from domain.log_entry import LogEntry
from projections import checkpoints
from projections.bulk_store import BulkStore
from projections.checkpoints import Checkpoint
from projections.progress import Meter, ProgressReport
from projections.projection import Projection
from projections.rebuild_jobs import Part, part_name
from projections.tail import LeadershipLost

Scan = Callable[[int, int, int, int, frozenset[str]], Iterator[Sequence[LogEntry]]]
"""Reads the log in pages: scan(after, until, part, parts, across), from position to position.

It gives the entries of one part of the streams, and those of the other parts whose topic is among
``across``.
"""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a process keeps in memory, in columns of rows, and how much a kill undoes.

    ``added``: so many rows that are only added are written as soon as they are there.
    """

    cells: int = 450_000
    entries: int = 200_000
    added: int = 2_000


LIMITS = Limits()


class Build:
    """One projection, or a part of its streams, on its way into the copies of its tables."""

    def __init__(self, engine: Engine, projection: Projection, part: Part, target: int) -> None:
        """Continue at the checkpoint of this part, which has been begun, up to a position.

        Raises:
            LeadershipLost: another rebuild has taken it away.
        """
        self.projection = projection
        self.part = part
        self.target = target
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        # PostgreSQL only: on SQLite an open transaction that writes would make commands wait.
        self._early = engine.dialect.name == "postgresql"
        self._db: Connection | None = None
        name = part_name(projection, part)
        with engine.connect() as db:
            found = checkpoints.find(db).get(name)
        if found is None:
            raise LeadershipLost(f"another rebuild of {projection.name} is under way")
        self.checkpoint: Checkpoint = found
        self.reached = found.position
        _, self._copies = projection.copies(found.generation)
        self.store = BulkStore(
            self._copies,
            self._connect,
            part,
            derived=frozenset(projection.derived),
            whole=found.position == 0,
        )

    def fold(self, page: Sequence[LogEntry]) -> None:
        """Fold the entries of a page that come after what was folded before."""
        if not page:
            return
        if page[0].position <= self.reached or page[-1].position > self.target:
            page = [entry for entry in page if self.reached < entry.position <= self.target]
        wanted = self.projection.wanted(page)
        if wanted:
            self.projection.fold(wanted, self.store)

    def write_added(self, least: int) -> None:
        """Write the rows that were only added, if there are so many, before the checkpoint."""
        if self._early and self.store.added >= least:
            self.store.write_added(self._transaction())

    def flush(self, position: int) -> None:
        """Write rows and checkpoint in one transaction: everything up to the position is done."""
        position = min(position, self.target)
        if position <= self.checkpoint.position:
            return
        db = self._transaction()
        moved = checkpoints.advance(db, self.checkpoint, position)
        if moved is None:
            raise LeadershipLost(f"another rebuild of {self.projection.name} is under way")
        self.store.flush(db)
        db.commit()
        self.close()
        self.checkpoint = moved
        self.reached = position

    def close(self) -> None:
        """Undo what was written since the last checkpoint."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _transaction(self) -> Connection:
        """The one transaction of all that is written between two checkpoints."""
        if self._db is None:
            self._db = self._writing.connect()
        return self._db

    @contextmanager
    def _connect(self) -> Generator[Connection]:
        with self._engine.connect() as db:
            yield db


def fold_all(
    builds: Sequence[Build],
    scan: Scan,
    limits: Limits,
    progress: ProgressReport | None = None,
) -> None:
    """Fold the log into several copies at once, each to its target: a page is read only once.

    All builds are of the same part. Raises what a fold raises, and LeadershipLost.
    """
    part = builds[0].part
    start = min(build.reached for build in builds)
    target = max(build.target for build in builds)
    of_part = f" {part.number + 1}/{part.of}" if part.of > 1 else ""
    meters = [
        (build, Meter(build.projection.name + of_part, build.reached, progress)) for build in builds
    ]
    written = start
    with ExitStack() as opened:
        for build in builds:
            opened.callback(build.close)
        # Rows are in no cycles and go by themselves; walking through them costs a third.
        opened.enter_context(_without_collector())
        across = frozenset[str]().union(*(build.projection.across for build in builds))
        for page in scan(start, target, part.number, part.of, across):
            own = page if part.of == 1 else _own(page, part, across)
            for build in builds:
                build.fold(page if build.projection.across else own)
                build.write_added(limits.added)
            last = page[-1].position
            if last - written >= limits.entries or _cells(builds) > limits.cells:
                _write(builds, last, limits)
                written = last
            for build, meter in meters:
                meter.show(max(build.reached, min(last, build.target)), build.target)
        for build, meter in meters:
            build.flush(target)
            meter.show(build.reached, build.target)


def _own(page: Sequence[LogEntry], part: Part, across: frozenset[str]) -> Sequence[LogEntry]:
    return [entry for entry in page if entry.topic not in across or part.has(entry.stream_id)]


def _write(builds: Sequence[Build], position: int, limits: Limits) -> None:
    for build in builds:
        build.flush(position)
    if _cells(builds) > limits.cells // 2:
        for build in builds:
            build.store.evict(limits.cells // (2 * len(builds)))


@contextmanager
def _without_collector() -> Generator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _cells(builds: Sequence[Build]) -> int:
    return sum(build.store.cells for build in builds)
