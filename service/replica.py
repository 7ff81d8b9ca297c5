"""Where queries read: a replica that has come far enough, else the database itself."""

import time
from collections.abc import Generator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from infra.database import connect, without_transactions
from infra.patience import impatient, impatient_transaction
from projections import checkpoints
from service import metrics
from service.probes import Probe

WAIT_SECONDS: Final = 0.25
"""So long a query waits for the replica; then the database itself answers it."""
SILENT_SECONDS: Final = 1.0
"""A replica that leaves a question open for so long is asked nothing more until it answers."""
_ASK_EVERY_SECONDS: Final = 1.0
_LOOK_AGAIN_SECONDS: Final = 0.005
_CONNECT_SECONDS: Final = 2

log = structlog.get_logger(__name__)


class Reading:
    """Connections for queries; one for the whole program.

    A query says how far the read models it needs must have come: as far as the database itself
    showed them to this reader. A replica shows positions in the order in which they were
    committed, but later; its own checkpoints, read on the very connection that the query then
    uses, say how far it is.
    """

    def __init__(self, primary: Engine, replica_url: str | None, connections: int) -> None:
        self._primary = without_transactions(primary)
        self._replica = _Replica(replica_url, connections) if replica_url else None

    @property
    def has_replica(self) -> bool:
        """Whether queries may read anything but the database itself."""
        return self._replica is not None

    @contextmanager
    def connection(self, needed: Mapping[str, int]) -> Generator[Connection]:
        """A connection to a server whose read models have come to the needed positions.

        Nothing needed means that the query reads more than read models: the database itself.
        """
        replica = self._replica
        db = replica.connection(needed) if replica is not None and needed else None
        if replica is not None and needed:
            metrics.READS.labels("primary" if db is None else "replica").inc()
        if replica is None or db is None:
            with self._primary.connect() as db, impatient(db):
                yield db
            return
        with db:
            try:
                with impatient(db):
                    yield db
            except SQLAlchemyError:
                # Asked again, the reader gets an answer from the database itself.
                replica.doubt()
                raise

    @contextmanager
    def transaction(self) -> Generator[Connection]:
        """A transaction of the database itself, each of whose statements sees what is there then.

        It is committed when the block is left without an error.
        """
        with self._primary.connect() as db, impatient_transaction(db):
            yield db

    def close(self) -> None:
        """Let the replica go."""
        if self._replica is not None:
            self._replica.close()


class _Replica:
    """A replica, asked once a second whether it answers, beside the queries.

    A server that hangs keeps its connections: whoever asked it would wait for ever. So queries ask
    only while the last question beside them was answered, and nobody waits but they.
    """

    def __init__(self, url: str, connections: int) -> None:
        self._engine = without_transactions(connect(url, connections, patience=_CONNECT_SECONDS))
        self._watching = connect(url, connections=1, patience=_CONNECT_SECONDS)
        self._probe = Probe("replica", self._look)
        self._answers = False
        self._asked_at = float("-inf")
        self._asked: Future[bool | None] | None = None

    def connection(self, needed: Mapping[str, int]) -> Connection | None:
        """A connection on which the needed positions are there; None if there is none in time."""
        if not self._is_well():
            return None
        try:
            db = self._engine.connect()
        except SQLAlchemyError as error:
            log.warning("replica_unreachable", error=type(error).__name__)
            self.doubt()
            return None
        try:
            if _has_come_to(db, needed):
                return db
        except SQLAlchemyError as error:
            log.warning("replica_unreachable", error=type(error).__name__)
            self.doubt()
        db.close()
        return None

    def doubt(self) -> None:
        """Ask it nothing until it has answered the question beside the queries again."""
        self._answers = False

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()
        self._watching.dispose()

    def _is_well(self) -> bool:
        now = time.monotonic()
        if self._asked is None or (
            self._asked.done() and now - self._asked_at > _ASK_EVERY_SECONDS
        ):
            self._asked_at = now
            self._asked = self._probe.ask()
            self._asked.add_done_callback(self._told)
        if not self._asked.done() and now - self._asked_at > SILENT_SECONDS:
            self.doubt()
        return self._answers

    def _told(self, asked: Future[bool | None]) -> None:
        self._answers = asked.result() is not None

    def _look(self) -> bool:
        with self._watching.connect() as db:
            return bool(checkpoints.find(db))


def _has_come_to(db: Connection, needed: Mapping[str, int]) -> bool:
    give_up_at = time.monotonic() + WAIT_SECONDS
    while True:
        # Outside of transactions: whoever waits must hold no locks that the replay waits for.
        there = checkpoints.find(db)
        if all(name in there and there[name].position >= to for name, to in needed.items()):
            return True
        if time.monotonic() > give_up_at:
            return False
        time.sleep(_LOOK_AGAIN_SECONDS)
