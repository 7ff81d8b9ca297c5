"""What of a story was played before: found by the keys of its steps, so that it is not repeated."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.agencies import Agencies
from domain.directory import DIRECTORY_ID
from infra.log.casework import Casework
from infra.log.errors import KeptReceipt
from service.receipt import Receipt
from service.stories.actors import users_of
from service.stories.story import EARLIEST, Step, Story, in_order


class Before:
    """The part of a story that an earlier playing, whole or cut off, has carried out.

    A step is over once a later command of the story is in the log, and all are once every command
    is: a refusal or an expectation among them was true of its own time, not of now. So is one of a
    time from which on the system has acted on what the story is about.
    """

    def __init__(self, story: Story, casework: Casework, agencies: Agencies) -> None:
        steps = in_order([story])
        keys = {key for step in steps for key in _keys(step, agencies)}
        self._agencies = agencies
        self._kept = casework.find_keys(sorted(keys))
        played = [number for number, step in enumerate(steps) if step.is_played]
        known = [number for number in played if self.receipt_of(steps[number]) is not None]
        over = known[-1] + 1 if known else 0
        if known and known[-1] == played[-1]:
            over = len(steps)
        self._over = {(step.index, step.occasion) for step in steps[:over]}
        self._latest = max(
            (_latest(stream_id, casework) for stream_id in self._streams()), default=EARLIEST
        )

    def is_over(self, step: Step) -> bool:
        """Whether the step belongs to what was played before."""
        if (step.index, step.occasion) in self._over:
            return True
        return not step.is_played and step.at < self._latest

    def receipt_of(self, step: Step) -> Receipt | None:
        """What the step's command was answered; None if it was not carried out."""
        kept = next(
            (self._kept[key] for key in _keys(step, self._agencies) if key in self._kept), None
        )
        return None if kept is None else _receipt(kept)

    def _streams(self) -> set[UUID]:
        return {kept.stream_id for kept in self._kept.values()} - {DIRECTORY_ID}


def _latest(stream_id: UUID, casework: Casework) -> datetime:
    """When the last event of a stream was recorded."""
    last: Any = next(iter(casework.events.get(stream_id, desc=True, limit=1)))
    recorded_at: datetime = last.timestamp
    return recorded_at


def _keys(step: Step, agencies: Agencies) -> list[str]:
    """Under every user that `who` may have stood for: keys belong to users."""
    if not step.is_played:
        return []
    users = {step.who, *(grant.user_id for grant in users_of(step, agencies))}
    return [f"{user}:{step.key}" for user in sorted(filter(None, users))]


def _receipt(kept: KeptReceipt) -> Receipt:
    return Receipt(
        position=kept.position,
        stream_id=kept.stream_id,
        version=kept.version,
        created_id=kept.created_id,
        replayed=True,
    )
