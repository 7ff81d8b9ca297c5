"""The leading PostgreSQL dies or freezes: `python -m tests.faults.failover PATRONI`, on demand.

Writers append through our own log with an address that names all nodes, while the leader of a
synchronous cluster is killed with everything on it, and then while its successor stands still.
It takes a few minutes and leaves what it found in docs/faults.json.
"""

import sys
import time
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP
from typing import Any, Final

from infra.database import connect
from infra.migrate import migrate
from tests.faults.patroni import Cluster, Node, a_cluster
from tests.faults.results import keep
from tests.faults.waiting import wait_until
from tests.faults.writers import Known, Writers, compare

PROCESSES: Final = 2
BEFORE: Final = 5_000
AFTER: Final = 5_000
FROZEN_SECONDS: Final = 40.0


def killed(cluster: Cluster, earlier: list[Known]) -> dict[str, Any]:
    """Kill Patroni and PostgreSQL of the leader at once; the node comes back later."""
    with Writers(cluster.address, PROCESSES) as writers:
        leader = _leader_after_some(cluster, writers)
        leader.send(SIGKILL)
        _go_on(writers)
        figures = _figures(cluster, writers, earlier, leader)
    leader.start()
    return figures


def frozen(cluster: Cluster, earlier: list[Known]) -> dict[str, Any]:
    """Let the leader stand still with all its connections open, until long after it was voted out.

    Whoever goes on waiting for its answers waits as long as it stands.
    """
    with Writers(cluster.address, PROCESSES) as writers:
        leader = _leader_after_some(cluster, writers)
        leader.send(SIGSTOP)
        try:
            time.sleep(FROZEN_SECONDS)
        finally:
            leader.send(SIGCONT)
        _go_on(writers)
        figures = _figures(cluster, writers, earlier, leader)
    return {**figures, "frozen_seconds": FROZEN_SECONDS}


def _leader_after_some(cluster: Cluster, writers: Writers) -> Node:
    wait_until(lambda: len(writers.known) >= BEFORE, "appends before the fault")
    leader = cluster.leader()
    assert leader is not None, cluster.state()
    return leader


def _go_on(writers: Writers) -> None:
    count = len(writers.known) + AFTER
    wait_until(lambda: len(writers.known) >= count, "appends after the fault")


def _figures(
    cluster: Cluster, writers: Writers, earlier: list[Known], before: Node
) -> dict[str, Any]:
    """Hold what all writers so far know against the log of whoever leads now."""
    writers.freeze()
    leader = cluster.leader()
    assert leader is not None, cluster.state()
    comparison = compare(cluster.address, writers.known, earlier)
    earlier += writers.known
    return {
        **comparison.figures(),
        "another_leads": leader.name != before.name,
        "processes": PROCESSES,
        "whole": comparison.whole(),
    }


def main() -> int:
    """Do both on one cluster, keep what came out, and say whether all was well."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).exists():
        sys.stderr.write(f"{__doc__}\nGive the path of Patroni: see tests/faults/patroni.py.\n")
        return 2
    known: list[Known] = []
    with a_cluster(Path(sys.argv[1])) as cluster:
        engine = connect(cluster.address)
        migrate(engine)
        engine.dispose()
        first = killed(cluster, known)
        keep("failover, leader killed", first)
        wait_until(cluster.whole, "the killed node is a standby again")
        second = frozen(cluster, known)
        keep("failover, leader frozen", second)
    well = all(found["whole"] and found["another_leads"] for found in (first, second))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
