"""Events to bytes and back, one at a time, against the library's own transcoder and mapper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import UUID

from eventsourcing.persistence import (
    DatetimeAsISO,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    Transcoding,
    UUIDAsHex,
)

from domain.values import Actor, Role
from infra.log.mapper import EventMapper
from tests.bench.figures import Figure, in_turn, seconds_of
from tests.golden.freeze import ENVELOPE
from tests.projections.event_examples import an_event

TOPIC: Final = "ReferralDeclined"
BENCH: Final = f"an event to bytes and back ({TOPIC}, one thread)"
TIMES: Final = 20_000
OURS, LIBRARY = "ours", "the library's JSONTranscoder and Mapper"


class ActorAsList(Transcoding):
    """What the library must be told of our own value."""

    type = Actor
    name = "actor"

    def encode(self, obj: Actor) -> list[str]:
        """Give its fields."""
        return [obj.user_id, obj.agency_id, obj.role.value]

    def decode(self, data: list[str]) -> Actor:
        """Make it of its fields."""
        return Actor(user_id=data[0], agency_id=data[1], role=Role(data[2]))


class DateAsISO(Transcoding):
    """And of a date."""

    type = date
    name = "date"

    def encode(self, obj: date) -> str:
        """Give it as text."""
        return obj.isoformat()

    def decode(self, data: str) -> date:
        """Make it of its text."""
        return date.fromisoformat(data)


@dataclass(frozen=True)
class _Way:
    """One way to bytes and back."""

    encode: Callable[[], StoredEvent]
    decode: Callable[[], object]
    size: int


def run(folder: Path, rounds: int) -> list[Figure]:
    """Both directions, in turn."""
    del folder  # nothing is written to the disk
    ways = {OURS: _way(EventMapper()), LIBRARY: _way(_librarys_mapper())}
    steps: dict[str, Callable[[], object]] = {
        f"{step}, {name}": work
        for name, way in ways.items()
        for step, work in (("to bytes", way.encode), ("from bytes", way.decode))
    }
    found = in_turn(rounds, {name: partial(_microseconds, work) for name, work in steps.items()})
    figures: list[Figure] = []
    for step in ("to bytes", "from bytes"):
        theirs = median(found[f"{step}, {LIBRARY}"])
        for name in ways:
            times = found[f"{step}, {name}"]
            figures.append(
                Figure(
                    bench=BENCH,
                    what=f"{step}, {name}",
                    value=median(times),
                    unit="µs",
                    low=min(times),
                    high=max(times),
                    against=f"{LIBRARY} / ours" if name == OURS else None,
                    ratio=theirs / median(times) if name == OURS else None,
                    means="Part of what every save and every reading of a case costs",
                )
            )
    figures += [
        Figure(bench=BENCH, what=f"size, {name}", value=float(way.size), unit="bytes")
        for name, way in ways.items()
    ]
    return figures


def _way(mapper: Mapper[UUID]) -> _Way:
    event = an_event(TOPIC, **ENVELOPE)
    stored = mapper.to_stored_event(event)
    # No more is asked: of our enumerations the library makes plain texts.
    if type(mapper.to_domain_event(stored)) is not type(event):
        raise RuntimeError(f"{type(mapper).__name__} reads another event than it wrote")
    return _Way(
        encode=lambda: mapper.to_stored_event(event),
        decode=lambda: mapper.to_domain_event(stored),
        size=len(stored.state),
    )


def _librarys_mapper() -> Mapper[UUID]:
    transcoder = JSONTranscoder()
    transcodings: tuple[Any, ...] = (UUIDAsHex(), DatetimeAsISO(), ActorAsList(), DateAsISO())
    for one in transcodings:
        transcoder.register(one)
    return Mapper(transcoder=transcoder)


def _microseconds(work: Callable[[], object]) -> float:
    def repeat() -> None:
        for _ in range(TIMES):
            work()

    return seconds_of(repeat) / TIMES * 1_000_000
