"""A range of streams by their ids, so that a long log can be read and folded piece by piece."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StreamRange:
    """The streams whose ids come after one id, up to and with another; None: no bound."""

    after: UUID | None = None
    last: UUID | None = None

    def has(self, stream_id: UUID) -> bool:
        """Whether a stream is in the range."""
        return (self.after is None or stream_id > self.after) and (
            self.last is None or stream_id <= self.last
        )


EVERY: Final = StreamRange()
"""All streams."""
