"""The state of one action inside an issue."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.codes import ActionType


@dataclass
class Action:
    """An action as planned, performed or cancelled."""

    action_id: UUID
    action_type: ActionType
    agency_id: str
    due_on: date | None
    is_planned: bool
    last_event: str
