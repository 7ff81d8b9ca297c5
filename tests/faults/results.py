"""Keeps what a fault that is tried on demand came to, where docs/faults.md is made from."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

KEPT: Final = Path(__file__).parents[2] / "docs" / "faults.json"


def keep(name: str, figures: Mapping[str, Any]) -> None:
    """Put the figures in the place of those of the last time; `make docs` writes the page."""
    kept: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    kept[name] = {"on": datetime.now(UTC).date().isoformat(), **figures}
    KEPT.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}: {json.dumps(kept[name])}\n")
