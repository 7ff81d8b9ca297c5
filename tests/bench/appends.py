"""Appends a second of our log, against the recorder that the library brings for SQLite."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from uuid import UUID

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from infra.database import connect
from infra.ids import new_id
from infra.log.recorder import LogRecorder
from infra.migrate import migrate
from tests.bench.figures import Figure, in_turn, medians, seconds_of

BENCH = "appends of one event of 1,000 bytes, SQLite"
APPENDS = 2_000
WRITERS = (1, 32)
STATE = b"x" * 1_000

Append = Callable[[StoredEvent], object]


def run(folder: Path, rounds: int) -> list[Figure]:
    """One writer, and many at once."""
    numbers = count()
    figures: list[Figure] = []
    for writers in WRITERS:
        found = medians(
            in_turn(
                rounds,
                {
                    "ours": lambda writers=writers: _ours(folder / f"{next(numbers)}.db", writers),  # type: ignore[misc]  # mypy cannot tell the default's type
                    "library": lambda writers=writers: _library(
                        folder / f"{next(numbers)}.db", writers
                    ),  # type: ignore[misc]  # as above
                },
            )
        )
        many = f"{writers} writer{'s' if writers > 1 else ''}"
        ours, library = (APPENDS / found[name] for name in ("ours", "library"))
        figures += [
            Figure(bench=BENCH, what=f"our log, {many}", value=ours, unit="appends/s",
                   against="the library's recorder", ratio=ours / library),
            Figure(bench=BENCH, what=f"the library's recorder, {many}", value=library,
                   unit="appends/s"),
        ]  # fmt: skip
    return figures


def _ours(path: Path, writers: int) -> float:
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    recorder = LogRecorder(engine)
    took = _all_appended(lambda event: recorder.insert_events([event]), writers)
    recorder.appender.close()
    engine.dispose()
    return took


def _library(path: Path, writers: int) -> float:
    datastore = SQLiteDatastore(str(path), pool_size=WRITERS[-1], pool_timeout=60, lock_timeout=60)
    recorder = SQLiteApplicationRecorder(datastore)
    recorder.create_table()
    took = _all_appended(lambda event: recorder.insert_events([event]), writers)
    datastore.close()
    return took


def _all_appended(append: Append, writers: int) -> float:
    def some(_writer: int) -> None:
        for _ in range(APPENDS // writers):
            append(_event(new_id()))

    with ThreadPoolExecutor(writers) as pool:
        return seconds_of(lambda: list(pool.map(some, range(writers))))


def _event(stream_id: UUID) -> StoredEvent:
    return StoredEvent(stream_id, 1, "Noted", STATE)
