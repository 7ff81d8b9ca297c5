"""Commands over HTTP as programs give them: durable, by 32 clients, to two web processes."""

import json
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final
from uuid import UUID

from domain.opening import OpenIssue
from domain.values import Place
from infra.tokens import Tokens
from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from service.preset import load_preset
from tests import servers
from tests.bench.figures import Figure
from tests.bench.http_load import Load, Source, load
from tests.bench.serving import a_worker, environment, serving
from tests.examples import actor

BENCH: Final = "commands over HTTP: decide, log an action; PostgreSQL, durable; 2 web processes"
CLIENTS: Final = 32
SECONDS: Final = 6.0
ISSUES: Final = 2_000
USER: Final = "u-dis-01"
ACTION: Final = json.dumps(
    {
        "action_type": "foot_patrol",
        "performed_from": "2026-01-12T14:00:00+01:00",
        "performed_to": "2026-01-12T16:30:00+01:00",
        "people": 2,
        "result_sv": "Två patruller till fots längs kanalen. Lugnt, inga ingripanden.",
    }
).encode()
ISSUE: Final = json.dumps(
    {
        "public_title": "Otrygghet vid Brunnsparken",
        "category": "drug_dealing",
        "place": {"name": "Brunnsparken"},
    }
).encode()


def run(folder: Path, rounds: int) -> list[Figure]:
    """With nothing but the web processes, then with a worker that follows the log beside them."""
    with servers.postgresql(durable=True) as address:
        environ = environment(address, folder)
        issues, token = _filled(environ["DATABASE_URL"])
        actions = _requests(token, lambda: f"{random.choice(issues)}/performed-actions", ACTION)
        openings = _requests(token, lambda: "", ISSUE)
        figures: list[Figure] = []
        with serving(environ) as port:
            figures += _measured("log an action", port, actions, rounds)
            figures += _measured("open an issue", port, openings, rounds)
            with a_worker(environ):
                figures += _measured("log an action, a worker beside", port, actions, rounds)
    return figures


def _measured(what: str, port: int, source: Source, rounds: int) -> Iterator[Figure]:
    load(port, CLIENTS, 2.0, source)
    loads = [load(port, CLIENTS, SECONDS, source) for _ in range(rounds)]
    for each in loads:
        if set(each.statuses) != {"201"}:
            raise RuntimeError(f"not every command was carried out: {each.statuses}")

    rates = sorted(map(Load.rate, loads))
    yield Figure(
        bench=BENCH,
        what=f"ours: {what}",
        value=median(rates),
        unit="commands/s",
        low=rates[0],
        high=rates[-1],
        goal="at least 1,000 a second",
        means="a whole city's shift change in a minute",
    )
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        times = sorted(each.percentile(share) * 1_000 for each in loads)
        yield Figure(
            bench=BENCH,
            what=f"ours: {what}, {name}",
            value=median(times),
            unit="ms",
            low=times[0],
            high=times[-1],
            goal="at most 80 ms" if name == "p99" else None,
            means="from pressing the button to a durable receipt",
        )


def _requests(token: str, path: Callable[[], str], body: bytes) -> Source:
    """POSTs of one body below /issues, each with an idempotency key of its own."""
    run, numbers = random.randbytes(6).hex(), count()
    rest = (
        f"host: 127.0.0.1\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\nidempotency-key: {run}-"
    )

    def source() -> bytes:
        where = f"/{path()}".rstrip("/")
        head = f"POST /api/v1/issues{where} HTTP/1.1\r\n{rest}{next(numbers)}\r\n\r\n"
        return head.encode() + body

    return source


def _filled(database_url: str) -> tuple[Sequence[UUID], str]:
    """Issues to act on, and a token of somebody who may."""
    samsyn = assemble(database_url, PROJECTIONS)
    load_preset(samsyn.execution, "today")
    issues = [_an_issue(samsyn, number) for number in range(ISSUES)]
    _, token = Tokens(samsyn.engine, samsyn.clock).issue(USER, "bench", expires_at=None)
    samsyn.close()
    return issues, token


def _an_issue(samsyn: Samsyn, number: int) -> UUID:
    batch = samsyn.execution.batch()
    command = OpenIssue(
        public_title=f"Otrygghet {number}", category="drug_dealing", place=Place(name="Kanalen")
    )
    opened = batch.execute(command, actor(USER))
    batch.save_later()
    return opened.target.id
