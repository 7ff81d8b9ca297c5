"""Samsyn as it runs for real: web and worker processes of one database, which tests may kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import httpx

from infra.tokens import Tokens
from service.assembly import system_clock
from tests.examples import a_started_samsyn
from tests.faults.load import ANSWER_SECONDS, USER, Load
from tests.faults.waiting import wait_until
from tests.server_process import free_port

PROGRAM: Final = (sys.executable, "-c", "from service.cli import main; main()")
_REPOSITORY: Final = Path(__file__).parents[2]
SHIFTED: Final = (sys.executable, str(Path(__file__).with_name("shifted_program.py")))
"""The same program on a clock that a test sets."""


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

    def is_named_in(self, holder: str) -> bool:
        """Whether a leader's name is that of this process: host, number and something random."""
        return self._process is not None and holder.split(":")[-2] == str(self._process.pid)

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
    folder: Path
    around: dict[str, str]

    def load(self, name: str) -> Load:
        """Clients that send commands to all web processes."""
        return Load(self.client, self.addresses, name)

    def add_web(
        self, database_url: str, start: Sequence[str] = PROGRAM, host: str = "127.0.0.1"
    ) -> None:
        """Start one more web process; the same database may be reached by another way."""
        port = free_port()
        serve = (*start, "serve", "--host", host, "--port", str(port))
        program = self._program(f"web-{port}", database_url, *serve)
        self.webs.append(program)
        self.addresses.append(f"http://{host}:{port}")
        program.start()

    def add_worker(self, database_url: str, start: Sequence[str] = PROGRAM) -> Program:
        """Start one more worker."""
        program = self._program(f"worker-{len(self.workers)}", database_url, *start, "worker")
        self.workers.append(program)
        program.start()
        return program

    def wait_for_webs(self) -> None:
        """Return when every web process answers."""
        for program, address in zip(self.webs, self.addresses, strict=True):
            wait_until(partial(self._answers, program, address), f"an answer of {address}")

    def _answers(self, program: Program, address: str) -> bool:
        assert program.runs(), f"it ended:\n{program.said()}"
        try:
            return self.client.get(f"{address}/health").status_code == 200
        except httpx.TransportError:
            return False

    def _program(self, name: str, database_url: str, *arguments: str) -> Program:
        around = {**self.around, "DATABASE_URL": database_url}
        return Program(arguments, around, self.folder / f"{name}.log")


@contextmanager
def a_site(
    database_url: str,
    folder: Path,
    *,
    webs: Sequence[str],
    workers: Sequence[str],
    redis_url: str | None = None,
) -> Generator[Site]:
    """Load the preset `today` and start a process for each address of the database given."""
    with a_started_samsyn(database_url, projections=()) as started:
        tokens = Tokens(started.samsyn.engine, system_clock)
        _, token = tokens.issue(USER, "load", expires_at=None)
    around = {"SAMSYN_DATA_DIR": str(folder), "SAMSYN_SECURE_COOKIES": "no"}
    if redis_url is not None:
        around["REDIS_URL"] = redis_url
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, timeout=ANSWER_SECONDS) as client:
        site = Site(
            database_url=database_url,
            webs=[],
            addresses=[],
            workers=[],
            client=client,
            folder=folder,
            around=around,
        )
        try:
            for url in webs:
                site.add_web(url)
            for url in workers:
                site.add_worker(url)
            site.wait_for_webs()
            yield site
        finally:
            for program in (*site.webs, *site.workers):
                program.kill()
