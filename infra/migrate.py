"""Bring a database to the schema of this program, also when several processes start at once."""

from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Text, column, inspect, select, table

VERSION_TABLE: Final = "schema_version"
_LOCK_KEY: Final = 0x53414D4D4947  # "SAMMIG": one migration at a time in a database


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade to a revision; does nothing where the database is there already."""
    with engine.execution_options(writes=True).begin() as db:
        _lock(db)
        command.upgrade(_config(db), revision)


def migrate_down(engine: Engine, revision: str) -> None:
    """Take migrations back to a revision, or to ``base``: the tables go with all they hold."""
    with engine.execution_options(writes=True).begin() as db:
        _lock(db)
        command.downgrade(_config(db), revision)


def revision(engine: Engine) -> str | None:
    """The revision of a database's schema, None before the first migration."""
    with engine.connect() as db:
        if not inspect(db).has_table(VERSION_TABLE):
            return None
        query = select(column("version_num", Text)).select_from(table(VERSION_TABLE))
        found: str | None = db.scalar(query)
    return found


def _lock(db: Connection) -> None:
    # SQLite needs none: the transaction began IMMEDIATE. Both databases change tables inside the
    # transaction, so a process that is killed half-way leaves the schema as it was.
    if db.dialect.name == "postgresql":
        db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")


def _config(db: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "infra:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    return config
