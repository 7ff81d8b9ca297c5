"""The envelope of every event: who, when it happened, when it was recorded, why, for whom."""

from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.context import Context
from domain.values import Actor

EVENTS: dict[str, type["RecordedEvent"]] = {}
"""Every event class by its fixed topic; filled as the modules of the domain are imported."""


class RecordedEvent(Aggregate.Event):
    """What all our events share (DOMAIN 7); `timestamp` is `recorded_at`, the server's clock.

    A subclass with a `TOPIC` is stored under that name for ever. `schema_version` rises with every
    change of its fields, together with a static method `upcast_v1_v2(data)` that mends old data.
    """

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

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        topic = cls.__dict__.get("TOPIC")
        if topic is not None:
            register_topic(topic, cls)
            EVENTS[topic] = cls

    def mutate(self, aggregate: Any) -> Any:  # noqa: ANN401  as the library types it
        """Apply the event and remember its id, so that it can be corrected or disputed later."""
        changed: Any = super().mutate(aggregate)
        changed.event_agencies[self.event_id] = self.actor.agency_id
        return changed


def envelope(context: Context, *, registering_agency: str, correlation_id: UUID) -> dict[str, Any]:
    """The envelope fields of an event that `context` gives rise to."""
    return {
        "timestamp": context.now,
        "event_id": context.new_id(),
        "occurred_at": context.occurred_at,
        "actor": context.actor,
        "on_behalf_of": context.on_behalf_of,
        "registering_agency": registering_agency,
        "layer": "A",
        "secrecy": None,
        "causation_id": context.command_id,
        "correlation_id": correlation_id,
        "confirmed_not_personal": context.confirmed_not_personal,
    }


class Recorded(Aggregate):
    """An aggregate whose only way to change is to record an event with a full envelope."""

    event_agencies: dict[UUID, str]

    @classmethod
    def begin(
        cls,
        event_class: type[Aggregate.Created],
        context: Context,
        *,
        aggregate_id: UUID,
        registering_agency: str,
        **data: object,
    ) -> Self:
        """Record the first event of a new stream, unless a field of the command was found bad.

        Raises:
            Invalid: with every bad field noted so far; nothing is recorded then.
        """
        context.problems.raise_any()
        return cls._create(
            event_class,
            id=aggregate_id,
            **envelope(context, registering_agency=registering_agency, correlation_id=aggregate_id),
            **data,
        )

    def record(self, event_class: type[RecordedEvent], context: Context, **data: object) -> None:
        """Record what happened, unless a field of the command was found bad.

        Raises:
            Invalid: with every bad field noted so far; nothing is recorded then.
        """
        context.problems.raise_any()
        self.trigger_event(
            event_class,
            **envelope(
                context,
                registering_agency=self.registered_by(context),
                correlation_id=self.id,
            ),
            **data,
        )

    def registered_by(self, context: Context) -> str:
        """The agency whose record this is (L13)."""
        return context.actor.agency_id
