"""A running instance, web and worker as processes on PostgreSQL, and what reads its audit log."""

import subprocess
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from infra.audit import verify
from infra.audit.keys import LogKeys, add_key, read_keys
from infra.audit.mirror import Mirror
from infra.audit.note import KeyType, SecretKey
from infra.audit.witness import Witness
from infra.audit.witness_http import LogOverHttp, serve
from infra.tokens import Tokens
from service.assembly import system_clock
from tests.examples import Started, a_started_samsyn, an_open_issue
from tests.service.served import address_of, eventually, running

NAME: Final = "audit.example"
ISSUE: Final = {
    "public_title": "Otrygghet vid torget",
    "category": "other",
    "place": {"name": "Heden"},
}
NAMES: Final = ("police", "social", "district", "archive")
WITNESSES: Final = {
    name: SecretKey(f"{name}.example/witness", KeyType.COSIGNATURE, bytes([number]) * 32)
    for number, name in enumerate(NAMES, 1)
}


@dataclass
class Instance:
    """The address of a running program, who may ask it, its keys and its settings."""

    address: str
    database_url: str
    folder: Path
    keys: LogKeys
    auditor: str
    caseworker: str
    told: dict[str, str]
    client: httpx.Client
    worker: ExitStack = field(default_factory=ExitStack)
    witnesses: dict[str, Witness] = field(default_factory=dict[str, Witness])

    @property
    def log(self) -> str:
        return f"{self.address}/audit"

    def get(self, path: str, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {self.auditor}", **headers}
        return self.client.get(f"{self.log}/{path}", headers=told)

    def head(self) -> tuple[str, int]:
        """Origin and size of the newest checkpoint."""
        answer = self.get("checkpoint")
        origin, size, *_ = answer.raise_for_status().text.split("\n")
        return origin, int(size)

    def opens_an_issue(self) -> httpx.Response:
        """Open an issue as a caseworker does over the API; gives the answer."""
        told = {"Authorization": f"Bearer {self.caseworker}"}
        return self.client.post(f"{self.address}/api/v1/issues", json=ISSUE, headers=told)

    def works(self) -> int:
        """Open an issue, and wait until that is sealed; gives the size of the log."""
        before = self.head()[1]
        answer = self.opens_an_issue()
        assert answer.status_code == 201, answer.text
        eventually(lambda: self.head()[1] > before)
        return self.head()[1]

    def start_the_worker(self) -> None:
        """Start the program that seals."""
        folder = self.folder / "worker"
        folder.mkdir(exist_ok=True)
        child = self.worker.enter_context(
            running(("worker",), self.database_url, folder, **self.told)
        )
        self.worker.callback(_end, child)

    def stop_the_worker(self) -> None:
        """End it in order: another one may lead at once."""
        self.worker.close()

    def agree(self, quorum: str, names: Sequence[str], **addresses: str) -> None:
        """Agree on a quorum of these witnesses, of whom some are told by the log itself."""
        lines = [
            " ".join(["witness", name, str(WITNESSES[name].public_key), addresses.get(name, "")])
            for name in names
        ]
        lines += [f"group agencies {quorum} {' '.join(names)}", "quorum agencies", ""]
        (self.folder / "witnesses").write_text("\n".join(lines), encoding="utf-8")

    def witness(self, name: str) -> Witness:
        """An agency's witness, with a file of its own."""
        if name not in self.witnesses:
            policy = verify.Policy(self.policy)
            mirror = Mirror(self.folder / f"{name}.db")
            now = system_clock
            self.witnesses[name] = Witness(
                mirror, WITNESSES[name], [policy], lambda: int(now().timestamp())
            )
        return self.witnesses[name]

    @property
    def policy(self) -> str:
        """What a witness needs: the log's keys."""
        origin, _ = self.head()
        return "\n".join([*(f"log {key}" for key in self.keys.public(origin)), "quorum none", ""])

    def pulls(self, name: str) -> int:
        """Have a witness look once, over HTTP; gives the size that it has signed."""
        return self.witness(name).pull(LogOverHttp(self.log, self.auditor)).size

    @contextmanager
    def served(self, name: str, port: int = 0) -> Generator[int]:
        """A witness that waits for what is handed in; gives its port."""
        with serve(self.witness(name), "127.0.0.1", port) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield server.server_port
            finally:
                server.shutdown()
                thread.join()

    def signed_by(self, name: str) -> int:
        """How many leaves a witness has signed, by its own file."""
        return Mirror(self.folder / f"{name}.db").head(self.head()[0]).size


def _end(child: subprocess.Popen[str]) -> None:
    child.terminate()
    child.wait(60)


@contextmanager
def an_instance(
    database_url: str,
    folder: Path,
    issues: int,
    before: Callable[[Started], object] = lambda _started: None,
) -> Generator[Instance]:
    """Serve a log in which so many issues were opened, all of it sealed.

    ``before`` does what else was done before there was a seal.
    """
    key = folder / "audit.key"
    add_key(key, NAME)
    keys = read_keys(key)
    assert keys is not None
    with a_started_samsyn(database_url) as started:
        tokens = Tokens(started.samsyn.engine, started.clock)
        auditor, caseworker = (
            tokens.issue(user_id, "test", expires_at=None)[1]
            for user_id in ("u-aud-01", "u-dis-01")
        )
        for _ in range(issues):
            an_open_issue(started)
        before(started)
        head = started.samsyn.casework.head()
    told = {
        "SAMSYN_AUDIT_NAME": NAME,
        "SAMSYN_AUDIT_KEY": str(key),
        "SAMSYN_AUDIT_POLICY": str(folder / "witnesses"),
        "SAMSYN_DEMO": "no",
        "SAMSYN_SECURE_COOKIES": "no",
    }
    # One client, as making one takes longer than an answer; no connection is kept, as the server
    # may end one just when it is used again.
    no_more = httpx.Limits(max_keepalive_connections=0)
    with (
        running(("serve", "--port", "0"), database_url, folder, **told) as web,
        httpx.Client(timeout=60, limits=no_more) as client,
    ):
        address = address_of(web, folder)
        instance = Instance(address, database_url, folder, keys, auditor, caseworker, told, client)
        with instance.worker:
            instance.start_the_worker()
            eventually(lambda: instance.get("checkpoint").status_code == 200)
            eventually(lambda: instance.head()[1] >= head)
            yield instance
