"""An event as read tables keep it: who did what with which data, to be told in any language."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec

from domain.envelope import RecordedEvent

LATE = timedelta(hours=1)
"""R14: both times are shown when an event was recorded more than so long after it happened."""

_NOT_TOLD = frozenset(f.name for f in dataclasses.fields(RecordedEvent)) | {"originator_topic"}
_TOLD_OF_THE_ENVELOPE = ("on_behalf_of", "confirmed_not_personal")


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """What happened, in plain JSON values: times, days and ids are text.

    ``about`` is what the event itself does not repeat, because earlier events said it: the type,
    sender and receiver of its referral (``referral_type``, ``from_agency``, ``to_agency``), the
    ``action_type`` of its action, the ``number`` of the issue. All of it may be missing.
    """

    topic: str
    agency_id: str
    role: str
    data: Mapping[str, Any]
    about: Mapping[str, Any] = field(default_factory=dict[str, Any])


def occurrence_of(event: RecordedEvent, about: Mapping[str, Any] | None = None) -> Occurrence:
    """The occurrence that an event is."""
    return Occurrence(
        topic=topic_of(event),
        agency_id=event.actor.agency_id,
        role=event.actor.role.value,
        data=msgspec.to_builtins(data_of(event)),
        about=about or {},
    )


def topic_of(event: RecordedEvent) -> str:
    """The fixed name of an event."""
    topic: str = vars(type(event))["TOPIC"]
    return topic


def data_of(event: RecordedEvent) -> dict[str, Any]:
    """What an event says, without who, when and where: to be stored in a ``Json`` column."""
    values = vars(event)
    return {name: values[name] for name in told_fields(type(event))}


@cache
def told_fields(event_class: type[RecordedEvent]) -> tuple[str, ...]:
    """The fields of an event class that are told to readers, in the order of the class."""
    own = [f.name for f in dataclasses.fields(event_class) if f.name not in _NOT_TOLD]
    return (*own, *_TOLD_OF_THE_ENVELOPE)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What earlier events said, by id as text: to fill ``about`` of the events that follow."""

    referrals: Mapping[str, Mapping[str, Any]]
    action_types: Mapping[str, str]
    numbers: Mapping[str, str]

    def about(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of the referral, action and issue that an event's data name."""
        known: dict[str, Any] = {}
        if (referral := self.referrals.get(data.get("referral_id", ""))) is not None:
            known |= {
                "referral_type": referral["type"],
                "from_agency": referral["from_agency"],
                "to_agency": referral["to_agency"],
            }
        if (action_type := self.action_types.get(data.get("action_id", ""))) is not None:
            known["action_type"] = action_type
        if (number := self.numbers.get(data.get("issue_id") or "")) is not None:
            known["number"] = number
        return known
