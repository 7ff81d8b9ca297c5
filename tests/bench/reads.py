"""How long pages take that programs read: of queues at a million issues, of an issue with much."""

import random
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

from sqlalchemy import URL

from domain.notes import AddNote
from infra.database import connect
from infra.tokens import Tokens
from projections.catalogue import PROJECTIONS
from service.assembly import assemble, system_clock
from tests import servers
from tests.bench import clients, read_tables
from tests.bench.figures import Figure, percentile
from tests.bench.serving import environment, serving
from tests.examples import actor, open_issue, performed

BENCH: Final = "pages over HTTP, JSON; PostgreSQL; 2 web processes"
CLIENTS: Final = 8
SECONDS: Final = 3.0
EVENTS: Final = 200
FEW, MANY = 10_000, 1_000_000
MEMORY: Final = "shared_buffers=1GB"
"""As in compose.yaml: PostgreSQL's own default is 128 MB, whatever the machine."""
_QUEUE: Final = "/api/v1/agencies/{}/queue?bucket={}"


@dataclass(frozen=True)
class Page:
    """What is read by whom, and within how many milliseconds 95 of 100 answers are wanted."""

    name: str
    user_id: str
    path: str
    goal: int
    means: str


QUEUES: Final = (
    Page(
        "queue, 50 rows, of another agency, part of it hidden",
        "u-soc-01",
        _QUEUE.format("district", "ours"),
        15,
        "a list is there at once, however long the queue",
    ),
    Page(
        "queue, 50 rows, a partner's own",
        "u-par-01",
        _QUEUE.format("partner_nordstan", "to_answer"),
        15,
        "the same for who sees little",
    ),
)


Rounds = Sequence[Sequence[float]]
"""Milliseconds of each answer of each round."""


def run(folder: Path, rounds: int) -> list[Figure]:
    """Read from few issues and from many in turn; both databases lie in one server."""
    with servers.postgresql(durable=True, settings=[MEMORY]) as server:
        short = servers.create_database(server, "samsyn_reads_short")
        engine = connect(short)
        read_tables.a_short_log(engine)
        engine.dispose()
        issue = _an_issue(short)
        databases: dict[int, URL] = {}
        for issues in (FEW, MANY):
            databases[issues] = _copy(server, short, f"samsyn_reads_{issues}")
            engine = connect(databases[issues])
            read_tables.grow(engine, issues)
            engine.dispose()
        issue_page = Page(
            f"issue with {EVENTS} events",
            "u-dis-01",
            f"/api/v1/issues/{issue}",
            25,
            "the longest cases open as quickly as others",
        )
        few = _times(folder, databases[FEW], QUEUES, rounds)
        many = _times(folder, databases[MANY], (*QUEUES, issue_page), rounds)
    figures = [each for page in QUEUES for each in _of_queue(page, few[page], many[page])]
    return [*figures, *_figures(issue_page, "", many[issue_page])]


def _of_queue(page: Page, few: Rounds, many: Rounds) -> Generator[Figure]:
    yield from _figures(page, f", {FEW:,} issues", few)
    yield from _figures(page, f", {MANY:,} issues", many)
    ratio = median(_percentiles(many, 95)) / median(_percentiles(few, 95))
    yield Figure(
        bench=BENCH,
        what=f"{page.name}: {MANY:,} issues against {FEW:,}",
        value=ratio,
        unit="times",
        goal="at most 1.5",
        means=page.means,
    )


def _figures(page: Page, where: str, rounds: Rounds) -> Generator[Figure]:
    for percent in (50, 95):
        values = _percentiles(rounds, percent)
        yield Figure(
            bench=BENCH,
            what=f"{page.name}{where}: {percent} of 100 within",
            value=median(values),
            unit="ms",
            low=min(values),
            high=max(values),
            goal=f"within {page.goal} ms" if percent == 95 else None,
            means=page.means,
        )


def _percentiles(rounds: Rounds, percent: int) -> list[float]:
    return [percentile(times, percent) for times in rounds]


def _times(
    folder: Path, database: URL, pages: Sequence[Page], rounds: int
) -> Mapping[Page, Rounds]:
    """Let the clients read one page after the other, in an order of its own each round."""
    requests = _requests(database, pages)
    found: dict[Page, list[list[float]]] = {page: [] for page in pages}
    with serving(environment(database, folder)) as port:
        for page in pages:
            clients.asked(port, [requests[page]], clients=CLIENTS, seconds=1.0)
        for _ in range(rounds):
            for page in random.sample(pages, len(pages)):
                taken = clients.asked(port, [requests[page]], clients=CLIENTS, seconds=SECONDS)
                found[page].append([1_000 * seconds for seconds in taken])
    return found


def _requests(database: URL, pages: Sequence[Page]) -> Mapping[Page, bytes]:
    engine = connect(database)
    tokens = Tokens(engine, system_clock)
    requests = {
        page: clients.get(page.path, tokens.issue(page.user_id, "bench", expires_at=None)[1])
        for page in pages
    }
    engine.dispose()
    return requests


def _an_issue(database: URL) -> UUID:
    """An issue in which much was noted and done."""
    samsyn = assemble(servers.plain_address(database), PROJECTIONS)
    by = actor("u-dis-01")
    issue_id = samsyn.execution.execute(open_issue(), by).stream_id
    note = AddNote(issue_id=issue_id, text_sv="Kvällspatrullen såg inget särskilt.")
    for number in range(1, EVENTS):
        command = note if number % 2 else performed(issue_id)
        samsyn.execution.execute(command, by)
    samsyn.runner.catch_up()
    samsyn.close()
    return issue_id


def _copy(server: URL, short: URL, name: str) -> URL:
    return servers.create_database(server, name, template=str(short.database))
