"""Follows the log for as long as the process runs: the projections that this worker leads."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from domain.log_entry import LogEntry
from projections import faults
from projections.leadership import Leadership
from projections.pages import FAR_PAGE, NEAR_PAGE, Pages, Read
from projections.pen import Pen
from projections.tail import NeedsRebuild, Tail
from projections.together import fold_together

POLL_SECONDS: Final = 0.25
REST_AFTER_A_FAULT_SECONDS: Final = 1.0
BREATH_SECONDS: Final = 0.1
"""Between two batches of what nobody waits for: larger batches cost less for each entry."""
_AGAIN_SECONDS: Final = 0.002
"""From one look at the log to the next of what people wait for, while the log grows."""
_GROWS_SECONDS: Final = 0.03
"""So long after it grew the log is looked at again without a hint: longer than hints are apart."""
_GIVEN_WAY_SECONDS: Final = 0.02
"""So long, at each step, the others wait for what is folded first; then they go on all the same."""
_FEW: Final = 4
"""Entries in a page: as many come from one command, which is then shown without a breath."""

_log = structlog.get_logger(__name__)


@dataclass
class _Loop:
    """Projections that one thread folds, and what wakes it."""

    name: str
    tails: Sequence[Tail]
    breath: float
    wake: threading.Event = field(default_factory=threading.Event)
    limit: int = NEAR_PAGE
    grew_at: float = 0.0


class Live:
    """Folds on each wake-up, while the log grows and every quarter of a second what it leads.

    Any number of workers may run: each projection is led by one of them, and each batch is folded
    by exactly one whatever happens. A fold that fails stops its own projection only.
    """

    def __init__(
        self,
        engine: Engine,
        read: Read,
        tails: Sequence[Tail],
        *,
        first: frozenset[str],
        moved: Callable[[], None],
        others: Sequence[str] = (),
    ) -> None:
        """``first`` names what is folded before all else, in a loop of its own.

        ``moved`` is told after each batch. ``others`` is what else has one leader among workers.
        """
        self._engine = engine
        self._pages = Pages(read)
        self._moved = moved
        self._tails = {tail.projection.name: tail for tail in tails}
        ahead = [tail for tail in tails if tail.projection.name in first]
        behind = [tail for tail in tails if tail.projection.name not in first]
        self._loops = [
            _Loop("projections-first", ahead, breath=0.0),
            _Loop("projections-rest", behind, breath=BREATH_SECONDS),
        ]
        self._rests = threading.Event()
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._leadership = Leadership(
            engine,
            [*self._tails, *others],
            self._fit,
            self.wake,
            first=[tail.projection.name for tail in ahead],
        )

    @property
    def holder(self) -> str:
        """The name under which this worker leads."""
        return self._leadership.holder

    def leads(self, name: str) -> bool:
        """Whether this worker leads a projection, or one of the others, now."""
        return self._leadership.term(name) is not None

    def tell(self, entries: Sequence[LogEntry]) -> None:
        """Hand on what this process has just committed, before ``wake``; returns at once."""
        self._pages.tell(entries)

    def wake(self) -> None:
        """Say that the log has grown; returns at once."""
        for loop in self._loops:
            loop.wake.set()

    def stop(self) -> None:
        """Make ``run`` return once what is being folded is written."""
        self._stop.set()
        self.wake()

    def run(self) -> None:
        """Follow the log until ``stop``; then the leases are given up.

        Raises:
            Exception: what ended one of the loops; the others are ended too.
        """
        works = [(loop.name, partial(self._follow, loop)) for loop in self._loops]
        works.append(("leases", partial(self._leadership.run, self._stop)))
        threads = [
            threading.Thread(target=self._guard, args=(work,), name=name, daemon=True)
            for name, work in works
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._pages.close()
        self._leadership.leave()
        if self._failure is not None:
            raise self._failure

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  raised by `run`, which others wait for
            self._failure = error
            _log.exception("loop_failed", loop=threading.current_thread().name)
        finally:
            self.stop()

    def _fit(self, name: str) -> bool:
        tail = self._tails.get(name)
        if tail is None:
            return True
        if tail.stopped is not None:
            # A rebuild or another program may have got past what stopped it here.
            tail.look()
        return tail.stopped is None

    def _follow(self, loop: _Loop) -> None:
        pen = Pen(self._engine)
        while not self._stop.is_set():
            # Cleared before the log is read: what is appended from now on wakes us again.
            loop.wake.clear()
            looked_at = time.monotonic()
            if not loop.breath:
                self._rests.clear()
            try:
                more = self._step(loop, pen)
            except SQLAlchemyError as error:
                if not faults.passes(error):
                    raise
                self._recover(loop, pen, error)
                continue
            if not more:
                if not loop.breath:
                    self._rests.set()
                self._await_more(loop, looked_at)
        pen.drop()

    def _await_more(self, loop: _Loop, looked_at: float) -> None:
        """Wait for a hint; of what people wait for, while the log grows, for a moment only.

        A hint for each append would cost every process that hears it more than looking does.
        """
        now = time.monotonic()
        if loop.breath or now - loop.grew_at > _GROWS_SECONDS:
            loop.wake.wait(POLL_SECONDS)
        else:
            self._stop.wait(max(0.0, looked_at + _AGAIN_SECONDS - now))

    def _step(self, loop: _Loop, pen: Pen) -> bool:
        """Fold one page; whether there may be more of the log to fold at once."""
        led = [tail for tail in loop.tails if self._leads(tail)]
        if not led:
            return False
        start, room = next_page(led, loop.limit, None)
        page, whole = self._pages.read(start, room)
        if not page:
            return False
        here = [tail for tail in led if tail.position == start]
        fold_together(here, page, pen, self._give_way if loop.breath else None)
        self._moved()
        loop.grew_at = time.monotonic()
        loop.limit = FAR_PAGE if len(page) >= NEAR_PAGE else NEAR_PAGE
        if loop.breath and _FEW < len(page) < NEAR_PAGE:
            self._stop.wait(loop.breath)
        return not whole or any(tail.position < page[-1].position for tail in led)

    def _give_way(self) -> None:
        """Let the first loop have the interpreter as long as it has something to do."""
        self._rests.wait(_GIVEN_WAY_SECONDS)

    def _leads(self, tail: Tail) -> bool:
        name = tail.projection.name
        term = self._leadership.term(name)
        if term is None:
            tail.follow()
            return False
        if tail.stopped is None and tail.term != term:
            tail.lead(term)
        if tail.stopped is not None:
            # Another version of the program, or one that is mended, may do better.
            told = isinstance(tail.stopped.exception, NeedsRebuild)
            self._leadership.give_up(name, None if told else tail.stopped.noted())
            return False
        return tail.term == term

    def _recover(self, loop: _Loop, pen: Pen, error: SQLAlchemyError) -> None:
        """After an error of the database nothing that was kept counts: look again, carefully."""
        _log.warning("projections_wait_for_database", error=faults.kind_and_place(error))
        self._rests.set()
        pen.drop()
        self._pages.forget()
        for tail in loop.tails:
            tail.follow()
        loop.limit = max(_FEW, min(loop.limit, NEAR_PAGE) // 4)
        self._stop.wait(REST_AFTER_A_FAULT_SECONDS)


def next_page(behind: Sequence[Tail], limit: int, until: int | None) -> tuple[int, int]:
    """Choose where to read and how much, so that projections meet and then share each page."""
    positions = sorted({tail.position for tail in behind})
    ends = [positions[0] + limit, *positions[1:2]]
    if until is not None:
        ends.append(until)
    return positions[0], min(ends) - positions[0]
