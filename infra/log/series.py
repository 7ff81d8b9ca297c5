"""Numbers that are drawn from a series when an append is written, under the log's own lock.

Until then nobody knows which is the next: other processes draw from the same series. So an append
says which it expects; the writer gives the first one that is free and mends the event's bytes.
"""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from infra.log.stored import TimedEvent

DIGITS: Final = 5
"""Numbers are padded to so many digits; those beyond are longer."""


class Draw:
    """The number that the first event of a stream takes from a series.

    ``number`` is the one expected, of which all before are taken; once the append is durable it is
    the one drawn. The event holds it as ``"number":"<series><digits>"``, and the log claims the
    name ``claimed`` + series + digits for it.
    """

    __slots__ = ("claimed", "number", "series", "stream_id")

    def __init__(self, stream_id: UUID, *, claimed: str, series: str, number: int) -> None:
        """Expect a number for a stream that begins with this append."""
        self.stream_id = stream_id
        self.claimed = claimed
        self.series = series
        self.number = number

    @property
    def text(self) -> str:
        """The number as people read it."""
        return numbered(self.series, self.number)

    def names(self) -> str:
        """What the claimed names of the series begin with."""
        return f"{self.claimed}{self.series}"

    def place_in(self, state: bytes) -> tuple[int, int]:
        """Where the digits stand in the bytes of the event, and how many they are.

        In JSON a quotation mark within a text is escaped, so no text can look like the field.

        Raises:
            ValueError: they are not there.
        """
        before, expected = f'"number":"{self.series}'.encode(), digits(self.number).encode()
        return state.index(before + expected + b'"') + len(before), len(expected)

    def drawn_in(self, event: TimedEvent, state: bytes) -> int | None:
        """The number in bytes that are the event's but for the number; None in any others."""
        at, length = self.place_in(event.state)
        before, after = event.state[:at], event.state[at + length :]
        found = state[at : len(state) - len(after)]
        is_it = state.startswith(before) and state.endswith(after) and found.isdigit()
        return int(found) if is_it else None

    def mended(self, event: TimedEvent, number: int) -> TimedEvent:
        """The event with the number that was drawn."""
        at, length = self.place_in(event.state)
        state = event.state
        return TimedEvent(
            event.originator_id,
            event.originator_version,
            event.topic,
            state[:at] + digits(number).encode() + state[at + length :],
            event.recorded_at,
        )


def digits(number: int) -> str:
    """A number as it is written behind its series."""
    return f"{number:0{DIGITS}d}"


def numbered(series: str, number: int) -> str:
    """A number as people read it; behind a claim's prefix, the name that the log claims for it."""
    return f"{series}{digits(number)}"


def first_free(expected: int, is_taken: Callable[[int], bool]) -> int:
    """The first free number from the expected one on, where those taken have no holes.

    In strides twice as long each and then back by halves: others may be thousands ahead.
    """
    if not is_taken(expected):
        return expected
    taken, stride = expected, 1
    while is_taken(taken + stride):
        taken += stride
        stride *= 2
    free = taken + stride
    while free - taken > 1:
        middle = (taken + free) // 2
        if is_taken(middle):
            taken = middle
        else:
            free = middle
    return free
