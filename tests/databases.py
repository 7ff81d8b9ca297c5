"""The tests' databases: each a copy of one that was laid out once, made in milliseconds."""

from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from typing import Final

import psycopg
from sqlalchemy import URL

from infra.database import connect
from infra.migrate import migrate
from projections import checkpoints
from projections.catalogue import PROJECTIONS
from tests.servers import plain_address

_COPIES_IN_TWO_WAYS: Final = 150_000
"""The first PostgreSQL that copies through its log if not told otherwise: that takes longer."""


def lay_out(database_url: str) -> None:
    """Migrate an empty database, and give it the empty tables of all read models."""
    engine = connect(database_url)
    migrate(engine)
    with engine.execution_options(writes=True).begin() as db:
        checkpoints.prepare(db, PROJECTIONS)
    engine.dispose()


class Databases:
    """Makes and drops databases of one process of tests, all on one connection."""

    def __init__(self, db: psycopg.Connection, server: URL, name: str) -> None:
        """``name`` is one that no other run uses."""
        self._db = db
        self._server = server
        self._names = (f"samsyn_{name}_{number}" for number in count(1))
        copies_files = db.info.server_version >= _COPIES_IN_TWO_WAYS
        self._how = "STRATEGY file_copy" if copies_files else ""

    @contextmanager
    def another(self, template: str = "template1") -> Generator[URL]:
        """Give a copy for as long as the context lasts."""
        name = next(self._names)
        self._db.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._how}'.encode())
        try:
            yield self._server.set(database=name)
        finally:
            # Also when a test left connections open.
            self._db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@contextmanager
def databases_on(server: URL, name: str) -> Generator[Databases]:
    """Connect to a server whose user may create databases."""
    with psycopg.connect(plain_address(server), autocommit=True) as db:
        yield Databases(db, server, name)
