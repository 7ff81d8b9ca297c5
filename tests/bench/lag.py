"""How long after its commit an event shows in the queues, at a thousand events a second."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import psycopg
from sqlalchemy import URL, make_url

from infra.database import connect
from infra.migrate import migrate
from tests import servers
from tests.bench.figures import Figure, percentile
from tests.bench.lag_process import DURABLE, EVENTS, EVENTS_A_SECOND, decide

BENCH: Final = f"Commit to visible in the queue, {EVENTS_A_SECOND:,} events/s"
GOAL: Final = "99 of 100 within 10 ms"
PROCESS: Final = [sys.executable, "-m", "tests.bench.lag_process"]
WARMING: Final = EVENTS_A_SECOND
"""Events that are not counted: programs load, tables are small."""
LOOK_SECONDS: Final = 0.001
PATIENCE_SECONDS: Final = 120.0
SHOWN: Final = (
    "SELECT min(position) FROM projection_checkpoints WHERE name IN ('visibility', 'queues')"
)
_LEADERS: Final = "SELECT count(DISTINCT holder) FROM projection_leases WHERE holder <> ''"

Look = Callable[[], int]


@dataclass(frozen=True)
class Shape:
    """Which processes append and fold, and how the one hears of the other."""

    name: str
    means: str
    role: str
    redis: bool = False
    sqlite: bool = False
    goal: str | None = GOAL


SHAPES: Final = (
    Shape(
        "PostgreSQL, Redis, a web process and two workers", "as in compose", "append", redis=True
    ),
    Shape("PostgreSQL, one process", "web and worker in one", "both"),
    Shape("SQLite, one process", "the demo and small towns", "both", sqlite=True),
    Shape("PostgreSQL, the same three, polling only", "while Redis is away", "append", goal=None),
)


def run(folder: Path, rounds: int) -> list[Figure]:
    """Append and fold in each shape in turn, and watch from outside what can be read."""
    numbers = count()
    decide(folder / EVENTS)
    found: dict[str, list[list[float]]] = {shape.name: [] for shape in SHAPES}
    with servers.postgresql(durable=True) as server, servers.redis_server() as redis_url:
        for _ in range(rounds):
            for shape in SHAPES:
                number = next(numbers)
                url = _database(server, folder, number, shape)
                told = [url, redis_url] if shape.redis else [url]
                found[shape.name].append(_lags(shape, folder, told))
    return [
        figure for shape in SHAPES for figure in _figures(shape, sorted_lags(found[shape.name]))
    ]


def sorted_lags(rounds: Sequence[Sequence[float]]) -> list[list[float]]:
    """Milliseconds of each round, from the least to the most."""
    return [sorted(1_000 * lag for lag in lags) for lags in rounds]


def _figures(shape: Shape, rounds: Sequence[Sequence[float]]) -> Generator[Figure]:
    for what, percent in (("half within", 50), ("99 of 100 within", 99)):
        values = [percentile(lags, percent) for lags in rounds]
        yield Figure(
            bench=BENCH,
            what=f"{shape.name}: {what}",
            value=median(values),
            unit="ms",
            low=min(values),
            high=max(values),
            goal=shape.goal if percent == 99 else None,
            means=shape.means,
        )


def _database(server: URL, folder: Path, number: int, shape: Shape) -> str:
    if shape.sqlite:
        url = f"sqlite:///{folder / f'{number}.db'}"
    else:
        url = servers.plain_address(servers.create_database(server, f"samsyn_lag_{number}"))
    engine = connect(url)
    migrate(engine)
    engine.dispose()
    return url


def _lags(shape: Shape, folder: Path, told: list[str]) -> list[float]:
    apart = shape.role == "append"
    with _folding([str(folder), *told]) if apart else nullcontext():
        return lags_of(folder, shape.role, told, SHOWN)


def lags_of(folder: Path, role: str, told: Sequence[str], shown: str) -> list[float]:
    """Seconds from each commit until what a query gives has come so far.

    The first second is left out. ``told`` are the addresses of the database and of Redis.
    """
    with _process([role, str(folder), *told]) as appending:
        seen = _watch(told[0], shown, appending, folder)
    durable = _durable(folder)
    positions = [position for position, _ in seen]
    lags: list[float] = []
    for position, at in sorted(durable)[WARMING:]:
        first = bisect_left(positions, position)
        if first == len(seen):
            raise RuntimeError(f"position {position} was never folded")
        lags.append(seen[first][1] - at)
    return lags


def _watch(
    url: str, shown: str, appending: subprocess.Popen[str], folder: Path
) -> list[tuple[int, float]]:
    """Look every millisecond how far it is, until all is there that the process appended."""
    seen: list[tuple[int, float]] = []
    until: int | None = None
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    with _looking(url, shown) as look:
        while time.monotonic() < give_up_at:
            if until is None and appending.poll() is not None:
                until = max(position for position, _ in _durable(folder))
            position = look()
            if not seen or position > seen[-1][0]:
                seen.append((position, time.monotonic()))
            if until is not None and position >= until:
                break
            time.sleep(LOOK_SECONDS)
    if appending.poll() != 0:
        raise RuntimeError("the appending process failed")
    return seen


def _durable(folder: Path) -> list[tuple[int, float]]:
    durable: list[tuple[int, float]] = json.loads((folder / DURABLE).read_text())
    return durable


@contextmanager
def _looking(url: str, shown: str) -> Generator[Look]:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = sqlite3.connect(str(parsed.database), isolation_level=None)
        try:
            yield lambda: file.execute(shown).fetchone()[0] or 0
        finally:
            file.close()
        return
    with psycopg.connect(url, autocommit=True, prepare_threshold=0) as db, db.cursor() as cursor:

        def look() -> int:
            found = cursor.execute(shown.encode()).fetchone()
            return found[0] or 0 if found else 0

        yield look


@contextmanager
def _folding(told: list[str]) -> Generator[None]:
    """Two workers, from when each leads what it is to lead beside the other."""
    with ExitStack() as ended:
        workers = [ended.enter_context(_process(["fold", *told])) for _ in range(2)]
        with _looking(told[1], _LEADERS) as leaders:
            while leaders() < len(workers):
                time.sleep(LOOK_SECONDS)
        yield
        for worker in workers:
            worker.terminate()


@contextmanager
def _process(told: list[str]) -> Generator[subprocess.Popen[str]]:
    """Run a process of the bench, from when it says that it is ready."""
    process = subprocess.Popen(
        [*PROCESS, *told], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        if process.stdout is None or not process.stdout.readline():
            raise RuntimeError("a process of the bench did not start")
        yield process
        process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
