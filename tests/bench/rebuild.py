"""Rebuilds of read models beside a bare read of the same log, and how much memory they take."""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import psycopg
from sqlalchemy import Engine, text

from infra.database import connect
from infra.migrate import migrate
from projections import checkpoints
from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from projections.queues import QUEUES
from tests import servers
from tests.bench import big_log
from tests.bench.figures import Figure, in_turn, medians, seconds_of

BENCH: Final = "rebuild from the log's beginning, PostgreSQL"
SIZES: Final = "1000000"
"""Events, several sizes with commas between; REBUILD_SIZES names others."""
_PAGE: Final = 10_000
_LOOK_SECONDS: Final = 0.1
_READ, _QUEUES, _ALL = "bare paged read", "queues", "all read models"
_REBUILT: Final = {_QUEUES: (QUEUES,), _ALL: PROJECTIONS}


def run(folder: Path, rounds: int, sizes: Sequence[int] = ()) -> list[Figure]:
    """Fill logs, then read and rebuild from each, in turn; peaks of memory beside."""
    del folder  # PostgreSQL has a folder of its own
    asked = os.environ.get("REBUILD_SIZES", SIZES)
    return [
        figure
        for size in sizes or [int(each) for each in asked.split(",")]
        for figure in _of_size(size, rounds)
    ]


def _of_size(size: int, rounds: int) -> list[Figure]:
    with servers.postgresql(durable=True) as server:
        engine = connect(servers.create_database(server, "bench_rebuild"))
        migrate(engine)
        events = big_log.fill(engine, size)
        figures = measured(engine, events, rounds)
        engine.dispose()
    return figures


def measured(engine: Engine, events: int, rounds: int) -> list[Figure]:
    """Read the log and rebuild from it."""
    peaks: dict[str, list[float]] = {name: [] for name in _REBUILT}
    computed: dict[str, list[float]] = {name: [] for name in _REBUILT}

    def rebuilt(name: str) -> Callable[[], float]:
        def timed() -> float:
            _forget(engine, _REBUILT[name])
            return _rebuild(engine, _REBUILT[name], peaks[name], computed[name])

        return timed

    found = in_turn(
        rounds,
        {
            _READ: lambda: seconds_of(lambda: _read(engine)),
            **{name: rebuilt(name) for name in _REBUILT},
        },
    )
    seconds = medians(found)
    rates = [
        Figure(
            bench=BENCH,
            what=f"{name}, {events:,} events",
            value=events / seconds[name],
            unit="events/s",
            low=events / max(found[name]),
            high=events / min(found[name]),
            against=None if name == _READ else _READ,
            ratio=None if name == _READ else seconds[_READ] / seconds[name],
            goal=_GOALS.get(name),
            means=_MEANS[name],
        )
        for name in found
    ]
    costs = [
        Figure(
            bench=BENCH,
            what=f"{name}, {events:,} events: computing in its processes",
            value=median(computed[name]) / events * 1e6,
            unit="µs an event",
            low=min(computed[name]) / events * 1e6,
            high=max(computed[name]) / events * 1e6,
            means="What a rebuild takes from others; PostgreSQL's own part comes on top.",
        )
        for name in _REBUILT
    ]
    memory = [
        Figure(
            bench=BENCH,
            what=f"{name}, {events:,} events: memory of all its processes at the peak",
            value=median(peaks[name]),
            unit="MB",
            low=min(peaks[name]),
            high=max(peaks[name]),
            goal="≤ 300",
            means="A rebuild fits beside the program on a small server, however long the log is.",
        )
        for name in _REBUILT
    ]
    return [*rates, *costs, *memory]


_GOALS: Final = {_QUEUES: "≥ 100,000, ≥ 0.4 of the bare read", _ALL: "≥ 25,000"}
_MEANS: Final = {
    _READ: "What PostgreSQL gives out in pages when nothing is done with it: the limit.",
    _QUEUES: "After a changed rule the queues are right again in seconds; work goes on meanwhile.",
    _ALL: "Everything that is read can be made anew from the log, while work goes on.",
}


def _forget(engine: Engine, projections: tuple[Projection, ...]) -> None:
    """Make the live tables look like another version's, which are built anew to the log's head."""
    with engine.begin() as db:
        checkpoints.prepare(db, projections)
        db.execute(text("UPDATE projection_checkpoints SET version = 0"))


def _read(engine: Engine) -> None:
    with psycopg.connect(servers.plain_address(engine.url)) as db:
        last, rows = 0, [(0,)]
        while rows:
            rows = db.execute(
                "SELECT position, stream_id, version, topic, recorded_at, state FROM events"
                " WHERE position > %s ORDER BY position LIMIT %s",
                (last, _PAGE),
                binary=True,
            ).fetchall()
            last = rows[-1][0] if rows else last


def _rebuild(
    engine: Engine,
    projections: Sequence[Projection],
    peaks: list[float],
    computed: list[float],
) -> float:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.bench.rebuild_process", url]
    names = [each.name for each in projections]
    with (
        subprocess.Popen([*command, *names], stdout=subprocess.PIPE, text=True) as process,
        _peak_of_memory(process.pid, peaks),
    ):
        said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError("the rebuild failed")
    told: dict[str, float] = json.loads(said)
    computed.append(told["computed"])
    return told["seconds"]


@contextmanager
def _peak_of_memory(pid: int, peaks: list[float]) -> Generator[None]:
    """Look again and again at a process and those it has started."""
    over = threading.Event()
    most = 0

    def look() -> None:
        nonlocal most
        while not over.wait(_LOOK_SECONDS):
            most = max(most, _memory(pid))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    yield
    over.set()
    looking.join()
    peaks.append(most / 1e6)


def _memory(pid: int) -> int:
    """Resident bytes; pages that processes share are counted in each."""
    total = 0
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if str(pid) in (process.name, parent):
                pages = int((process / "statm").read_text().split()[1])
                total += pages * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            continue  # it has just ended
    return total


def main() -> None:
    """Measure with a log of the size asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.rebuild", description=__doc__)
    asked.add_argument("--sizes", type=int, nargs="*", default=(), help="events; try 5000000")
    asked.add_argument("--rounds", type=int, default=1)
    given = asked.parse_args()
    began = time.monotonic()
    for figure in run(Path(), given.rounds, given.sizes):
        print(f"{figure.what}: {figure.value:,.1f} {figure.unit}, ratio {figure.ratio}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
