"""The commands serve and worker as processes: they answer, stop when told, explain a taken port."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from service.demo_users import DEMO_PASSWORD, make_demo_accounts
from tests.examples import a_started_samsyn

START = [sys.executable, "-c", "from service.cli import main; main()"]


@contextmanager
def running(
    command: Sequence[str], database_url: str, folder: Path
) -> Generator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        [*START, *command],
        env={**os.environ, "DATABASE_URL": database_url, "SAMSYN_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def test_serve_answers_and_stops_when_told(sqlite_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(sqlite_url, projections=()) as started:
        make_demo_accounts(started.samsyn.engine, started.clock)
    with running(["serve", "--port", "0"], sqlite_url, tmp_path) as child:
        assert child.stdout is not None
        greeting = child.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", greeting)
        if found is None:
            pytest.fail(f"no address, but: {child.communicate()}")
        sign_ins = child.stdout.readline()
        assert "u-dis-01" in sign_ins
        assert DEMO_PASSWORD in sign_ins
        for path in ("/health", "/ready", "/sign-in"):
            assert httpx.get(found[0] + path, timeout=30).status_code == 200
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0


def test_a_taken_port_is_said(sqlite_url: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with running(["serve", "--port", port], sqlite_url, tmp_path) as child:
            _, said = child.communicate(timeout=60)
    assert child.returncode == 1
    assert f"Cannot listen on 127.0.0.1, port {port}" in said
    assert "--port" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_stops_when_told(sqlite_url: str, tmp_path: Path, number: signal.Signals) -> None:
    with running(["worker"], sqlite_url, tmp_path) as child:
        assert child.stderr is not None
        assert "worker_started" in child.stderr.readline()
        child.send_signal(number)
        assert child.wait(30) == 0
