"""Three PostgreSQL nodes under Patroni with one etcd, on loopback, as a user other than root.

Needs etcd (Debian: etcd-server), Patroni 4 in an environment of its own whose interpreter the
servers' user may read, and PostgreSQL: `python3 -m venv DIR`, then
`DIR/bin/pip install 'patroni[etcd3]' 'psycopg[binary]'`, and give `DIR/bin/patroni`.
"""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from sqlalchemy import URL

from tests.faults.waiting import wait_until
from tests.server_process import NoServer, as_runner, free_port, give_to_runner, own_folder
from tests.servers import plain_address, postgresql_binaries

TTL_SECONDS: Final = 10
LOOP_SECONDS: Final = 2
NODES: Final = 3


@dataclass
class Node:
    """One PostgreSQL and the Patroni that keeps it."""

    name: str
    port: int
    api: str
    command: Sequence[str]
    folder: Path
    patroni: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        self.patroni = _begin(self.command, self.folder / f"{self.name}.log")

    def pids(self) -> list[int]:
        """Patroni, PostgreSQL and all their processes: Patroni first, so that it cannot mend."""
        assert self.patroni is not None, "it was started"
        found = [self.patroni.pid]
        pid_file = self.folder / self.name / "postmaster.pid"
        if pid_file.exists():
            found.append(int(pid_file.read_text(encoding="ascii").splitlines()[0]))
        for pid in found:
            found += [child for child in _children(pid) if child not in found]
        return found

    def send(self, number: int) -> None:
        """Send all its processes a signal."""
        for pid in self.pids():
            _kill(pid, number)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The nodes, and one address for whoever writes: libpq finds out which node leads."""

    nodes: list[Node]
    address: str

    def leader(self) -> Node | None:
        """The node that says it leads, if exactly one does."""
        leading = [node for node in self.nodes if _role(node) in ("primary", "master")]
        return leading[0] if len(leading) == 1 else None

    def state(self) -> dict[str, str]:
        """Role and state of each node as the first that answers sees it."""
        for node in self.nodes:
            told = _ask(f"{node.api}/cluster")
            if told is not None:
                return {one["name"]: f"{one['role']} {one['state']}" for one in told["members"]}
        return {}

    def whole(self) -> bool:
        """Whether one node leads, another is its synchronous standby and all of them run."""
        roles = sorted(said.split()[0] for said in self.state().values())
        states = {said.split()[1] for said in self.state().values()}
        return (
            len(roles) == NODES
            and "leader" in roles
            and "sync_standby" in roles
            and states <= {"running", "streaming"}
        )


@contextmanager
def a_cluster(patroni: Path) -> Generator[Cluster]:
    """Start everything, wait until it is whole, and end all of it afterwards."""
    etcd = shutil.which("etcd")
    if etcd is None:
        raise NoServer("There is no etcd. On Debian: apt-get install etcd-server.")
    with own_folder() as folder:
        client, peer = free_port(), free_port()
        store = _begin(_etcd(etcd, folder / "etcd", client, peer), folder / "etcd.log")
        password = secrets.token_urlsafe()
        nodes = [_node(f"node{at}", folder, client, password, patroni) for at in range(NODES)]
        try:
            for node in nodes:
                node.start()
            cluster = Cluster(nodes=nodes, address=_address(nodes, password))
            wait_until(cluster.whole, "a leader, a synchronous standby and a third node")
            yield cluster
        finally:
            for node in nodes:
                if node.patroni is not None:
                    node.send(signal.SIGKILL)
                    node.patroni.wait()
            store.kill()
            store.wait()


def _node(name: str, folder: Path, etcd_port: int, password: str, patroni: Path) -> Node:
    port, api_port = free_port(), free_port()
    settings = folder / f"{name}.yml"
    # JSON is YAML: no library for it is needed.
    settings.write_bytes(
        msgspec.json.encode(_settings(name, folder, port, api_port, etcd_port, password))
    )
    settings.chmod(0o600)
    give_to_runner(settings)
    return Node(
        name=name,
        port=port,
        api=f"http://127.0.0.1:{api_port}",
        command=[str(patroni), str(settings)],
        folder=folder,
    )


def _settings(
    name: str, folder: Path, port: int, api_port: int, etcd_port: int, password: str
) -> dict[str, Any]:
    everywhere = {
        "ttl": TTL_SECONDS,
        "loop_wait": LOOP_SECONDS,
        "retry_timeout": 3,
        "maximum_lag_on_failover": 0,
        "synchronous_mode": True,
        "synchronous_mode_strict": True,
        "postgresql": {
            "use_pg_rewind": True,
            "parameters": {
                "wal_level": "replica",
                "hot_standby": "on",
                "max_connections": 100,
                "wal_log_hints": "on",
                "shared_buffers": "64MB",
                "unix_socket_directories": str(folder),
            },
        },
    }
    user = {"username": "samsyn", "password": password}
    return {
        "scope": "samsyn",
        "name": name,
        "restapi": {
            "listen": f"127.0.0.1:{api_port}",
            "connect_address": f"127.0.0.1:{api_port}",
        },
        "etcd3": {"host": f"127.0.0.1:{etcd_port}"},
        "bootstrap": {"dcs": everywhere, "initdb": [{"encoding": "UTF8"}, {"locale": "C"}]},
        "postgresql": {
            "listen": f"127.0.0.1:{port}",
            "connect_address": f"127.0.0.1:{port}",
            "data_dir": str(folder / name),
            "bin_dir": str(postgresql_binaries()),
            "pgpass": str(folder / f"{name}.pgpass"),
            "authentication": {
                "superuser": user,
                "replication": {"username": "standby", "password": password},
            },
            "pg_hba": [
                "local all all scram-sha-256",
                "host all all 127.0.0.1/32 scram-sha-256",
                "host replication all 127.0.0.1/32 scram-sha-256",
            ],
        },
    }


def _etcd(binary: str, folder: Path, client: int, peer: int) -> list[str]:
    at, among = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return [
        binary,
        *("--name", "etcd", "--data-dir", str(folder)),
        *("--listen-client-urls", at, "--advertise-client-urls", at),
        *("--listen-peer-urls", among, "--initial-advertise-peer-urls", among),
        *("--initial-cluster", f"etcd={among}"),
    ]


def _address(nodes: Sequence[Node], password: str) -> str:
    hosts = tuple(f"127.0.0.1:{node.port}" for node in nodes)
    url = URL.create(
        "postgresql",
        "samsyn",
        password,
        database="postgres",
        query={"host": hosts, "target_session_attrs": "read-write"},
    )
    return plain_address(url)


def _begin(command: Sequence[str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            **as_runner(),
        )


def _role(node: Node) -> str | None:
    told = _ask(f"{node.api}/patroni")
    return None if told is None else str(told.get("role"))


def _ask(address: str) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = httpx.get(address, timeout=1).json()
    except (httpx.TransportError, ValueError):
        return None
    return told


def _children(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []  # it has ended meanwhile
    return [int(child) for child in told.split()]


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it has ended meanwhile, by what its parent was sent
