"""One worker's leases: takes its share, renews it, and gives up what others should lead.

What people wait for is led by one worker, the one ahead, and as long as there are others nothing
else is: what is folded beside it, by the same interpreter, would make it wait.
"""

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
        first: Iterable[str] = (),
    ) -> None:
        """``fit`` says whether this worker can lead something, ``changed`` hears of new leases.

        ``first`` are those of the names that one worker leads apart from all others.
        """
        self.holder: Final = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
        self._names = tuple(names)
        self._first = tuple(first)
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
                part, share = self._part(known, len(others))
                kept = self._kept(mine, part, share, others)
                unfit = [n for n in self._names if self._holds(known, n) and n not in kept]
                leases.give_up(db, self.holder, unfit)
                wants = [name for name in fit if name not in kept]
                room = share - sum(name in part for name in kept)
                sought = [name for name in wants if name in part] if room > 0 else []
                leases.announce(db, self.holder, sought)
                chosen = self._chosen(wants, sought, known, room)
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

    def _part(self, known: Mapping[str, Lease], others: int) -> tuple[Sequence[str], int]:
        """What this worker is to lead among so many others, and how much of it."""
        if not others:
            return self._names, len(self._names)
        led = [known[name].holder for name in self._first if self._led(known, name)]
        if led and led[0] == self.holder:
            return self._first, len(self._first)
        behind = [name for name in self._names if name not in self._first]
        workers = others if led else others + 1
        return behind, -(-len(behind) // workers)

    def _kept(
        self, mine: Sequence[str], part: Sequence[str], share: int, others: Sequence[Colleague]
    ) -> list[str]:
        """All but what others would take of another part, and of more than the share of this one.

        Of the share every other one goes first.
        """
        wanted = {name for other in others for name in other.wants}
        inside = [name for name in mine if name in part]
        candidates = [name for name in (*inside[1::2], *inside[::2]) if name in wanted]
        gone = {
            *candidates[: max(0, len(inside) - share)],
            *(name for name in mine if name not in part and name in wanted),
        }
        return [name for name in mine if name not in gone]

    def _chosen(
        self, wants: Sequence[str], sought: Sequence[str], known: Mapping[str, Lease], room: int
    ) -> list[str]:
        """Of what nobody leads: its share, what is first if nobody is ahead, what all have left."""
        free = [name for name in wants if not self._led(known, name)]
        share = [name for name in free if name in sought][: max(0, room)]
        nobody_ahead = not any(self._led(known, name) for name in self._first)
        return [
            name
            for name in free
            if name in share
            or (nobody_ahead and name in self._first)
            or name not in known
            or known[name].free_seconds > _LEFT_BY_ALL_SECONDS
        ]

    def _led(self, known: Mapping[str, Lease], name: str) -> bool:
        return name in known and known[name].holder != NOBODY

    @contextmanager
    def _statement(self) -> Generator[Connection]:
        if not self._autocommit:
            with self._writing.begin() as db:
                yield db
            return
        # Each statement commits by itself: whoever is stopped between two holds no lock.
        with self._writing.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            yield db
