"""compose.yaml without an engine: `python -m tests.faults.composed`, as root, with haproxy.

Every service's command, environment and health check is taken from the file as it is written and
run in a network namespace in which names and ports mean what they do there. The two web processes
share the namespace: only their addresses are their own. Clients ask through the proxy while one web
process is told to stop and started again, and while the other is killed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from signal import SIGTERM, SIGUSR1
from typing import Any, Final

import yaml

from tests import servers
from tests.faults.results import keep
from tests.faults.waiting import wait_until
from tests.server_process import as_runner, give_to_runner

ROOT: Final = Path(__file__).parents[2]
SERVICES: Final[dict[str, dict[str, Any]]] = yaml.safe_load((ROOT / "compose.yaml").read_text())[
    "services"
]
GIVEN: Final = {
    "POSTGRES_PASSWORD": "only-for-this",
    "SAMSYN_SECRET": "only-for-this" * 3,
    "POSTGRES_SHARED_BUFFERS": "64MB",
}
WEBS: Final = ("127.0.1.1", "127.0.1.2")
WORKERS: Final = ("127.0.2.1", "127.0.2.2")
PUBLIC: Final = "http://127.0.0.1:8080"
SOME: Final = 200
_NAME: Final = f"samsyn-composed-{os.getpid()}"
_PROGRAM: Final = '#!/bin/sh\nexec {} -c "from service.cli import main; main()" "$@"\n'
_NAMES: Final = """
import socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
    door.bind(("127.0.0.11", 53))
    while True:
        asked, who = door.recvfrom(2048)
        end = asked.index(0, 12) + 5
        known = WEBS if (asked[13:16], asked[end - 3]) == (b"web", 1) else ()
        head = asked[:2] + struct.pack(">5H", 0x8180, 1, len(known), 0, 0)
        place = [struct.pack(">3HIH", 0xC00C, 1, 1, 5, 4) + socket.inet_aton(at) for at in known]
        door.sendto(head + asked[12:end] + b"".join(place), who)
"""
"""The name server of an engine, which knows where the web processes are."""


class Composed:
    """The services, as they are started one after the other."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._path = f"{folder}:{servers.postgresql_binaries()}:{os.environ['PATH']}:/usr/sbin"

    def run(self, name: str, at: str = "") -> "subprocess.Popen[bytes]":
        """Start a service; ``at`` is the address of one of two."""
        command = [_filled(word) for word in SERVICES[name]["command"]]
        if at:
            command = [word.replace("0.0.0.0", at) for word in command]  # noqa: S104  replaced
        return self.start(command, self.environment(name, at))

    def start(
        self, command: Sequence[str], environ: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Start a program in the namespace; it is killed at the end if it runs."""
        with (self._folder / "said.txt").open("ab") as said:
            process = subprocess.Popen(
                _inside(command),
                env={"PATH": self._path, "PYTHONPATH": str(ROOT), **environ},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process

    def environment(self, name: str, at: str = "") -> dict[str, str]:
        """A service's environment; keys lie in this test's folder, one for each volume."""
        written: dict[str, Any] = SERVICES[name].get("environment", {})
        found = {key: _filled(value) for key, value in written.items()}
        for volume in SERVICES[name].get("volumes", ()):
            source, place = volume.split(":")[:2]
            (self._folder / source).mkdir(exist_ok=True)
            found = {
                k: v.replace(f"{place}/", f"{self._folder / source}/") for k, v in found.items()
            }
        return found | ({"SAMSYN_METRICS_HOST": at} if at else {})

    def healthy(self, name: str, at: str = "127.0.0.1", **environ: str) -> bool:
        """Carry out a service's health check once."""
        kind, *command = SERVICES[name]["healthcheck"]["test"]
        assert kind == "CMD"
        command = [word.replace("127.0.0.1", at) for word in command]
        return self.start(command, environ).wait() == 0

    def said(self) -> str:
        """What all of them have said."""
        return (self._folder / "said.txt").read_text(encoding="utf-8")


def _filled(written: object) -> str:
    """A value with its variables; raises KeyError for one that has to be given."""

    def value(found: "re.Match[str]") -> str:
        name, default = found.groups()
        return GIVEN[name] if default is None else GIVEN.get(name, default)

    return re.sub(r"\$\{(\w+)(?::-(.*?)|:\?.*?)?\}", value, str(written))


def _inside(command: Sequence[str]) -> list[str]:
    return ["ip", "netns", "exec", _NAME, *command]


@contextmanager
def a_namespace() -> Generator[None]:
    """A host of its own, on which the names of the services stand for itself."""
    names = Path("/etc/netns") / _NAME
    subprocess.run(["ip", "netns", "add", _NAME], check=True)
    names.mkdir(parents=True)
    try:
        (names / "hosts").write_text("127.0.0.1 localhost postgres redis\n")
        subprocess.run(_inside(["ip", "link", "set", "lo", "up"]), check=True)
        yield
    finally:
        subprocess.run(["ip", "netns", "delete", _NAME], check=True)
        shutil.rmtree(names)


def asked(path: str) -> int:
    """The status that the proxy answers with."""
    command = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
    done = subprocess.run(
        _inside([*command, f"{PUBLIC}{path}"]), check=False, capture_output=True, text=True
    )
    return int(done.stdout)


def composed(folder: Path) -> dict[str, Any]:
    """Start everything in its order, ask through the proxy, end everything in peace."""
    with ExitStack() as stack:
        parts = Composed(folder, stack)
        (folder / "samsyn").write_text(_PROGRAM.format(sys.executable))
        (folder / "samsyn").chmod(0o755)
        parts.start([sys.executable, "-c", _NAMES.replace("WEBS", repr(WEBS))], {})
        _start_postgresql(parts, folder)
        parts.run("redis")
        wait_until(partial(parts.healthy, "redis"), "Redis")
        for once in ("migrate", "audit-key"):
            assert parts.run(once).wait() == 0, parts.said()
        webs = [parts.run("web", at) for at in WEBS]
        workers = [parts.run("worker", at) for at in WORKERS]
        for name, places in (("web", WEBS), ("worker", WORKERS)):
            for at in places:
                wait_until(partial(parts.healthy, name, at), f"{name} at {at}")
        proxy = parts.start(["haproxy", "-f", str(ROOT / "docs" / "haproxy.cfg")], {})
        wait_until(partial(parts.healthy, "proxy"), "the proxy")
        wait_until(lambda: asked("/health") == 200, "a web process behind the proxy")
        assert (asked("/ready"), asked("/metrics"), asked("/sign-in")) == (404, 404, 200)
        with asking() as answers:
            wait_until(lambda: answers.total() > SOME, "answers before")
            webs[0].send_signal(SIGTERM)
            assert webs[0].wait() == 0
            until = answers.total() + SOME
            wait_until(lambda: answers.total() > until, "answers of the other one")
            webs[0] = parts.run("web", WEBS[0])
            wait_until(partial(parts.healthy, "web", WEBS[0]), "the first one again")
            until = answers.total() + SOME
            wait_until(lambda: answers.total() > until, "answers of both")
            stopped = dict(answers)
            webs[1].kill()
            until = answers.total() + SOME
            wait_until(lambda: answers.total() > until, "answers after the kill")
        proxy.send_signal(SIGUSR1)
        for each in (webs[0], *workers):
            each.send_signal(SIGTERM)
        assert [each.wait() for each in (proxy, webs[0], *workers)] == [0, 0, 0, 0], parts.said()
        return {"answers": answers.total(), "failed_by_stop": _failed(stopped),
                "failed_by_kill": _failed(answers) - _failed(stopped)}  # fmt: skip


def _start_postgresql(parts: Composed, folder: Path) -> None:
    """As its image does with the environment that is written: a user, a database, a password."""
    environ = parts.environment("postgres")
    place, secret = folder / "postgres-data", folder / "password"
    place.mkdir()
    secret.write_text(environ["POSTGRES_PASSWORD"])
    for path in (place, secret):
        give_to_runner(path)
    made = ["initdb", f"--pgdata={place}", f"--username={environ['POSTGRES_USER']}"]
    made += [f"--pwfile={secret}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"]
    assert parts.start([*_runner(), *made], {}).wait() == 0, parts.said()
    sockets = f"unix_socket_directories={place}"
    command = [*map(_filled, SERVICES["postgres"]["command"]), "-D", str(place), "-c", sockets]
    parts.start([*_runner(), *command], {})
    wait_until(partial(parts.healthy, "postgres", PGHOST=str(place)), "PostgreSQL")
    create = ["createdb", f"--host={place}", f"--username={environ['POSTGRES_USER']}"]
    password = {"PGPASSWORD": environ["POSTGRES_PASSWORD"]}
    assert parts.start([*create, environ["POSTGRES_DB"]], password).wait() == 0, parts.said()


def _runner() -> list[str]:
    """Only root enters a namespace, and PostgreSQL does not run as root: it changes inside."""
    who = as_runner()
    user, group = who.get("user", 0), who.get("group", 0)
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]


@contextmanager
def asking() -> "Generator[Counter[int]]":
    """Four clients that ask for a page all the time; gives how often which status came."""
    answers: Counter[int] = Counter()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answers[asked("/sign-in")] += 1

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _failed(answers: Mapping[int, int]) -> int:
    return sum(count for status, count in answers.items() if status != 200)


def main() -> int:
    """Do it, keep what came out, and say whether all was well."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "curl", "haproxy", "redis-server"))):
        sys.stderr.write("This needs root, ip, curl, haproxy and redis-server.\n")
        return 2
    with a_namespace(), tempfile.TemporaryDirectory(prefix="samsyn-composed-") as folder:
        Path(folder).chmod(0o755)
        found = composed(Path(folder))
    keep("composed", found)
    return 1 if found["failed_by_stop"] else 0


if __name__ == "__main__":
    sys.exit(main())
