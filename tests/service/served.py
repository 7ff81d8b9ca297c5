"""Runs `samsyn serve` and `samsyn worker` as processes, and asks the served address."""

import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import uvicorn

from service.app import Application
from tests.faults.waiting import PATIENCE_SECONDS, wait_until

NO_TLS: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For a client's `verify`, as all these addresses are plain: certificates take long to load."""
START: Final = (sys.executable, "-c", "from service.cli import main; main()")


@contextmanager
def listening(app: Application) -> Generator[str]:
    """An application behind uvicorn on a free port of this process; gives its address."""
    with socket.socket() as here:
        here.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="on", access_log=False, log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [here]})
        thread.start()
        try:
            wait_until(lambda: server.started, "the server")
            yield f"http://127.0.0.1:{here.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)


@contextmanager
def running(
    command: Sequence[str], database_url: str, folder: Path, **environ: str
) -> Generator[subprocess.Popen[str]]:
    """A command of `samsyn` under way; killed at the end if it has not ended.

    What it says to standard error goes to `said.txt` in the folder: a pipe that nobody reads
    would fill and stop it.
    """
    with (folder / "said.txt").open("w") as said:
        child = subprocess.Popen(
            [*START, *command],
            env={
                **os.environ,
                "DATABASE_URL": database_url,
                "SAMSYN_DATA_DIR": str(folder),
                **environ,
            },
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    try:
        yield child
    finally:
        # Web processes end by themselves when their supervisor is gone.
        child.kill()
        child.communicate()


def address_of(child: subprocess.Popen[str], folder: Path) -> str:
    """The address that a served program says first."""
    assert child.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", child.stdout.readline())
    if found is None:
        child.kill()
        pytest.fail(f"no address, but: {said_in(folder)}")
    return found[0]


def said_in(folder: Path) -> str:
    """What a program run in this folder has said to standard error so far."""
    return (folder / "said.txt").read_text()


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails if it does not come about."""
    wait_until(holds, "what the test waits for")


def web_processes(supervisor: int) -> set[int]:
    """The web processes of a supervisor that are alive."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
            line = (stat.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        state, parent = words[0], int(words[1])
        if parent == supervisor and state != "Z" and b"spawn_main" in line:
            found.add(int(stat.parent.name))
    return found
