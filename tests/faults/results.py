"""Keeps what a fault that is tried on demand came to, where docs/faults.md is made from."""

import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.faults.load import Settled

KEPT: Final = Path(__file__).parents[2] / "docs" / "faults.json"


def judged(settled: Sequence[Settled]) -> dict[str, Any]:
    """The figures of commands over HTTP that `verdict.judge` has found to be whole.

    It raises where one is lost, is there twice, or where what stands there is not what was told.
    """
    moments = sorted(one.at for one in settled)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    return {
        "acknowledged": len(settled),
        "lost": 0,
        "twice": 0,
        "not_acknowledged": 0,
        "asked_again": sum(one.asked > 1 for one in settled),
        "longest_gap_seconds": round(max(gaps, default=0.0), 2),
    }


def keep(name: str, figures: Mapping[str, Any]) -> None:
    """Put the figures in the place of those of the last time; `make docs` writes the page."""
    kept: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    kept[name] = {"on": datetime.now(UTC).date().isoformat(), **figures}
    KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}: {json.dumps(kept[name])}\n")
