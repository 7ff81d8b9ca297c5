"""Samsyn as it runs for real: web and worker processes of one database, which tests may kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from infra.tokens import Tokens
from service.assembly import system_clock
from tests.examples import a_started_samsyn
from tests.faults.load import ANSWER_SECONDS, PATIENCE_SECONDS, USER, Load
from tests.server_process import free_port

PROGRAM: Final = (sys.executable, "-c", "from service.cli import main; main()")
_REPOSITORY: Final = Path(__file__).parents[2]


def wait_until(true: Callable[[], object], what: str) -> None:
    """Look again and again; the limit is for a program that hangs, not for a busy machine."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < give_up_at, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.05)


class Program:
    """One process of Samsyn; killed, paused and started again as a test likes."""

    def __init__(self, arguments: Sequence[str], environ: dict[str, str], log: Path) -> None:
        self.arguments = list(arguments)
        self._environ = {**os.environ, "PYTHONPATH": str(_REPOSITORY), **environ}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, without waiting for it."""
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                self.arguments,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pause(self) -> None:
        """Let it stand still, with all its connections open."""
        assert self._process is not None, "it was started"
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it stood."""
        assert self._process is not None, "it was started"
        self._process.send_signal(signal.SIGCONT)

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        """Everything it has written so far."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""


@dataclass(frozen=True, kw_only=True)
class Site:
    """The processes of one installation, its database and a client of the API."""

    database_url: str
    webs: list[Program]
    addresses: list[str]
    workers: list[Program]
    client: httpx.Client

    def load(self, name: str) -> Load:
        """Clients that send commands to all web processes."""
        return Load(self.client, self.addresses, name)

    def wait_for_webs(self) -> None:
        """Return when every web process answers."""
        for program, address in zip(self.webs, self.addresses, strict=True):
            wait_until(partial(self._answers, program, address), f"an answer of {address}")

    def wait_for_workers(self) -> None:
        """Return when every worker has begun."""
        for program in self.workers:
            wait_until(partial(begun, program), "a worker that has begun")

    def _answers(self, program: Program, address: str) -> bool:
        assert program.runs(), f"it ended:\n{program.said()}"
        try:
            return self.client.get(f"{address}/health").status_code == 200
        except httpx.TransportError:
            return False


def begun(program: Program) -> bool:
    """Whether a worker has said that it began, since it was last started."""
    assert program.runs(), f"it ended:\n{program.said()}"
    return "worker_started" in program.said()


@contextmanager
def a_site(
    database_url: str,
    folder: Path,
    *,
    webs: Sequence[str],
    workers: Sequence[str],
    redis_url: str | None = None,
) -> Generator[Site]:
    """Load the preset `today` and start a process for each address of the database given.

    Processes may reach the same database by different ways, for example through a proxy.
    """
    with a_started_samsyn(database_url, projections=()) as started:
        tokens = Tokens(started.samsyn.engine, system_clock)
        _, token = tokens.issue(USER, "load", expires_at=None)
    around = {"SAMSYN_DATA_DIR": str(folder), "SAMSYN_SECURE_COOKIES": "no"}
    if redis_url is not None:
        around["REDIS_URL"] = redis_url
    ports = [free_port() for _ in webs]
    serving = [
        Program(
            (*PROGRAM, "serve", "--port", str(port)),
            {**around, "DATABASE_URL": url},
            folder / f"web-{port}.log",
        )
        for url, port in zip(webs, ports, strict=True)
    ]
    working = [
        Program((*PROGRAM, "worker"), {**around, "DATABASE_URL": url}, folder / f"worker-{at}.log")
        for at, url in enumerate(workers)
    ]
    headers = {"Authorization": f"Bearer {token}"}
    with ExitStack() as ends, httpx.Client(headers=headers, timeout=ANSWER_SECONDS) as client:
        for program in (*serving, *working):
            ends.callback(program.kill)
            program.start()
        site = Site(
            database_url=database_url,
            webs=serving,
            addresses=[f"http://127.0.0.1:{port}" for port in ports],
            workers=working,
            client=client,
        )
        site.wait_for_webs()
        site.wait_for_workers()
        yield site
