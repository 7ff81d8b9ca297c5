"""A small aggregate for tests of the log: a ledger that notes words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.values import Actor, Role
from infra.ids import new_id

NOON = datetime(2026, 1, 13, 12, 0, tzinfo=UTC)
CASEWORKER = Actor(user_id="anna", agency_id="social", role=Role.CASEWORKER)


class Colour(StrEnum):
    """Of the ink."""

    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, kw_only=True)
class Margin:
    """A value inside an event."""

    width: float
    note: str | None = None


class Ledger(Aggregate):
    """Counts what was noted in it."""

    class Event(Aggregate.Event):
        """An event of a ledger, with the envelope but outside the domain's list of events."""

        schema_version: ClassVar[int] = 1
        event_id: UUID
        occurred_at: datetime
        actor: Actor
        on_behalf_of: str | None
        registering_agency: str
        layer: str
        secrecy: None
        causation_id: UUID
        correlation_id: UUID
        confirmed_not_personal: tuple[str, ...]

    def __init__(self, name: str) -> None:
        """Begin empty."""
        self.name = name
        self.words: list[str] = []

    @classmethod
    def begin(cls, name: str, ledger_id: UUID | None = None) -> "Ledger":
        """Start a new ledger."""
        return cls._create(LedgerBegun, id=ledger_id or new_id(), name=name, **envelope())

    def note(self, word: str) -> None:
        """Write a word down."""
        self.trigger_event(
            WordNoted,
            word=word,
            colour=Colour.BLUE,
            margins=(Margin(width=1.5, note="å"), Margin(width=2.0)),
            seen_at=None,
            **envelope(),
        )


class LedgerBegun(Ledger.Event, Aggregate.Created):
    """A ledger was begun."""

    TOPIC = "LedgerBegun"
    name: str


class WordNoted(Ledger.Event):
    """A word was written down."""

    TOPIC = "WordNoted"
    word: str
    colour: Colour
    margins: tuple[Margin, ...]
    seen_at: datetime | None

    def apply(self, aggregate: Ledger) -> None:
        """Remember the word."""
        aggregate.words.append(self.word)


register_topic(LedgerBegun.TOPIC, LedgerBegun)
register_topic(WordNoted.TOPIC, WordNoted)


def envelope(at: datetime = NOON) -> dict[str, Any]:
    """Give the fields every event carries."""
    return {
        "timestamp": at,
        "event_id": new_id(),
        "occurred_at": at,
        "actor": CASEWORKER,
        "on_behalf_of": None,
        "registering_agency": "social",
        "layer": "A",
        "secrecy": None,
        "causation_id": new_id(),
        "correlation_id": new_id(),
        "confirmed_not_personal": (),
    }
