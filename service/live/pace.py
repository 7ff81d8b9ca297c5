"""When open pages are told of a change: soon, but seldom while changes follow each other."""

from dataclasses import dataclass
from typing import Final

SETTLED_SECONDS: Final = 0.1
"""A command's events, and what follows from them, come within this and are told of together."""
QUIET_SECONDS: Final = 0.4
"""While pages are told often they are told when nothing has changed for so long."""
LEAST_SECONDS: Final = 1.0
MOST_SECONDS: Final = 10.0
SECONDS_A_PAGE: Final = 0.05
"""Each page that is told asks for what it may see: so much time of a process is given to that."""


@dataclass
class Pace:
    """Decides, on any clock of seconds, when what has moved is told.

    When it has been quiet, at once; while changes keep coming, after a time that grows with the
    number of open pages; and soon after the last of them, so that nothing old stays on a screen.
    """

    told_at: float = float("-inf")
    first_at: float | None = None
    last_at: float = float("-inf")

    def moved(self, now: float) -> None:
        """Something has changed."""
        self.first_at = now if self.first_at is None else self.first_at
        self.last_at = now

    def told(self, now: float) -> None:
        """All pages have been told of everything."""
        self.told_at, self.first_at = now, None

    def due_in(self, now: float, pages: int) -> float | None:
        """In how many seconds so many pages are to be told; None if there is nothing to tell."""
        if self.first_at is None:
            return None
        most = min(max(pages * SECONDS_A_PAGE, LEAST_SECONDS), MOST_SECONDS)
        quiet = SETTLED_SECONDS if self.first_at - self.told_at > most else QUIET_SECONDS
        return max(min(self.last_at + quiet, self.first_at + most) - now, 0.0)
