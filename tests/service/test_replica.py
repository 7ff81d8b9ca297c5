"""Queries read a real streaming replica, and nobody ever misses there what they had seen before."""

import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from litestar.testing import TestClient
from sqlalchemy import URL, make_url, text

from service.app import Application, create_app
from service.assembly import Samsyn
from service.settings import Settings
from tests import servers
from tests.examples import Started, a_started_samsyn, open_issue
from tests.service.served import eventually
from tests.service.visiting import Visit, open_accounts
from tests.service.web import Web

NEW = "Otrygghet vid Heden"


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[URL, URL]]:
    """A primary of this file's own and its replica."""
    with (
        servers.own_postgresql(durable=False) as primary,
        servers.replica_of(primary.address) as replica,
    ):
        yield primary.address, replica.address


@pytest.fixture
def database(pair: tuple[URL, URL]) -> Iterator[tuple[URL, URL]]:
    """A database of this test's own on both."""
    primary, replica = pair
    made = servers.create_database(primary, "shown")
    yield made, replica.set(database="shown")
    _say(replica, "SELECT pg_wal_replay_resume()")
    servers.drop_database(primary, "shown")


@contextmanager
def started_on(primary: URL, replica: URL) -> Generator[Started]:
    with a_started_samsyn(
        servers.plain_address(primary), read_url=servers.plain_address(replica)
    ) as started:
        started.catch_up()
        yield started


@contextmanager
def web_on(started: Started, primary: URL, folder: Path) -> Generator[Web]:
    environ = {
        "DATABASE_URL": servers.plain_address(primary),
        "SAMSYN_DATA_DIR": str(folder),
        "SAMSYN_SECURE_COOKIES": "no",
    }
    app: Application = create_app(started.samsyn, Settings.from_environment(environ))
    with TestClient(app, base_url="http://testserver.local") as client:
        yield Web(started, client, app.state.services)


def read_on_replica(samsyn: Samsyn) -> bool:
    """Whether a query that needs what the primary shows now is answered by the replica."""
    status = samsyn.runner.status(samsyn.casework.head())
    with samsyn.reading.connection({each.name: each.position for each in status}) as db:
        return bool(db.scalar(text("SELECT pg_is_in_recovery()")))


def test_queries_read_the_replica_once_it_has_answered(database: tuple[URL, URL]) -> None:
    with started_on(*database) as started:
        eventually(lambda: read_on_replica(started.samsyn))
        started.execute(open_issue())
        started.catch_up()
        eventually(lambda: read_on_replica(started.samsyn))


def test_what_needs_more_than_read_models_reads_the_primary(database: tuple[URL, URL]) -> None:
    with started_on(*database) as started:
        eventually(lambda: read_on_replica(started.samsyn))
        with started.samsyn.reading.connection({}) as db:
            assert db.scalar(text("SELECT pg_is_in_recovery()")) is False


def test_who_wrote_is_never_shown_old_data_by_a_paused_replica(
    database: tuple[URL, URL], tmp_path: Path
) -> None:
    primary, replica = database
    with started_on(*database) as started, web_on(started, primary, tmp_path) as web:
        eventually(lambda: read_on_replica(started.samsyn))
        _say(replica, "SELECT pg_wal_replay_pause()")
        receipt = started.execute(open_issue(public_title=NEW, title=NEW))
        started.catch_up()
        assert not _shows(replica, receipt.position), "the replica lags, as this test wants it"
        asked = web.get(f"/issues?at_position={receipt.position}")
        assert NEW in asked.text
        open_accounts(started)
        page = Visit(web.client, started).as_user("u-dis-01").get("/issues")
        assert NEW in page.text
        assert not read_on_replica(started.samsyn)
        _say(replica, "SELECT pg_wal_replay_resume()")
        eventually(lambda: read_on_replica(started.samsyn))
        assert _shows(replica, receipt.position)
        assert NEW in web.get(f"/issues?at_position={receipt.position}").text


def test_a_replica_that_is_only_a_little_late_is_waited_for(database: tuple[URL, URL]) -> None:
    with started_on(*database) as started:
        eventually(lambda: read_on_replica(started.samsyn))
        answered_there = 0
        for number in range(20):
            started.execute(open_issue(public_title=f"{NEW} {number}"))
            started.catch_up()
            answered_there += read_on_replica(started.samsyn)
        assert answered_there > 0


def test_queries_go_on_when_the_replica_dies(tmp_path: Path) -> None:
    with (
        servers.own_postgresql(durable=False) as own,
        servers.replica_of(own.address) as replica,
    ):
        primary = servers.create_database(own.address, "shown")
        on_replica = replica.address.set(database="shown")
        with started_on(primary, on_replica) as started, web_on(started, primary, tmp_path) as web:
            eventually(lambda: read_on_replica(started.samsyn))
            assert web.get("/issues").status_code == 200
            replica.process.kill()
            started.execute(open_issue(public_title=NEW, title=NEW))
            started.catch_up()
            for _ in range(5):
                assert not read_on_replica(started.samsyn)
                assert web.get("/issues").status_code == 200
            replica.process.start_again()
            eventually(lambda: read_on_replica(started.samsyn))


def test_a_replica_that_hangs_is_not_waited_for(postgresql_url: str, tmp_path: Path) -> None:
    primary = make_url(postgresql_url)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        hangs = primary.set(port=silent.getsockname()[1])
        with started_on(primary, hangs) as started, web_on(started, primary, tmp_path) as web:
            for _ in range(3):
                assert web.get("/issues").status_code == 200
            assert not read_on_replica(started.samsyn)


def _say(server: URL, statement: str) -> None:
    with psycopg.connect(servers.plain_address(server), autocommit=True) as db:
        db.execute(statement.encode())


def _shows(server: URL, position: int) -> bool:
    query = "SELECT position FROM projection_checkpoints WHERE name = 'issue_story'"
    with psycopg.connect(servers.plain_address(server)) as db:
        found = db.execute(query).fetchone()
    return found is not None and found[0] >= position
