"""Fills an empty database with a log of any size: played stories, told again under other ids."""

import argparse
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
from sqlalchemy import Engine, make_url

from domain.directory import DIRECTORY_ID
from infra.database import connect
from infra.migrate import migrate
from projections.catalogue import PROJECTIONS
from service.assembly import assemble
from service.stories.demo import demo_stories, ongoing_story
from service.stories.player import Player, StoryClock
from tests.servers import plain_address

WAVES: Final = 20
"""Stories are told so often one after the other; within a wave all its copies run side by side."""
WEEKS_OF_A_WAVE: Final = 27
_MICROSECONDS_OF_A_WAVE: Final = WEEKS_OF_A_WAVE * 7 * 86_400 * 1_000_000
_MILLISECONDS_OF_A_COPY: Final = 1 << 20
"""Longer than playing took: ids of version 7 then stay unlike, and sorted as they were made."""
_MILLISECONDS_BACK: Final = 1 << 38
"""Nine years, room for 100 million events: what is appended next is later than the whole log."""
_TOLD_ON: Final = datetime(2026, 6, 15, 12, tzinfo=UTC)
_DAY: Final = re.compile(rb"\b(?:19|20)\d\d-[01]\d-[0-3]\d(?=[T\"])")
_CHANGED: Final = re.compile(
    rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|TIC-\d{4}-\d{5})"
)

Event = tuple[int, UUID, int, str, int, bytes]
"""Position, stream, version, topic, microseconds of recording, bytes."""
Key = tuple[str, str, UUID | None, int, UUID, int]
"""Key, fingerprint, created id, position, stream, version."""


@dataclass(frozen=True)
class Played:
    """What a short log holds: the directory's events, those of issues and reports, their keys."""

    directory: Sequence[Event]
    events: Sequence[Event]
    keys: Sequence[Key]


@dataclass(frozen=True)
class _Told:
    """One event of a wave, cut where a copy differs from the others."""

    event: Event
    pieces: Sequence[bytes]


class BigLog:
    """Copies of the demo's stories: the directory once, then waves of issues and reports."""

    def __init__(self, size: int) -> None:
        """Tell so many copies that the log has at least ``size`` events."""
        self._played = played()
        self.copies = max(1, -(-size // (WAVES * len(self._played.events))))
        self._first = len(self._played.directory)

    @property
    def size(self) -> int:
        """How many events the log has."""
        return self._first + WAVES * self.copies * len(self._played.events)

    def events(self) -> Iterator[Event]:
        """Every event in order of position."""
        yield from self._played.directory
        position = self._first
        for wave in range(WAVES):
            told = [self._cut(event, wave) for event in self._played.events]
            for each in told:
                _, stream_id, version, topic, recorded_at, _ = each.event
                recorded_at += (wave - WAVES + 1) * _MICROSECONDS_OF_A_WAVE
                for copy in range(wave * self.copies, (wave + 1) * self.copies):
                    position += 1
                    state = b"".join(_renamed(each.pieces, copy))
                    yield position, moved(stream_id, copy), version, topic, recorded_at, state

    def command_keys(self) -> Iterator[Key]:
        """The idempotency keys of the commands behind the events."""
        first, length = self._played.events[0][0], len(self._played.events)
        for wave in range(WAVES):
            for key, fingerprint, created_id, position, stream_id, version in self._played.keys:
                start = self._first + (wave * length + position - first) * self.copies
                for nth, copy in enumerate(range(wave * self.copies, (wave + 1) * self.copies), 1):
                    created = None if created_id is None else moved(created_id, copy)
                    its_stream = moved(stream_id, copy)
                    yield _chance(key, copy), fingerprint, created, start + nth, its_stream, version

    def claims(self) -> Iterator[tuple[str, int]]:
        """The names of the issues' numbers; claimed where the issue was opened."""
        for position, _, _, topic, _, state in self.events():
            if topic == "IssueOpened":
                number = _CHANGED_NUMBER.search(state)
                if number:
                    yield f"number:{number[1].decode()}", position

    def _cut(self, event: Event, wave: int) -> _Told:
        weeks = timedelta(weeks=(wave - WAVES + 1) * WEEKS_OF_A_WAVE)

        def other_day(day: re.Match[bytes]) -> bytes:
            return (date.fromisoformat(day[0].decode()) + weeks).isoformat().encode()

        return _Told(event, _CHANGED.split(_DAY.sub(other_day, event[5])))


_CHANGED_NUMBER: Final = re.compile(rb'"number":"([^"]+)"')


def moved(id_: UUID, copy: int) -> UUID:
    """The id in a copy of the log: later than in those before it, and random in its last byte.

    By that byte a rebuild divides the streams: all copies of a long one must not be of one part.
    """
    milliseconds = copy * _MILLISECONDS_OF_A_COPY - _MILLISECONDS_BACK
    return UUID(int=(id_.int + (milliseconds << 80)) ^ (copy & 0xFF))


def _chance(key: str, copy: int) -> str:
    """The key in a copy of the log: its user's, and then by chance, as pages and programs do it."""
    digest = blake2b(f"{key}/{copy}".encode(), digest_size=16).hexdigest()
    return f"{key.partition(':')[0]}:{digest}"


def _renamed(pieces: Sequence[bytes], copy: int) -> Iterator[bytes]:
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            yield piece
        elif piece.startswith(b"TIC"):
            # Told once a copy: the story's own number is the rest.
            yield b"%s%03d%05d" % (piece[:9], copy, int(piece[9:]))
        else:
            yield str(moved(UUID(piece.decode()), copy)).encode()


@cache
def played() -> Played:
    """Play the demo's stories once, in a database of their own."""
    with tempfile.TemporaryDirectory(prefix="samsyn-played-") as folder:
        path = Path(folder) / "played.db"
        clock = StoryClock()
        samsyn = assemble(f"sqlite:///{path}", PROJECTIONS, clock)
        samsyn.runner.catch_up()
        came = Player(samsyn, clock).play([*demo_stories(), ongoing_story(_TOLD_ON)])
        samsyn.close()
        if came.failures:
            raise RuntimeError(f"the stories came out otherwise: {came.failures[0]}")
        with sqlite3.connect(path) as db:
            events = [
                (row[0], UUID(row[1]), *row[2:])
                for row in db.execute("SELECT * FROM events ORDER BY position")
            ]
            keys: list[Key] = [
                (row[0], row[1], row[2] and UUID(row[2]), row[3], UUID(row[4]), row[5])
                for row in db.execute("SELECT * FROM command_keys ORDER BY position")
            ]
        db.close()
    # The directory comes first and once, whenever the stories changed it.
    directory = [event for event in events if event[1] == DIRECTORY_ID]
    others = [event for event in events if event[1] != DIRECTORY_ID]
    place = {event[0]: at for at, event in enumerate([*directory, *others], 1)}
    return Played(
        directory=[(place[event[0]], *event[1:]) for event in directory],
        events=[(place[event[0]], *event[1:]) for event in others],
        keys=[(*key[:3], place[key[3]], *key[4:]) for key in keys if key[4] != DIRECTORY_ID],
    )


def fill(engine: Engine, size: int) -> int:
    """Write a log of about ``size`` events into a migrated, empty database; gives its size."""
    log = BigLog(size)
    (_fill_sqlite if engine.dialect.name == "sqlite" else _fill_postgresql)(engine, log)
    return log.size


def _fill_postgresql(engine: Engine, log: BigLog) -> None:
    tables = (
        ("events", ["int8", "uuid", "int4", "text", "int8", "bytea"], log.events()),
        ("command_keys", ["text", "text", "uuid", "int8", "uuid", "int4"], log.command_keys()),
        ("claims", ["text", "int8"], log.claims()),
    )
    with psycopg.connect(plain_address(engine.url), autocommit=True) as db:
        for name, types, rows in tables:
            with db.cursor().copy(f"COPY {name} FROM STDIN (FORMAT BINARY)".encode()) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(row)
        for name, _, _ in tables:
            db.execute(f"VACUUM (ANALYZE) {name}".encode())


def _fill_sqlite(engine: Engine, log: BigLog) -> None:
    db = sqlite3.connect(str(engine.url.database), isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    db.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
        ((row[0], row[1].hex, *row[2:]) for row in log.events()),
    )
    db.executemany(
        "INSERT INTO command_keys VALUES (?, ?, ?, ?, ?, ?)",
        (
            (*row[:2], row[2] and row[2].hex, row[3], row[4].hex, row[5])
            for row in log.command_keys()
        ),
    )
    db.executemany("INSERT INTO claims VALUES (?, ?)", log.claims())
    db.execute("COMMIT")
    db.close()


def main() -> None:
    """Fill the database that is named."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.big_log", description=__doc__)
    asked.add_argument("database_url")
    asked.add_argument("size", type=int)
    given = asked.parse_args()
    engine = connect(make_url(given.database_url))
    migrate(engine)
    print(f"{fill(engine, given.size):,} events")
    engine.dispose()


if __name__ == "__main__":
    main()
