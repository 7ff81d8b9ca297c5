"""Appends to the database named by the first argument until killed; prints what it knows of.

Each append begins a stream, with one to three events. One line an append: its key, its position
and how often it had to be asked for. An append whose outcome is unknown is asked for again with
its key, as the API's clients do.
"""

import itertools
import os
import sys
import threading
import time
from typing import Final

from infra.database import connect
from infra.log.casework import Casework
from infra.log.errors import AppendFailed, CommandKey, KeyTaken, LogBusy, OutcomeUnknown
from tests.infra.ledger import Ledger

MOST_EVENTS: Final = 3
_PAUSE_SECONDS: Final = 0.1


def main() -> None:
    """Write from as many threads as the second argument says."""
    # What the log has to say of a fault goes to standard error, not into our lines.
    lines = os.dup(1)
    os.dup2(2, 1)
    casework = Casework(connect(sys.argv[1]))
    threads = [
        threading.Thread(
            target=_write, args=(casework, f"{os.getpid()}-{number}", lines), daemon=True
        )
        for number in range(int(sys.argv[2]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def events_of(key: str) -> int:
    """How many events the append with this key has: its last number decides."""
    return 1 + int(key.rpartition("-")[2]) % MOST_EVENTS


def _write(casework: Casework, name: str, lines: int) -> None:
    for turn in itertools.count():
        key, asked = f"{name}-{turn}", 1
        while (position := _position_of(casework, key)) is None:
            asked += 1
            time.sleep(_PAUSE_SECONDS)
        # One write a line: lines of several threads must not run into each other.
        os.write(lines, f"{key} {position} {asked}\n".encode())


def _position_of(casework: Casework, key: str) -> int | None:
    ledger = Ledger.begin(key)
    for _ in range(events_of(key) - 1):
        ledger.note(key)
    try:
        recorded = casework.save(
            ledger, keys=[CommandKey(key=key, fingerprint="same")], claims=[key]
        )
    except KeyTaken as taken:
        return taken.receipt.position
    except (OutcomeUnknown, AppendFailed, LogBusy):
        return None
    return recorded[-1].notification.id


if __name__ == "__main__":
    main()
