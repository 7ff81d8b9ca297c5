"""Bring a database to the schema of this program, also when several processes start at once.

Alembic is imported where it has something to do: loading it takes a fifth of a program's start.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, Text, column, inspect, select, table

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE: Final = "schema_version"
_LOCK_KEY: Final = 0x53414D4D4947  # "SAMMIG": one migration at a time in a database
_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


class UnknownSchema(Exception):
    """The database has a schema that this program does not know: a newer one wrote it."""


def migrate(engine: Engine) -> None:
    """Upgrade to the newest schema; does nothing where the database is there already.

    Raises:
        UnknownSchema: a newer program wrote the database.
    """
    if revision(engine) == newest():
        return
    from alembic import command  # noqa: PLC0415  see above
    from alembic.util.exc import CommandError  # noqa: PLC0415

    with engine.execution_options(writes=True).begin() as db:
        _lock(db)
        try:
            command.upgrade(_config(db), "head")
        except CommandError as error:
            raise UnknownSchema(str(error)) from error


def migrate_down(engine: Engine, revision: str) -> None:
    """Take migrations back to a revision, or to ``base``: the tables go with all they hold."""
    from alembic import command  # noqa: PLC0415  see above

    with engine.execution_options(writes=True).begin() as db:
        _lock(db)
        command.downgrade(_config(db), revision)


@cache
def newest() -> str:
    """The revision of this program's schema: migrations are numbered, in their files' names too."""
    return max(path.name for path in _VERSIONS.glob("[0-9]*.py")).partition("_")[0]


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


def _config(db: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415  see above

    config = Config()
    config.set_main_option("script_location", "infra:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    return config
