"""The first half of a rebuild: the log from its beginning into empty copies, as fast as it goes."""

import gc
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine, text

from domain.log_entry import LogEntry
from domain.stream_range import StreamRange
from projections import checkpoints
from projections.bulk_store import BulkStore
from projections.checkpoints import Checkpoint
from projections.progress import Meter, ProgressReport
from projections.projection import Projection
from projections.rebuild_indexes import add_keys
from projections.rebuild_jobs import WHOLE, Part, begun_parts, part_name
from projections.tail import LeadershipLost

Scan = Callable[[int, int, StreamRange, Sequence[int]], Iterator[Sequence[LogEntry]]]
"""Reads the log in pages: scan(after, until, streams, besides), from position to position.

It gives the entries of these streams, and those at the positions ``besides``.
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


class Transaction:
    """The one transaction of all that is written between two checkpoints."""

    def __init__(self, engine: Engine) -> None:
        """Nothing is opened yet."""
        self._writing = engine.execution_options(writes=True)
        self._on_postgresql = engine.dialect.name == "postgresql"
        self._db: Connection | None = None

    def begun(self) -> Connection:
        """Begin it, if that has not been done."""
        if self._db is None:
            self._db = self._writing.connect()
            if self._on_postgresql:
                # Rows and checkpoint are lost together, if at all; the swap waits for the disk.
                self._db.execute(text("SET LOCAL synchronous_commit = off"))
        return self._db

    def commit(self) -> None:
        """Commit it, if it has begun."""
        if self._db is not None:
            self._db.commit()
        self.close()

    def close(self) -> None:
        """Undo what was written since the last checkpoint."""
        if self._db is not None:
            self._db.close()
            self._db = None


class Build:
    """One projection on its way into the copies of its tables, part by part of the streams."""

    def __init__(
        self,
        engine: Engine,
        projection: Projection,
        target: int,
        transaction: Transaction | None = None,
    ) -> None:
        """Continue a rebuild that has been begun, up to a position.

        Several may write in one ``transaction``; on SQLite that keeps commands waiting.
        """
        self.projection = projection
        self.target = target
        self.transaction = Transaction(engine) if transaction is None else transaction
        self._engine = engine
        self._on_postgresql = engine.dialect.name == "postgresql"
        self._written: Checkpoint | None = None
        with engine.connect() as db:
            known = checkpoints.find(db)
        self._checkpoints = begun_parts(projection, known)
        _, self._copies = projection.copies(known[projection.name].generation + 1)
        self._has_keys = False
        self._name = ""
        self.reached = 0
        self.store = self._empty(WHOLE)

    def begin(self, part: Part) -> bool:
        """Turn to a part; whether anything of it is left to be folded.

        Raises:
            LeadershipLost: another rebuild has taken it away.
        """
        self._name = part_name(self.projection, part)
        self.reached = self._checkpoint.position
        self.store = self._empty(part)
        if 0 < self.reached < self.target:
            self.expect_to_search()
        return self.reached < self.target

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
        # PostgreSQL only: on SQLite an open transaction that writes would make commands wait.
        if self._on_postgresql and self.store.added >= least:
            self.store.write_added(self.transaction.begun())

    def write(self, position: int) -> None:
        """Write rows and checkpoint: everything up to the position is done."""
        position = min(position, self.target)
        if position <= self.reached:
            return
        db = self.transaction.begun()
        moved = checkpoints.advance(db, self._checkpoint, position)
        if moved is None:
            raise LeadershipLost(f"another rebuild of {self.projection.name} is under way")
        self.store.flush(db)
        self._written = moved

    def settle(self) -> None:
        """Go on from what was written, now that it is committed."""
        if self._written is not None:
            self._checkpoints[self._name] = self._written
            self.reached = self._written.position
            self._written = None

    def expect_to_search(self) -> None:
        """Make rows easy to find that were written already; with no transaction open."""
        if not self._has_keys:
            add_keys(self._engine, self._copies)
            self._has_keys = True

    @property
    def _checkpoint(self) -> Checkpoint:
        found = self._checkpoints.get(self._name)
        if found is None:
            raise LeadershipLost(f"another rebuild of {self.projection.name} is under way")
        return found

    def _empty(self, part: Part) -> BulkStore:
        return BulkStore(
            self._copies,
            self._connect,
            part.streams,
            derived=frozenset(self.projection.derived),
            whole=self.reached == 0,
        )

    @contextmanager
    def _connect(self) -> Generator[Connection]:
        with self._engine.connect() as db:
            yield db


def fold_all(
    builds: Sequence[Build],
    parts: Iterable[Part],
    scan: Scan,
    limits: Limits,
    progress: ProgressReport | None = None,
    share: str = "",
) -> None:
    """Fold parts of the log into several copies, each to its target: a page is read only once.

    Parts are folded one after the other as they come: several processes may take them in turn, and
    ``share`` tells in the progress which of them this is. Raises what a fold raises, and
    LeadershipLost.
    """
    target = max(build.target for build in builds)
    meters = [Meter(build.projection.name + share, 0, progress) for build in builds]

    def show(part: Part, position: int) -> None:
        """Tell how far all of it is: what comes before this part is done or being done."""
        for build, meter in zip(builds, meters, strict=True):
            done = part.number * build.target + min(position, build.target)
            meter.show(done // part.of, build.target)

    with ExitStack() as opened:
        for build in builds:
            opened.callback(build.transaction.close)
        # Rows are in no cycles and go by themselves; walking through them costs a third.
        opened.enter_context(_without_collector())
        for part in parts:
            left = [build for build in builds if build.begin(part)]
            if left:
                for position in _fold_part(left, part, scan, limits):
                    show(part, position)
            show(part, target)
        for build, meter in zip(builds, meters, strict=True):
            meter.show(build.target, build.target)


def _fold_part(builds: Sequence[Build], part: Part, scan: Scan, limits: Limits) -> Iterator[int]:
    """Fold one part; gives the position reached after each page."""
    start = min(build.reached for build in builds)
    target = max(build.target for build in builds)
    unwritten = 0
    # Only those that folded the same so far, and all of each page, have the same in mind.
    in_step = len(builds) > 1 and len({(build.reached, build.target) for build in builds}) == 1
    shared: dict[int, Any] | None = {} if in_step else None
    for build in builds:
        build.store.shared = shared
    others = frozenset(part.besides)
    for page in scan(start, target, part.streams, part.besides):
        own = [entry for entry in page if entry.position not in others] if others else page
        for build in builds:
            build.fold(page if build.projection.across else own)
            build.write_added(limits.added)
        if shared:
            shared.clear()
        unwritten += len(page)
        last = page[-1].position
        if unwritten >= limits.entries or _cells(builds) > limits.cells:
            _write(builds, last, limits)
            unwritten = 0
        yield last
    _flush(builds, target)


def _flush(builds: Sequence[Build], position: int) -> None:
    for _, together in groupby(builds, lambda build: id(build.transaction)):
        of_one = list(together)
        for build in of_one:
            build.write(position)
        of_one[0].transaction.commit()
        for build in of_one:
            build.settle()


def _write(builds: Sequence[Build], position: int, limits: Limits) -> None:
    _flush(builds, position)
    # The streams go on: their rows will be changed where they were written.
    for build in builds:
        build.expect_to_search()
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
