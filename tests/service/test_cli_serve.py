"""The commands serve and worker as processes: they answer, stop when told, explain a taken port."""

import signal
import socket
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from service.demo_users import DEMO_PASSWORD, make_demo_accounts
from tests.examples import a_started_samsyn
from tests.faults.gate import Gate
from tests.faults.waiting import PATIENCE_SECONDS
from tests.server_process import free_port
from tests.service.command_line import CommandLine
from tests.service.served import NO_TLS, address_of, eventually, running, said_in


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


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("worker",)])
def test_a_database_that_does_not_answer_within_the_time_set_is_said(
    postgresql_url: str, command: tuple[str, ...]
) -> None:
    nobody = make_url(postgresql_url).set(host="127.0.0.1", port=1)
    away = CommandLine(nobody.render_as_string(hide_password=False))
    said = away.run(*command, SAMSYN_START_SECONDS="1")
    assert said.exit_code == 1
    assert "database_awaited" in said.stderr
    assert "The database cannot be opened" in said.stderr


def test_serve_begins_when_the_database_it_waited_for_has_come(
    postgresql_url: str, tmp_path: Path
) -> None:
    server, port = make_url(postgresql_url), free_port()
    later = server.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    with running(["serve", "--port", "0"], later, tmp_path) as child:
        eventually(lambda: "database_awaited" in said_in(tmp_path))
        gate = Gate(str(server.host), int(server.port or 0), at=port)
        try:
            address = address_of(child, tmp_path)
            answer = httpx.get(f"{address}/ready", timeout=PATIENCE_SECONDS, verify=NO_TLS)
            assert answer.status_code == 200
            child.send_signal(signal.SIGTERM)
            assert child.wait(PATIENCE_SECONDS) == 0
        finally:
            gate.close()


def test_who_waits_for_a_database_ends_when_told(postgresql_url: str, tmp_path: Path) -> None:
    nobody = make_url(postgresql_url).set(host="127.0.0.1", port=1)
    away = nobody.render_as_string(hide_password=False)
    with running(["worker"], away, tmp_path) as child:
        eventually(lambda: "database_awaited" in said_in(tmp_path))
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE_SECONDS) == 0
