"""How much disk an event takes, in the log and in all that people read, and so a year."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text

from infra.database import connect
from infra.log.casework import Casework
from infra.migrate import migrate
from projections.catalogue import PROJECTIONS
from projections.runner import Runner
from tests import servers
from tests.bench import big_log
from tests.bench.figures import Figure

BENCH: Final = "Disk"
EVENTS: Final = 50_000
THE_LOG: Final = frozenset({"events", "command_keys", "claims"})
A_BUSY_MUNICIPALITY: Final = 1_500_000
"""Events a year: the notices of a city of half a million, each with what came of it."""


def run(folder: Path, rounds: int) -> list[Figure]:
    """Fill a log, fold everything, ask PostgreSQL how large the tables with their indexes are."""
    del folder, rounds  # the same log has the same size every time
    with servers.postgresql(durable=True) as server:
        engine = connect(servers.create_database(server, "samsyn_sizes"))
        migrate(engine)
        size = big_log.fill(engine, EVENTS)
        casework = Casework(engine)
        Runner(engine, casework.read, PROJECTIONS).catch_up(until=size)
        casework.close()
        log, read = _sizes(engine)
        engine.dispose()
    return [
        _figure("ours: the log, with keys, claims and indexes", log / size, "bytes an event"),
        _figure("ours: everything people read, with indexes", read / size, "bytes an event"),
        _figure("ours: a year of 1,500,000 events", A_BUSY_MUNICIPALITY * (log + read) / size / 1e9,
                "GB"),
    ]  # fmt: skip


def _figure(what: str, value: float, unit: str) -> Figure:
    return Figure(bench=BENCH, what=what, value=value, unit=unit)


def _sizes(engine: Engine) -> tuple[int, int]:
    with engine.connect() as db:
        names = inspect(db).get_table_names()
        log = sum(_size(db, name) for name in names if name in THE_LOG)
        return log, sum(_size(db, name) for name in names if name not in THE_LOG)


def _size(db: Connection, name: str) -> int:
    found: int = db.execute(
        text("SELECT pg_total_relation_size(quote_ident(:name)::regclass)"), {"name": name}
    ).scalar_one()
    return found
