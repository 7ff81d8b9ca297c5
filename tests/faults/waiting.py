"""Waits for what must come true, without saying how fast a machine has to be."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_SECONDS: Final = 300.0
"""The limit is for a program that hangs: a busy machine is no fault."""


def wait_until(true: Callable[[], object], what: str) -> None:
    """Look again and again; the limit is for a program that hangs, not for a busy machine."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up_at, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.05)
