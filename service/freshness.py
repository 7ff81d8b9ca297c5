"""Tells a reader whether read models show everything: what was just written, and at all."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from projections.runner import Status
from service.assembly import Samsyn

WAIT_SECONDS: Final = 2.0
"""So long a command waits until it shows; then the next page says that it does not yet."""
STANDS_STILL_AFTER: Final = timedelta(minutes=1)
"""A read model that lacks something recorded so long ago stands still, wherever it runs."""
NOTICED_AFTER: Final = timedelta(seconds=2)
"""What a page is behind by less than this is not worth a word to whoever reads it."""
LOOK_SECONDS: Final = 0.5
"""So old may be what an answer of the API says about how far it is behind."""


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """What a page should say of itself: `stopped_at` is when the first thing it lacks was noted.

    It lacks `events`, the oldest of which was recorded `late` ago. `positions` are how far the
    read models had come: what is read for this answer must be at least so new.
    """

    lacks_own_write: bool = False
    stopped_at: datetime | None = None
    events: int = 0
    late: timedelta = timedelta()
    positions: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def is_late(self) -> bool:
        """Whether it is behind by so much that a reader should know."""
        return self.late >= NOTICED_AFTER


@dataclass(frozen=True)
class _Look:
    """How all read models stood at a moment of the machine's own clock."""

    at: float = float("-inf")
    status: Mapping[str, Status] = field(default_factory=dict[str, Status])


class ReadModels:
    """Asks how far read models are; one for the whole program."""

    def __init__(self, samsyn: Samsyn) -> None:
        self._samsyn = samsyn
        self._look = _Look()
        self._looking = threading.Lock()

    def wait(self, names: Sequence[str], position: int) -> bool:
        """Whether what stands at a position of the log shows; waits for a moment if not."""
        runner = self._samsyn.runner
        return all(runner.wait_for(name, position, WAIT_SECONDS) for name in names)

    def freshness(self, names: Sequence[str], written_at: int | None = None) -> Freshness:
        """How it stands now; `written_at` is the position of what the reader wrote last.

        Ask before reading: what is there then is in what is read.
        """
        head = self._samsyn.casework.head()
        shown = self._samsyn.runner.status(head, names)
        furthest_back = min((each.position for each in shown), default=head)
        lacks_own = written_at is not None and furthest_back < min(written_at, head)
        late = max((each.late for each in shown), default=timedelta())
        stands_still = late > STANDS_STILL_AFTER or any(each.stopped for each in shown)
        return Freshness(
            lacks_own_write=lacks_own,
            stopped_at=self._samsyn.clock() - late if stands_still else None,
            events=head - furthest_back,
            late=late,
            positions={each.name: each.position for each in shown},
        )

    def behind(self, names: Sequence[str]) -> Freshness:
        """How far read models were behind at most half a second ago; costs next to nothing."""
        known = self._look
        old = time.monotonic() - known.at > LOOK_SECONDS
        if old and self._looking.acquire(blocking=not known.status):
            # One request in half a second looks for all; meanwhile the others use what is known.
            try:
                lines = self._samsyn.runner.status(self._samsyn.casework.head())
                known = self._look = _Look(time.monotonic(), {each.name: each for each in lines})
            finally:
                self._looking.release()
        return _freshness(known, names)

    def lately(self, names: Sequence[str]) -> Freshness | None:
        """The same without ever waiting; None if nobody has looked in the last half second."""
        known = self._look
        if time.monotonic() - known.at > LOOK_SECONDS:
            return None
        return _freshness(known, names)


def _freshness(known: _Look, names: Sequence[str]) -> Freshness:
    shown = [known.status[name] for name in names if name in known.status]
    return Freshness(
        events=max((each.lag for each in shown), default=0),
        late=max((each.late for each in shown), default=timedelta()),
        positions={each.name: each.position for each in shown},
    )
