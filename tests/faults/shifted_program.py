"""Runs `samsyn` with a clock that goes wrong by as many seconds as the named file says."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service import assembly

SHIFT = Path(os.environ["SHIFT_OF_THE_CLOCK"])


def shifted_clock() -> datetime:
    """The machine's time and the shift, read anew each time: the clock may jump while it runs."""
    return datetime.now(UTC) + timedelta(seconds=float(SHIFT.read_text(encoding="ascii")))


if __name__ == "__main__":
    assembly.system_clock = shifted_clock
    from service.cli import main

    main()
