"""A connection that sees the database as it was at one moment, for as long as it is held."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


@contextmanager
def snapshot(engine: Engine) -> Generator[Connection]:
    """Read only; as for a backup, PostgreSQL keeps meanwhile what it would tidy away."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with engine.connect() as db:
        yield db
