"""A worker paused in the middle of writing read models: another takes over, it writes no more."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import servers
from tests.faults.gate import Gate
from tests.faults.load import Settled
from tests.faults.site import Site, a_site
from tests.faults.verdict import judge
from tests.faults.waiting import PATIENCE_SECONDS
from tests.servers import OwnPostgresql

SOME = 30
MOMENTS = {
    "as it begins to lead": b"UPDATE projection_checkpoints SET term",
    "as it writes a batch": b'SELECT pg_temp."samsyn_fold_',
}
"""The statement whose answer it never sees, the first time it comes: it is paused before."""


@pytest.fixture(params=list(MOMENTS.values()), ids=list(MOMENTS))
def gate(own_postgresql: OwnPostgresql, request: pytest.FixtureRequest) -> Iterator[Gate]:
    """Stand between PostgreSQL and the worker that is paused."""
    address = own_postgresql.address
    assert address.host is not None
    assert address.port is not None
    gate = Gate(address.host, address.port)
    gate.hold_answer_to(request.param)
    yield gate
    gate.close()


@pytest.fixture
def site(
    own_postgresql: OwnPostgresql, gate: Gate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A web process, and a worker whose first batch is held."""
    servers.drop_database(own_postgresql.address, "samsyn")
    address = servers.create_database(own_postgresql.address, "samsyn")
    url = servers.plain_address(address)
    behind_gate = servers.plain_address(address.set(port=gate.port))
    folder = tmp_path_factory.mktemp("site")
    with a_site(url, folder, webs=[url], workers=[behind_gate]) as site:
        yield site


def test_paused_leader_writes_no_more(site: Site, gate: Gate) -> None:
    settled: list[Settled] = []
    paused = site.workers[0]
    assert gate.reached.wait(PATIENCE_SECONDS), "the worker leads"
    paused.pause()
    gate.let_go()
    other = site.add_worker(site.database_url)
    with ExitStack() as after:
        after.callback(paused.resume)
        with site.load("paused") as load:
            load.go_on(SOME)
        settled += load.settled
        judge(site, settled)
    with site.load("resumed") as load:
        load.go_on(SOME)
        # It is as good as before: alone, it goes on where the other stood.
        other.kill()
        load.go_on(SOME)
    settled += load.settled
    judge(site, settled)
