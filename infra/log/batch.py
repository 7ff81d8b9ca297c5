"""One transaction of the log: take the lock, check every append, insert those that hold."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain
from uuid import UUID

from sqlalchemy import Connection

from infra.log.errors import ClaimTaken, CommandKey, KeptReceipt, KeyTaken, StreamConflict
from infra.log.statements import Statements, receipt_of
from infra.log.stored import TimedEvent, as_uuid

Conflict = StreamConflict | KeyTaken | ClaimTaken
Outcome = list[int] | Conflict


@dataclass(frozen=True, eq=False, slots=True)
class Append:
    """What one caller wants appended: all of it or nothing, with the keys and claims it needs."""

    events: Sequence[TimedEvent]
    keys: Sequence[CommandKey]
    claims: Sequence[str]
    future: "Future[list[int]]" = field(default_factory=Future)

    def __post_init__(self) -> None:
        """Refuse an append without events or with a key or claim that stands twice in it."""
        if not self.events:
            raise ValueError("An append needs at least one event.")
        if len({key.key for key in self.keys}) < len(self.keys):
            raise ValueError("A key stands twice in one append.")
        if len(set(self.claims)) < len(self.claims):
            raise ValueError("A claim stands twice in one append.")

    def streams(self) -> Iterator[UUID]:
        """The stream of each event."""
        return (as_uuid(event.originator_id) for event in self.events)


@dataclass(slots=True)
class _Known:
    """What is true in the log, as far as this batch asks, and after each append of the batch."""

    head: int
    versions: dict[UUID, int | None]
    receipts: dict[str, KeptReceipt]
    claimed: set[str]


def write(db: Connection, statements: Statements, appends: Sequence[Append]) -> list[Outcome]:
    """Write all appends that hold, in their order; give positions or the conflict of each.

    The caller has begun a writing transaction and commits it. Every check is made in memory
    against what was read under the lock, so a conflict costs nobody else anything.
    """
    statements.lock(db)
    known = _look_up(db, statements, appends)
    first = known.head + 1
    outcomes: list[Outcome] = []
    rows: list[TimedEvent] = []
    kept: list[KeptReceipt] = []
    claims: list[tuple[str, int]] = []
    for append in appends:
        try:
            versions = _check(known, append)
        except (StreamConflict, KeyTaken, ClaimTaken) as conflict:
            outcomes.append(conflict)
            continue
        positions = list(range(known.head + 1, known.head + 1 + len(append.events)))
        outcomes.append(positions)
        rows.extend(append.events)
        stream_id = next(append.streams())
        for key in append.keys:
            receipt = receipt_of(key, positions[-1], stream_id, versions[stream_id])
            known.receipts[key.key] = receipt
            kept.append(receipt)
        known.claimed.update(append.claims)
        claims.extend((name, positions[-1]) for name in append.claims)
        known.versions.update(versions)
        known.head = positions[-1]
    if rows:
        statements.insert_events(db, first, rows)
    if kept:
        statements.insert_keys(db, kept)
    if claims:
        statements.insert_claims(db, claims)
    return outcomes


def _look_up(db: Connection, statements: Statements, appends: Sequence[Append]) -> _Known:
    streams = set(chain.from_iterable(append.streams() for append in appends))
    keys = {key.key for append in appends for key in append.keys}
    names = {name for append in appends for name in append.claims}
    return _Known(
        head=statements.head(db),
        versions=statements.versions(db, list(streams)),
        receipts=statements.receipts(db, list(keys)) if keys else {},
        claimed=statements.claimed(db, list(names)) if names else set(),
    )


def _check(known: _Known, append: Append) -> dict[UUID, int]:
    """Give the version each stream will have reached.

    The key is asked first: a command that is sent again has an old version as well, and must get
    its first answer, not a conflict with itself.
    """
    for key in append.keys:
        if key.key in known.receipts:
            raise KeyTaken(known.receipts[key.key])
    for name in append.claims:
        if name in known.claimed:
            raise ClaimTaken(name)
    versions: dict[UUID, int] = {}
    for stream_id, event in zip(append.streams(), append.events, strict=True):
        expected = event.originator_version - 1
        actual = versions.get(stream_id, known.versions[stream_id])
        if actual is None and expected in {-1, 0}:
            # The library's aggregates begin at version 1, its plain event sequences at 0.
            actual = expected
        if actual != expected:
            raise StreamConflict(stream_id, expected, actual or 0)
        versions[stream_id] = event.originator_version
    return versions
