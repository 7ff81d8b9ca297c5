"""A server of the tests' own as a process: who runs it, where it lies, how it starts and ends."""
# The library leaves the keyword arguments of its calls untyped:
# pyright: reportUnknownMemberType=false

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGINT
from typing import Final, TypedDict

import psycopg
import redis

from tests.folders import ON_DISK

_PORTS: Final = range(15_000, 32_000)
START_SECONDS: Final = 120.0


class Runner(TypedDict, total=False):
    """Who runs a server, as ``subprocess`` takes it; empty for whoever runs the tests."""

    user: int
    group: int
    extra_groups: list[int]


class NoServer(Exception):
    """A server cannot be started; the message says what to install or what it printed."""


class ServerProcess:
    """One server that a test may kill and start again at the same address, with the same data."""

    def __init__(self, command: Sequence[str], log: Path, ask: Callable[[], object]) -> None:
        """``ask`` raises the client library's error until the server answers."""
        self._command = command
        self._log = log
        self._ask = ask
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of its first process."""
        assert self._process is not None, "it was started"
        return self._process.pid

    def start(self) -> bool:
        """Start; False if it ended at once, for example because the port was taken."""
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._log.parent,
                **as_runner(),
            )
        give_up_at = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < give_up_at:
            try:
                self._ask()
            except (psycopg.OperationalError, redis.ConnectionError):
                time.sleep(0.05)
            else:
                return True
        return False

    def start_again(self) -> None:
        """Start after a kill; raises NoServer."""
        give_up_at = time.monotonic() + START_SECONDS
        while not self.start():
            # A killed PostgreSQL's other processes still hold its memory until they notice.
            if time.monotonic() > give_up_at:
                raise NoServer(f"It did not start again:\n{self._log.read_text()}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End its first process as a crash does; PostgreSQL's others then end themselves."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it in order, if it runs."""
        if self._process is None:
            return
        # SIGINT: PostgreSQL then ends its sessions instead of waiting for them.
        self._process.send_signal(SIGINT)
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def own_folder(*, on_disk: bool = False) -> Generator[Path]:
    """Give a folder that the servers' user may use, for as long as the context lasts."""
    folder = Path(tempfile.mkdtemp(prefix="samsyn-test-", dir=ON_DISK if on_disk else None))
    give_to_runner(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def as_runner() -> Runner:
    """Name the servers' user for ``subprocess``."""
    runner = _runner()
    if runner is None:
        return Runner()
    return Runner(user=runner.pw_uid, group=runner.pw_gid, extra_groups=[])


def give_to_runner(path: Path) -> None:
    """Let the servers' user own a file or folder."""
    runner = _runner()
    if runner is not None:
        os.chown(path, runner.pw_uid, runner.pw_gid)


def free_port() -> int:
    """Give a port that was free a moment ago.

    It is none of those that systems hand out by themselves, to a connection or to a server that
    asks for any port: nobody gets it while its server is being started, or is down for a while.
    """
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _runner() -> pwd.struct_passwd | None:
    """Who runs the servers: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]
