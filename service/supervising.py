"""Several web processes on one socket, and the one above them, which loads no page itself."""

import math
import os
import socket
import threading
import time
from collections import Counter
from contextlib import nullcontext
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvicorn
from prometheus_client.multiprocess import (
    mark_process_dead,  # pyright: ignore[reportUnknownVariableType]  # left untyped
)
from uvicorn.config import STARTUP_FAILURE
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from service.ending import LAST_SECONDS
from service.exposition import exposed
from service.garbage import leave_loaded
from service.one_write import OneWrite
from service.settings import Settings

if TYPE_CHECKING:
    from service.app import Application

WEB_PROCESS: Final = "service.web_process:create"
COUNTS_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_HEARD_SECONDS: Final = 0.05
"""Within so long a signal is acted upon; uvicorn's own supervisor takes half a second."""
_UNHEARD_SECONDS: Final = 20
"""A web process that says nothing for so long hangs: it is killed and started anew."""
_FIRST_WORD_SECONDS: Final = 180
"""So long a new one may take to say anything: killed sooner on a machine that has much else to do,
the next one would have no more time than it had, and none would ever answer."""
_MOST_PAUSE_SECONDS: Final = 15
"""So long at most the place of one that could not start stays empty until the next one tries."""
_KEPT_SECONDS: Final = 75
"""Longer than a proxy keeps idle connections: it must not send into one that we are closing."""

log = structlog.get_logger(__name__)


_NEXT_ONE_SECONDS: Final = 0.0001
"""So long a process leaves the next connection to another one."""


class CannotStart(Exception):
    """The web processes end while they start."""


def serve_with_processes(settings: Settings, listening: socket.socket) -> None:
    """Keep `settings.workers` processes answering on one socket until this one is told to stop.

    They take connections from the same queue: what waits there when one of them is killed is
    answered by another. SIGHUP replaces them one after the other without a pause.

    Raises:
        CannotStart: a process ended before it answered anything.
    """
    shown = settings.metrics_port is not None
    with TemporaryDirectory(prefix="samsyn-metrics-") if shown else nullcontext() as folder:
        if folder is not None:
            # Read by the library when a web process first imports it.
            os.environ[COUNTS_FOLDER] = folder
        supervisor = Supervisor(server_config(WEB_PROCESS, settings), [listening], settings, folder)
        leave_loaded()
        with exposed(settings, folder):
            supervisor.run()
    if supervisor.cannot_start:
        raise CannotStart("The web processes cannot start: see what they say above.")


class _EndOrSignal(threading.Event):
    """Is set when the processes are to end; waiting for it ends also when a signal has come."""

    def __init__(self, signals: list[int]) -> None:
        super().__init__()
        self._signals = signals

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for so many seconds at most."""
        give_up_at = math.inf if timeout is None else time.monotonic() + timeout
        while not self._signals and not self.is_set() and time.monotonic() < give_up_at:
            super().wait(_HEARD_SECONDS)
        return self.is_set()


class OneOfSeveral(HttpToolsProtocol):
    """A connection of one of several processes, which then leaves the next one to another.

    All of them wait at one socket. Clients that come together, as a proxy's do when it starts,
    would else all be taken by whichever process is awake first, and stay there.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  as uvicorn makes it
        super().__init__(*args, **options)
        time.sleep(_NEXT_ONE_SECONDS)

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  as uvicorn tells it
        super().connection_made(transport)
        self.transport: Any = OneWrite(transport, self.loop)


class Supervisor(Multiprocess):
    """uvicorn's, which also says what it does in our log and waits for no process for ever."""

    def __init__(
        self,
        config: uvicorn.Config,
        sockets: list[socket.socket],
        settings: Settings,
        counts_folder: str | None,
    ) -> None:
        super().__init__(config, sockets)
        self.should_exit = _EndOrSignal(self.signal_queue)
        self._counts_folder = counts_folder
        self._asked_at: dict[Process, float] = {}
        self._has_spoken: set[Process] = set()
        self._has_started: set[Process] = set()
        self._failures: Counter[int] = Counter()
        self._begins_at: dict[Process, float] = {}
        self._most_seconds = settings.stop_seconds + 2 * LAST_SECONDS

    @property
    def cannot_start(self) -> bool:
        """Whether it ended because a process could not even begin."""
        return any(process.exitcode == STARTUP_FAILURE for process in self.processes)

    def keep_subprocess_alive(self) -> None:
        """Start a process anew in the place of each that has ended or hangs."""
        for place, old in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if self._lives(old):
                continue
            if old not in self._begins_at:
                self._bury(old, place)
            if old.exitcode == STARTUP_FAILURE:
                # It would fail in the same way again.
                self.should_exit.set()
                return
            if time.monotonic() < self._begins_at[old]:
                continue
            del self._begins_at[old]
            log.warning("web_process_replaced", exit_code=old.exitcode, ended=old.pid)
            new = self.processes[place] = Process(self.config, self.sockets)
            new.start()

    def _bury(self, old: Process, place: int) -> None:
        """See that it has ended, and when another one may begin in its place.

        One that had answered is replaced at once. One that never did, as while the database is
        away, would only begin and end again all the time: the next one waits, longer each time.
        """
        old.kill()
        old.join()
        if self._counts_folder is not None:
            mark_process_dead(old.pid, self._counts_folder)  # type: ignore[no-untyped-call]  # left untyped
        self._failures[place] = 0 if old in self._has_started else self._failures[place] + 1
        pause = min(2 ** self._failures[place] - 1, _MOST_PAUSE_SECONDS)
        self._begins_at[old] = time.monotonic() + pause
        if pause:
            log.warning("web_process_cannot_start", exit_code=old.exitcode, next_in_seconds=pause)
        self._asked_at.pop(old, None)
        self._has_spoken.discard(old)
        self._has_started.discard(old)

    def _lives(self, process: Process) -> bool:
        """Ask it, or look for the answer to what it was asked; waits for nobody.

        Who waited for one that has just been killed, or is only starting, would neither see how
        the others are nor hear of a signal.
        """
        if not process.process.is_alive():
            return False
        now = time.monotonic()
        asked_at = self._asked_at.get(process)
        if asked_at is None:
            process.parent_conn.send(b"ping")
            self._asked_at[process] = now
            return True
        if process.parent_conn.poll():
            if process.parent_conn.recv():
                self._has_started.add(process)
            del self._asked_at[process]
            self._has_spoken.add(process)
            return True
        patience = self.config.timeout_worker_healthcheck
        return now - asked_at < (patience if process in self._has_spoken else _FIRST_WORD_SECONDS)

    def join_all(self) -> None:
        """Wait for all, and end what does not end: a process that is stopped, for example."""
        give_up_at = time.monotonic() + self._most_seconds
        for process in self.processes:
            process.process.join(max(0.0, give_up_at - time.monotonic()))
            if process.process.is_alive():
                log.error("web_process_did_not_end", killed=process.pid)
                process.process.kill()
                process.process.join()


def server_config(app: "Application | str", settings: Settings) -> uvicorn.Config:
    """How uvicorn serves an application, or each process one that it makes by that name."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=settings.workers,
        http=OneOfSeveral if isinstance(app, str) else "auto",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=_KEPT_SECONDS,
        timeout_graceful_shutdown=settings.stop_seconds,
        timeout_worker_healthcheck=_UNHEARD_SECONDS,
    )
