"""Build a projection anew beside the live one, compare, and put it in its place without a pause."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from domain.log_entry import LogEntry
from projections import checkpoints, faults
from projections.checkpoints import Checkpoint
from projections.pages import FAR_PAGE, Read
from projections.progress import Meter, ProgressReport
from projections.projection import Projection, content_hash
from projections.store import Store, Tables
from projections.tail import LeadershipLost

_LOCK_TIMEOUT = "2s"
_SWAP_ATTEMPTS = 15


@dataclass(frozen=True, kw_only=True)
class RebuildResult:
    """What a rebuild did; ``events`` are those folded by this run, not by one it continued.

    ``hash_live`` is None when the live tables were of another version and cannot be compared.
    ``same`` is False only when both were compared and differ: the old tables were wrong.
    """

    name: str
    events: int
    seconds: float
    generation: int
    position: int
    hash_live: str | None
    hash_copy: str

    @property
    def same(self) -> bool:
        return self.hash_live in (None, self.hash_copy)


def rebuild(
    engine: Engine,
    projection: Projection,
    read: Read,
    head: Callable[[], int],
    progress: ProgressReport | None = None,
) -> RebuildResult:
    """Fold the log from its beginning into copies of the tables and swap them in.

    Commands, queries and runners go on meanwhile. A rebuild that was killed is continued by the
    next call. Raises LeadershipLost when two rebuild the same projection at once, and whatever
    the fold raises; the live tables are then untouched.
    """
    return _Rebuild(engine, projection, read, head).run(progress)


class _Rebuild:
    def __init__(
        self, engine: Engine, projection: Projection, read: Read, head: Callable[[], int]
    ) -> None:
        self._reading = engine
        self._writing = engine.execution_options(writes=True)
        self._projection = projection
        self._read = read
        self._head = head

    def run(self, progress: ProgressReport | None) -> RebuildResult:
        with self._writing.begin() as db:
            checkpoints.prepare(db, [self._projection])
            job, copies = _begin_or_continue(db, self._projection)
        start = job.position
        meter = Meter(self._projection.name, start, progress)
        while page := self._page(job, target := self._target()):
            with self._writing.begin() as db:
                job = self._fold(db, job, page, copies)
            meter.show(job.position, target)
        position, hash_live, hash_copy = self._swap(job, copies)
        meter.show(position, position)
        return RebuildResult(
            name=self._projection.name,
            events=position - start,
            seconds=meter.seconds,
            generation=job.generation,
            position=position,
            hash_live=hash_live,
            hash_copy=hash_copy,
        )

    def _target(self) -> int:
        with self._reading.connect() as db:
            live = checkpoints.find(db)[self._projection.name]
        return self._end(live)

    def _end(self, live: Checkpoint) -> int:
        # Tables of this version are compared where they stand; others nobody can read: to the head.
        return live.position if live.version == self._projection.version else self._head()

    def _page(self, job: Checkpoint, target: int) -> Sequence[LogEntry]:
        room = min(FAR_PAGE, target - job.position)
        return self._read(job.position, room) if room > 0 else []

    def _fold(
        self, db: Connection, job: Checkpoint, page: Sequence[LogEntry], copies: Tables
    ) -> Checkpoint:
        moved = checkpoints.advance(db, job, page[-1].position)
        if moved is None:
            raise LeadershipLost(f"another rebuild of {self._projection.name} is under way")
        wanted = self._projection.wanted(page)
        if wanted:
            store = Store.within(db, copies)
            self._projection.fold(wanted, store)
            store.flush(db)
        return moved

    def _swap(self, job: Checkpoint, copies: Tables) -> tuple[int, str | None, str]:
        for _ in range(_SWAP_ATTEMPTS - 1):
            try:
                with self._writing.begin() as db:
                    return self._swap_in(db, job, copies)
            except OperationalError as error:
                # A long query still reads the live tables: let it end, then try again.
                if not faults.passes(error):
                    raise
        with self._writing.begin() as db:
            return self._swap_in(db, job, copies)

    def _swap_in(
        self, db: Connection, job: Checkpoint, copies: Tables
    ) -> tuple[int, str | None, str]:
        if db.dialect.name == "postgresql":
            # Whoever waits for us queues up behind us: rather give up soon and try again.
            db.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        live = checkpoints.hold(db, self._projection.name)
        # From here to the commit no runner moves the live tables.
        if live.generation + 1 != job.generation:
            raise LeadershipLost(f"another rebuild of {self._projection.name} was quicker")
        while page := self._page(job, self._end(live)):
            job = self._fold(db, job, page, copies)
        hash_copy = content_hash(db, copies)
        hash_live = None
        if live.version == self._projection.version and live.position == job.position:
            hash_live = content_hash(db, self._projection.tables)
        checkpoints.drop_tables(db, live)
        for name, copy in copies:
            _rename(db, copy.name, name)
        checkpoints.forget(db, job)
        new = replace(job, name=live.name, tables=sorted(self._projection.metadata.tables))
        if checkpoints.switch(db, live, new) is None:
            raise LeadershipLost(f"the checkpoint of {live.name} moved while it was held")
        return job.position, hash_live, hash_copy


def _begin_or_continue(db: Connection, projection: Projection) -> tuple[Checkpoint, Tables]:
    live = checkpoints.hold(db, projection.name)
    generation = live.generation + 1
    metadata, copies = projection.copies(generation)
    name = f"{projection.name}@rebuild"
    job = checkpoints.find(db).get(name)
    if job and (job.version, job.generation) != (projection.version, generation):
        # Left behind by another version of the code: of no use to this one.
        checkpoints.drop_tables(db, job)
        checkpoints.forget(db, job)
        job = None
    if job is None:
        job = checkpoints.begin(db, name, projection.version, generation, metadata)
    return job, copies


def _rename(db: Connection, old: str, new: str) -> None:
    quote = db.dialect.identifier_preparer.quote
    db.execute(text(f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}"))
