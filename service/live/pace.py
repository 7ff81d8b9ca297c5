"""When open pages are told of a change: at once, but seldom while changes follow each other."""

from dataclasses import dataclass
from typing import Final

SETTLED_SECONDS: Final = 0.05
"""A command's events come within this and are told of together."""
SECONDS_AN_ASK: Final = 0.0015
"""So much time of a process takes what one page asks for when it is told."""
SHARE: Final = 0.25
"""No more of a process than this is given to what pages ask for while changes keep coming."""
LEAST_SECONDS: Final = 0.4
"""Nobody can read what changes more often."""
MOST_SECONDS: Final = 5.0
AT_ONCE: Final = 3
"""So often pages are told without a pause after it has been quiet."""


@dataclass
class Pace:
    """Decides, on any clock of seconds, when what has moved is told.

    A change after a quiet while is told at once, and so are the next few. While changes keep
    coming there is a time between two tellings that grows with the number of open pages: the
    generic cell rate algorithm (ITU-T I.371), whose theoretical arrival time is `full_at`.
    """

    full_at: float = float("-inf")
    first_at: float | None = None
    last_at: float = float("-inf")

    def moved(self, now: float) -> None:
        """Something has changed."""
        self.first_at = now if self.first_at is None else self.first_at
        self.last_at = now

    def told(self, now: float, pages: int) -> None:
        """So many pages, all there are, have been told of everything."""
        self.full_at, self.first_at = max(self.full_at, now) + _apart(pages), None

    def due_in(self, now: float, pages: int) -> float | None:
        """In how many seconds so many pages are to be told; None if there is nothing to tell."""
        if self.first_at is None:
            return None
        settled = min(self.last_at + SETTLED_SECONDS, self.first_at + 2 * SETTLED_SECONDS)
        allowed = self.full_at - (AT_ONCE - 1) * _apart(pages)
        return max(settled - now, allowed - now, 0.0)


def _apart(pages: int) -> float:
    """Seconds between two tellings while changes keep coming."""
    return min(max(pages * SECONDS_AN_ASK / SHARE, LEAST_SECONDS), MOST_SECONDS)
