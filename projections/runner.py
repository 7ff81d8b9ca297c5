"""Bring projections up to the head of the log: batch by batch, exactly once, whatever crashes."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat

from sqlalchemy import Engine

from projections import checkpoints, leases
from projections.checkpoints import Checkpoint
from projections.leases import Lease
from projections.live import Live, next_page
from projections.pages import FAR_PAGE, NEAR_PAGE, Read
from projections.progress import Meter, ProgressReport
from projections.projection import Projection
from projections.tail import NeedsRebuild, Stopped, Tail

_LOOK_AGAIN_SECONDS = 0.002, 0.004, 0.008, 0.016, 0.05


@dataclass(frozen=True, kw_only=True)
class Status:
    """One line of the health page.

    ``lag`` counts the entries of the log that are not folded yet; ``late`` is how long ago the
    first of them was recorded. ``leader`` names the worker that folds it, ``stopped`` what the
    projection stopped at here or, if it has not been folded since, in the worker that led it.
    """

    name: str
    version: int
    generation: int
    position: int
    lag: int
    late: timedelta
    updated_at: datetime
    leader: str | None
    stopped: Stopped | None


class Runner:
    """Follows the log with several projections, each with its own checkpoint and fate.

    Any number of threads and processes may run the same projections: each batch is folded by
    exactly one of them. A fold that fails stops its own projection only.
    """

    def __init__(
        self,
        engine: Engine,
        read: Read,
        projections: Iterable[Projection],
        *,
        first: frozenset[str] = frozenset(),
        follow: Read | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``first`` names what people wait for: the live loop folds it before all else.

        ``follow`` reads as ``read`` does, for the live loop, which reads all the time.
        ``clock`` is the one that dates the entries of the log; only ``status`` looks at it.
        """
        self._engine = engine
        self._read = read
        self._follow = follow or read
        self._first = first
        self._clock = clock
        self._tails = {p.name: Tail(self._engine, p) for p in projections}
        self._prepared = False
        self._prepare_lock = threading.Lock()
        self._moved = threading.Condition()
        self.on_moved: list[Callable[[], None]] = []
        """Called, in the thread that folds, after each batch that this process has folded."""

    def prepare(self) -> None:
        """Create tables and checkpoints of new projections; every other method does so first."""
        with self._prepare_lock:
            if self._prepared:
                return
            with self._engine.execution_options(writes=True).begin() as db:
                checkpoints.prepare(db, [tail.projection for tail in self._tails.values()])
            for tail in self._tails.values():
                tail.look()
            self._prepared = True

    def outdated(self) -> list[Projection]:
        """Projections whose tables another version wrote: they stand still until rebuilt."""
        self.prepare()
        return [
            tail.projection
            for tail in self._tails.values()
            if tail.stopped and isinstance(tail.stopped.exception, NeedsRebuild)
        ]

    def catch_up(
        self,
        names: str | Iterable[str] | None = None,
        *,
        until: int | None = None,
        progress: ProgressReport | None = None,
        stop: threading.Event | None = None,
    ) -> bool:
        """Fold what the log holds into these projections (all when None), in the caller's thread.

        Goes to the head of the log, or to position ``until``. Says whether all of them are there:
        False when one has stopped or the log ends before ``until``. Errors of the database are
        raised; nothing is lost then, call again. Others may fold the same meanwhile.
        """
        self.prepare()
        tails = self._named(names)
        for tail in tails:
            tail.look()
        meter: Meter | None = None
        limit = NEAR_PAGE
        while not (stop and stop.is_set()):
            behind = [t for t in tails if not t.stopped and (until is None or t.position < until)]
            if not behind:
                break
            start, room = next_page(behind, limit, until)
            meter = meter or Meter(", ".join(t.projection.name for t in tails), start, progress)
            page = self._read(start, room)
            if page:
                for tail in behind:
                    if tail.position == start:
                        tail.fold(page)
                self._tell()
                meter.show(page[-1].position, until or page[-1].position)
            end = page[-1].position if page else start
            # Where somebody else was quicker with a part of the page, the rest of it is still left.
            if len(page) < room and all(t.stopped or t.position >= end for t in behind):
                break
            limit = FAR_PAGE if len(page) >= NEAR_PAGE else limit
        return all(not t.stopped and (until is None or t.position >= until) for t in tails)

    def position(self, name: str) -> int:
        """Ask the database how far a projection has come."""
        return self._checkpoint(name).position

    def wait_for(
        self,
        name: str,
        position: int,
        timeout: float,
        stopping: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Wait, seconds at most, until somebody has brought a projection to a position.

        Gives up at once when the projection has stopped, as far as this process knows, and soon
        after ``stopping`` says that nobody needs the answer any more.
        """
        until = time.monotonic() + timeout
        tail = self._tails[name]
        # Another process cannot notify us: look again soon, and then less and less often.
        pauses = chain(_LOOK_AGAIN_SECONDS, repeat(_LOOK_AGAIN_SECONDS[-1]))
        while True:
            if tail.position >= position:
                return True
            there = self._checkpoint(name)
            if there.position >= position:
                return True
            left = until - time.monotonic()
            if left <= 0 or tail.stopped_at(there) or stopping():
                return False
            with self._moved:
                self._moved.wait(min(left, next(pauses)))

    def status(self, head: int, names: Iterable[str] | None = None) -> list[Status]:
        """Tell of projections (all when None) how far they are behind ``head``.

        ``head`` is the last position of the log. One query, and one more for those behind.
        """
        self.prepare()
        with self._engine.connect() as db:
            standing = leases.standing(db)
        now = self._clock()
        recorded_at: dict[int, datetime] = {}
        lines: list[Status] = []
        for tail in self._named(names):
            there, lease = standing.get(tail.projection.name, (None, None))
            if there is None:
                continue
            lag = max(0, head - there.position)
            if lag and there.position not in recorded_at:
                missing = self._read(there.position, 1)
                recorded_at[there.position] = missing[0].recorded_at if missing else now
            late = now - recorded_at[there.position] if lag else timedelta()
            lines.append(
                Status(
                    name=there.name,
                    version=there.version,
                    generation=there.generation,
                    position=there.position,
                    lag=lag,
                    late=max(late, timedelta()),
                    updated_at=there.updated_at,
                    leader=lease.leader if lease else None,
                    stopped=self.stopped_at(there, lease),
                )
            )
        return lines

    def stopped_at(self, there: Checkpoint, lease: Lease | None) -> Stopped | None:
        """What a projection stands still at, here or elsewhere, by what was just read of it.

        Asks no database; None too for a projection that is not followed here.
        """
        tail = self._tails.get(there.name)
        if tail is None:
            return None
        return tail.stopped_at(there) or _stopped_elsewhere(there, lease)

    def live(self, others: Sequence[str] = ()) -> Live:
        """Give what follows the log until it is stopped, for the projections this process leads.

        ``others`` is what else has one leader among all workers.
        """
        self.prepare()
        return Live(
            self._engine,
            self._follow,
            list(self._tails.values()),
            first=self._first,
            moved=self._tell,
            others=others,
        )

    def _checkpoint(self, name: str) -> Checkpoint:
        self.prepare()
        with self._engine.connect() as db:
            return checkpoints.find(db)[self._tails[name].projection.name]

    def _tell(self) -> None:
        with self._moved:
            self._moved.notify_all()
        for listener in list(self.on_moved):
            listener()

    def _named(self, names: str | Iterable[str] | None) -> list[Tail]:
        if names is None:
            return list(self._tails.values())
        if isinstance(names, str):
            return [self._tails[names]]
        return [self._tails[name] for name in names]


def _stopped_elsewhere(there: Checkpoint, lease: Lease | None) -> Stopped | None:
    if lease is None or lease.stopped is None or not leases.stands_still(there, lease):
        return None
    return Stopped.elsewhere(there.name, lease.stopped)
