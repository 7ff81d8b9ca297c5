"""Web, worker, PostgreSQL and Redis killed under load: acknowledged is kept, once, and seen."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import redis

from infra.hints import CHANNEL
from tests import servers
from tests.faults.load import Sender, Settled, ask_again
from tests.faults.site import Site, a_site
from tests.faults.verdict import judge
from tests.faults.waiting import wait_until
from tests.servers import OwnPostgresql, OwnRedis

SOME = 30
"""So many commands are settled before a fault, in its midst where that is possible, and after."""


@pytest.fixture(scope="module")
def site(
    own_postgresql: OwnPostgresql,
    own_redis: OwnRedis,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """Two web processes and two workers; every test leaves them running."""
    url = servers.plain_address(servers.create_database(own_postgresql.address, "samsyn"))
    folder = tmp_path_factory.mktemp("site")
    with a_site(
        url, folder, webs=[url, url], workers=[url, url], redis_url=own_redis.address
    ) as site:
        yield site


@pytest.fixture(scope="module")
def settled() -> list[Settled]:
    """Everything that the loads of this module know: each fault must leave all of it."""
    return []


def test_web_process(site: Site, settled: list[Settled]) -> None:
    with site.load("web") as load:
        load.go_on(SOME)
        site.webs[0].kill()
        load.go_on(SOME)
        site.webs[0].start()
        site.wait_for_webs()
        load.go_on(SOME)
    settled += load.settled
    judge(site, settled)


def test_worker(site: Site, settled: list[Settled]) -> None:
    with site.load("worker") as load:
        for worker in site.workers:
            load.go_on(SOME)
            worker.kill()
            load.go_on(SOME)
            worker.start()
    settled += load.settled
    judge(site, settled)


def test_postgresql_backend(
    site: Site, settled: list[Settled], own_postgresql: OwnPostgresql
) -> None:
    # One backend killed so makes PostgreSQL end all others and recover from its log.
    with site.load("backend") as load:
        load.go_on(SOME)
        os.kill(a_backend(own_postgresql), signal.SIGKILL)
        load.go_on(SOME)
    settled += load.settled
    judge(site, settled)


def test_postgresql(site: Site, settled: list[Settled], own_postgresql: OwnPostgresql) -> None:
    with site.load("postgresql") as load:
        load.go_on(SOME)
        own_postgresql.process.kill()
        own_postgresql.process.start_again()
        load.go_on(SOME)
    settled += load.settled
    judge(site, settled)


def test_redis_emptied_killed_and_back(
    site: Site, settled: list[Settled], own_redis: OwnRedis
) -> None:
    with site.load("redis") as load:
        load.go_on(SOME)
        with redis.Redis.from_url(own_redis.address) as client:
            client.flushall()
        load.go_on(SOME)
        own_redis.process.kill()
        load.go_on(SOME)
    # Without Redis the workers still find what is new, by polling.
    settled += load.settled
    judge(site, settled)
    own_redis.process.start_again()
    with redis.Redis.from_url(own_redis.address) as client, client.pubsub() as heard:
        heard.subscribe(CHANNEL)
        listening = len(site.workers) + 1
        wait_until(lambda: subscribers(client) >= listening, "workers that listen again")
        with site.load("healed") as load:
            load.go_on(SOME)
        wait_until(lambda: is_hint(heard.get_message(timeout=1)), "a hint of a web process")
    settled += load.settled
    judge(site, settled)


def test_whatever_was_settled_is_answered_as_before(site: Site, settled: list[Settled]) -> None:
    assert any(one.asked > 1 for one in settled), "some outcomes were unknown at first"
    sender = Sender(site.client, site.addresses)
    for one in [*settled[::7], *(one for one in settled if one.asked > 1)]:
        again = ask_again(sender, one)
        assert again.replayed
        assert (again.position, again.stream_id, again.version) == (
            (one.position, one.stream_id, one.version)
        )
    judge(site, settled)


def a_backend(server: OwnPostgresql) -> int:
    """The process of PostgreSQL that serves one of Samsyn's connections."""
    with psycopg.connect(servers.plain_address(server.address)) as db:
        row = db.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = 'samsyn'"
            " ORDER BY state = 'active' DESC, query_start DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    pid: int = row[0]
    return pid


def subscribers(client: "redis.Redis") -> int:
    """How many connections listen for hints."""
    counts: Any = client.pubsub_numsub(CHANNEL)
    return sum(count for _, count in counts)


def is_hint(message: dict[str, Any] | None) -> bool:
    """Whether something heard is a hint, not the answer to the subscription."""
    return message is not None and message["type"] == "message"
