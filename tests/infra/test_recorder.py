"""The recorder passes the library's own tests, with positions that are dense from 1 on."""

import threading
from collections.abc import Iterator

import pytest
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from infra.database import connect
from infra.log.recorder import LogRecorder


class OnOneDatabase:
    """Gives the library's unittest cases, which know no fixtures, a recorder on a database."""

    recorder: LogRecorder

    def open(self, url: str) -> Iterator[None]:
        """Hold a recorder open for the length of one test."""
        engine = connect(url)
        before = set(threading.enumerate())
        self.recorder = LogRecorder(engine)
        yield
        self.recorder.appender.close()
        # The library's cases leave readers behind that are just about to stop.
        for reader in set(threading.enumerate()) - before:
            reader.join()
        engine.dispose()

    def create_recorder(self) -> LogRecorder:
        """Give the recorder of this test."""
        return self.recorder


class OnSqlite(OnOneDatabase):
    """Runs on SQLite."""

    @pytest.fixture(autouse=True)
    def database(self, sqlite_url: str) -> Iterator[None]:
        """Open an empty log."""
        yield from self.open(sqlite_url)


class OnPostgresql(OnOneDatabase):
    """Runs on PostgreSQL."""

    @pytest.fixture(autouse=True)
    def database(self, postgresql_url: str) -> Iterator[None]:
        """Open an empty log."""
        yield from self.open(postgresql_url)


class Recorder(ApplicationRecorderTestCase[LogRecorder]):
    """What the library asks of a recorder, with subscriptions."""

    def test_insert_subscribe(self) -> None:
        """Follow the log, start anywhere, stop at any time."""
        self.optional_test_insert_subscribe()


class TestRecorderOnSqlite(OnSqlite, Recorder):
    """See Recorder."""


class TestRecorderOnPostgresql(OnPostgresql, Recorder):
    """See Recorder."""


class TestOrderOnSqlite(OnSqlite, NonInterleavingNotificationIDsBaseCase):
    """Two long appends at once do not interleave."""


class TestOrderOnPostgresql(OnPostgresql, NonInterleavingNotificationIDsBaseCase):
    """Two long appends at once do not interleave."""


# Only the classes on a database are tests; unittest would collect their bases as well.
del Recorder, ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
