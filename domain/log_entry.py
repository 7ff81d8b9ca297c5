"""One entry of the log, as the log hands it to everyone who reads by position."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(slots=True, eq=False)
class LogEntry:
    """An event with its place in the log: position in the one order, version in its stream.

    ``state`` are the bytes as stored. Who needs a few of their fields reads them there, with a
    struct of just these; ``event`` is made from them when first asked for.
    """

    position: int
    stream_id: UUID
    version: int
    topic: str
    recorded_at: datetime
    state: bytes
    decode: Callable[["LogEntry"], Any]
    known: Any = None

    @property
    def event(self) -> Any:  # noqa: ANN401  whatever its topic names
        """The event in today's schema; raises what ``decode`` raises if the bytes are not one."""
        if self.known is None:
            self.known = self.decode(self)
        return self.known
