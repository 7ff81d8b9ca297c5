"""/ready: 503 only when requests cannot be served, `degraded` for the rest, never a long wait."""

import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from litestar.testing import TestClient
from sqlalchemy import make_url

from projections import leases
from service.app import create_app
from service.settings import Settings
from tests.examples import Started, a_started_samsyn, open_issue
from tests.faults.waiting import wait_until
from tests.servers import plain_address
from tests.service.web import Web


def told(started: Started, folder: Path, **environ: str) -> dict[str, Any]:
    """What /ready says of a web process with these settings, and its status code.

    It answers within two seconds whatever happens, so on a machine that is very busy it may say
    that it could not find out: then it is asked again.
    """
    settings = Settings.from_environment({"SAMSYN_DATA_DIR": str(folder), **environ})
    with TestClient(create_app(started.samsyn, settings)) as client:
        answers: list[Any] = []

        def found_out() -> bool:
            answers.append(client.get("/ready"))
            return bool(answers[-1].status_code == 200)

        wait_until(found_out, "an answer that tells how it is")
        return {"code": answers[-1].status_code, **answers[-1].json()}


@pytest.fixture
def started(postgresql_url: str) -> Iterator[Started]:
    with a_started_samsyn(postgresql_url) as started:
        started.catch_up()
        yield started


def test_redis_that_answers_is_said(
    started: Started, postgresql_url: str, redis_url: str, tmp_path: Path
) -> None:
    said = told(started, tmp_path, DATABASE_URL=postgresql_url, REDIS_URL=redis_url)
    assert (said["code"], said["status"], said["redis"]) == (200, "ready", "reachable")


def test_lost_redis_degrades_but_serves(
    started: Started, postgresql_url: str, tmp_path: Path
) -> None:
    nobody = "redis://127.0.0.1:1/0"
    said = told(started, tmp_path, DATABASE_URL=postgresql_url, REDIS_URL=nobody)
    assert (said["code"], said["status"], said["redis"]) == (200, "degraded", "unreachable")


def test_a_lost_replica_degrades_but_serves(
    started: Started, postgresql_url: str, tmp_path: Path
) -> None:
    nobody = make_url(postgresql_url).set(port=1).render_as_string(hide_password=False)
    said = told(started, tmp_path, DATABASE_URL=postgresql_url, DATABASE_READ_URL=nobody)
    assert (said["code"], said["status"], said["replica"]) == (200, "degraded", "unreachable")


def test_a_read_model_that_stays_behind_degrades_but_serves(
    started: Started, postgresql_url: str, tmp_path: Path
) -> None:
    before = started.samsyn.casework.head()
    started.execute(open_issue())
    started.clock.advance(minutes=2)
    said = told(started, tmp_path, DATABASE_URL=postgresql_url)
    assert (said["code"], said["status"]) == (200, "degraded")
    behind = next(each for each in said["projections"] if each["name"] == "queues")
    assert behind["lag"] == started.samsyn.casework.head() - before
    assert behind["seconds"] == 120


def test_a_read_model_that_stopped_in_a_worker_is_told_at_once(
    started: Started, postgresql_url: str, tmp_path: Path
) -> None:
    at = started.execute(open_issue()).position
    failed = {"position": at, "topic": "IssueOpened", "error": "ValueError at queues.py:1"}
    with started.samsyn.engine.begin() as db:
        leases.take(db, "a worker", ["queues"])
        leases.give_up(db, "a worker", ["queues"], failed)
    said = told(started, tmp_path, DATABASE_URL=postgresql_url)
    assert (said["code"], said["status"]) == (200, "degraded")
    assert [
        (each["name"], each["at"], each["topic"]) for each in said["projections"] if each["stopped"]
    ] == [("queues", str(at), "IssueOpened")]
    started.catch_up()
    assert told(started, tmp_path, DATABASE_URL=postgresql_url)["status"] == "ready"


def test_a_database_that_hangs_is_told_without_waiting_for_it(
    started: Started, postgresql_url: str, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        port = silent.getsockname()[1]
        hangs = make_url(postgresql_url).set(host="127.0.0.1", port=port)
        settings = Settings.from_environment(
            {
                "DATABASE_URL": hangs.render_as_string(hide_password=False),
                "SAMSYN_DATA_DIR": str(tmp_path),
            }
        )
        with TestClient(create_app(started.samsyn, settings)) as client:
            for _ in range(3):
                answer = client.get("/ready")
                assert answer.status_code == 503
                assert answer.json() == {
                    "status": "database unreachable",
                    "log": "unreachable",
                    "redis": "not configured",
                    "replica": "not configured",
                }
            asking = [t for t in threading.enumerate() if t.name == "probe-database"]
            assert len(asking) <= 1, "one thread hangs, however often it is asked"
            assert client.get("/health").status_code == 200


def test_a_server_that_takes_no_more_connections_is_no_reason_not_to_serve(
    started: Started, postgresql_url: str, tmp_path: Path
) -> None:
    settings = Settings.from_environment(
        {"DATABASE_URL": postgresql_url, "SAMSYN_DATA_DIR": str(tmp_path)}
    )
    with TestClient(create_app(started.samsyn, settings)) as client, no_more_of(postgresql_url):
        answer = client.get("/ready")
        assert (answer.status_code, answer.json()["log"]) == (200, "reachable")


@contextmanager
def no_more_of(database_url: str) -> Generator[None]:
    """Let nobody connect to a database any more; whoever is connected stays so."""
    url = make_url(database_url)
    with psycopg.connect(plain_address(url.set(database="postgres")), autocommit=True) as db:
        allow = f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS'
        db.execute(f"{allow} false".encode())
        try:
            yield
        finally:
            db.execute(f"{allow} true".encode())


def test_it_says_no_names(web: Web) -> None:
    web.started.execute(open_issue())
    said = web.client.get("/ready").text
    for name in ("u-dis-01", "Brunnsparken", "Otrygghet", "127.0.0.1"):
        assert name not in said
