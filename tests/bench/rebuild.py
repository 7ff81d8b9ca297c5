"""Rebuilds of read models beside a bare read of the same log, and how much memory they take."""

import argparse
import os
import threading
import time
from collections.abc import Callable, Generator
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
from service.rebuilding import rebuild_together
from tests import servers
from tests.bench import big_log
from tests.bench.figures import Figure, in_turn, medians, seconds_of

BENCH: Final = "rebuild from the log's beginning, PostgreSQL"
SIZE: Final = 300_000
_PAGE: Final = 10_000
_LOOK_SECONDS: Final = 0.1
_READ, _QUEUES, _ALL = "bare paged read", "queues", "all read models"


def run(folder: Path, rounds: int, size: int = SIZE) -> list[Figure]:
    """Fill a log, then read it and rebuild from it, in turn; peaks of memory beside."""
    del folder  # PostgreSQL has a folder of its own
    with servers.postgresql(durable=True) as server:
        engine = connect(servers.create_database(server, "bench_rebuild"))
        migrate(engine)
        events = big_log.fill(engine, size)
        peaks: dict[str, list[float]] = {_QUEUES: [], _ALL: []}

        def rebuilt(name: str, projections: tuple[Projection, ...]) -> Callable[[], float]:
            def timed() -> float:
                _forget(engine, projections)
                with _peak_of_memory(peaks[name]):
                    return seconds_of(lambda: rebuild_together(engine, projections))

            return timed

        found = in_turn(
            rounds,
            {
                _READ: lambda: seconds_of(lambda: _read(engine)),
                _QUEUES: rebuilt(_QUEUES, (QUEUES,)),
                _ALL: rebuilt(_ALL, PROJECTIONS),
            },
        )
        engine.dispose()
    seconds = medians(found)
    return [
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
        for name in (_READ, _QUEUES, _ALL)
    ] + [
        Figure(
            bench=BENCH,
            what=f"memory of all its processes at the peak, {name}",
            value=median(peaks[name]),
            unit="MB",
            low=min(peaks[name]),
            high=max(peaks[name]),
            goal="≤ 300",
            means="A rebuild fits beside the program on a small server, however long the log is.",
        )
        for name in (_QUEUES, _ALL)
    ]


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


@contextmanager
def _peak_of_memory(peaks: list[float]) -> Generator[None]:
    """Look again and again at this process and those it has started."""
    over = threading.Event()
    most = 0

    def look() -> None:
        nonlocal most
        while not over.wait(_LOOK_SECONDS):
            most = max(most, _memory())

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    yield
    over.set()
    looking.join()
    peaks.append(most / 1e6)


def _memory() -> int:
    """Resident bytes; pages that processes share are counted in each."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _is_ours(entry):
            try:
                pages = int((entry / "statm").read_text().split()[1])
            except OSError:
                continue  # it has just ended
            total += pages * os.sysconf("SC_PAGE_SIZE")
    return total


def _is_ours(process: Path) -> bool:
    if process.name == str(os.getpid()):
        return True
    try:
        parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        command = (process / "cmdline").read_bytes()
    except OSError:
        return False
    # PostgreSQL is started from here too, and is not the rebuild's.
    return parent == str(os.getpid()) and b"postgres" not in command


def main() -> None:
    """Measure with a log of the size asked for."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.rebuild", description=__doc__)
    asked.add_argument("--size", type=int, default=SIZE, help="events; try 1000000 and 5000000")
    asked.add_argument("--rounds", type=int, default=1)
    given = asked.parse_args()
    began = time.monotonic()
    for figure in run(Path(), given.rounds, given.size):
        print(f"{figure.what}: {figure.value:,.0f} {figure.unit}, ratio {figure.ratio}")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
