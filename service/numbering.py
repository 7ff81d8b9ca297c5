"""Gives issues their shared numbers TIC-YYYY-NNNNN; the log sees to it that none is used twice."""

import re
from collections import defaultdict
from datetime import datetime
from threading import Lock

from domain.checks import local_day
from domain.context import Context
from infra.log.casework import Casework

PREFIX = "TIC"
NUMBER = re.compile(r"[A-ZÅÄÖ]{2,10}-(19|20)\d\d-\d{5,9}")


class Numbering:
    """Counts on from the highest number claimed for a year; safe to use from many threads."""

    def __init__(self, casework: Casework) -> None:
        self._casework = casework
        self._lock = Lock()
        self._last: dict[str, int] = defaultdict(int)

    def known_next(self, wanted: str | None, at: datetime) -> str | None:
        """Take the next number of a year without asking the log; None if it must be asked."""
        with self._lock:
            series = _series(at)
            return self._counted(series) if wanted is None and series in self._last else None

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
                highest = self._casework.highest_claim(claim(series))
                self._last[series] = int(highest.rsplit("-", 1)[1]) if highest else 0
            return self._counted(series)

    def forget(self) -> None:
        """Read the highest numbers anew: another process may have gone on counting."""
        with self._lock:
            self._last.clear()

    def _counted(self, series: str) -> str:
        self._last[series] += 1
        return f"{series}{self._last[series]:05d}"


def claim(number: str) -> str:
    """The name under which the log keeps a number from being used twice."""
    return f"number:{number}"


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
