"""The worker that leads is killed, time and again: `python -m tests.faults.takeover`, on demand.

How long it takes until another one leads all that it led, as the database's own clock tells. It
takes about a minute and leaves what it found in docs/faults.json.
"""

import statistics
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg

from projections.catalogue import PROJECTIONS
from tests import servers
from tests.faults.load import Settled
from tests.faults.results import judged, keep
from tests.faults.site import Program, Site, a_site
from tests.faults.verdict import judge
from tests.faults.waiting import wait_until

TIMES: Final = 10
SOME: Final = 30
MOST_SECONDS: Final = 5.0
_LED_BY: Final = (
    "SELECT holder FROM projection_leases"
    " WHERE expires_at > extract(epoch FROM clock_timestamp()) * 1000000 AND name = ANY(%s)"
)
_NAMES: Final = [each.name for each in PROJECTIONS]


def killed(site: Site) -> tuple[list[Settled], list[float]]:
    """Kill whoever folds the queues, and then the other, under load; gives the seconds."""
    settled: list[Settled] = []
    took: list[float] = []
    with psycopg.connect(site.database_url, autocommit=True) as db:
        for number in range(TIMES):
            with site.load(f"takeover-{number}") as load:
                load.go_on(SOME)
                wait_until(partial(_all_lead, db, site.workers), "a part for each worker")
                gone = site.workers[number % len(site.workers)]
                began = _now(db)
                gone.kill()
                wait_until(partial(_others_lead, db, gone), "others that lead all")
                took.append(_now(db) - began)
                gone.start()
                load.go_on(SOME)
            settled += load.settled
    judge(site, settled)
    return settled, took


def _led(db: "psycopg.Connection[Any]") -> list[str]:
    """Who leads each read model, as often as it leads one."""
    return [row[0] for row in db.execute(_LED_BY, (_NAMES,))]


def _all_lead(db: "psycopg.Connection[Any]", workers: Sequence[Program]) -> bool:
    """Whether each worker that runs leads something, and nothing has no leader."""
    holders = _led(db)
    named = (any(worker.is_named_in(each) for each in holders) for worker in workers)
    return len(holders) == len(_NAMES) and all(named)


def _others_lead(db: "psycopg.Connection[Any]", gone: Program) -> bool:
    holders = _led(db)
    return len(holders) == len(_NAMES) and not any(gone.is_named_in(each) for each in holders)


def _now(db: "psycopg.Connection[Any]") -> float:
    row = db.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    assert row is not None
    return float(row[0])


def main() -> int:
    """Do it, keep what came out, and say whether all was well."""
    with (
        servers.own_postgresql(durable=True) as server,
        tempfile.TemporaryDirectory(prefix="samsyn-takeover-") as folder,
    ):
        url = servers.plain_address(servers.create_database(server.address, "samsyn"))
        with a_site(url, Path(folder), webs=[url], workers=[url, url]) as site:
            settled, took = killed(site)
    figures = {
        **judged(settled),
        "times": TIMES,
        "median_seconds": round(statistics.median(took), 2),
        "slowest_seconds": round(max(took), 2),
    }
    keep("leading worker killed", figures)
    return 0 if max(took) <= MOST_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
