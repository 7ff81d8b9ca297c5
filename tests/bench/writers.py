"""Writers that append side by side for a while, as threads, coroutines or processes."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Final

from infra.database import connect
from infra.ids import new_id
from infra.log.recorder import LogRecorder
from infra.log.stored import TimedEvent

SECONDS: Final = 2.0
"""How long each contestant writes in each round."""
STATE: Final = b"x" * 1_000
RECORDED_AT: Final = 1_768_305_600_000_000


@dataclass(frozen=True, kw_only=True)
class Written:
    """What some writers did: appends acknowledged, in how long, and how long each waited."""

    appends: int
    seconds: float
    waits: Sequence[float]

    @property
    def rate(self) -> float:
        """Appends a second."""
        return self.appends / self.seconds


def an_event() -> TimedEvent:
    """The first event of a stream of its own, of 1,000 bytes."""
    return TimedEvent(new_id(), 1, "Noted", STATE, RECORDED_AT)


def in_threads(writers: int, append_of: Callable[[int], Callable[[], object]]) -> Written:
    """Append from threads; each asks for its own way to append before the clock starts."""
    appends = [append_of(number) for number in range(writers)]
    for append in appends:
        append()
    began = time.perf_counter()

    def write(append: Callable[[], object]) -> list[float]:
        waits: list[float] = []
        before = time.perf_counter()
        while before < began + SECONDS:
            append()
            after = time.perf_counter()
            waits.append(after - before)
            before = after
        return waits

    with ThreadPoolExecutor(writers) as pool:
        waits = [wait for some in pool.map(write, appends) for wait in some]
    return Written(appends=len(waits), seconds=time.perf_counter() - began, waits=waits)


def in_tasks(writers: int, append: Callable[[], Awaitable[object]]) -> Written:
    """Append from coroutines of one loop."""
    waits: list[float] = []

    async def write(until: float) -> None:
        before = time.perf_counter()
        while before < until:
            await append()
            after = time.perf_counter()
            waits.append(after - before)
            before = after

    async def write_all() -> float:
        await append()
        began = time.perf_counter()
        await asyncio.gather(*[write(began + SECONDS) for _ in range(writers)])
        return time.perf_counter() - began

    seconds = asyncio.run(write_all())
    return Written(appends=len(waits), seconds=seconds, waits=waits)


def ours_in_threads(url: str, writers: int) -> Written:
    """Our log, synchronous callers."""
    engine = connect(url)
    recorder = LogRecorder(engine)
    written = in_threads(writers, lambda _: lambda: recorder.insert_events([an_event()]))
    recorder.appender.close()
    engine.dispose()
    return written


def ours_in_tasks(url: str, writers: int) -> Written:
    """Our log, coroutines."""
    engine = connect(url)
    recorder = LogRecorder(engine)
    written = in_tasks(writers, lambda: recorder.insert_events_async([an_event()]))
    recorder.appender.close()
    engine.dispose()
    return written


def ours_in_processes(url: str, writers: int, processes: int) -> Written:
    """Our log, the writers spread as coroutines over processes that begin together."""
    command = [sys.executable, "-m", "tests.bench.writers", url, str(writers // processes)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for process in started:
        _line_of(process)
    for process in started:
        if process.stdin is not None:
            process.stdin.write("\n")
            process.stdin.flush()
    done = [Written(**json.loads(_line_of(process))) for process in started]
    for process in started:
        process.communicate()
    return Written(
        appends=sum(one.appends for one in done),
        seconds=max(one.seconds for one in done),
        waits=[wait for one in done for wait in one.waits],
    )


def _line_of(process: "subprocess.Popen[str]") -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError("a writing process ended before its time")
    return line


def _main(url: str, writers: int) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asdict(ours_in_tasks(url, writers))), flush=True)


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
