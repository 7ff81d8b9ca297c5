"""Rebuild read models in several processes: each folds all of them for some of the streams."""

import multiprocessing
import os
import sys
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from multiprocessing.connection import Connection
from typing import Any, Final

from sqlalchemy import Engine

from domain.events import EVENTS
from infra.database import connect
from infra.log.errors import EventUnreadable
from infra.log.scan import LogReader
from projections import checkpoints, faults
from projections.bulk import LIMITS, Build, Transaction, fold_all
from projections.catalogue import LAST_OF_A_PAGE, PROJECTIONS
from projections.progress import Progress, ProgressReport
from projections.projection import Projection
from projections.rebuild import Rebuilding, RebuildResult
from projections.rebuild_indexes import index
from projections.rebuild_jobs import Division, Part, division_of, parts_of
from projections.tail import LeadershipLost

KNOWN_EVENTS: Final = EVENTS
"""Importing them registers their topics: without that the log could not be read."""

PROCESSES: Final = 2

PIECE: Final = 12_500
"""Events of a part, more or less: all rows of its streams lie in memory until they are written."""

_MOST_PARTS: Final = 10_000
"""Their numbers must find room in a pipe of 64 KiB."""
_NUMBER_BYTES: Final = 4


class RebuildFailed(Exception):
    """A process of the rebuild ended with an error; the live read models are untouched."""


class _Turns:
    """The parts, for several processes: each has one to begin with, then the next one that is left.

    Their numbers lie in a pipe. The kernel gives each to one of those who read, without a lock
    that somebody could hold when he is killed.
    """

    def __init__(self, parts: Sequence[Part], processes: int) -> None:
        self._parts = parts
        self._numbers, told = multiprocessing.Pipe(duplex=False)
        with told:
            left = range(processes, len(parts))
            os.write(told.fileno(), b"".join(each.to_bytes(_NUMBER_BYTES) for each in left))

    def taken_by(self, process: int) -> Iterator[Part]:
        """Take one after the other until none is left."""
        yield self._parts[process]
        while number := os.read(self._numbers.fileno(), _NUMBER_BYTES):
            yield self._parts[int.from_bytes(number)]

    def close(self) -> None:
        """Take no more of them."""
        self._numbers.close()


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What a process folds, one of several: read models by name and target."""

    targets: dict[str, int]
    turns: _Turns
    number: int
    of: int


def rebuild_together(
    engine: Engine,
    projections: Sequence[Projection],
    progress: ProgressReport | None = None,
    processes: int = PROCESSES,
) -> list[RebuildResult]:
    """Rebuild read models side by side; each event is read and decoded once for all of them.

    Whatever is killed, the same call goes on where it was.

    Raises:
        LeadershipLost: another rebuild of one of them is under way.
        RebuildFailed: one of the other processes ended with an error.
    """
    reader = LogReader(engine)
    begun = [Rebuilding(engine, each, reader.read, reader.head) for each in projections]
    division = _begun_division(engine, projections)
    if division is None:
        division = reader.divide(max(PIECE, reader.head() // _MOST_PARTS), least=processes)
    targets = {each.projection.name: each.begin(division) for each in begun}
    waiting = [each.projection for each in begun if each.parts()]
    if waiting:
        ours = {each.name: targets[each.name] for each in waiting}
        parts = with_besides(reader, waiting, division, max(ours.values()))
        count = min(processes, len(parts))
        with closing(_Turns(parts, count)) as turns:
            tasks = [_Task(targets=ours, turns=turns, number=n, of=count) for n in range(count)]
            with _elsewhere(engine, tasks[1:], progress):
                _fold(engine, tasks[0], progress)
    index(engine, [each.copies for each in begun if each.parts()])
    # The database does most of what is left: while it works for one, another goes on.
    with ThreadPoolExecutor(processes) as finishing:
        ends = [finishing.submit(each.finish, progress, indexed=True) for each in begun]
        return [end.result() for end in ends]


def _begun_division(engine: Engine, projections: Sequence[Projection]) -> Division | None:
    """How the streams are divided by what an earlier call left."""
    with engine.connect() as db:
        known = checkpoints.find(db)
    divisions = (division_of(each, known) for each in projections)
    return next((each for each in divisions if each is not None), None)


def with_besides(
    reader: LogReader, projections: Sequence[Projection], division: Division, until: int
) -> list[Part]:
    """The parts, and for each where the log has what changes its rows from other streams."""
    besides: defaultdict[int, list[int]] = defaultdict(list)
    across = [each.across for each in projections]
    topics = sorted(frozenset[str]().union(*across))

    def found(after: int, until: int) -> list[tuple[int, int]]:
        """Parts, by number, and where an entry of another part changes rows of theirs."""
        there: list[tuple[int, int]] = []
        for entry in chain.from_iterable(reader.of_topics(topics, until, after)):
            named = (each[entry.topic](entry) for each in across if entry.topic in each)
            parts = {bisect_left(division, stream_id) for ids in named for stream_id in ids}
            others = parts - {bisect_left(division, entry.stream_id)}
            there += [(number, entry.position) for number in others]
        return there

    if topics and division:
        # The database looks through two halves at once: nobody else has work yet.
        middle = until // 2
        with ThreadPoolExecutor(2) as readers:
            for number, position in chain(*readers.map(found, (0, middle), (middle, until))):
                besides[number].append(position)
    return [
        replace(part, besides=tuple(besides.get(part.number, ()))) for part in parts_of(division)
    ]


def _fold(engine: Engine, task: _Task, progress: ProgressReport | None) -> None:
    by_name = {each.name: each for each in PROJECTIONS}
    in_turn = sorted(task.targets, key=lambda name: name in LAST_OF_A_PAGE)
    # All in one transaction, unless commands would wait for its end.
    together = Transaction(engine) if engine.dialect.name == "postgresql" else None
    builds = [Build(engine, by_name[name], task.targets[name], together) for name in in_turn]
    share = f" {task.number + 1}/{task.of}" if task.of > 1 else ""
    parts = task.turns.taken_by(task.number)
    reader = LogReader(engine, _wanted_by_none([build.projection for build in builds]))
    fold_all(builds, parts, reader.scan, LIMITS, progress, share)


def _wanted_by_none(projections: Sequence[Projection]) -> frozenset[str]:
    """What of the log need not be read for them: topics that are known and that none folds."""
    wanted = frozenset[str]().union(*(each.topics or KNOWN_EVENTS for each in projections))
    return frozenset(KNOWN_EVENTS) - wanted


@contextmanager
def _elsewhere(
    engine: Engine, tasks: Sequence[_Task], progress: ProgressReport | None
) -> Generator[None]:
    """Do the tasks in processes of their own meanwhile; raises what went wrong there."""
    url = engine.url.render_as_string(hide_password=False)
    # A copy of this process has imported everything already; of one with threads none can be made.
    alone = threading.active_count() == 1 and sys.platform == "linux"
    context: Any = multiprocessing.get_context("fork" if alone else "spawn")
    helpers: list[_Helper] = []
    try:
        for task in tasks:
            ours, theirs = context.Pipe(duplex=False)
            given = (url, task, ours, theirs)
            process = context.Process(target=_work, args=given, daemon=True)
            process.start()
            # Closed on our side, so that its end is seen when the process dies.
            theirs.close()
            helpers.append(_Helper(process, ours, progress))
        for helper in helpers:
            helper.listen()
        yield
        for helper in helpers:
            helper.finish()
    finally:
        for helper in helpers:
            helper.end()


class _Helper:
    """Another process, and the thread that listens to it."""

    def __init__(self, process: Any, pipe: Any, progress: ProgressReport | None) -> None:  # noqa: ANN401  of the kind of the context
        self._process = process
        self._pipe = pipe
        self._progress = progress
        self._ended: object = None
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def listen(self) -> None:
        """Begin to hear what it tells."""
        self._thread.start()

    def finish(self) -> None:
        """Wait for the end; raises what it says went wrong."""
        self._thread.join()
        self._process.join()
        match self._ended:
            case "done":
                return
            case ("LeadershipLost", str() as said):
                raise LeadershipLost(said)
            case (str(), str() as said):
                raise RebuildFailed(f"A process of the rebuild failed: {said}.")
            case _:
                code = self._process.exitcode
                raise RebuildFailed(f"A process of the rebuild ended with code {code}.")

    def end(self) -> None:
        """End the process if it still runs."""
        if self._process.is_alive():
            self._process.terminate()
        self._process.join()
        if self._thread.ident is not None:
            self._thread.join()
        self._pipe.close()

    def _listen(self) -> None:
        while True:
            try:
                heard = self._pipe.recv()
            except EOFError:
                return
            if isinstance(heard, Progress):
                if self._progress is not None:
                    self._progress(heard)
            else:
                self._ended = heard


def _work(url: str, task: _Task, heard: Connection, pipe: Connection) -> None:
    # Only whoever started us is to hear us.
    heard.close()
    engine = connect(url)
    try:
        # A send fails when whoever started us has died: then we end as well.
        _fold(engine, task, pipe.send)
    except Exception as error:
        # An error of a fold could quote what an event says: then only its kind and place are told.
        match error:
            case LeadershipLost():
                pipe.send(("LeadershipLost", str(error)))
            case EventUnreadable():
                pipe.send(("", f"it cannot read {error.named}"))
            case _:
                pipe.send(("", faults.kind_and_place(error)))
        raise SystemExit(1) from error
    else:
        pipe.send("done")
    finally:
        engine.dispose()
