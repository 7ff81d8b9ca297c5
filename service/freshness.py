"""Tells a reader whether read models show everything: what was just written, and at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.assembly import Samsyn

WAIT_SECONDS: Final = 2.0
"""So long a command waits until it shows; then the next page says that it does not yet."""
STANDS_STILL_AFTER: Final = timedelta(minutes=1)
"""A read model that lacks something recorded so long ago stands still, wherever it runs."""


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """What a page should say of itself: `stopped_at` is when the first thing it lacks was noted."""

    lacks_own_write: bool = False
    stopped_at: datetime | None = None


class ReadModels:
    """Asks how far read models are; one for the whole program."""

    def __init__(self, samsyn: Samsyn) -> None:
        self._samsyn = samsyn

    def wait(self, names: Sequence[str], position: int) -> bool:
        """Whether what stands at a position of the log shows; waits for a moment if not."""
        runner = self._samsyn.runner
        return all(runner.wait_for(name, position, WAIT_SECONDS) for name in names)

    def freshness(self, names: Sequence[str], written_at: int | None = None) -> Freshness:
        """How it stands now; `written_at` is the position of what the reader wrote last.

        Ask before reading: what is there then is in what is read.
        """
        head = self._samsyn.casework.head()
        shown = [each for each in self._samsyn.runner.status(head) if each.name in names]
        furthest_back = min((each.position for each in shown), default=head)
        lacks_own = written_at is not None and furthest_back < min(written_at, head)
        missing = self._recorded_after(furthest_back) if furthest_back < head else None
        if any(each.stopped for each in shown):
            return Freshness(lacks_own_write=lacks_own, stopped_at=missing or self._samsyn.clock())
        late = missing is not None and self._samsyn.clock() - missing > STANDS_STILL_AFTER
        return Freshness(lacks_own_write=lacks_own, stopped_at=missing if late else None)

    def _recorded_after(self, position: int) -> datetime | None:
        entries = self._samsyn.casework.read(position, 1)
        return entries[0].recorded_at if entries else None
