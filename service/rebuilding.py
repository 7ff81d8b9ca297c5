"""Rebuild read models in several processes: each folds all of them for a part of the streams."""

import multiprocessing
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final

from sqlalchemy import Engine

from domain.events import EVENTS
from infra.database import connect
from infra.log.scan import LogReader
from projections import faults
from projections.bulk import Build, Limits, fold_all
from projections.catalogue import PROJECTIONS
from projections.progress import Progress, ProgressReport
from projections.projection import Projection
from projections.rebuild import Rebuilding, RebuildResult
from projections.rebuild_jobs import Part
from projections.tail import LeadershipLost

KNOWN_EVENTS: Final = EVENTS
"""Importing them registers their topics: without that the log could not be read."""

PROCESSES: Final = 2

_SQLITE_ENTRIES: Final = 50_000
"""On SQLite commands wait while a rebuild writes: it writes less at a time."""


class RebuildFailed(Exception):
    """A process of the rebuild ended with an error; the live read models are untouched."""


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What one process folds: read models by name and target, in one part of all streams."""

    targets: dict[str, int]
    part: Part


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
    targets = {each.projection.name: each.begin(processes) for each in begun}
    waiting = [each for each in begun if each.parts()]
    if waiting:
        names = [each.projection.name for each in waiting]
        ours = {name: targets[name] for name in names}
        tasks = [_Task(targets=ours, part=Part(n, processes)) for n in range(processes)]
        with _elsewhere(engine, tasks[1:], progress):
            _fold(engine, tasks[0], progress)
    # The database does most of what is left: while it works for one, another goes on.
    with ThreadPoolExecutor(processes) as finishing:
        ends = [finishing.submit(each.finish, progress) for each in begun]
        return [end.result() for end in ends]


def _fold(engine: Engine, task: _Task, progress: ProgressReport | None) -> None:
    by_name = {each.name: each for each in PROJECTIONS}
    builds = [
        Build(engine, by_name[name], task.part, target) for name, target in task.targets.items()
    ]
    limits = Limits(entries=_SQLITE_ENTRIES) if engine.dialect.name == "sqlite" else Limits()
    fold_all(builds, LogReader(engine).scan, limits, progress)


@contextmanager
def _elsewhere(
    engine: Engine, tasks: Sequence[_Task], progress: ProgressReport | None
) -> Generator[None]:
    """Do the tasks in processes of their own meanwhile; raises what went wrong there."""
    url = engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    helpers: list[_Helper] = []
    try:
        for task in tasks:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(url, task, theirs), daemon=True)
            process.start()
            # Closed on our side, so that its end is seen when the process dies.
            theirs.close()
            helpers.append(_Helper(process, ours, progress))
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


def _work(url: str, task: _Task, pipe: Connection) -> None:
    engine = connect(url)
    try:
        # A send fails when whoever started us has died: then we end as well.
        _fold(engine, task, pipe.send)
    except Exception as error:
        # An error of a fold could quote what an event says: then only its kind and place are told.
        lost = isinstance(error, LeadershipLost)
        pipe.send(("LeadershipLost", str(error)) if lost else ("", faults.kind_and_place(error)))
        raise SystemExit(1) from error
    else:
        pipe.send("done")
    finally:
        engine.dispose()
