"""Runs what happens behind the requests: projections, policies in time, and the audit's seal."""

import sys
import threading
from collections.abc import Callable
from typing import Final

import structlog
from eventsourcing.persistence import OperationalError as LogUnavailable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infra.wal import WriteAheadLog
from projections.clocks import CLOCKS
from service.assembly import Samsyn
from service.policies import ClocksStandStill, Policies
from service.pushing import Pushing
from service.sealing import Sealing

POLICY_SECONDS: Final = 5.0
"""How often policies look at the clock; they look also after each append."""
_REST_SECONDS: Final = 0.2
"""Between two looks, however much is being appended."""
_PATIENCE_SECONDS: Final = 30.0
_POLICIES: Final = "policies"
_AUDIT: Final = "audit"
_PUSHING: Final = "audit pushing"
_SWITCH_SECONDS: Final = 0.0001
"""What folds for the queues must not wait long for the thread that folds all the rest."""
_ASK_AGAIN_SECONDS: Final = 0.25
_CLOCKS_SECONDS: Final = 10.0
"""So long the policies wait for the clocks to show what has happened."""

log = structlog.get_logger(__name__)


class Worker:
    """The loops of projections, policies and sealing; several workers of one database share them.

    Each projection, the policies and the audit log are led by one worker; when it dies another
    takes over.
    """

    def __init__(
        self,
        samsyn: Samsyn,
        run_policies: Callable[[], int] | None = None,
        sealing: Sealing | None = None,
        pushing: Pushing | None = None,
    ) -> None:
        """With `sealing` it is one of those that may seal the audit log; `pushing` goes along."""
        self._samsyn = samsyn
        self._sealing = sealing
        self._pushing = pushing
        others = [_POLICIES] if sealing is None else [_POLICIES, _AUDIT]
        self._live = samsyn.runner.live(others=others)
        self._stop = threading.Event()
        policies = Policies(samsyn, self._await_clocks, self._stop.is_set)
        self._run_policies = run_policies or policies.run
        self._policies_wake = threading.Event()
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failure: Exception | None = None

    def start(self) -> None:
        """Begin in threads of this process."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        for wakers in self._wakers():
            wakers.append(self._wake)
        self._samsyn.casework.on_entries.append(self._live.tell)
        loops = [("projections", self._live.run), (_POLICIES, self._act)]
        if self._sealing is not None:
            loops.append((_AUDIT, self._seal))
        if self._sealing is not None and self._pushing is not None:
            loops.append((_PUSHING, self._push))
        if self._samsyn.engine.dialect.name == "sqlite":
            loops.append(("write-ahead log", self._keep_log_short))
        for name, loop in loops:
            thread = threading.Thread(target=self._guard, args=(loop,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        log.info("worker_started")

    def stop(self) -> None:
        """End the loops; what they are in the middle of is finished first."""
        self._stop.set()
        self._live.stop()
        self._policies_wake.set()
        for thread in self._threads:
            thread.join(_PATIENCE_SECONDS)
        if self._live.tell in self._samsyn.casework.on_entries:
            self._samsyn.casework.on_entries.remove(self._live.tell)
        for wakers in self._wakers():
            if self._wake in wakers:
                wakers.remove(self._wake)
        log.info("worker_stopped")

    def run(self, stop: threading.Event, poll_seconds: float = 0.5) -> None:
        """Work until `stop` is set, for a process that does nothing else.

        Raises:
            Exception: whatever ended one of the loops; the process should end and start anew.
        """
        self.start()
        while not stop.wait(poll_seconds) and not self._ended.is_set():
            pass
        self.stop()
        if self.failure is not None:
            raise self.failure

    def _wakers(self) -> list[list[Callable[[int], None]]]:
        """Who says that the log has grown: this process's log, and Redis for all others."""
        hints = self._samsyn.hints
        return [self._samsyn.casework.on_append, *([hints.on_hint] if hints else [])]

    def _wake(self, _position: int) -> None:
        self._live.wake()
        self._policies_wake.set()

    def _guard(self, loop: Callable[[], None]) -> None:
        try:
            loop()
        except Exception as error:
            # Seen by /ready and by `run`: a program whose worker is dead must not look well.
            self.failure = error
            log.exception("worker_failed", loop=threading.current_thread().name)
        finally:
            self._ended.set()

    def _act(self) -> None:
        while not self._stop.is_set():
            if not self._live.leads(_POLICIES):
                self._stop.wait(_ASK_AGAIN_SECONDS)
                continue
            try:
                done = self._run_policies()
            except (LogUnavailable, DBAPIError, PoolTimeout, ClocksStandStill) as error:
                # Policies are safe to run late: what was due is still due when they look again.
                # A projection that stands still is told by /ready until it is rebuilt.
                log.warning("policies_wait", error=type(error).__name__)
                done = 0
            if done:
                log.info("policies_acted", commands=done)
            self._stop.wait(_REST_SECONDS)
            self._policies_wake.wait(POLICY_SECONDS)
            self._policies_wake.clear()

    def _seal(self) -> None:
        if self._sealing is not None:
            self._sealing.run(self._stop, lambda: self._live.leads(_AUDIT))

    def _push(self) -> None:
        if self._pushing is not None:
            self._pushing.run(self._stop, lambda: self._live.leads(_AUDIT))

    def _keep_log_short(self) -> None:
        WriteAheadLog(self._samsyn.engine).run(self._stop)

    def _await_clocks(self) -> bool:
        head = self._samsyn.casework.head()
        # When the worker stops nobody folds here any more: what waits for it must not.
        return self._samsyn.runner.wait_for(CLOCKS.name, head, _CLOCKS_SECONDS, self._stop.is_set)
