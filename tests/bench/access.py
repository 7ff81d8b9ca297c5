"""What the access log costs a page and an answer: the same reading with its row and without."""

import asyncio
import time
from collections.abc import Callable, Generator
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

from projections.catalogue import PROJECTIONS
from projections.issue_parts import head_by_id
from projections.viewer import Viewer
from service.access import an_issue
from service.assembly import Samsyn, assemble, system_clock
from service.preset import load_preset
from service.tracing import begin_trace
from tests import servers
from tests.bench.figures import Figure, percentile, seconds_of
from tests.examples import actor, open_issue

BENCH: Final = "the access log's row, added in the reading of an issue's head"
GOAL: Final = "at most 1 ms at the median"
MEANS: Final = "nobody waits for being logged"
READINGS: Final = 300
"""In a round, of each kind."""
_SCOPE: Final = {"method": "GET", "path_template": "/issues/{issue_id}", "query_string": b""}


def run(folder: Path, rounds: int) -> list[Figure]:
    """Read in turn with a row and without, on both databases, as pages do and as answers do."""
    figures = [*_of_pages("SQLite", f"sqlite:///{folder / 'samsyn.db'}", rounds)]
    with servers.postgresql(durable=True) as server:
        url = servers.create_database(server, "samsyn_access")
        address = url.render_as_string(hide_password=False)
        figures += _of_pages("PostgreSQL", address, rounds)
        figures += asyncio.run(_of_answers(address, rounds))
    return figures


def _of_pages(database: str, url: str, rounds: int) -> Generator[Figure]:
    samsyn, viewer, issue_id = _begun(url)
    question = head_by_id(viewer, issue_id)

    def plain() -> None:
        with samsyn.reading.connection({}) as db:
            question.ask(db)

    def logged() -> None:
        begin_trace("bench", _SCOPE)
        with samsyn.access.reading(viewer, an_issue(issue_id)) as db:
            question.ask(db)

    costs: list[float] = []
    slowest: list[float] = []
    processor: list[float] = []
    for _ in range(rounds):
        without, with_row = _in_turn(plain, logged)
        costs.append(median(with_row) - median(without))
        slowest.append(percentile(with_row, 95))
        processor.append(_processor_of(logged) - _processor_of(plain))
    yield _figure(f"page, {database}: what the row costs", costs, GOAL)
    yield _figure(f"page, {database}: of it time of our processor", processor)
    yield _figure(f"page, {database}: 95 of 100 readings with their row within", slowest)
    samsyn.close()


async def _of_answers(url: str, rounds: int) -> list[Figure]:
    samsyn, viewer, issue_id = await asyncio.to_thread(_begun, url)
    assert samsyn.wires is not None
    question = head_by_id(viewer, issue_id)
    costs: list[float] = []
    for _ in range(rounds):
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(READINGS):
            for with_row, found in enumerate(times):
                begin_trace("bench", _SCOPE)
                began = time.perf_counter()
                asked = question
                if with_row:
                    asked = samsyn.access.logged(viewer, an_issue(issue_id), question)
                await asked.ask_on(samsyn.wires.for_pages())
                found.append(1_000 * (time.perf_counter() - began))
        costs.append(median(times[1]) - median(times[0]))
    samsyn.close()
    return [_figure("answer of the API, PostgreSQL: what the row costs", costs, GOAL)]


def _begun(url: str) -> tuple[Samsyn, Viewer, UUID]:
    """The program with one issue that its read models show."""
    samsyn = assemble(url, PROJECTIONS, system_clock)
    if not samsyn.casework.head():
        load_preset(samsyn.execution, "today")
        samsyn.execution.execute(open_issue(), actor("u-dis-01"))
        samsyn.runner.catch_up()
    (opened,) = samsyn.casework.read(samsyn.casework.head() - 1, 1)
    return samsyn, Viewer(actor("u-dis-01"), authority=True), opened.stream_id


def _in_turn(*works: Callable[[], None]) -> list[list[float]]:
    """Milliseconds of each, one after the other, so that a busy moment hits all."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(READINGS):
        for work, times in zip(works, found, strict=True):
            times.append(1_000 * seconds_of(work))
    return found


def _processor_of(work: Callable[[], None]) -> float:
    began = time.process_time()
    for _ in range(READINGS):
        work()
    return 1_000 * (time.process_time() - began) / READINGS


def _figure(what: str, values: list[float], goal: str | None = None) -> Figure:
    return Figure(
        bench=BENCH,
        what=what,
        value=median(values),
        unit="ms",
        low=min(values),
        high=max(values),
        goal=goal,
        means=MEANS if goal else None,
    )
