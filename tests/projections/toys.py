"""A toy log and toy projections, to try the machinery without the real events."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    event,
    func,
    select,
)

from domain.log_entry import LogEntry
from projections.columns import Json, UtcDateTime, UuidText
from projections.projection import Projection
from projections.store import Store

FIRST_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
AGENCIES = ("police", "district", "social")


@dataclass(frozen=True)
class Moved:
    """An issue went to an agency; ``agency`` "nowhere" cannot be folded."""

    issue_id: UUID
    agency: str


def _decode(entry: LogEntry) -> Moved:
    raise AssertionError(f"the event at {entry.position} is known")


class ToyLog:
    """A list that reads like the log."""

    def __init__(self) -> None:
        self.entries: list[LogEntry] = []
        self.reads = 0

    def read(self, after: int, limit: int) -> list[LogEntry]:
        self.reads += 1
        return self.entries[after : after + limit]

    def head(self) -> int:
        return len(self.entries)

    def append(self, agency: str, issue: int, topic: str = "Moved") -> None:
        position = len(self.entries) + 1
        self.entries.append(
            LogEntry(
                position=position,
                stream_id=UUID(int=issue),
                version=position,
                topic=topic,
                recorded_at=FIRST_AT + timedelta(minutes=position),
                state=b"",
                decode=_decode,
                known=Moved(UUID(int=issue), agency),
            )
        )

    def append_many(self, count: int, *, issues: int = 40, seed: int = 1) -> None:
        dice = Random(seed)
        for _ in range(count):
            self.append(dice.choice(AGENCIES), dice.randrange(issues))


class NowhereError(Exception):
    """The fold of a poisoned event."""


_whereabouts = MetaData()
place = Table(
    "place",
    _whereabouts,
    Column("issue_id", UuidText, primary_key=True),
    Column("agency", String(40), nullable=False),
    Column("since_at", UtcDateTime, nullable=False),
    Column("path", Json, nullable=False),
    Index("place_by_agency", "agency", "since_at", "issue_id"),
)
visits = Table(
    "visits",
    _whereabouts,
    Column("agency", String(40), primary_key=True),
    Column("issue_id", UuidText, primary_key=True),
    Column("times", Integer, nullable=False, index=True),
    UniqueConstraint("issue_id", "agency", name="one_count_each"),
)


def fold_whereabouts(batch: Sequence[LogEntry], store: Store) -> None:
    places = store.rows("place")
    places.prefetch(entry.event.issue_id for entry in batch)
    counts = store.rows("visits")
    counts.prefetch((e.event.agency, e.event.issue_id) for e in batch)
    for entry in batch:
        moved: Moved = entry.event
        if moved.agency == "nowhere":
            raise NowhereError(f"secret of {moved.issue_id}")
        before = places.get(moved.issue_id)
        places.put(
            {
                "issue_id": moved.issue_id,
                "agency": moved.agency,
                "since_at": entry.recorded_at,
                "path": [*(before["path"] if before else []), moved.agency][-5:],
            }
        )
        count = counts.change((moved.agency, moved.issue_id)) or counts.put(
            {"agency": moved.agency, "issue_id": moved.issue_id, "times": 0}
        )
        count["times"] += 1


_diary = MetaData()
lines = Table(
    "lines",
    _diary,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("text_sv", String(80), nullable=False),
)


def fold_diary(batch: Sequence[LogEntry], store: Store) -> None:
    store.add(
        "lines", [{"position": e.position, "text_sv": f"till {e.event.agency}"} for e in batch]
    )


def whereabouts(
    version: int = 1,
    fold: Callable[[Sequence[LogEntry], Store], None] = fold_whereabouts,
) -> Projection:
    return Projection(name="whereabouts", version=version, metadata=_whereabouts, fold=fold)


def diary(topics: frozenset[str] | None = None) -> Projection:
    return Projection(
        name="diary",
        version=1,
        metadata=_diary,
        fold=fold_diary,
        topics=topics,
        known=frozenset({"Moved", "Seen"}),
    )


@contextmanager
def statements(engine: Engine) -> Generator[list[str]]:
    """Collect the statements the engine sends to the database."""
    sent: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def times_counted(engine: Engine) -> int:
    with engine.connect() as db:
        total: int = db.execute(select(func.coalesce(func.sum(visits.c.times), 0))).scalar_one()
        return total


def lines_written(engine: Engine) -> int:
    with engine.connect() as db:
        total: int = db.execute(select(func.count()).select_from(lines)).scalar_one()
        return total
