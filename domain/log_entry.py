"""One entry of the log, as the log hands it to everyone who reads by position."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event with its place in the log: position in the one order, version in its stream."""

    position: int
    stream_id: UUID
    version: int
    topic: str
    recorded_at: datetime
    event: Any
