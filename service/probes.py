"""Asks the servers this program stands on whether they answer, and never waits long for one."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

import structlog
from redis import Redis
from sqlalchemy import Connection, Engine, func, select

from infra.access.waiting import Waiting, waiting
from infra.audit.ahead import is_behind
from infra.audit.leaf import ISSUES
from infra.audit.store import last_checkpoint, last_tree, reached
from infra.database import connect, from_microseconds
from infra.log.tables import events
from projections import leases
from projections.catalogue import PROJECTIONS
from projections.checkpoints import Checkpoint
from projections.leases import Lease
from projections.queues import queue_counts
from service.settings import Settings
from service.witnessed import Witnessed, look

PATIENCE_SECONDS: Final = 2.0
"""A server that has not answered by then counts as away."""

Answer_co = TypeVar("Answer_co", covariant=True)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How far something is behind the head of the log, in events and in seconds of waiting."""

    name: str
    events: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ReadModelLag(Lag):
    """The same of a read model, with what tells whether it has stopped."""

    checkpoint: Checkpoint
    lease: Lease | None

    @property
    def stopped(self) -> bool:
        """Whether the worker that led it noted that it stopped, and nobody has got past since."""
        return leases.stands_still(self.checkpoint, self.lease)


@dataclass(frozen=True, kw_only=True)
class DatabaseNow:
    """The log and the read models as one server of the database shows them.

    ``audit`` is how far the audit log is behind, ``audit_size`` how many leaves this year's has,
    ``access`` how far the seals over the access logs are behind,
    ``witnessed`` how its witnesses stand, where some are agreed on. ``read_only`` while it lacks
    what one of them has signed.
    """

    head: int
    lags: tuple[ReadModelLag, ...]
    queue_lines: dict[str, int]
    audit: Lag
    audit_size: int
    access: Waiting
    witnessed: Witnessed | None
    read_only: bool


class Probe(Generic[Answer_co]):
    """One question to one server, asked by at most one thread: what hangs, hangs alone."""

    def __init__(self, server: str, question: Callable[[], Answer_co]) -> None:
        self._server = server
        self._question = question
        self._lock = threading.Lock()
        self._asked: Future[Answer_co | None] | None = None

    def ask(self) -> Future[Answer_co | None]:
        """Ask, or join a question that is still open; None when the server does not answer."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = Future()
                threading.Thread(
                    target=self._run, args=(self._asked,), name=f"probe-{self._server}", daemon=True
                ).start()
            return self._asked

    def wait(self) -> Answer_co | None:
        """Ask, and wait as long as it is worth."""
        try:
            return self.ask().result(PATIENCE_SECONDS)
        except TimeoutError:
            log.warning("server_silent", server=self._server)
            return None

    def _run(self, asked: Future[Answer_co | None]) -> None:
        try:
            answer = self._question()
        except Exception as error:  # noqa: BLE001  whatever it is: the server is of no use now
            log.warning("server_unreachable", server=self._server, error=type(error).__name__)
            asked.set_result(None)
        else:
            asked.set_result(answer)


class Probes:
    """The probes of a process, on connections of their own: a full pool is no dead database."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._engines: list[Engine] = []
        self._clock = clock
        self._settings = settings
        self.database = self._of_database("database", settings.database_url)
        self.replica = (
            self._of_database("replica", settings.database_read_url)
            if settings.database_read_url
            else None
        )
        self.redis = _of_redis(settings.redis_url) if settings.redis_url else None

    def close(self) -> None:
        """Let the connections go."""
        for engine in self._engines:
            engine.dispose()

    def _of_database(self, server: str, url: str) -> Probe[DatabaseNow]:
        engine = connect(url, connections=1, patience=int(PATIENCE_SECONDS))
        self._engines.append(engine)

        def question() -> DatabaseNow:
            with engine.connect() as db:
                return self._look(db)

        return Probe(server, question)

    def _look(self, db: Connection) -> DatabaseNow:
        head = db.scalar(select(func.max(events.c.position))) or 0
        known = leases.standing(db)
        standing = {each.name: known[each.name] for each in PROJECTIONS if each.name in known}
        positions = {name: there.position for name, (there, _) in standing.items()}
        tree = last_tree(db, ISSUES)
        sealed = last_checkpoint(db, tree.tree) if tree else None
        audited = reached(db, ISSUES)
        ages = {
            position: self._age_of_next(db, position)
            for position in {*positions.values(), audited}
            if position < head
        }
        return DatabaseNow(
            head=head,
            lags=tuple(
                ReadModelLag(
                    name=name,
                    events=max(0, head - there.position),
                    seconds=ages.get(there.position, 0.0),
                    checkpoint=there,
                    lease=lease,
                )
                for name, (there, lease) in standing.items()
            ),
            queue_lines=_queue_lines(db) if "queues" in positions else {},
            audit=Lag(name="audit", events=max(0, head - audited), seconds=ages.get(audited, 0.0)),
            audit_size=sealed.size if sealed else 0,
            access=waiting(db, self._clock()),
            witnessed=look(db, self._settings, self._clock()),
            read_only=is_behind(db),
        )

    def _age_of_next(self, db: Connection, position: int) -> float:
        # A rolled back append leaves no hole, but the next entry is found by order in any case.
        query = (
            select(events.c.recorded_at)
            .where(events.c.position > position)
            .order_by(events.c.position)
            .limit(1)
        )
        recorded_at = db.scalar(query)
        if recorded_at is None:
            return 0.0
        return max(0.0, (self._clock() - from_microseconds(recorded_at)).total_seconds())


def _queue_lines(db: Connection) -> dict[str, int]:
    counts = queue_counts.c
    query = select(counts.bucket, func.sum(counts.lines)).group_by(counts.bucket)
    return {bucket: int(lines) for bucket, lines in db.execute(query)}


def _of_redis(url: str) -> Probe[bool]:
    def question() -> bool:
        with Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # redis-py leaves its options untyped
            url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
        ) as redis:
            return bool(redis.ping())  # pyright: ignore[reportUnknownMemberType]  # as above

    return Probe("redis", question)
