"""Seals the database named by the argument once for each point it is told, and dies there.

Each time in a process of its own that is killed by SIGKILL as soon as the point is reached.
"""

import os
import signal
import sys

from infra.database import connect
from infra.log.casework import Casework
from tests.infra.audit.sealing import real_time, sequencer

NOWHERE = "nowhere"
"""No point: whoever asks for it is told the process's number, and kills it."""


def main() -> None:
    """Read points from standard input, and say of each that its process was killed."""
    for line in sys.stdin:
        point = line.strip()
        child = os.fork()
        if child == 0:
            _seal_until(point)
            os._exit(1)  # the point was not reached
        if point == NOWHERE:
            sys.stdout.write(f"{child}\n")
            sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        sys.stdout.write(f"{'killed' if killed else 'ended'} {point}\n")
        sys.stdout.flush()


def _seal_until(point: str) -> None:
    def at(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = connect(sys.argv[1])
    sequencer(engine, Casework(engine), at=at, clock=real_time).seal()


if __name__ == "__main__":
    main()
