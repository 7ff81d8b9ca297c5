"""The import of police notices, against plain loops that insert the very same rows."""

import json
import sqlite3
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from service.imports.police_events import PoliceImport
from service.preset import load_preset
from tests.bench.figures import Figure, in_turn, medians, seconds_of
from tests.conftest import SHARED_DATA
from tests.service.source_files import a_notice

BENCH = "import of police notices, SQLite, synchronous=FULL"
REAL = SHARED_DATA / "police_events" / "police_events_2022_2024.jsonl.gz"
INVENTED = 45_000
ONE_BY_ONE = 5_000
"""So many rows in transactions of their own, since each waits for the disk."""
INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)"

Rows = list[tuple[Any, ...]]


def run(folder: Path, rounds: int) -> list[Figure]:
    """Import the real notices if they are there, else invented ones of the same form."""
    source = REAL if REAL.exists() else _invented(folder / "invented.jsonl")
    numbers = count()
    sys.setswitchinterval(0.0005)  # as `samsyn import` does

    def database() -> Path:
        return folder / f"{next(numbers)}.db"

    rows = _imported_rows(database(), source)
    follow: list[float] = []
    found = medians(
        in_turn(
            rounds,
            {
                "ours": lambda: _import(database(), source, follow),
                "loop": lambda: _loop(database(), rows, _in_one_transaction),
                "one by one": lambda: _loop(database(), rows[:ONE_BY_ONE], _one_by_one),
            },
        )
    )
    each = found["one by one"] / min(len(rows), ONE_BY_ONE)
    return [
        _figure(f"{len(rows):,} rows through the commands", found["ours"], "s"),
        _figure("  a second", len(rows) / found["ours"], "rows"),
        _figure("raw INSERTs, one transaction for all", found["loop"], "s",
                "raw in one transaction", found["ours"] / found["loop"]),
        _figure(f"raw INSERTs, a transaction each (from {ONE_BY_ONE:,})", each * len(rows), "s",
                "raw, a transaction each", found["ours"] / (each * len(rows))),
        _figure("every read model follows", sorted(follow)[len(follow) // 2], "s"),
    ]  # fmt: skip


def _figure(
    what: str, value: float, unit: str, against: str | None = None, ratio: float | None = None
) -> Figure:
    return Figure(bench=BENCH, what=what, value=value, unit=unit, against=against, ratio=ratio)


def _import(database: Path, source: Path, follow: list[float]) -> float:
    samsyn = assemble(f"sqlite:///{database}", PROJECTIONS)
    load_preset(samsyn.execution, "today")
    summary = PoliceImport(samsyn.execution, samsyn.casework, samsyn.clock).run([source])
    follow.append(seconds_of(samsyn.runner.catch_up))
    samsyn.close()
    return summary.seconds


def _imported_rows(database: Path, source: Path) -> Rows:
    samsyn: Samsyn = assemble(f"sqlite:///{database}", ())
    load_preset(samsyn.execution, "today")
    PoliceImport(samsyn.execution, samsyn.casework, samsyn.clock).run([source])
    samsyn.close()
    with sqlite3.connect(database) as db:
        rows = db.execute("SELECT * FROM events ORDER BY position").fetchall()
    db.close()
    return rows


def _loop(database: Path, rows: Rows, write: Callable[[sqlite3.Connection, Rows], None]) -> float:
    """The same table, index and pragmas as ours, and nothing else."""
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(
        "CREATE TABLE events (position INTEGER PRIMARY KEY, stream_id CHAR(32) NOT NULL, "
        "version INTEGER NOT NULL, topic TEXT NOT NULL, recorded_at BIGINT NOT NULL, "
        "state BLOB NOT NULL, UNIQUE (stream_id, version))"
    )
    took = seconds_of(lambda: write(db, rows))
    db.close()
    return took


def _in_one_transaction(db: sqlite3.Connection, rows: Rows) -> None:
    db.execute("BEGIN IMMEDIATE")
    for row in rows:
        db.execute(INSERT, row)
    db.execute("COMMIT")


def _one_by_one(db: sqlite3.Connection, rows: Rows) -> None:
    for row in rows:
        db.execute(INSERT, row)  # commits by itself


def _invented(path: Path) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for number in range(INVENTED):
            file.write(json.dumps(a_notice(id=number)) + "\n")
    return path
