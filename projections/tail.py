"""One projection as one process follows it: where it is, whether it stopped, and its next batch."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Engine

from domain.log_entry import LogEntry
from projections import checkpoints, faults
from projections.checkpoints import Checkpoint
from projections.projection import Projection
from projections.store import Store

_log = structlog.get_logger(__name__)


class NeedsRebuild(Exception):
    """The tables were written by another version of the projection: run ``samsyn rebuild``."""


class LeadershipLost(Exception):
    """The checkpoint was set back or removed, or a second rebuild writes the same copies."""


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """Why a projection goes no further: the position and topic of the entry it failed on.

    ``topic`` is None when no entry is to blame; ``error`` never quotes what an event says.
    """

    name: str
    position: int
    topic: str | None
    error: str
    exception: Exception = field(repr=False, compare=False)


class _FoldFailed(Exception):
    """Carries an error of the fold, as its cause, out of the rolled back transaction."""


class Tail:
    """Follows the log for one projection; safe for several threads and several processes."""

    def __init__(self, engine: Engine, projection: Projection) -> None:
        self.projection = projection
        self.stopped: Stopped | None = None
        self._reading = engine
        self._writing = engine.execution_options(writes=True)
        self._lock = threading.Lock()
        self._checkpoint: Checkpoint | None = None

    @property
    def position(self) -> int:
        """The last position folded, as far as this process knows."""
        return self._checkpoint.position if self._checkpoint else 0

    def look(self) -> None:
        """Take over what the database says: other instances and rebuilds write there too."""
        with self._lock:
            self._look()

    def fold(self, entries: Sequence[LogEntry]) -> None:
        """Fold entries that begin right after a position this projection had a moment ago.

        Whatever another thread or process was quicker with is left out. An error of the fold
        stops this projection at the entry that causes it, with everything before it folded.
        Errors of the database that pass are raised.
        """
        with self._lock:
            waiting = [entries]
            while waiting and self.stopped is None:
                batch = [entry for entry in waiting.pop() if entry.position > self.position]
                if not batch:
                    continue
                try:
                    moved = self._write(batch)
                except _FoldFailed as failure:
                    # Halve until one entry is left: it is the one to name.
                    half = len(batch) // 2
                    waiting += [batch[half:], batch[:half]]
                    if half == 0:
                        self._stop_at(batch[0], failure)
                    continue
                if not moved:
                    # Another process was quicker (normal) or has swapped the tables.
                    self._look()
                    return

    def _write(self, batch: Sequence[LogEntry]) -> bool:
        if self._checkpoint is None:
            raise LookupError(f"{self.projection.name}: look before you fold")
        with self._writing.begin() as db:
            moved = checkpoints.advance(db, self._checkpoint, batch[-1].position)
            if moved is None:
                return False
            # From here to the commit nobody else can write the rows of this projection.
            wanted = self.projection.wanted(batch)
            if wanted:
                try:
                    store = Store.within(db, self.projection.tables)
                    self.projection.fold(wanted, store)
                    store.flush(db)
                except Exception as error:
                    if faults.passes(error):
                        raise
                    raise _FoldFailed from error
        self._checkpoint = moved
        return True

    def _look(self) -> None:
        with self._reading.connect() as db:
            there = checkpoints.find(db).get(self.projection.name)
        before = self._checkpoint
        self._checkpoint = there or before
        if there is None:
            self._stop(LeadershipLost("the checkpoint is gone"))
        elif there.version != self.projection.version:
            self._stop(NeedsRebuild(f"the tables are of version {there.version}"))
        elif before is None or before.generation != there.generation:
            # A rebuild has swapped the tables; what stopped the old ones is over.
            self.stopped = None
        elif there.position < before.position:
            self._stop(LeadershipLost(f"set back from {before.position} to {there.position}"))

    def _stop_at(self, entry: LogEntry, failure: _FoldFailed) -> None:
        cause = failure.__cause__
        exception = cause if isinstance(cause, Exception) else failure
        self._say(
            Stopped(
                name=self.projection.name,
                position=entry.position,
                topic=entry.topic,
                error=faults.kind_and_place(exception),
                exception=exception,
            )
        )

    def _stop(self, error: NeedsRebuild | LeadershipLost) -> None:
        self._say(
            Stopped(
                name=self.projection.name,
                position=self.position,
                topic=None,
                error=f"{type(error).__name__}: {error}",
                exception=error,
            )
        )

    def _say(self, stopped: Stopped) -> None:
        if stopped == self.stopped:
            return
        self.stopped = stopped
        _log.error(
            "projection_stopped",
            projection=stopped.name,
            position=stopped.position,
            topic=stopped.topic,
            error=stopped.error,
        )
