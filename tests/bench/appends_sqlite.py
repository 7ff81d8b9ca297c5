"""Durable appends a second on SQLite, against the library's recorder and the bare driver."""

import sqlite3
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from infra.database import connect
from infra.ids import new_id
from infra.migrate import migrate
from tests.bench.figures import Figure, in_turn, seconds_of
from tests.bench.writers import RECORDED_AT, STATE, Written, in_threads, ours_in_threads

BENCH: Final = "durable appends of one event of 1,000 bytes, SQLite, synchronous=FULL"
WRITERS: Final = 16
ROWS: Final = 20_000
"""So many in the one big transaction."""
OURS, LIBRARY = "our log, 16 threads", "the library's SQLite recorder, 16 threads"
EACH, ONE = "bare driver, a transaction each, 1 thread", "bare driver, one transaction for all"
_INSERT: Final = "INSERT INTO events VALUES (NULL, ?, 1, 'Noted', ?, ?)"


def run(folder: Path, rounds: int) -> list[Figure]:
    """Every contestant on a file of its own, in turn."""
    numbers = count(1)
    contest: dict[str, Callable[[Path], Written]] = {
        OURS: _ours,
        LIBRARY: _the_librarys_recorder,
        EACH: _one_insert_each,
        ONE: _all_at_once,
    }
    found: dict[str, list[float]] = {name: [] for name in contest}

    def once(name: str) -> float:
        written = contest[name](folder / f"{next(numbers)}.db")
        found[name].append(written.rate)
        return written.seconds

    in_turn(rounds, {name: partial(once, name) for name in contest})
    ours = median(found[OURS])
    return [
        Figure(
            bench=BENCH,
            what=name,
            value=median(rates),
            unit="appends/s",
            low=min(rates),
            high=max(rates),
            against=None if name == OURS else f"ours / {name}",
            ratio=None if name == OURS else ours / median(rates),
            goal="at least 5 x" if name == LIBRARY else None,
            means="What a municipality without a database server gets" if name == OURS else None,
        )
        for name, rates in found.items()
    ]


def _ours(path: Path) -> Written:
    url = f"sqlite:///{path}"
    engine = connect(url)
    migrate(engine)
    engine.dispose()
    return ours_in_threads(url, WRITERS)


def _the_librarys_recorder(path: Path) -> Written:
    datastore = SQLiteDatastore(str(path), pool_size=WRITERS, pool_timeout=60, lock_timeout=60)
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    written = in_threads(
        WRITERS,
        lambda _: lambda: recorder.insert_events([StoredEvent(new_id(), 1, "Noted", STATE)]),
    )
    datastore.close()
    return written


def _one_insert_each(path: Path) -> Written:
    db = _bare(path)
    written = in_threads(1, lambda _: lambda: db.execute(_INSERT, _row()))
    db.close()
    return written


def _all_at_once(path: Path) -> Written:
    db = _bare(path)

    def insert() -> None:
        db.execute("BEGIN IMMEDIATE")
        for _ in range(ROWS):
            db.execute(_INSERT, _row())
        db.execute("COMMIT")

    seconds = seconds_of(insert)
    db.close()
    return Written(appends=ROWS, seconds=seconds, waits=())


def _bare(path: Path) -> sqlite3.Connection:
    """The same table, index and pragmas as ours, and nothing else."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, stream_id CHAR(32) NOT NULL, "
        "version INTEGER NOT NULL, topic TEXT NOT NULL, recorded_at BIGINT NOT NULL, "
        "state BLOB NOT NULL, UNIQUE (stream_id, version))"
    )
    return db


def _row() -> tuple[str, int, bytes]:
    return new_id().hex, RECORDED_AT, STATE
