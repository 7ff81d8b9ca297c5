"""Collects garbage in small steps, and all of it seldom: a full collection stops every thread.

With the program loaded and its caches filled a full collection takes a tenth of a second, and
Python begins one whenever the objects have grown by a quarter: whoever is served then waits.
"""

import gc
import threading
import time
from typing import Final

_YOUNG: Final = 5_000
"""New objects between two collections of the youngest, which take 2 ms."""
_NEVER: Final = 1 << 30
"""Nor is the middle generation collected by itself: 20 to 35 ms each time, for very little."""
_SECONDS: Final = 600.0
"""Between two collections of everything."""
_YOUNG_ONES: Final = 400
"""Collections of the youngest, by which there is one of everything before the time is over."""
_LOOK_SECONDS: Final = 1.0


def collect_seldom() -> None:
    """Call once in a process, when the program is loaded: what is there by now is let alone."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _NEVER, _NEVER)
    threading.Thread(target=_now_and_then, name="garbage", daemon=True).start()


def leave_loaded() -> None:
    """Let alone what is loaded, for a process that only waits for others.

    At its end Python looks for garbage once more, in all of it: half a second of work in which the
    web processes have long ended.
    """
    gc.freeze()


def all_due(seconds: float, young_ones: int) -> bool:
    """Whether to collect everything, so long and so many young collections after the last time."""
    return young_ones > 0 and (seconds >= _SECONDS or young_ones >= _YOUNG_ONES)


def _now_and_then() -> None:
    # For cycles that were still in use when the younger ones were collected.
    at, young = time.monotonic(), _young_ones()
    while True:
        time.sleep(_LOOK_SECONDS)
        if all_due(time.monotonic() - at, _young_ones() - young):
            gc.collect()
            at, young = time.monotonic(), _young_ones()


def _young_ones() -> int:
    collections: int = gc.get_stats()[0]["collections"]
    return collections
