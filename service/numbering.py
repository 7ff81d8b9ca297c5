"""Gives issues their shared numbers TIC-YYYY-NNNNN; the log sees to it that none is used twice."""

import re
from collections import defaultdict
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

    def number_for(self, wanted: str | None, context: Context) -> str:
        """The number wanted, checked, or the next one of the year in which the issue was opened.

        A number that is taken already is found out by its claim when the issue is appended.
        """
        if wanted is not None:
            context.problems.need(
                NUMBER.fullmatch(wanted) and not self._casework.is_claimed(self.claim(wanted)),
                "number",
                "bad_number",
                f"Ärendenumret är upptaget eller har fel form. Skriv som {PREFIX}-2026-00042.",
                f"The issue number is taken or malformed. Write like {PREFIX}-2026-00042.",
            )
            return wanted
        series = f"{PREFIX}-{local_day(context.occurred_at).year}-"
        with self._lock:
            if series not in self._last:
                highest = self._casework.highest_claim(self.claim(series))
                self._last[series] = int(highest.rsplit("-", 1)[1]) if highest else 0
            self._last[series] += 1
            return f"{series}{self._last[series]:05d}"

    def claim(self, number: str) -> str:
        """The name under which the log keeps a number from being used twice."""
        return f"number:{number}"

    def forget(self) -> None:
        """Read the highest numbers anew: another process may have gone on counting."""
        with self._lock:
            self._last.clear()
