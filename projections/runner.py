"""Bring projections up to the head of the log: batch by batch, exactly once, whatever crashes."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from domain.log_entry import LogEntry
from projections import checkpoints, faults
from projections.progress import Meter, ProgressReport
from projections.projection import Projection
from projections.tail import NeedsRebuild, Stopped, Tail

# Reads at most ``limit`` entries after a position, in position order: read(after, limit).
Read = Callable[[int, int], Sequence[LogEntry]]

NEAR_PAGE = 1_000
FAR_PAGE = 5_000
_LOOK_AGAIN_SECONDS = 0.05
_REST_AFTER_A_FAULT_SECONDS = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Status:
    """One line of the health page.

    ``lag`` counts the entries of the log that are not folded yet; ``late`` is how long ago the
    first of them was recorded.
    """

    name: str
    version: int
    generation: int
    position: int
    lag: int
    late: timedelta
    updated_at: datetime
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
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``clock`` is the one that dates the entries of the log; only ``status`` looks at it."""
        self._engine = engine
        self._read = read
        self._clock = clock
        self._tails = {p.name: Tail(self._engine, p) for p in projections}
        self._prepared = False
        self._prepare_lock = threading.Lock()
        self._moved = threading.Condition()

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
        raised; nothing is lost then, call again.
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
            start, room = _next_page(behind, limit, until)
            meter = meter or Meter(", ".join(t.projection.name for t in tails), start, progress)
            page = self._read(start, room)
            if page:
                for tail in behind:
                    if tail.position == start:
                        tail.fold(page)
                with self._moved:
                    self._moved.notify_all()
                meter.show(page[-1].position, until or page[-1].position)
            if len(page) < room:
                break
            limit = FAR_PAGE if len(page) >= NEAR_PAGE else limit
        return all(not t.stopped and (until is None or t.position >= until) for t in tails)

    def position(self, name: str) -> int:
        """Ask the database how far a projection has come."""
        self.prepare()
        with self._engine.connect() as db:
            return checkpoints.find(db)[self._tails[name].projection.name].position

    def wait_for(self, name: str, position: int, timeout: float) -> bool:
        """Wait, seconds at most, until somebody has brought a projection to a position.

        Gives up at once when the projection has stopped in this process.
        """
        until = time.monotonic() + timeout
        tail = self._tails[name]
        while True:
            if tail.position >= position or self.position(name) >= position:
                return True
            left = until - time.monotonic()
            if left <= 0 or tail.stopped:
                return False
            with self._moved:
                # Another process cannot notify us: look again soon in any case.
                self._moved.wait(min(left, _LOOK_AGAIN_SECONDS))

    def status(self, head: int, names: Iterable[str] | None = None) -> list[Status]:
        """Tell of projections (all when None) how far they are behind ``head``.

        ``head`` is the last position of the log. One query, and one more for those behind.
        """
        self.prepare()
        with self._engine.connect() as db:
            known = checkpoints.find(db)
        asked = [tail for tail in self._named(names) if tail.projection.name in known]
        now = self._clock()
        recorded_at: dict[int, datetime] = {}
        lines: list[Status] = []
        for tail in asked:
            there = known[tail.projection.name]
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
                    stopped=tail.stopped,
                )
            )
        return lines

    def stopped(self) -> list[str]:
        """Name the projections that have stopped in this process; asks no database."""
        return [name for name, tail in self._tails.items() if tail.stopped is not None]

    def run_forever(
        self, stop: threading.Event, wake: threading.Event, poll_seconds: float = 0.25
    ) -> None:
        """Catch up when ``wake`` is set, and every ``poll_seconds`` in any case, until ``stop``.

        Set ``wake`` after each append, and together with ``stop`` to end without delay.
        """
        while not stop.is_set():
            try:
                self.catch_up(stop=stop)
            except SQLAlchemyError as error:
                if not faults.passes(error):
                    raise
                _log.warning("projections_wait_for_database", error=faults.kind_and_place(error))
                stop.wait(_REST_AFTER_A_FAULT_SECONDS)
            wake.wait(poll_seconds)
            # Cleared before the log is read: what is appended from now on wakes us again.
            wake.clear()

    def _named(self, names: str | Iterable[str] | None) -> list[Tail]:
        if names is None:
            return list(self._tails.values())
        if isinstance(names, str):
            return [self._tails[names]]
        return [self._tails[name] for name in names]


def _next_page(behind: Sequence[Tail], limit: int, until: int | None) -> tuple[int, int]:
    """Choose where to read and how much, so that projections meet and then share each page."""
    positions = sorted({tail.position for tail in behind})
    ends = [positions[0] + limit, *positions[1:2]]
    if until is not None:
        ends.append(until)
    return positions[0], min(ends) - positions[0]
