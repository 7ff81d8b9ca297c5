"""Times things in turn, so that a busy minute hits all of them, and prints ratios of medians."""

import gc
import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A median of `rounds` times, and how it compares: `ratio` = ours / the other."""

    bench: str
    what: str
    value: float
    unit: str
    against: str | None = None
    ratio: float | None = None


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


def machine() -> dict[str, Any]:
    """Where it was measured."""
    return {
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def print_figures(figures: Sequence[Figure]) -> None:
    """One line a figure."""
    for bench in dict.fromkeys(figure.bench for figure in figures):
        print(f"\n{bench}")
        for figure in figures:
            if figure.bench == bench:
                ratio = f"{figure.ratio:8.2f} x {figure.against}" if figure.ratio else ""
                print(f"  {figure.what:<52} {figure.value:>10,.1f} {figure.unit:<9}{ratio}")


def keep(figures: Sequence[Figure], path: Path) -> None:
    """Write them where a later run can be compared."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {"machine": machine(), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
