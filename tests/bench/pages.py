"""How long the demo's pages take, asked for in turn by somebody signed in, over loopback."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles

import httpx

from tests.bench.figures import Figure, seconds_of

BENCH = "pages of the demo, one visitor (goal: under 100 ms)"
LOGIN = "u-dis-01"
PAGES = ("/queue", "/inbox", "/issues", "/reports", "/trail", "/figures", "/log-action")
ASKED_A_ROUND = 15
START = [sys.executable, "-c", "from service.cli import main; main()"]


def run(folder: Path, rounds: int) -> list[Figure]:
    """Load the demo, serve it, ask for each page in turn."""
    environ = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'samsyn.db'}",
        "SAMSYN_DATA_DIR": str(folder),
    }
    subprocess.run([*START, "demo"], env=environ, check=True, stdout=subprocess.DEVNULL)
    with _serving(environ) as address, httpx.Client(base_url=address, timeout=30) as client:
        _sign_in(client)
        pages = (*PAGES, _an_issue(client))
        times: dict[str, list[float]] = {page: [] for page in pages}
        for _ in range(rounds * ASKED_A_ROUND):
            for page in pages:
                times[page].append(seconds_of(lambda page=page: _get(client, page)))  # type: ignore[misc]  # mypy cannot tell the default's type
    return [figure for page, taken in times.items() for figure in _figures(page, taken)]


def _figures(page: str, taken: list[float]) -> Iterator[Figure]:
    name = re.sub(r"/[0-9a-f-]{36}", "/{issue}", page)
    yield Figure(bench=BENCH, what=name, value=median(taken) * 1_000, unit="ms")
    slow = quantiles(taken, n=20)[-1]
    yield Figure(bench=BENCH, what=f"{name}, 19 of 20 within", value=slow * 1_000, unit="ms")


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


def _sign_in(client: httpx.Client) -> None:
    form = client.get("/sign-in")
    csrf = re.search(r'name="_csrf_token" value="([^"]+)"', form.text)
    answer = client.post(
        "/sign-in/demo", data={"login": LOGIN, "_csrf_token": csrf[1] if csrf else ""}
    )
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise RuntimeError(f"signing in was answered with {answer.status_code}")


def _an_issue(client: httpx.Client) -> str:
    found = re.search(r"/issues/[0-9a-f-]{36}", client.get("/issues").text)
    if found is None:
        raise RuntimeError("the demo shows no issue")
    return found[0]


def _get(client: httpx.Client, page: str) -> None:
    client.get(page).raise_for_status()
