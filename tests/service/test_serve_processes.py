"""`samsyn serve --workers N`: one socket, N processes, none missed for long, an end in peace."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import URL, inspect, make_url, select
from structlog.testing import capture_logs

from infra.database import connect
from infra.log.tables import command_keys
from infra.sessions import FIELD_IDLE, Sessions
from infra.tokens import Tokens
from service.assembly import system_clock
from service.settings import Settings
from service.supervising import Supervisor
from tests.examples import a_started_samsyn
from tests.faults.gate import Gate
from tests.faults.waiting import PATIENCE_SECONDS
from tests.servers import create_database, drop_database, plain_address
from tests.service.command_line import CommandLine
from tests.service.served import NO_TLS, address_of, eventually, running, said_in, web_processes
from tests.service.streaming import OpenPage
from tests.service.visiting import open_accounts

TWO = ("serve", "--port", "0", "--workers", "2")
CLIENTS = 16
PAGES = 20
ISSUE = {"public_title": "Otrygghet vid torget", "category": "other", "place": {"name": "Heden"}}


def a_token(url: str) -> str:
    """A caseworker's token on a database, on which it loads the preset `today`."""
    with a_started_samsyn(url, projections=()) as started:
        _, text = Tokens(started.samsyn.engine, started.clock).issue(
            "u-dis-01", "test", expires_at=None
        )
        return text


def a_session(url: str) -> str:
    """A caseworker's session, on the machine's clock as that of the program under way."""
    with a_started_samsyn(url, projections=()) as started:
        open_accounts(started)
        sessions = Sessions(started.samsyn.engine, system_clock, lambda _user: FIELD_IDLE)
        return sessions.start("u-dis-01")


@dataclass
class Client:
    """Sends commands one after the other and keeps what became of each, by its key."""

    address: str
    token: str
    name: str
    answered: dict[str, int] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)

    def send_until_nobody_answers(self) -> None:
        with httpx.Client(base_url=self.address, timeout=60, verify=NO_TLS) as http:
            for number in range(100_000):
                key = f"{self.name}-{number}"
                try:
                    answer = http.post(
                        "/api/v1/issues",
                        json=ISSUE,
                        headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
                    )
                except httpx.TransportError:
                    self.unanswered.append(key)
                    return
                self.answered[key] = answer.status_code


def recorded_keys(url: str) -> set[str]:
    with a_started_samsyn(url, projections=()) as started, started.samsyn.engine.connect() as db:
        keys = [key.partition(":") for key in db.scalars(select(command_keys.c.key))]
    return {name for user, _, name in keys if user == "u-dis-01"}


@pytest.mark.parametrize(
    ("database", "command"), [("postgresql_url", TWO), ("sqlite_url", TWO[:3])]
)
def test_stopping_under_load_answers_all_that_was_accepted_and_ends_the_streams_of_open_pages(
    request: pytest.FixtureRequest, database: str, command: Sequence[str], tmp_path: Path
) -> None:
    url: str = request.getfixturevalue(database)
    token, session = a_token(url), a_session(url)
    with running(command, url, tmp_path, SAMSYN_SECURE_COOKIES="no") as child:
        address = address_of(child, tmp_path)
        pages = [OpenPage(address, session) for _ in range(PAGES)]
        for page in pages:
            page.begin()
        clients = [Client(address, token, f"c{number}") for number in range(CLIENTS)]
        threads = [threading.Thread(target=each.send_until_nobody_answers) for each in clients]
        for thread in threads:
            thread.start()
        eventually(lambda: all(len(each.answered) >= 5 for each in clients))
        child.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert child.wait(60) == 0
    answered = {key: status for each in clients for key, status in each.answered.items()}
    assert set(answered.values()) == {201}
    # Whoever was turned away was turned away before anything was written.
    assert recorded_keys(url) == set(answered)
    # Streams never end by themselves: whoever waits for them does not end before it must.
    assert all(page.ended.wait(60) and page.whole for page in pages)
    assert "did_not_end_in_time" not in said_in(tmp_path)


def test_a_killed_web_process_is_replaced(postgresql_url: str, tmp_path: Path) -> None:
    with running(TWO, postgresql_url, tmp_path) as child:
        address = address_of(child, tmp_path)
        assert httpx.get(f"{address}/health", timeout=60, verify=NO_TLS).status_code == 200
        eventually(lambda: len(web_processes(child.pid)) == 2)
        before = web_processes(child.pid)
        killed = min(before)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: len(web_processes(child.pid) - before) == 1)
        for _ in range(20):
            assert httpx.get(f"{address}/health", timeout=60, verify=NO_TLS).status_code == 200
        assert killed not in web_processes(child.pid)
        assert "web_process_replaced" in said_in(tmp_path)
        child.send_signal(signal.SIGINT)
        assert child.wait(60) == 0


def test_web_processes_end_when_their_supervisor_is_killed(
    postgresql_url: str, tmp_path: Path
) -> None:
    with running(TWO, postgresql_url, tmp_path) as child:
        address = address_of(child, tmp_path)
        assert httpx.get(f"{address}/health", timeout=60, verify=NO_TLS).status_code == 200
        left = web_processes(child.pid)
        assert left
        child.kill()
        child.wait()
        eventually(lambda: not any(Path(f"/proc/{each}").exists() for each in left))
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{address}/health", timeout=60, verify=NO_TLS)


@pytest.mark.slow
def test_processes_whose_database_hangs_end_all_the_same(
    postgresql_url: str, tmp_path: Path
) -> None:
    token = a_token(postgresql_url)
    server = make_url(postgresql_url)
    gate = Gate(str(server.host), int(server.port or 0))
    try:
        through = server.set(host="127.0.0.1", port=gate.port)
        url = through.render_as_string(hide_password=False)
        with running(TWO, url, tmp_path, SAMSYN_STOP_SECONDS="1") as child:
            address = address_of(child, tmp_path)
            headers = {"Authorization": f"Bearer {token}"}
            first = httpx.post(
                f"{address}/api/v1/issues", json=ISSUE, headers=headers, timeout=60, verify=NO_TLS
            )
            assert first.status_code == 201
            gate.hold()
            client = Client(address, token, "hangs")
            waiting = threading.Thread(target=client.send_until_nobody_answers)
            waiting.start()
            eventually(
                lambda: httpx.get(f"{address}/ready", timeout=60, verify=NO_TLS).status_code == 503
            )
            child.send_signal(signal.SIGTERM)
            child.wait(60)
            waiting.join()
        # Whoever is cut off is told that it is not known what became of it.
        assert set(client.answered.values()) == {503}
    finally:
        gate.close()


def test_several_web_processes_are_refused_on_sqlite(sqlite_url: str) -> None:
    said = CommandLine(sqlite_url).mistake("serve", "--workers", "2")
    assert "need PostgreSQL" in said
    assert "SAMSYN_WORKERS" in said


def test_a_data_folder_that_cannot_be_used_is_said(postgresql_url: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    said = CommandLine(postgresql_url).run(
        "serve", "--port", "0", "--workers", "2", SAMSYN_DATA_DIR=str(file / "folder")
    )
    assert said.exit_code == 1
    assert "SAMSYN_DATA_DIR" in said.stderr


def test_processes_that_start_together_on_an_empty_database_all_start(
    postgresql_server: URL, worker_name: str, tmp_path: Path
) -> None:
    name = f"samsyn_{worker_name}_together"
    url = plain_address(create_database(postgresql_server, name))
    try:
        with ExitStack() as stack:
            folders = [tmp_path / str(number) for number in range(4)]
            for folder in folders:
                folder.mkdir()
            starting = [
                stack.enter_context(running(["migrate"], url, folder)) for folder in folders
            ]
            codes = [child.wait(PATIENCE_SECONDS) for child in starting]
            assert codes == [0, 0, 0, 0], said_in(folders[0])
        engine = connect(url)
        assert set(inspect(engine).get_table_names()) >= {
            "events",
            "schema_version",
            "projection_checkpoints",
        }
        engine.dispose()
    finally:
        drop_database(postgresql_server, name)


def fails() -> None:
    """What a web process does while its database is away."""
    raise ConnectionError


async def nothing(*_told: object) -> None:
    """An application that answers nobody."""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """One that waits a second for a word of a process of `nothing`."""
    handlers = {each: signal.getsignal(each) for each in signal.valid_signals()}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            f"{__name__}:nothing", workers=1, lifespan="off", timeout_worker_healthcheck=1
        )
        supervisor = Supervisor(config, [listening], Settings.from_environment({}), None)
        yield supervisor
        for process in supervisor.processes:
            process.kill()
            process.join()
    for each, handler in handlers.items():
        if signal.getsignal(each) is not handler:
            signal.signal(each, handler)


def test_a_process_that_is_still_starting_is_let_live_and_one_that_fell_silent_is_not(
    supervisor: Supervisor,
) -> None:
    supervisor.init_processes()
    (slow,) = supervisor.processes
    assert slow.pid is not None
    supervisor.keep_subprocess_alive()
    os.kill(slow.pid, signal.SIGSTOP)
    time.sleep(1.5)  # longer than it may be silent once it has spoken
    supervisor.keep_subprocess_alive()
    assert supervisor.processes == [slow], "a busy machine is no reason to begin again"
    os.kill(slow.pid, signal.SIGCONT)
    eventually(slow.parent_conn.poll)
    supervisor.keep_subprocess_alive()
    os.kill(slow.pid, signal.SIGSTOP)

    def is_replaced() -> bool:
        supervisor.keep_subprocess_alive()
        return supervisor.processes != [slow]

    eventually(is_replaced)
    assert slow.exitcode == -signal.SIGKILL


def test_the_next_one_in_the_place_of_one_that_cannot_start_waits_longer_each_time(
    supervisor: Supervisor,
) -> None:
    supervisor.config = uvicorn.Config(f"{__name__}:fails", factory=True, log_config=None)
    supervisor.init_processes()
    begun = [*supervisor.processes]

    def second_fails() -> bool:
        supervisor.keep_subprocess_alive()
        if supervisor.processes[0] is not begun[-1]:
            begun.append(supervisor.processes[0])
        return [line["event"] for line in said].count("web_process_cannot_start") == 2

    with capture_logs() as said:
        eventually(second_fails)
    pauses = [line["next_in_seconds"] for line in said if "next_in_seconds" in line]
    assert (pauses, len(begun)) == ([1, 3], 2)
    assert not supervisor.should_exit.is_set(), "it may start when the database is back"
