"""The commands serve and worker as processes: they answer, stop when told, explain a taken port."""

import signal
import socket
from pathlib import Path

import httpx
import pytest

from service.demo_users import DEMO_PASSWORD, make_demo_accounts
from tests.examples import a_started_samsyn
from tests.faults.waiting import PATIENCE_SECONDS
from tests.service.served import address_of, eventually, running, said_in


def test_serve_answers_and_stops_when_told(sqlite_url: str, tmp_path: Path) -> None:
    with a_started_samsyn(sqlite_url, projections=()) as started:
        make_demo_accounts(started.samsyn.engine, started.clock)
    with running(["serve", "--port", "0"], sqlite_url, tmp_path) as child:
        address = address_of(child, tmp_path)
        assert child.stdout is not None
        sign_ins = child.stdout.readline()
        assert "u-dis-01" in sign_ins
        assert DEMO_PASSWORD in sign_ins
        for path in ("/health", "/ready", "/sign-in"):
            assert httpx.get(address + path, timeout=PATIENCE_SECONDS).status_code == 200
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE_SECONDS) == 0


def test_a_taken_port_is_said(sqlite_url: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with running(["serve", "--port", port], sqlite_url, tmp_path) as child:
            assert child.wait(PATIENCE_SECONDS) == 1
    said = said_in(tmp_path)
    assert f"Cannot listen on 127.0.0.1, port {port}" in said
    assert "--port" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_stops_when_told(sqlite_url: str, tmp_path: Path, number: signal.Signals) -> None:
    with running(["worker"], sqlite_url, tmp_path) as child:
        eventually(lambda: "worker_started" in said_in(tmp_path))
        child.send_signal(number)
        assert child.wait(PATIENCE_SECONDS) == 0
