"""How far a long run over the log has come, for whoever shows it."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Progress:
    """``done`` and ``total`` are positions in the log; ``seconds_left`` is None while unknown."""

    name: str
    done: int
    total: int
    events_per_second: float
    seconds_left: float | None


ProgressReport = Callable[[Progress], None]


class Meter:
    """Turns positions into progress, counted from where this run began."""

    def __init__(self, name: str, start: int, report: ProgressReport | None) -> None:
        self._name = name
        self._start = start
        self._report = report
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Time since the run began."""
        return time.monotonic() - self._began

    def show(self, done: int, total: int) -> None:
        """Report that ``done`` is reached on the way to ``total``."""
        if self._report is None:
            return
        seconds = self.seconds
        rate = (done - self._start) / seconds if seconds > 0 else 0.0
        left = (total - done) / rate if rate > 0 else None
        self._report(
            Progress(
                name=self._name, done=done, total=total, events_per_second=rate, seconds_left=left
            )
        )
