"""Whether a log that has grown is slower to append to, and its queues slower to read.

Logs of all sizes lie in one server, which has settled as one of years has: what filling left to
do is done before, old pages are full, and the keys of old commands lie in their index by chance.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Final
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent
from sqlalchemy import URL, func, select, text

from domain.values import Actor, Role
from infra.database import connect
from infra.ids import new_id
from infra.log.casework import Casework
from infra.log.errors import CommandKey
from infra.log.recorder import LogRecorder
from infra.log.tables import claims, command_keys, events
from infra.migrate import migrate
from projections.queues import QUEUES, Bucket
from projections.queues_queries import queue_of
from projections.rebuild import rebuild
from projections.viewer import Viewer
from projections.visibility import VISIBILITY
from tests import servers
from tests.bench import big_log
from tests.bench.figures import Figure, in_turn, percentile, seconds_of
from tests.bench.reads import MEMORY
from tests.clock import START

BENCH: Final = "By the size of the log: appends and queues, PostgreSQL with fsync"
SIZES: Final = (10_000, 100_000, 1_000_000)
WRITERS: Final = 32
EACH: Final = 80
"""Appends of a writer in each of its turns."""
USER: Final = "u-dis-01"
STATE: Final = b"x" * 1_000
ASKED: Final = 300
QUEUES_ASKED: Final = tuple(
    (agency, bucket)
    for agency in ("district", "police", "social")
    for bucket in (Bucket.OURS, Bucket.WAITING, Bucket.OVERDUE)
)
FULL: Final = 90
"""Percent at which a page is full for rows that come after filling.

Filling and a vacuum leave gaps that shorter rows fit into, one a page: each of the next 200,000
rows would go to another old page, and that page whole to the WAL. Of a log that grew by itself
such gaps were filled as they came.
"""
NEW, KNOWN, PAGE = "appends to new streams", "appends to streams of the log", "a page of a queue"
CHANCE = "appends to new streams, keys by chance"
Version = tuple[UUID, int]


def run(folder: Path, rounds: int) -> list[Figure]:
    """Fill logs of all sizes, then append to each and read from each in turn."""
    del folder
    with servers.postgresql(durable=True, settings=[MEMORY]) as server, ExitStack() as opened:
        logs = [opened.enter_context(closing(Grown(server, size))) for size in sizes()]
        logs[-1].settle()
        contestants: dict[str, Callable[[], float]] = {}
        for log in logs:
            contestants |= {
                f"{NEW} {log.size}": log.append_to_new,
                f"{CHANCE} {log.size}": log.append_with_keys_by_chance,
                f"{KNOWN} {log.size}": log.append_to_known,
                f"{PAGE} {log.size}": log.p95_of_a_page,
            }
        found = in_turn(rounds, contestants)
        grown = [log.size for log in logs]
    figures: list[Figure] = []
    for series in (NEW, CHANCE, KNOWN, PAGE):
        first = median(found[f"{series} {grown[0]}"])
        for size in grown:
            took = found[f"{series} {size}"]
            page = series == PAGE
            values = [each * 1000 if page else 1 / each for each in took]
            figures.append(
                Figure(
                    bench=BENCH,
                    what=f"ours: {series}, {size:,} events",
                    value=median(values),
                    unit="ms, 95 of 100" if page else "appends/s",
                    against=f"a log of {grown[0]:,}",
                    # Above one is better, whichever is measured.
                    ratio=first / median(took),
                    low=min(values),
                    high=max(values),
                    goal="not slower than the smallest log",
                    means="old events may stay where they are, for years",
                    series=series,
                    x=size,
                )
            )
    return figures


def sizes() -> Sequence[int]:
    """The sizes to measure; SAMSYN_BENCH_CURVE=10000000 adds one that takes many minutes."""
    more = os.environ.get("SAMSYN_BENCH_CURVE")
    return (*SIZES, int(more)) if more else SIZES


class Grown:
    """A log of some size with its queues, to append to and to read from."""

    def __init__(self, server: URL, size: int) -> None:
        """Fill it and fold what queues need."""
        self.engine = connect(servers.create_database(server, f"samsyn_curve_{size}"))
        migrate(self.engine)
        self.size = big_log.fill(self.engine, size)
        casework = Casework(self.engine)
        for projection in (VISIBILITY, QUEUES):
            rebuild(self.engine, projection, casework.read, casework.head, scan=casework.scan)
        casework.close()
        with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
            db.execute(text("VACUUM (ANALYZE)"))
            for table in (events, command_keys, claims):
                db.execute(text(f"ALTER TABLE {table.name} SET (fillfactor = {FULL})"))
        self.recorder = LogRecorder(self.engine)
        self._random = Random(size)

    def close(self) -> None:
        """Let go of the database."""
        self.recorder.appender.close()
        self.engine.dispose()

    def settle(self) -> None:
        """Have the server write what filling left in its memory, before anybody measures."""
        with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
            db.execute(text("CHECKPOINT"))

    def append_to_new(self) -> float:
        """Seconds an append, of many, each to a stream that begins with it; keys as pages make."""
        return self._append(self._begun(), lambda: new_id().hex)

    def append_with_keys_by_chance(self) -> float:
        """The same with keys like those of programs that take a UUID of version 4."""
        return self._append(self._begun(), lambda: uuid4().hex)

    def append_to_known(self) -> float:
        """Seconds an append, of many, to streams from anywhere in the log, others each time."""
        last = [*self._some_streams().items()]
        shares = [cycle(last[writer::WRITERS]) for writer in range(WRITERS)]
        return self._append([_next_versions(share) for share in shares], lambda: new_id().hex)

    def p95_of_a_page(self) -> float:
        """Seconds within which 95 of 100 pages of 50 lines come, for a caseworker."""
        took: list[float] = []
        with self.engine.connect() as db:
            for _, (agency, bucket) in zip(range(ASKED), cycle(QUEUES_ASKED), strict=False):
                actor = Actor(user_id=USER, agency_id="district", role=Role.CASEWORKER)
                viewer = Viewer(actor, authority=True)
                took.append(
                    seconds_of(
                        lambda agency=agency, bucket=bucket, viewer=viewer: queue_of(  # type: ignore[misc]  # mypy cannot tell the defaults' types
                            db, viewer, agency, bucket, now=START
                        )
                    )
                )
        return percentile(took, 95)

    def _begun(self) -> Sequence[Sequence[Version]]:
        return [[(new_id(), 1) for _ in range(EACH)] for _ in range(WRITERS)]

    def _append(self, shares: Sequence[Sequence[Version]], key: Callable[[], str]) -> float:
        def some(share: Sequence[Version]) -> None:
            for stream_id, version in share:
                self.recorder.insert_events(
                    [StoredEvent(stream_id, version, "Noted", STATE)],
                    keys=[CommandKey(key=f"{USER}:{key()}", fingerprint="bench")],
                )

        with ThreadPoolExecutor(WRITERS) as pool:
            took = seconds_of(lambda: list(pool.map(some, shares)))
        return took / sum(map(len, shares))

    def _some_streams(self) -> dict[UUID, int]:
        positions = self._random.sample(range(1, self.size + 1), WRITERS * EACH)
        with self.engine.connect() as db:
            some = db.scalars(select(events.c.stream_id).where(events.c.position.in_(positions)))
            last = (
                select(events.c.stream_id, func.max(events.c.version))
                .where(events.c.stream_id.in_({*some}))
                .group_by(events.c.stream_id)
            )
            return dict(db.execute(last).tuples().all())


def _next_versions(streams: Iterator[Version]) -> Sequence[Version]:
    """What one writer appends: a short log has few streams, so it comes back to each of them."""
    came: Counter[UUID] = Counter()
    found: list[Version] = []
    for stream_id, last in islice(streams, EACH):
        came[stream_id] += 1
        found.append((stream_id, last + came[stream_id]))
    return found
