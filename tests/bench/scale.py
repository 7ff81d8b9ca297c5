"""How much one log carries: commits measured here, then played by the hour with a replica far off.

The appender takes all that waits into one transaction, so it is a server whose batch grows with
the load (a queue M/G/1 with bulk service). How long a transaction of n appends takes is measured
and put into the simulation as it is; a synchronous replica adds its way there and back.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Final

from eventsourcing.persistence import StoredEvent

from infra.database import connect
from infra.ids import new_id
from infra.log.appender import MOST_APPENDS
from infra.log.recorder import LogRecorder
from infra.migrate import migrate
from tests import servers
from tests.bench.figures import Figure, percentile, seconds_of

BENCH: Final = "One log: waiting for a commit by load, and how far off the replica is"
BATCHES: Final = (1, 3, 10, 32, 100, 320, 1_000)
TIMES: Final = 15
LOADS: Final = (10, 100, 1_000, 3_000, 10_000, 15_000, 20_000, 30_000)
REPLICAS_MS: Final = {"no replica": 0.0, "replica in the same hall": 0.5,
                      "replica in the same town": 2.0, "replica 500 km off": 8.0}  # fmt: skip
CAPACITY_OF: Final = (0.0, 8.0)
ARRIVALS: Final = 40_000
PATIENCE_MS: Final = 80.0
"""What is wanted of a command over HTTP; a log whose commits alone take longer is full."""
EVENTS_A_YEAR: Final = {"a city centre": 15_000, "a municipality with all its notices": 1_500_000}
BUSIEST_HOUR: Final = 10.0
"""So many times the year's mean: a Friday night against all hours."""
SECONDS_A_YEAR: Final = 365 * 86_400
STATE: Final = b"x" * 1_000


def run(folder: Path, rounds: int) -> list[Figure]:
    """Measure transactions of a few sizes, then let loads of all kinds wait for them."""
    del folder
    took = _measured(rounds * TIMES)
    dice = random.Random(7)
    figures: list[Figure] = []
    for replica, there_and_back in REPLICAS_MS.items():
        full = 0
        for load in LOADS:
            waited = waits(load, took, there_and_back / 1000, dice)
            p99 = percentile(waited, 99) * 1000
            if p99 > PATIENCE_MS:
                break
            full = load
            figures.append(
                Figure(bench=BENCH, what=f"{replica}, {load:,} appends/s", value=p99,
                       unit="ms, 99 of 100", series=replica, x=load)
            )  # fmt: skip
        if there_and_back not in CAPACITY_OF:
            continue
        figures += [
            Figure(
                bench=BENCH,
                what=f"{replica}: logs of {name} in its busiest hour",
                value=full * SECONDS_A_YEAR / (a_year * BUSIEST_HOUR),
                unit="logs in one",
                means="so many could share one server before anybody waits longer for a commit",
            )
            for name, a_year in EVENTS_A_YEAR.items()
        ]
    return figures


def waits(
    load: float, took: Sequence[tuple[int, float]], there_and_back: float, dice: random.Random
) -> list[float]:
    """Seconds from append to answer of many appends that come at random, ``load`` a second."""
    arrivals: list[float] = []
    now = 0.0
    for _ in range(ARRIVALS):
        now += dice.expovariate(load)
        arrivals.append(now)
    waited: list[float] = []
    first, free_at = 0, 0.0
    while first < len(arrivals):
        begins = max(free_at, arrivals[first])
        last = min(bisect_right(arrivals, begins, first), first + MOST_APPENDS)
        free_at = begins + seconds_of_batch(last - first, took) + there_and_back
        waited += [free_at - arrival for arrival in arrivals[first:last]]
        first = last
    return waited


def seconds_of_batch(size: int, took: Sequence[tuple[int, float]]) -> float:
    """How long a transaction takes: in a straight line between the sizes that were measured."""
    above = min(bisect_right([known for known, _ in took], size), len(took) - 1)
    (small, short), (large, long) = took[max(above - 1, 0)], took[max(above, 1)]
    return short + (long - short) * (size - small) / (large - small)


def _measured(times: int) -> list[tuple[int, float]]:
    with servers.postgresql(durable=True) as server:
        engine = connect(servers.create_database(server, "samsyn_scale"))
        migrate(engine)
        recorder = LogRecorder(engine)
        took: dict[int, list[float]] = {size: [] for size in BATCHES}
        for _ in range(times):
            for size in BATCHES:
                batch = [_append() for _ in range(size)]
                took[size].append(seconds_of(lambda batch=batch: _write(recorder, batch)))  # type: ignore[misc]  # mypy cannot tell the default's type
        recorder.appender.close()
        engine.dispose()
    return [(size, median(seconds)) for size, seconds in took.items()]


def _append() -> StoredEvent:
    return StoredEvent(new_id(), 1, "Noted", STATE)


def _write(recorder: LogRecorder, batch: Sequence[StoredEvent]) -> None:
    futures = [recorder.submit([event], wait=True) for event in batch]
    for future in futures:
        future.result(10)
