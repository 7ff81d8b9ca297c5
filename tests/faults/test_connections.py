"""Connections to PostgreSQL cut in mid-transaction, stalled, or open at one end only."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests import servers
from tests.faults.gate import Gate
from tests.faults.load import Settled
from tests.faults.site import Site, a_site
from tests.faults.verdict import judge
from tests.faults.waiting import wait_until
from tests.infra.cutting_proxy import Cut, CuttingProxy
from tests.servers import OwnPostgresql

SOME = 30
CUTS = 6
STALL_SECONDS = 2.0


@pytest.fixture(scope="module")
def gate(own_postgresql: OwnPostgresql) -> Iterator[Gate]:
    """Stand before PostgreSQL."""
    address = own_postgresql.address
    assert address.host is not None
    assert address.port is not None
    gate = Gate(address.host, address.port)
    yield gate
    gate.close()


@pytest.fixture(scope="module")
def proxy(gate: Gate) -> Iterator[CuttingProxy]:
    """Stand before the gate."""
    proxy = CuttingProxy("127.0.0.1", gate.port)
    yield proxy
    proxy.close()


@pytest.fixture(scope="module")
def site(
    own_postgresql: OwnPostgresql,
    gate: Gate,
    proxy: CuttingProxy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """One web process behind both, a worker behind the gate."""
    address = servers.create_database(own_postgresql.address, "samsyn")
    behind_both = servers.plain_address(address.set(port=proxy.port))
    behind_gate = servers.plain_address(address.set(port=gate.port))
    folder = tmp_path_factory.mktemp("site")
    with a_site(
        servers.plain_address(address), folder, webs=[behind_both], workers=[behind_gate]
    ) as site:
        yield site


@pytest.fixture(scope="module")
def settled() -> list[Settled]:
    """Everything that the loads of this module know."""
    return []


@pytest.mark.parametrize("cut", ["before the commit", "after the commit"])
def test_cut(site: Site, settled: list[Settled], proxy: CuttingProxy, cut: Cut) -> None:
    with site.load(cut.replace(" ", "-")) as load:
        for _ in range(CUTS):
            proxy.cut = cut
            wait_until(lambda: proxy.cut == "nothing", "a commit that is cut")
            load.go_on(SOME // CUTS)
    settled += load.settled
    judge(site, settled)


def test_stalled(site: Site, settled: list[Settled], gate: Gate) -> None:
    with site.load("stalled") as load, ExitStack() as after:
        load.go_on(SOME)
        after.callback(gate.let_go)
        gate.hold()
        time.sleep(STALL_SECONDS)
        gate.let_go()
        load.go_on(SOME)
    settled += load.settled
    judge(site, settled)


def test_open_at_one_end(site: Site, settled: list[Settled], gate: Gate) -> None:
    with site.load("half-open") as load, ExitStack() as after:
        load.go_on(SOME)
        after.callback(gate.give_up)
        gate.forget()
        time.sleep(STALL_SECONDS)
        gate.give_up()
        load.go_on(SOME)
    settled += load.settled
    judge(site, settled)
