"""A process that leads a toy projection and stops still in the middle of its first batch."""

import os
import signal
import sys
from collections.abc import Sequence

from domain.log_entry import LogEntry
from infra.database import connect
from projections.runner import Runner
from projections.store import Store
from tests.projections.toys import ToyLog, fold_whereabouts, whereabouts


def main() -> None:
    """Lead in the database that is named, until it is killed."""
    database_url, length = sys.argv[1], int(sys.argv[2])
    paused = False

    def pausing(batch: Sequence[LogEntry], store: Store) -> None:
        nonlocal paused
        if not paused:
            paused = True
            os.kill(os.getpid(), signal.SIGSTOP)
            sys.stdout.write("goes on\n")
            sys.stdout.flush()
        fold_whereabouts(batch, store)

    log = ToyLog()
    log.append_many(length)
    Runner(connect(database_url), log.read, [whereabouts(fold=pausing)]).live().run()


if __name__ == "__main__":
    main()
