"""Build a projection anew beside the live one, compare, and put it in its place without a pause."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from domain.log_entry import LogEntry
from domain.stream_range import StreamRange
from projections import checkpoints, faults
from projections.bulk import LIMITS, Build, Limits, Scan, fold_all
from projections.checkpoints import Checkpoint
from projections.content_hash import content_hash
from projections.pages import FAR_PAGE, Read
from projections.progress import Meter, ProgressReport
from projections.projection import Projection
from projections.rebuild_indexes import index
from projections.rebuild_jobs import (
    Division,
    Jobs,
    Part,
    begin_or_continue,
    parts_of,
    unite,
)
from projections.store import Store, Tables
from projections.tail import LeadershipLost

_LOCK_TIMEOUT = "2s"
_SWAP_ATTEMPTS = 15


@dataclass(frozen=True, kw_only=True)
class RebuildResult:
    """What a rebuild did; ``events`` are those folded by this run, not by one it continued.

    Of a continued one that was divided they are counted by the parts that were left.

    The hashes are None when the live tables were of another version and cannot be compared.
    ``same`` is False only when both were compared and differ: the old tables were wrong.
    """

    name: str
    events: int
    seconds: float
    generation: int
    position: int
    hash_live: str | None
    hash_copy: str | None

    @property
    def same(self) -> bool:
        return self.hash_live == self.hash_copy


def rebuild(
    engine: Engine,
    projection: Projection,
    read: Read,
    head: Callable[[], int],
    progress: ProgressReport | None = None,
    *,
    scan: Scan | None = None,
    limits: Limits = LIMITS,
) -> RebuildResult:
    """Fold the log from its beginning into copies of the tables and swap them in.

    Commands, queries and runners go on meanwhile. A rebuild that was killed is continued by the
    next call. ``scan`` is a faster way to read all of the log than ``read``. Raises LeadershipLost
    when two rebuild the same projection at once, and whatever the fold raises; the live tables are
    then untouched.
    """
    rebuilding = Rebuilding(engine, projection, read, head)
    target = rebuilding.begin()
    if parts := rebuilding.parts():
        build = Build(engine, projection, target)
        fold_all([build], parts, scan or paged(read), limits, progress)
    return rebuilding.finish(progress)


def paged(read: Read) -> Scan:
    """Scan the log by reading pages of it."""

    def scan(
        after: int, until: int, streams: StreamRange, besides: Sequence[int]
    ) -> Iterator[Sequence[LogEntry]]:
        others = frozenset(besides)
        while after < until and (page := read(after, min(FAR_PAGE, until - after))):
            after = page[-1].position
            if kept := [e for e in page if streams.has(e.stream_id) or e.position in others]:
                yield kept

    return scan


class Rebuilding:
    """One projection's rebuild, step by step, for those who fold the parts in several processes."""

    def __init__(
        self, engine: Engine, projection: Projection, read: Read, head: Callable[[], int]
    ) -> None:
        self.projection = projection
        self._engine = engine
        self._writing = engine.execution_options(writes=True)
        self._read = read
        self._head = head
        self._jobs: Jobs | None = None
        self._division: Division = ()
        self._start = 0
        self._meter = Meter(projection.name, 0, None)

    def begin(self, division: Division = ()) -> int:
        """Create the copies or find what an earlier call left; gives the position to fold up to.

        What is divided in another way than an earlier call left it begins anew.
        """
        with self._writing.begin() as db:
            checkpoints.prepare(db, [self.projection])
            jobs = begin_or_continue(db, self.projection, division)
        self._jobs = jobs
        self._division = division
        done = [each.position for each in ([jobs.whole] if jobs.whole else jobs.parts)]
        self._start = sum(done) // len(done)
        self._meter = Meter(self.projection.name, self._start, None)
        with self._engine.connect() as db:
            live = checkpoints.find(db)[self.projection.name]
        # All parts must end at one position. Parts that are done are not taken up again: what the
        # log has got since is folded when they are one.
        begun = max(done)
        return begun if begun and len(done) > 1 else max(self._end(live), begun)

    def parts(self) -> list[Part]:
        """Which parts are still to be folded, by ``Build``."""
        return parts_of(self._division) if self._begun.parts else []

    @property
    def copies(self) -> Tables:
        """The tables that the parts are folded into."""
        return self._begun.copies

    def finish(
        self, progress: ProgressReport | None = None, *, indexed: bool = False
    ) -> RebuildResult:
        """Make one of the parts, follow the log to the live tables' position, compare and swap.

        ``indexed``: the copies have their keys and indexes already, as those of others.
        """
        jobs = self._begun
        if jobs.whole is None and not indexed:
            index(self._engine, [jobs.copies])
        job = jobs.whole or self._unite(jobs)
        job, hash_live, hash_copy = self._compare(job, jobs.copies)
        position = self._swap(job, jobs.copies)
        Meter(self.projection.name, self._start, progress).show(position, position)
        return RebuildResult(
            name=self.projection.name,
            events=position - self._start,
            seconds=self._meter.seconds,
            generation=jobs.generation,
            position=position,
            hash_live=hash_live,
            hash_copy=hash_copy,
        )

    @property
    def _begun(self) -> Jobs:
        if self._jobs is None:
            raise LookupError(f"{self.projection.name}: begin before you go on")
        return self._jobs

    def _unite(self, jobs: Jobs) -> Checkpoint:
        with self._writing.begin() as db:
            return unite(db, self.projection, jobs)

    def _end(self, live: Checkpoint) -> int:
        # Tables of this version are compared where they stand; others nobody can read: to the head.
        return live.position if live.version == self.projection.version else self._head()

    def _page(self, job: Checkpoint, target: int) -> Sequence[LogEntry]:
        room = min(FAR_PAGE, target - job.position)
        return self._read(job.position, room) if room > 0 else []

    def _fold(
        self, db: Connection, job: Checkpoint, page: Sequence[LogEntry], copies: Tables
    ) -> Checkpoint:
        moved = checkpoints.advance(db, job, page[-1].position)
        if moved is None:
            raise LeadershipLost(f"another rebuild of {self.projection.name} is under way")
        wanted = self.projection.wanted(page)
        if wanted:
            store = Store.within(db, copies)
            self.projection.fold(wanted, store)
            store.flush(db)
        return moved

    def _compare(
        self, job: Checkpoint, copies: Tables
    ) -> tuple[Checkpoint, str | None, str | None]:
        """Hash both where the live tables stand now, while everybody goes on writing them."""
        seen = self._engine
        if seen.dialect.name == "postgresql":
            seen = seen.execution_options(isolation_level="REPEATABLE READ")
        with seen.connect() as snapshot:
            live = checkpoints.find(snapshot)[self.projection.name]
            if live.generation + 1 != job.generation:
                raise LeadershipLost(f"another rebuild of {self.projection.name} was quicker")
            while page := self._page(job, self._end(live)):
                with self._writing.begin() as db:
                    job = self._fold(db, job, page, copies)
            if live.version != self.projection.version or live.position != job.position:
                # Every row of a large table is read and hashed for it: not for nothing.
                return job, None, None
            hash_live = content_hash(snapshot, self.projection.tables)
        with self._engine.connect() as db:
            return job, hash_live, content_hash(db, copies)

    def _swap(self, job: Checkpoint, copies: Tables) -> int:
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

    def _swap_in(self, db: Connection, job: Checkpoint, copies: Tables) -> int:
        if db.dialect.name == "postgresql":
            # Whoever waits for us queues up behind us: rather give up soon and try again.
            db.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
        live = checkpoints.hold(db, self.projection.name)
        # From here to the commit no runner moves the live tables.
        if live.generation + 1 != job.generation:
            raise LeadershipLost(f"another rebuild of {self.projection.name} was quicker")
        while page := self._page(job, self._end(live)):
            job = self._fold(db, job, page, copies)
        checkpoints.drop_tables(db, live)
        for name, copy in copies:
            _rename(db, copy.name, name)
        checkpoints.forget(db, [job])
        new = replace(job, name=live.name, tables=sorted(self.projection.metadata.tables))
        if checkpoints.switch(db, live, new) is None:
            raise LeadershipLost(f"the checkpoint of {live.name} moved while it was held")
        return job.position


def _rename(db: Connection, old: str, new: str) -> None:
    quote = db.dialect.identifier_preparer.quote
    db.execute(text(f"ALTER TABLE {quote(old)} RENAME TO {quote(new)}"))
