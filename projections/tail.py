"""One projection as one process follows it: where it is, whether it stopped, and its next batch."""

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from sqlalchemy import Engine, Table

from domain.log_entry import LogEntry
from projections import checkpoints, faults
from projections.checkpoints import Checkpoint
from projections.draft import Draft
from projections.pen import PAUSE_BY_HAND_SECONDS, PAUSE_SECONDS, Pen, bound_pause
from projections.projection import Projection
from projections.rows import Changes
from projections.store import Store

MOST_KEPT: Final = 20_000
"""Entries whose rows a leader keeps in memory; then it begins anew."""

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

    def noted(self) -> dict[str, Any]:
        """What other processes are told of it."""
        return {"position": self.position, "topic": self.topic, "error": self.error}

    @classmethod
    def elsewhere(cls, name: str, noted: Mapping[str, Any]) -> "Stopped":
        """What another process noted."""
        return cls(name=name, **noted, exception=StoppedElsewhere(noted["error"]))


class StoppedElsewhere(Exception):
    """The fold failed in another process, whose log has the details."""


class FoldFailed(Exception):
    """Carries an error of the fold, as its cause, out of the rolled back transaction."""


class Tail:
    """Follows the log for one projection; safe for several threads and several processes.

    Whoever folds by hand folds into a store for each batch. A leader keeps its store: the rows in
    it are right as long as each of its batches finds the checkpoint where the last one left it.
    """

    def __init__(self, engine: Engine, projection: Projection) -> None:
        self.projection = projection
        self.stopped: Stopped | None = None
        self.term: int | None = None
        self._reading = engine
        self._writing = engine.execution_options(writes=True)
        self._lock = threading.Lock()
        self._checkpoint: Checkpoint | None = None
        self._store: Store | None = None
        self._drafted: Store | None = None
        self._kept = 0

    @property
    def position(self) -> int:
        """The last position folded, as far as this process knows."""
        return self._checkpoint.position if self._checkpoint else 0

    def look(self) -> None:
        """Take over what the database says: other instances and rebuilds write there too."""
        with self._lock:
            self._look()

    def lead(self, term: int) -> bool:
        """Begin to lead: from here on nobody writes who led in an earlier term.

        False when a later term has begun, or when the projection has stopped.
        """
        with self._lock:
            with self._writing.begin() as db:
                # Stopped right here, it must not keep the next leader from its stamp.
                bound_pause(db, PAUSE_SECONDS)
                stamped = checkpoints.stamp(db, self.projection.name, term)
            self._look()
            self.term = term if stamped is not None and self.stopped is None else None
            return self.term is not None

    def stopped_at(self, there: Checkpoint) -> Stopped | None:
        """What it stands still at, by a checkpoint that was just read; asks and changes nothing.

        Who only reads, as a web process does, never looks again by itself: what stopped it when it
        began may be over since a rebuild, and a rebuild may have come that it cannot read.
        """
        if there.version != self.projection.version:
            return self._stopped(_written_by(there))
        before, stopped = self._checkpoint, self.stopped
        if stopped is None or before is None or before.generation != there.generation:
            return None
        return None if _got_past(stopped, before, there) else stopped

    def follow(self) -> None:
        """Lead no longer, or first look again: keep nothing that somebody else may change."""
        with self._lock:
            self.term = None
            self._forget()

    def fold(self, entries: Sequence[LogEntry], pen: Pen | None = None) -> None:
        """Fold entries that begin right after a position this projection had a moment ago.

        A leader brings its ``pen``. Whatever another thread or process was quicker with is left
        out. An error of the fold stops this projection at the entry that causes it, with
        everything before it folded. Errors of the database that pass are raised.
        """
        with self._lock:
            waiting = [entries]
            while waiting and self.stopped is None:
                batch = [entry for entry in waiting.pop() if entry.position > self.position]
                if not batch:
                    continue
                try:
                    moved = self._lead_on(batch, pen) if pen else self._write(batch)
                except FoldFailed as failure:
                    # Halve until one entry is left: it is the one to name.
                    half = len(batch) // 2
                    waiting += [batch[half:], batch[:half]]
                    if half == 0:
                        self._stop_at(batch[0], failure)
                    continue
                if not moved:
                    # Another process was quicker (normal) or has swapped the tables.
                    self.term = None
                    self._look()
                    return

    @contextmanager
    def held(self) -> Generator[None]:
        """Keep other threads out between ``draft`` and ``take_over``."""
        with self._lock:
            yield

    def draft(self, entries: Sequence[LogEntry], pen: Pen) -> Draft | None:
        """Fold what is new of the entries in memory, as a leader; None if nothing is.

        What is kept counts for nothing until the draft is written and taken over. Raises
        FoldFailed for an error of the fold.
        """
        batch = [entry for entry in entries if entry.position > self.position]
        old = self._checkpoint
        if not batch or old is None or self.stopped is not None:
            return None
        kept, self._store = self._store, None
        if kept is None:
            self._kept = 0
        store = self._drafted = kept or Store(self.projection.tables, pen.reading)
        changes: list[tuple[Table, Changes]] = []
        with _failing_as_fold():
            wanted = self.projection.wanted(batch)
            if wanted:
                self.projection.fold(wanted, store)
                changes.extend(store.changes())
        return Draft(
            projection=self.projection,
            old=old,
            position=batch[-1].position,
            changes=changes,
            wanted=len(wanted),
        )

    def take_over(self, draft: Draft, checkpoint: Checkpoint) -> None:
        """Go on from a draft that is written."""
        self._checkpoint = checkpoint
        self._kept += draft.wanted
        self._store = self._drafted if self._kept < MOST_KEPT else None

    def _lead_on(self, batch: Sequence[LogEntry], pen: Pen) -> bool:
        draft = self.draft(batch, pen)
        if draft is None:
            return True
        with _failing_as_fold():
            written = pen.write([draft])
        if written is None:
            return False
        self.take_over(draft, written[0])
        return True

    def _write(self, batch: Sequence[LogEntry]) -> bool:
        if self._checkpoint is None:
            raise LookupError(f"{self.projection.name}: look before you fold")
        # What is folded by hand is not in the store of a leader: it goes.
        self._forget()
        with self._writing.begin() as db:
            bound_pause(db, PAUSE_BY_HAND_SECONDS)
            moved = checkpoints.advance(db, self._checkpoint, batch[-1].position)
            if moved is None:
                return False
            # From here to the commit nobody else can write the rows of this projection.
            with _failing_as_fold():
                wanted = self.projection.wanted(batch)
                if wanted:
                    store = Store.within(db, self.projection.tables)
                    self.projection.fold(wanted, store)
                    store.flush(db)
        self._checkpoint = moved
        return True

    def _forget(self) -> None:
        self._store = None

    def _look(self) -> None:
        with self._reading.connect() as db:
            there = checkpoints.find(db).get(self.projection.name)
        before = self._checkpoint
        self._checkpoint = there or before
        if there != before:
            self._forget()
        if there is None:
            self._stop(LeadershipLost("the checkpoint is gone"))
        elif there.version != self.projection.version:
            self._stop(_written_by(there))
        elif before is None or before.generation != there.generation:
            # A rebuild has swapped the tables; what stopped the old ones is over.
            self.stopped = None
        elif there.position < before.position:
            if not _was_rolled_back(before, there):
                self._stop(LeadershipLost(f"set back from {before.position} to {there.position}"))
        elif self.stopped and _got_past(self.stopped, before, there):
            self.stopped = None

    def _stop_at(self, entry: LogEntry, failure: FoldFailed) -> None:
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
        self._say(self._stopped(error))

    def _stopped(self, error: NeedsRebuild | LeadershipLost) -> Stopped:
        return Stopped(
            name=self.projection.name,
            position=self.position,
            topic=None,
            error=f"{type(error).__name__}: {error}",
            exception=error,
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


@contextmanager
def _failing_as_fold() -> Generator[None]:
    """What the fold, or the database about its rows, complains of; faults that pass are raised."""
    try:
        yield
    except Exception as error:
        if faults.passes(error):
            raise
        raise FoldFailed from error


def _written_by(there: Checkpoint) -> NeedsRebuild:
    return NeedsRebuild(f"the tables are of version {there.version}")


def _got_past(stopped: Stopped, before: Checkpoint, there: Checkpoint) -> bool:
    """Whether another program got past the entry that stopped this one."""
    return there.position >= stopped.position > before.position


def _was_rolled_back(before: Checkpoint, there: Checkpoint) -> bool:
    """Whether a crash of the database took the latest transactions, rows and checkpoint together.

    The row is then one from before, or a later leader, who found it so, has gone on from there.
    """
    return there.updated_at < before.updated_at or there.term > before.term
