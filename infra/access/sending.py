"""Sends rows of the access log straight to the driver: each page that reads waits for it."""

from contextlib import nullcontext
from typing import Any

from sqlalchemy import Connection, Engine

from infra.driver_errors import told_as_ours


def send(db: Connection, statement: str, values: Any) -> None:  # noqa: ANN401  as the driver wants them
    """Add a row in the transaction that is open on a connection; raises DBAPIError."""
    driver: Any = db.connection.driver_connection
    with told_as_ours():
        driver.execute(statement, values)


def send_alone(engine: Engine, statement: str, values: Any) -> None:  # noqa: ANN401  as above
    """Add a row in a transaction of its own, durable when this returns; raises DBAPIError.

    On SQLite who writes takes turns with the others of the process, see ``infra.database``.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as db:
            send(db, statement, values)
        return
    pooled = engine.raw_connection()
    driver: Any = pooled.driver_connection
    try:
        with engine.get_execution_options().get("turn", nullcontext()), told_as_ours():
            driver.execute("BEGIN IMMEDIATE")
            try:
                driver.execute(statement, values)
                driver.execute("COMMIT")
            except BaseException:
                driver.rollback()
                raise
    finally:
        pooled.close()
