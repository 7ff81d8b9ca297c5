"""Collects garbage in small steps, and all of it seldom: a full collection stops every thread.

With the program loaded and its caches filled a full collection takes a tenth of a second, and
Python begins one whenever the objects have grown by a quarter: whoever is served then waits.
"""

import gc
import threading
import time
from typing import Final

_YOUNG: Final = 5_000
"""New objects between two collections of the youngest."""
_YOUNG_ONES: Final = 10
"""Collections of the youngest between two of the next older."""
_NEVER: Final = 1 << 30
_SECONDS: Final = 600.0
"""Between two collections of everything."""


def collect_seldom() -> None:
    """Call once in a process, when the program is loaded: what is there by now is let alone."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _YOUNG_ONES, _NEVER)
    threading.Thread(target=_now_and_then, name="garbage", daemon=True).start()


def leave_loaded() -> None:
    """Let alone what is loaded, for a process that only waits for others.

    At its end Python looks for garbage once more, in all of it: half a second of work in which the
    web processes have long ended.
    """
    gc.freeze()


def _now_and_then() -> None:
    # For cycles that were still in use when the younger ones were collected.
    while True:
        time.sleep(_SECONDS)
        gc.collect()
