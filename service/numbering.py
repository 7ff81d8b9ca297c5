"""Gives issues their shared numbers TIC-YYYY-NNNNN; the log sees to it that none is used twice."""

import re
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from uuid import UUID

from domain.checks import local_day
from domain.context import Context
from infra.log.casework import Casework
from infra.log.series import Draw, numbered

PREFIX = "TIC"
_CLAIMED = "number:"
NUMBER = re.compile(r"[A-ZÅÄÖ]{2,10}-(19|20)\d\d-\d{5,9}")


@dataclass(frozen=True, slots=True)
class Expected:
    """The number of a series that is next unless others draw theirs first."""

    series: str
    number: int

    @property
    def text(self) -> str:
        """The number as people read it."""
        return numbered(self.series, self.number)

    def draw(self, stream_id: UUID) -> Draw:
        """Have the stream that begins with this number take the one that is next then."""
        return Draw(stream_id, claimed=_CLAIMED, series=self.series, number=self.number)


class Numbering:
    """Counts on from the highest number claimed for a year; safe to use from many threads.

    A single command only expects a number, and draws the one that is next when it is written
    (`expect`, `learn`). Those of a batch, whose later commands may name it, are taken before.
    """

    def __init__(self, casework: Casework) -> None:
        self._casework = casework
        self._lock = Lock()
        self._last: dict[str, int] = {}
        self._written: dict[str, int] = {}

    def expect(self, at: datetime, *, known: bool = False) -> Expected | None:
        """The next number of a year as far as this process knows; nothing is taken.

        With ``known`` only without asking the log, None if it must be asked.
        """
        series = _series(at)
        highest = self._written.get(series)
        if highest is None:
            if known:
                return None
            highest = self._highest(series)
            self.learn(series, highest)
        return Expected(series, highest + 1)

    def learn(self, series: str, number: int) -> None:
        """Hear of a number that is claimed."""
        with self._lock:
            self._written[series] = max(number, self._written.get(series, 0))

    def take(self, wanted: str | None, at: datetime) -> str | None:
        """Take the number wanted, None if it cannot be had, or the next one of a year.

        A number that is taken meanwhile is found out by its claim when the issue is appended.
        """
        if wanted is not None:
            free = NUMBER.fullmatch(wanted) and not self._casework.is_claimed(claim(wanted))
            return wanted if free else None
        with self._lock:
            series = _series(at)
            if series not in self._last:
                self._last[series] = self._highest(series)
            self._last[series] += 1
            return numbered(series, self._last[series])

    def forget(self) -> None:
        """Read the highest numbers anew: another process may have gone on counting."""
        with self._lock:
            self._last.clear()

    def _highest(self, series: str) -> int:
        highest = self._casework.highest_claim(claim(series))
        return int(highest.rsplit("-", 1)[1]) if highest else 0


def claim(number: str) -> str:
    """The name under which the log keeps a number from being used twice."""
    return f"{_CLAIMED}{number}"


def checked(number: str | None, wanted: str | None, context: Context) -> str:
    """The number that was taken; noted as a problem if the one wanted could not be had."""
    context.problems.need(
        number is not None,
        "number",
        "bad_number",
        f"Ärendenumret är upptaget eller har fel form. Skriv som {PREFIX}-2026-00042.",
        f"The issue number is taken or malformed. Write like {PREFIX}-2026-00042.",
    )
    return number or wanted or ""


def _series(at: datetime) -> str:
    return f"{PREFIX}-{local_day(at).year}-"
