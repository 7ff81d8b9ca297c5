"""What a team would take in place of our log on PostgreSQL, each as its makers mean it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from sqlalchemy import URL

from infra.ids import new_id
from tests.bench.writers import RECORDED_AT, STATE, Written, in_threads
from tests.servers import plain_address

ROWS_AT_ONCE: Final = 32
EMMETT: Final = Path(__file__).parent / "emmett"
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS events (
    position bigserial PRIMARY KEY, stream_id uuid NOT NULL, version int NOT NULL,
    topic text NOT NULL, recorded_at bigint NOT NULL, state bytea NOT NULL,
    UNIQUE (stream_id, version))"""
_INSERT: Final = (
    "INSERT INTO events (stream_id, version, topic, recorded_at, state) VALUES (%b, %b, %b, %b, %b)"
)
_INSERT_MANY: Final = (
    "INSERT INTO events (stream_id, version, topic, recorded_at, state)"
    " SELECT * FROM unnest(%b::uuid[], %b::int[], %b::text[], %b::bigint[], %b::bytea[])"
)


def the_librarys_recorder(database: URL, writers: int) -> Written:
    """The recorder that eventsourcing brings, with a connection for every thread."""
    datastore = PostgresDatastore(
        dbname=database.database or "",
        host=database.host or "",
        port=str(database.port),
        user=database.username or "",
        password=database.password or "",
        pool_size=writers,
        max_overflow=0,
    )
    recorder = PostgresApplicationRecorder(datastore)
    recorder.create_table()
    written = in_threads(
        writers,
        lambda _: lambda: recorder.insert_events([StoredEvent(new_id(), 1, "Noted", STATE)]),
    )
    datastore.close()
    return written


def one_insert_each(database: URL, writers: int) -> Written:
    """A transaction for every event; no order that a reader could rely on, no checks."""

    def append_of(db: psycopg.Connection) -> Callable[[], object]:
        cursor = db.cursor()
        return lambda: cursor.execute(_INSERT, (new_id(), 1, "Noted", RECORDED_AT, STATE))

    return _on_connections(database, writers, append_of)


def many_rows_each(database: URL, writers: int) -> Written:
    """Whole bundles in one statement: what the database can take at most, counted in bundles."""
    same = [1] * ROWS_AT_ONCE, ["Noted"] * ROWS_AT_ONCE, [RECORDED_AT] * ROWS_AT_ONCE
    states = [STATE] * ROWS_AT_ONCE

    def append_of(db: psycopg.Connection) -> Callable[[], object]:
        cursor = db.cursor()
        return lambda: cursor.execute(
            _INSERT_MANY, ([new_id() for _ in range(ROWS_AT_ONCE)], *same, states)
        )

    return _on_connections(database, writers, append_of)


def _on_connections(
    database: URL, writers: int, append_of: Callable[[psycopg.Connection], Callable[[], object]]
) -> Written:
    address = plain_address(database)
    connections = [
        psycopg.connect(address, autocommit=True, prepare_threshold=0) for _ in range(writers)
    ]
    connections[0].execute(_TABLE)
    written = in_threads(writers, lambda number: append_of(connections[number]))
    for connection in connections:
        connection.close()
    return written


def install_emmett(folder: Path) -> Path | None:
    """Install the npm package as locked; None where npm is not at hand or has no package."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    home = shutil.copytree(EMMETT, folder / "emmett")
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=home,
        check=False,
        capture_output=True,
    )
    return home if done.returncode == 0 else None


def emmett(home: Path, database: URL, writers: int, appends: int) -> Written:
    """Emmett's PostgreSQL store under Node, as many coroutines as there are writers."""
    done = subprocess.run(
        ["node", "writers.mjs", plain_address(database), str(writers), str(appends), "980"],
        cwd=home,
        check=True,
        capture_output=True,
        text=True,
    )
    found = json.loads(done.stdout)
    waits = [milliseconds / 1_000 for milliseconds in found["milliseconds"]]
    return Written(appends=found["appends"], seconds=found["seconds"], waits=waits)
