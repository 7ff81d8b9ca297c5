"""How long the demo's pages take and how much of each goes over the net, asked for in turn."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Final

import httpx

from tests.bench.figures import Figure, percentile, seconds_of

BENCH: Final = "pages of the demo, one visitor, SQLite"
GOAL: Final = "95 of 100 within 50 ms, 60 kB"
PAGES: Final = {
    "u-dis-01": (
        "/",
        "/queue",
        "/queue?bucket=ours",
        "/inbox",
        "/queue?bucket=ours&category=drug_dealing&sort=-number",
        "/inbox?report={report}",
        "/reports/{report}",
        "/issues",
        "/issues?text=torget",
        "/issues/{issue}",
        "/issues/{issue}/then",
        "/issues/{issue}/do/SendReferral",
        "/issues/{issue}/do/RecordFollowUp",
        "/issues/{issue}/do/CloseIssue",
        "/issues/new",
        "/accessibility",
    ),
    "u-pol-02": ("/focus", "/log-action", "/log-action/shift", "/log-action/today", "/reports/new"),
    "u-man-01": (
        "/figures",
        "/figures/K2",
        "/trail",
        "/trail?issue={number}",
        "/issues/{issue}/readings",
    ),
}
"""By who asks; a hole is filled with the first that a list shows."""
HOLES: Final = {
    "report": ("/inbox", r"/inbox\?report=([0-9a-f-]{36})"),
    "issue": ("/queue?bucket=ours", r"/issues/([0-9a-f-]{36})"),
    "number": ("/queue?bucket=ours", r"TIC-\d{4}-\d{5}"),
}
ASKS: Final = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": "same-origin"}
ASKED_A_ROUND: Final = 35
START: Final = [sys.executable, "-c", "from service.cli import main; main()"]


@dataclass
class _Page:
    """One page: who asks for it where, and what came of it."""

    client: httpx.Client
    name: str
    path: str
    sent: int = 0
    times: list[float] = field(default_factory=list[float])

    def get(self) -> None:
        with self.client.stream("GET", self.path) as answer:
            answer.raise_for_status()
            for _ in answer.iter_raw():
                pass
            head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
            self.sent = answer.num_bytes_downloaded + head


def run(folder: Path, rounds: int) -> list[Figure]:
    """Load the demo, serve it, ask for each page in turn."""
    environ = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'samsyn.db'}",
        "SAMSYN_DATA_DIR": str(folder),
        "SAMSYN_SECURE_COOKIES": "no",
    }
    subprocess.run([*START, "demo"], env=environ, check=True, stdout=subprocess.DEVNULL)
    with _serving(environ) as address, ExitStack() as opened:
        pages: list[_Page] = []
        for login, paths in PAGES.items():
            client = httpx.Client(base_url=address, timeout=30, headers=ASKS)
            opened.enter_context(client)
            _sign_in(client, login)
            pages += [_Page(client, path, _filled(client, path)) for path in paths]
        for page in pages:
            page.get()  # the first visitor of all is another question
        for _ in range(rounds * ASKED_A_ROUND):
            for page in pages:
                page.times.append(seconds_of(page.get))
    return [figure for page in pages for figure in _figures(page)]


def _figures(page: _Page) -> Iterator[Figure]:
    slow = percentile(page.times, 95)
    for what, value, unit in (
        ("", median(page.times) * 1_000, "ms"),
        (", 95 of 100 within", slow * 1_000, "ms"),
        (", over the net", page.sent / 1_000, "kB"),
    ):
        goal = GOAL if what else None
        yield Figure(bench=BENCH, what=page.name + what, value=value, unit=unit, goal=goal)


def _filled(client: httpx.Client, path: str) -> str:
    hole = re.search(r"{(\w+)}", path)
    if hole is None:
        return path
    where, what = HOLES[hole[1]]
    found = re.search(what, client.get(where).text)
    if found is None:
        raise RuntimeError(f"the demo shows nothing for {path}")
    return path.replace(hole[0], found[found.lastindex or 0])


@contextmanager
def _serving(environ: dict[str, str]) -> Generator[str]:
    with subprocess.Popen(
        [*START, "serve", "--port", "0"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            found = re.search(
                r"http://[\d.]+:\d+", server.stdout.readline() if server.stdout else ""
            )
            if found is None:
                raise RuntimeError("the server did not start")
            yield found[0]
        finally:
            server.terminate()


def _sign_in(client: httpx.Client, login: str) -> None:
    form = client.get("/sign-in")
    csrf = re.search(r'name="_csrf_token" value="([^"]+)"', form.text)
    answer = client.post(
        "/sign-in/demo", data={"login": login, "_csrf_token": csrf[1] if csrf else ""}
    )
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise RuntimeError(f"signing in was answered with {answer.status_code}")
