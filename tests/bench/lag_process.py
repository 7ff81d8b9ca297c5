"""The processes of the lag bench: one that appends at a steady pace, one that folds."""

import json
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path

import msgspec

from infra.log.stored import TimedEvent
from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from service.garbage import collect_seldom
from service.logging import configure_logging
from service.worker import Worker
from tests.bench.big_log import BigLog, Event

EVENTS_A_SECOND = 1_000
SECONDS = 6
EVENTS = "events"
DURABLE = "durable.json"

_decoder = msgspec.msgpack.Decoder(list[Event])


def main() -> None:
    """``append FOLDER DATABASE [REDIS]``, the same with ``both``, or ``fold`` likewise."""
    configure_logging(level="ERROR")
    role, kept, database_url, *redis_url = sys.argv[1:]
    folder = Path(kept)
    samsyn = assemble(database_url, PROJECTIONS, redis_url=redis_url[0] if redis_url else None)
    # What the stories left due long ago would be done all at once: no policies here.
    worker = Worker(samsyn, lambda: 0)
    told = [] if role == "fold" else _decoder.decode((folder / EVENTS).read_bytes())
    # As the programs do that this one stands for.
    collect_seldom()
    if role != "append":
        worker.start()
    if role == "fold":
        stop = threading.Event()

        def end(_signal: int, _frame: object) -> None:
            stop.set()

        signal.signal(signal.SIGTERM, end)
        print("folds", flush=True)
        stop.wait()
    else:
        durable = append(samsyn, told)
        (folder / DURABLE).write_text(json.dumps(durable))
    if role != "append":
        worker.stop()
    samsyn.close()


def decide(path: Path) -> None:
    """Write the events that are appended: those of stories that were really played."""
    told = islice(BigLog(EVENTS_A_SECOND * SECONDS).events(), EVENTS_A_SECOND * SECONDS)
    path.write_bytes(msgspec.msgpack.encode(list(told)))


def append(samsyn: Samsyn, told: Sequence[Event]) -> list[tuple[int, float]]:
    """Append what stories have decided, an event at a time; gives when each was durable."""
    durable: list[tuple[int, float]] = []

    def note(done: Future[list[int]]) -> None:
        durable.append((done.result()[-1], time.monotonic()))

    events = [TimedEvent(*event[1:4], event[5], event[4]) for event in told]
    print("appends", flush=True)
    began = time.monotonic()
    waiting: Future[list[int]] | None = None
    for at, event in enumerate(events):
        pause = began + at / EVENTS_A_SECOND - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        waiting = samsyn.casework.recorder.submit([event], wait=True)
        waiting.add_done_callback(note)
    if waiting is not None:
        waiting.result(60)
    head = samsyn.casework.head()
    for name in ("visibility", "queues"):
        samsyn.runner.wait_for(name, head, 30)
    return durable


if __name__ == "__main__":
    main()
