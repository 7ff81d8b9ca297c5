"""Readings that nobody waits for too long: by the server's clock, and by ours if it is frozen."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection

from infra.driver_errors import told_as_ours

READING_SECONDS: Final = 10.0
"""Each statement of a reading is given up after so long; pages and answers are far quicker."""
_GRACE_SECONDS: Final = 1.0
"""So much longer we wait for the server's own word that a statement took too long."""
_INTERVAL_SECONDS: Final = 0.1
T = TypeVar("T")


class PatientConnection(psycopg.Connection[Any]):
    """The driver's connection, which can be told how long it waits for an answer."""

    seconds: float | None = None

    def wait(
        self, gen: PQGen[T], interval: float = _INTERVAL_SECONDS, timeout: float | None = None
    ) -> T:
        """Wait for what the driver waits for; closed if it takes too long.

        Raises:
            OperationalError: the server did not answer in time.
        """
        if self.seconds is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        give_up_at = time.monotonic() + self.seconds
        try:
            return super().wait(gen, interval, self.seconds)
        except psycopg.OperationalError:
            if time.monotonic() >= give_up_at:
                # What the server does on it now is of no use to anybody.
                self.close()
            raise


@contextmanager
def impatient(db: Connection, seconds: float = READING_SECONDS) -> Generator[None]:
    """Give up each statement in the block after so long; on PostgreSQL outside of transactions.

    SQLite has no server that could hang. The settings end with the block: the connection goes
    back to those whose statements may take their time.
    """
    driver = db.connection.driver_connection
    if not isinstance(driver, PatientConnection):
        yield
        return
    driver.seconds = seconds + _GRACE_SECONDS
    try:
        db.exec_driver_sql(f"SET statement_timeout = {int(seconds * 1_000)}")
        yield
    finally:
        if not driver.closed:
            db.exec_driver_sql("RESET statement_timeout")
        driver.seconds = None


@contextmanager
def impatient_transaction(db: Connection, seconds: float = READING_SECONDS) -> Generator[None]:
    """A transaction on a connection without ones of its own, each statement given up after so long.

    On PostgreSQL. The setting ends with the transaction: no statement is needed to take it back.
    """
    driver = db.connection.driver_connection
    if not isinstance(driver, PatientConnection):
        raise TypeError(f"{driver!r} is not a connection to PostgreSQL.")
    driver.seconds = seconds + _GRACE_SECONDS
    try:
        # Straight to the driver, which costs half; without parameters it takes both at once.
        with told_as_ours():
            driver.execute(f"BEGIN; SET LOCAL statement_timeout = {int(seconds * 1_000)}".encode())
        yield
        with told_as_ours():
            driver.execute("COMMIT")
    except BaseException:
        if not driver.closed:
            driver.rollback()
        raise
    finally:
        driver.seconds = None
