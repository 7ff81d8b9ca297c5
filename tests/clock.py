"""A clock that a test sets."""

from datetime import UTC, datetime

START = datetime(2026, 1, 12, 8, tzinfo=UTC)
"""Monday 12 January 2026, 09:00 in Göteborg."""


class SetClock:
    """Shows the time it was set to."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now
