"""Appends to the database named by the first argument until killed; prints what it knows of.

One line an append: its key, its position and how often it had to be asked for. An append whose
outcome is unknown is asked for again with its key, as the API's clients do.
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

_PAUSE_SECONDS: Final = 0.1
# What the log has to say of a fault goes to standard error, not into our lines.
_LINES: Final = os.dup(1)
os.dup2(2, 1)


def main() -> None:
    """Write from as many threads as the second argument says."""
    casework = Casework(connect(sys.argv[1]))
    threads = [
        threading.Thread(target=_write, args=(casework, f"{os.getpid()}-{number}"), daemon=True)
        for number in range(int(sys.argv[2]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _write(casework: Casework, name: str) -> None:
    for turn in itertools.count():
        key, asked = f"{name}-{turn}", 1
        while (position := _position_of(casework, key)) is None:
            asked += 1
            time.sleep(_PAUSE_SECONDS)
        # One write a line: lines of several threads must not run into each other.
        os.write(_LINES, f"{key} {position} {asked}\n".encode())


def _position_of(casework: Casework, key: str) -> int | None:
    ledger = Ledger.begin(key)
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
