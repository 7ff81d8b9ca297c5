"""Times things in turn, so that a busy minute hits all of them, and says how they compare."""

import gc
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A median over rounds, and how it compares: ``ratio`` = ours / the other named in ``against``.

    ``low`` and ``high`` are the least and the most of the rounds; ``goal`` is what we want of the
    figure, ``means`` what it is to somebody who uses Samsyn. A point of a curve has its ``x``, and
    ``series`` tells curves apart.
    """

    bench: str
    what: str
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    goal: str | None = None
    means: str | None = None
    series: str | None = None
    x: float | None = None


def in_turn(rounds: int, contestants: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Run each contestant once a round, in an order that changes; each gives its own seconds."""
    found: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            gc.collect()
            found[name].append(contestants[name]())
    return found


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes, on the wall clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def medians(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The middle of each contestant's times."""
    return {name: median(times) for name, times in found.items()}


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of the values do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> dict[str, Any]:
    """Where it was measured."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "commit": _commit(),
        "load_before": round(os.getloadavg()[0], 1),
        "loop_ms": _loop_ms(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _loop_ms() -> float:
    """Milliseconds of CPU that two million empty turns take: machines have slow hours."""
    began = time.process_time()
    for _ in range(2_000_000):
        pass
    return round((time.process_time() - began) * 1_000, 1)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _commit() -> str:
    asked = subprocess.run(
        ["git", "describe", "--always", "--dirty"], check=False, capture_output=True, text=True
    )
    return asked.stdout.strip() or "unknown"
