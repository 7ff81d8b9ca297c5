"""The network parts web and worker from PostgreSQL: `python -m tests.faults.partition`, as root.

One web process and the leading worker are in a namespace whose link to the database is cut, twice:
for less than anybody's patience, and for longer than connections live. Another web process and
another worker keep theirs. It takes about two minutes and leaves what it found in docs/faults.json.
"""

import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from tests import servers
from tests.faults.load import Load, Settled
from tests.faults.network import NEEDS, Network, a_network, possible
from tests.faults.results import judged, keep
from tests.faults.site import PROGRAM, Site, a_site
from tests.faults.verdict import judge
from tests.faults.waiting import wait_until
from tests.servers import OwnPostgresql

SOME: Final = 200
CUTS_SECONDS: Final = (8.0, 45.0)
_READY_SECONDS: Final = 4.0
"""`/ready` looks for two seconds; on a machine that is busy the answer takes a little longer."""


@dataclass
class Answers:
    """How long each request waited for its answer: all are to have one, whatever is cut."""

    sent: list[float] = field(default_factory=list[float])
    seconds: list[float] = field(default_factory=list[float])

    def watch(self, client: httpx.Client) -> None:
        """Note all that a client sends from now on."""
        client.event_hooks = {"request": [self._sends], "response": [self._hears]}

    def _sends(self, request: httpx.Request) -> None:
        now = request.extensions["sent"] = time.monotonic()
        self.sent.append(now)

    def _hears(self, response: httpx.Response) -> None:
        self.seconds.append(time.monotonic() - response.request.extensions["sent"])


def parted(network: Network, server: OwnPostgresql, folder: Path) -> dict[str, Any]:
    """Cut and heal under load; afterwards what was cut off does its work as before."""
    _let_in(server, network)
    here = servers.create_database(server.address, "samsyn")
    there = servers.plain_address(here.set(host=network.outside))
    url = servers.plain_address(here)
    program = network.start(*PROGRAM)
    settled: list[Settled] = []
    with a_site(url, folder, webs=[], workers=[]) as site:
        site.add_worker(there, program)
        wait_until(lambda: "leads" in site.workers[0].said(), "a leader that will be cut off")
        site.add_web(there, program, host=network.inside)
        site.add_web(url)
        site.add_worker(url)
        site.wait_for_webs()
        answers, ready = Answers(), _Ready(site)
        answers.watch(site.client)
        for number, seconds in enumerate(CUTS_SECONDS):
            with site.load(f"cut-{number}") as load:
                load.go_on(SOME)
                network.cut()
                try:
                    ready.ask_for(seconds)
                finally:
                    network.heal()
                load.go_on(SOME)
            settled += load.settled
            with Load(site.client, site.addresses[:1], f"healed-{number}") as load:
                load.go_on(SOME)
            settled += load.settled
            judge(site, settled)
    return {
        **judged(settled),
        "slowest_answer_seconds": round(max(answers.seconds), 2),
        "unanswered": len(answers.sent) - len(answers.seconds),
        "ready_told": sorted(ready.told),
        "slowest_ready_seconds": round(ready.slowest, 2),
        "cut_seconds": [*CUTS_SECONDS],
    }


class _Ready:
    """Asks the process that is cut off whether it is ready, on a client of its own."""

    def __init__(self, site: Site) -> None:
        self._address = site.addresses[0]
        self.told: set[int] = set()
        self.slowest = 0.0

    def ask_for(self, seconds: float) -> None:
        """Ask for so long; raises AssertionError when it never says that it is not."""
        ends = time.monotonic() + seconds
        pause = threading.Event()
        with httpx.Client(timeout=30) as client:
            while (began := time.monotonic()) < ends:
                self.told.add(client.get(f"{self._address}/ready").status_code)
                self.slowest = max(self.slowest, time.monotonic() - began)
                pause.wait(0.5)
        assert 503 in self.told, "a proxy would go on sending requests there"


def _let_in(server: OwnPostgresql, network: Network) -> None:
    """Let who comes by the link sign in as who comes by the loopback does."""
    with psycopg.connect(servers.plain_address(server.address), autocommit=True) as db:
        row = db.execute("SHOW hba_file").fetchone()
        assert row is not None
        with Path(row[0]).open("a", encoding="ascii") as rules:
            rules.write(f"host all all {network.outside}/30 scram-sha-256\n")
        db.execute("SELECT pg_reload_conf()")


def main() -> int:
    """Do it, keep what came out, and say whether all was well."""
    if not possible():
        sys.stderr.write(f"This needs {NEEDS}.\n")
        return 2
    settings = ("listen_addresses=*",)
    with (
        a_network() as network,
        servers.own_postgresql(durable=True, settings=settings) as server,
        tempfile.TemporaryDirectory(prefix="samsyn-partition-") as folder,
    ):
        found = parted(network, server, Path(folder))
    keep("network partition", found)
    return 1 if found["unanswered"] or found["slowest_ready_seconds"] > _READY_SECONDS else 0


if __name__ == "__main__":
    sys.exit(main())
