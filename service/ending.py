"""How a process ends: with the one that started it, and never later than it must."""

import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import wait
from typing import Final

import structlog

LAST_SECONDS: Final = 5
"""After the time for requests: so long a process has to end what hangs; then it ends anyway."""

log = structlog.get_logger(__name__)


def end_with_parent() -> None:
    """Stop gracefully when the process that started this one is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        log.error("supervisor_gone")
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def end_after(seconds: float) -> None:
    """End this process in so many seconds, whatever hangs then; unless it has ended by itself."""

    def end() -> None:
        time.sleep(seconds)
        log.error("did_not_end_in_time", threads=[t.name for t in threading.enumerate()])
        os._exit(1)

    threading.Thread(target=end, name="last-seconds", daemon=True).start()
