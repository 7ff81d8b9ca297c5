"""One worker's leases: takes its share, renews it, and gives up what others should lead."""

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from projections import faults, leases
from projections.leases import LENGTH_SECONDS, NOBODY, Colleague, Lease

RENEWED_EVERY_SECONDS: Final = 1.0
_LEFT_BY_ALL_SECONDS: Final = 1.5
"""What has been free for so long no worker with room for it wants."""

_log = structlog.get_logger(__name__)


class Leadership:
    """What this worker leads; may be asked from any thread."""

    def __init__(
        self,
        engine: Engine,
        names: Iterable[str],
        fit: Callable[[str], bool],
        changed: Callable[[], None],
    ) -> None:
        """``fit`` says whether this worker can lead something, ``changed`` hears of new leases."""
        self.holder: Final = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._names = tuple(names)
        self._fit = fit
        self._changed = changed
        self._writing = engine.execution_options(writes=True)
        self._autocommit = engine.dialect.name == "postgresql"
        self._lock = threading.Lock()
        self._terms: dict[str, int] = {}
        self._until = 0.0

    def term(self, name: str) -> int | None:
        """The term in which this worker leads something, None if it does not, or no longer."""
        # Counted from before the renewal was sent: never longer than the database grants it.
        return self._terms.get(name) if time.monotonic() < self._until else None

    def tend(self) -> None:
        """Renew, take and give up leases so that all workers lead about as many."""
        with self._lock:
            until = time.monotonic() + LENGTH_SECONDS
            with self._statement() as db:
                known = leases.find(db)
                others = [each for each in leases.colleagues(db) if each.holder != self.holder]
                fit = [name for name in self._names if self._fit(name)]
                mine = [name for name in fit if self._holds(known, name)]
                share = -(-len(self._names) // (len(others) + 1))
                kept = self._kept(mine, share, others)
                unfit = [n for n in self._names if self._holds(known, n) and n not in kept]
                leases.give_up(db, self.holder, unfit)
                wants = [name for name in fit if name not in kept]
                leases.announce(db, self.holder, wants if len(kept) < share else [])
                chosen = self._chosen(wants, known, share - len(kept))
                terms = leases.take(db, self.holder, [*kept, *chosen])
            before, self._terms, self._until = self._terms, terms, until
        for name, term in terms.items():
            if before.get(name) != term:
                _log.info("leads", name=name, term=term, holder=self.holder)
        if terms.keys() - before.keys():
            self._changed()

    def give_up(self, name: str, stopped: Mapping[str, Any] | None = None) -> None:
        """Let others lead it from now on; ``stopped`` says what this worker failed on."""
        with self._lock, self._statement() as db:
            self._terms.pop(name, None)
            leases.give_up(db, self.holder, [name], stopped)

    def run(self, stop: threading.Event) -> None:
        """Tend the leases every second until ``stop``, then give up all of them."""
        while not stop.is_set():
            try:
                self.tend()
            except SQLAlchemyError as error:
                if not faults.passes(error):
                    raise
                _log.warning("leases_wait_for_database", error=faults.kind_and_place(error))
            stop.wait(RENEWED_EVERY_SECONDS)

    def leave(self) -> None:
        """Give up everything; without the database the leases end by themselves."""
        with self._lock:
            self._terms = {}
            try:
                with self._statement() as db:
                    leases.give_up(db, self.holder, self._names)
                    leases.leave(db, self.holder)
            except SQLAlchemyError as error:
                _log.warning("leases_not_given_up", error=faults.kind_and_place(error))

    def _holds(self, known: Mapping[str, Lease], name: str) -> bool:
        return name in known and known[name].holder == self.holder

    def _kept(self, mine: Sequence[str], share: int, others: Sequence[Colleague]) -> list[str]:
        """Of more than its share, all but what others would take: every other one first."""
        wanted = {name for other in others for name in other.wants}
        candidates = [name for name in (*mine[1::2], *mine[::2]) if name in wanted]
        gone = set(candidates[: max(0, len(mine) - share)])
        return [name for name in mine if name not in gone]

    def _chosen(self, wants: Sequence[str], known: Mapping[str, Lease], room: int) -> list[str]:
        free = [n for n in wants if n not in known or known[n].holder == NOBODY]
        share = free[: max(0, room)]
        left = [
            name
            for name in free[len(share) :]
            if name in known and known[name].free_seconds > _LEFT_BY_ALL_SECONDS
        ]
        return [*share, *left]

    @contextmanager
    def _statement(self) -> Generator[Connection]:
        if not self._autocommit:
            with self._writing.begin() as db:
                yield db
            return
        # Each statement commits by itself: whoever is stopped between two holds no lock.
        with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            yield db
