"""How much longer the page of a queue takes with 100,000 open issues in one agency than with 1,000.

Whole pages as people get them, rendered and packed, asked for in this process: what is compared are
two databases in one server, and nothing else differs.
"""

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from litestar.testing import TestClient
from sqlalchemy import URL, text

from domain.preset_users import USERS
from infra.accounts import Accounts
from infra.database import connect
from infra.sessions import FIELD_IDLE, Sessions
from projections.catalogue import PROJECTIONS
from service.app import Application, create_app
from service.assembly import assemble, system_clock
from service.settings import Settings
from tests import servers
from tests.bench import read_tables
from tests.bench.figures import Figure

BENCH: Final = "page of a long queue, HTML; PostgreSQL; one visitor"
FEW, MANY = 1_000, 100_000
USER, AGENCY = "u-dis-01", "district"
ASKED: Final = 10
QUEUES: Final[Mapping[str, str]] = {
    "as it stands": "bucket=ours",
    "one priority": "bucket=ours&priority=high",
    "mine": "bucket=ours&who=me",
    "of one category": "bucket=ours&category=drug_dealing",
    "marked as bounced": "bucket=ours&badge=ping_pong",
    "nobody's": "bucket=ours&who=-",
    "by number": "bucket=ours&sort=number",
    "by priority": "bucket=ours&sort=priority",
    "the longest there first": "bucket=ours&sort=since",
    "to be followed up": "bucket=follow_up",
    "to be followed up, one priority": "bucket=follow_up&priority=high",
    "to be followed up, of one category": "bucket=follow_up&category=drug_dealing",
    "to be followed up, nobody's": "bucket=follow_up&who=-",
    "to be followed up, by number": "bucket=follow_up&sort=number",
    "to be followed up, one priority, by number": "bucket=follow_up&priority=high&sort=number",
    "overdue, of one category": "bucket=overdue&category=drug_dealing",
    "overdue, by number": "bucket=overdue&sort=number",
}


def run(folder: Path, rounds: int) -> list[Figure]:
    """Ask both databases for each page in turn."""
    with servers.postgresql(durable=True) as server, ExitStack() as stack:
        short = servers.create_database(server, "samsyn_queue_short")
        engine = connect(short)
        read_tables.a_short_log(engine)
        _add_accounts(short)
        engine.dispose()
        visits = {
            issues: stack.enter_context(_visit(_grown(server, short, issues), folder))
            for issues in (FEW, MANY)
        }
        times: dict[tuple[str, int], list[float]] = {}
        for _ in range(rounds * ASKED):
            for name, query in QUEUES.items():
                for issues, client in visits.items():
                    taken = _seconds(client, f"/queue?{query}")
                    times.setdefault((name, issues), []).append(taken * 1_000)
    return [figure for name in QUEUES for figure in _figures(name, times)]


def _figures(name: str, times: Mapping[tuple[str, int], Sequence[float]]) -> Generator[Figure]:
    found = {issues: median(times[name, issues]) for issues in (FEW, MANY)}
    for issues, value in found.items():
        yield Figure(
            bench=BENCH, what=f"queue, {name}: {issues:,} open issues", value=value, unit="ms"
        )
    yield Figure(
        bench=BENCH,
        what=f"queue, {name}: {MANY:,} open issues against {FEW:,}",
        value=found[MANY] / found[FEW],
        unit="times",
        goal="at most 1.5",
        means="a list is there at once, however long the queue",
    )


def _seconds(client: TestClient[Application], path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    taken = time.perf_counter() - began
    if b'id="list"' not in answer.content:
        raise RuntimeError(f"{path} was answered with {answer.status_code}")
    return taken


def _grown(server: URL, short: URL, issues: int) -> URL:
    """A copy of the short database in which the agency has so many open issues."""
    database = servers.create_database(
        server, f"samsyn_queue_{issues}", template=str(short.database)
    )
    engine = connect(database)
    with engine.connect() as db:
        known = db.execute(
            text("SELECT count(*) FROM queue_items WHERE agency_id = :of AND bucket = 'ours'"),
            {"of": AGENCY},
        ).scalar_one()
    read_tables.grow(engine, -(-issues * read_tables.issues_of_one() // known))
    engine.dispose()
    return database


def _add_accounts(database: URL) -> None:
    engine = connect(database)
    accounts = Accounts(engine, system_clock)
    user = next(each for each in USERS if each.user_id == USER)
    accounts.add(USER, user_id=USER, display_name=user.display_name, password="not asked for")
    engine.dispose()


@contextmanager
def _visit(database: URL, folder: Path) -> Generator[TestClient[Application]]:
    """The application on a database, for somebody who has signed in."""
    address = servers.plain_address(database)
    samsyn = assemble(address, PROJECTIONS)
    settings = Settings.from_environment(
        {
            "DATABASE_URL": address,
            "SAMSYN_DATA_DIR": str(folder),
            "SAMSYN_DEMO": "no",
            "SAMSYN_SECURE_COOKIES": "no",
        }
    )
    token = Sessions(samsyn.engine, system_clock, lambda _user: FIELD_IDLE).start(USER)
    try:
        with TestClient(create_app(samsyn, settings)) as client:
            client.cookies.set("samsyn_session", token)
            yield client
    finally:
        samsyn.close()
