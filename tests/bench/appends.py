"""Durable appends a second on PostgreSQL, against what a team would take instead of our log."""

from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import psycopg
from sqlalchemy import URL

from infra.database import connect
from infra.migrate import migrate
from tests import servers
from tests.bench import rivals
from tests.bench.figures import Figure, in_turn, percentile
from tests.bench.writers import (
    Written,
    ours_in_processes,
    ours_in_tasks,
    ours_in_threads,
)

BENCH: Final = "durable appends of one event of 1,000 bytes, PostgreSQL, fsync on"
WAITS: Final = "how long an append waits, 32 writers, PostgreSQL, fsync on"
WRITERS: Final = (1, 4, 16, 32)
EMMETT_APPENDS: Final = 3_000
TASKS, THREADS, TWO = "our log, coroutines", "our log, threads", "our log, coroutines, 2 processes"
LIBRARY, EACH = "eventsourcing's own recorder", "one INSERT per transaction"
MANY, EMMETT = "INSERT of 32 rows per transaction", "Emmett (npm)"
GOALS: Final = {
    LIBRARY: "at least 20 x",
    EMMETT: "at least 10 x",
    EACH: "at least 1.5 x",
    TWO: "at least 0.8 x of one process",
}
MEANS: Final = {
    LIBRARY: "How many more commands a second the same server carries than with the library alone",
    EMMETT: "The same, against the best-known store of another language",
    EACH: "What gathering appends gives over writing each by itself, though ours are in order",
    MANY: "How near to what the database can take at all, counted in events",
    TWO: "A second web process costs nothing, though all share one order",
}

Write = Callable[[URL], Written]


def run(folder: Path, rounds: int) -> list[Figure]:
    """Every contestant on a database of its own, in turn."""
    home = rivals.install_emmett(folder)
    if home is None:
        print("NOT MEASURED: npm or its package is not at hand, so nothing is said of Emmett.")
    figures: list[Figure] = []
    numbers = count(1)
    with servers.postgresql(durable=True) as server:

        def once(write: Write, found: list[Written]) -> float:
            found.append(write(_empty_database(server, next(numbers))))
            return found[-1].seconds

        for writers in WRITERS:
            contest = _contest(writers, home)
            found: dict[str, list[Written]] = {name: [] for name in contest}
            in_turn(
                rounds,
                {name: partial(once, write, found[name]) for name, write in contest.items()},
            )
            figures += _rates(writers, found)
            if writers == WRITERS[-1]:
                figures += _waits(found)
    return figures


def _contest(writers: int, home: Path | None) -> dict[str, Write]:
    contest: dict[str, Write] = {
        TASKS: lambda url: ours_in_tasks(_with_our_tables(url), writers),
        THREADS: lambda url: ours_in_threads(_with_our_tables(url), writers),
        LIBRARY: lambda url: rivals.the_librarys_recorder(url, writers),
        EACH: lambda url: rivals.one_insert_each(url, writers),
    }
    if writers == WRITERS[-1]:
        contest[TWO] = lambda url: ours_in_processes(_with_our_tables(url), writers, processes=2)
        contest[MANY] = lambda url: rivals.many_rows_each(url, writers)
        if home is not None:
            contest[EMMETT] = lambda url: rivals.emmett(home, url, writers, EMMETT_APPENDS)
    return contest


def _empty_database(server: URL, number: int) -> URL:
    """A new database, and nothing left to write to the disk from what went before."""
    database = servers.create_database(server, f"appends_{number}")
    with psycopg.connect(servers.plain_address(database), autocommit=True) as db:
        db.execute("CHECKPOINT")
    return database


def _with_our_tables(database: URL) -> str:
    engine = connect(database)
    migrate(engine)
    engine.dispose()
    return servers.plain_address(database)


def _rates(writers: int, found: Mapping[str, list[Written]]) -> list[Figure]:
    rates = {name: [_events(name, one) for one in some] for name, some in found.items()}
    ours = median(rates[TASKS])
    named = f"{writers} writer{'s' if writers > 1 else ''}"
    figures: list[Figure] = []
    for name, some in rates.items():
        # Of several processes of ours the question is what the second one costs.
        ratio = None if name == TASKS else ours / median(some)
        wanted = writers == WRITERS[-1]
        figures.append(
            Figure(
                bench=BENCH,
                what=f"{name}, {named}",
                value=median(some),
                unit="appends/s",
                low=min(some),
                high=max(some),
                against=f"ours / {name}" if ratio else None,
                ratio=1 / ratio if ratio and name == TWO else ratio,
                goal=GOALS.get(name) if wanted else None,
                means=MEANS.get(name) if wanted else None,
                series=name,
                x=float(writers),
            )
        )
    return figures


def _events(name: str, written: Written) -> float:
    return written.rate * (rivals.ROWS_AT_ONCE if name == MANY else 1)


def _waits(found: Mapping[str, list[Written]]) -> list[Figure]:
    figures: list[Figure] = []
    for percent in (50, 99):
        waits = {
            name: [percentile(one.waits, percent) * 1_000 for one in found[name]]
            for name in (TASKS, THREADS, EACH)
        }
        figures += [
            Figure(
                bench=WAITS,
                what=f"{name}, {percent} of 100 within",
                value=median(some),
                unit="ms",
                low=min(some),
                high=max(some),
                against=None if name == EACH else EACH,
                ratio=None if name == EACH else median(some) / median(waits[EACH]),
                goal="below 1 x" if percent == 99 and name != EACH else None,
                means="How long somebody who saves waits for the disk when many save at once",
            )
            for name, some in waits.items()
        ]
    return figures
