"""Processes that append through our own log, what they were told, and what the log then holds."""

import itertools
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import SIGKILL, SIGSTOP
from typing import Any, Final, Self
from uuid import UUID

from domain.log_entry import LogEntry
from infra.database import connect
from tests.faults.append_through import events_of
from tests.faults.verdict import whole_log
from tests.infra.ledger import LedgerBegun, WordNoted

THREADS: Final = 4
_SCRIPT: Final = Path(__file__).with_name("append_through.py")
_REPOSITORY: Final = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Known:
    """An append that a writer knows to be durable, and when that was (monotonic seconds)."""

    key: str
    position: int
    asked: int
    at: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a log holds beside what its writers know."""

    acknowledged: int
    lost: int
    twice: int
    torn: int
    not_acknowledged: int
    asked_again: int
    longest_gap_seconds: float
    dense: bool

    def whole(self) -> bool:
        """Whether nothing is lost, nothing twice, nothing in part and no position left out."""
        return self.dense and not (self.lost or self.twice or self.torn)

    def figures(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


class Writers:
    """Several writing processes, for as long as the context lasts."""

    def __init__(self, database_url: str, processes: int) -> None:
        self.known: list[Known] = []
        self._processes = [
            subprocess.Popen(
                [sys.executable, str(_SCRIPT), database_url, str(THREADS)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env={"PYTHONPATH": str(_REPOSITORY), "PATH": "/usr/bin:/bin"},
            )
            for _ in range(processes)
        ]
        self._listeners = [
            threading.Thread(target=self._listen, args=(one,), daemon=True)
            for one in self._processes
        ]

    def __enter__(self) -> Self:
        for listener in self._listeners:
            listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.signal(SIGKILL)
        for process, listener in zip(self._processes, self._listeners, strict=True):
            listener.join()
            process.wait()

    def freeze(self) -> None:
        """Let them stand still; what they have said until now is all they know."""
        self.signal(SIGSTOP)

    def signal(self, number: int) -> None:
        """Send all of them a signal."""
        for process in self._processes:
            process.send_signal(number)

    def run(self) -> bool:
        """Whether none has ended by itself."""
        return all(process.poll() is None for process in self._processes)

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                key, position, asked = line.split()
                one = Known(key=key, position=int(position), asked=int(asked), at=time.monotonic())
                self.known.append(one)


def compare(database_url: str, known: Sequence[Known], earlier: Sequence[Known] = ()) -> Comparison:
    """Read the whole log and hold it against what these writers and earlier ones know."""
    engine = connect(database_url)
    try:
        entries = whole_log(engine)
    finally:
        engine.dispose()
    at = {entry.position: _key_of(entry) for entry in entries}
    versions: defaultdict[UUID, list[int]] = defaultdict(list)
    of: dict[UUID, str] = {}
    for entry in entries:
        versions[entry.stream_id].append(entry.version)
        of[entry.stream_id] = at[entry.position]
    begun = Counter(of.values())
    moments = sorted(one.at for one in known)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    return Comparison(
        acknowledged=len(known),
        lost=sum(at.get(one.position) != one.key for one in (*earlier, *known)),
        twice=sum(count - 1 for count in begun.values()),
        not_acknowledged=len(set(begun) - {one.key for one in (*earlier, *known)}),
        asked_again=sum(one.asked > 1 for one in known),
        longest_gap_seconds=round(max(gaps, default=0.0), 2),
        dense=[entry.position for entry in entries] == [*range(1, len(entries) + 1)]
        and all(seen == [*range(1, len(seen) + 1)] for seen in versions.values()),
        torn=sum(len(versions[stream]) != events_of(key) for stream, key in of.items()),
    )


def _key_of(entry: LogEntry) -> str:
    match entry.event:
        case LedgerBegun():
            return entry.event.name
        case WordNoted():
            return entry.event.word
        case _:
            raise AssertionError(f"a writer did not write {entry.topic}")
