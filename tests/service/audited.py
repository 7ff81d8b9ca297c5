"""A web application whose log is sealed when told to, watched by three agencies' witnesses."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from infra.audit import store, verify
from infra.audit.leaf import ISSUES, leaves_of
from infra.audit.mirror import Mirror
from infra.audit.note import KeyType, SecretKey
from infra.audit.sequencer import Sequencer
from infra.audit.witness import Witness
from tests.infra.audit.sealing import KEYS, NAME, real_time
from tests.service.web import Web, a_web

WITNESSES: Final = {
    name: SecretKey(f"{name}.example", KeyType.COSIGNATURE, bytes([number]) * 32)
    for number, name in enumerate(("police", "social", "district"), 1)
}


@dataclass
class Shown:
    """The log as the application shows it to a witness."""

    web: Web
    base: str = "/audit"
    user_id: str = "u-aud-01"

    def read(self, path: str) -> bytes:
        answer = self.web.client.get(f"{self.base}/{path}", headers=self.web.headers(self.user_id))
        if answer.status_code != 200:
            raise OSError(answer.text)
        return answer.content

    def tell(self, note: str) -> None:
        headers = {**self.web.headers(self.user_id), "Content-Type": "text/plain; charset=utf-8"}
        answer = self.web.client.post(
            f"{self.base}/cosignatures", content=note.encode(), headers=headers
        )
        if answer.status_code not in {200, 201}:
            raise OSError(answer.text)


@dataclass
class Audited:
    """The application, its log, and each agency's witness with its mirror."""

    web: Web
    folder: Path
    sequencer: Sequencer
    shown: Shown
    mirrors: dict[str, Mirror] = field(default_factory=dict[str, Mirror])
    witnesses: dict[str, Witness] = field(default_factory=dict[str, Witness])

    @property
    def policy(self) -> Path:
        """The policy that the agencies agreed on, in a file."""
        file = self.folder / "agreed"
        logs = [f"log {key}" for key in KEYS.public(self.origin)]
        agreed = self.web.services.settings.audit_policy.read_text(encoding="utf-8")
        file.write_text("\n".join([*logs, agreed]), encoding="utf-8")
        return file

    @property
    def origin(self) -> str:
        return f"{NAME}/issues/{self.web.clock().year}"

    def seal(self) -> None:
        while self.sequencer.seal():
            pass

    def watch(self) -> None:
        """Have every witness look; raises what the first one finds."""
        for witness in self.witnesses.values():
            witness.pull(self.shown)

    def entries(self) -> list[bytes]:
        with self.web.started.samsyn.engine.connect() as db:
            tree = store.last_tree(db, ISSUES)
            assert tree is not None
            return store.entries_in(db, tree.tree, 0, 1_000_000)

    def download(self, name: str) -> Path:
        """The log as it is shown, in a folder for the verifier."""
        folder = self.folder / name
        raw = self.shown.read("checkpoint")
        size = int(raw.split(b"\n")[1])
        paths = ["checkpoint"]
        for first in range(0, size, verify.TILE):
            tile = first // verify.TILE, min(verify.TILE, size - first)
            paths += [verify.tile_path(0, *tile), verify.tile_path("entries", *tile)]
        for path in paths:
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(self.shown.read(path))
        return folder


def a_sequencer(web: Web) -> Sequencer:
    """What seals the log of an application."""
    samsyn = web.started.samsyn
    leaves = leaves_of(samsyn.casework.read)
    return Sequencer(samsyn.engine, leaves, KEYS, kind=ISSUES, name=NAME, clock=real_time)


@contextmanager
def an_audited_web(database_url: str, folder: Path) -> Generator[Audited]:
    """The application on an empty database, with nothing sealed yet; witnesses share its clock."""
    with a_web(database_url) as web:
        agreed = [f"witness {name} {key.public_key}" for name, key in WITNESSES.items()]
        agreed += ["group agencies 3 police social district", "quorum agencies", ""]
        web.services.settings.audit_policy.write_text("\n".join(agreed), encoding="utf-8")
        audited = Audited(web, folder, a_sequencer(web), Shown(web))
        policy = verify.Policy(audited.policy.read_text(encoding="utf-8"))
        for name, key in WITNESSES.items():
            mirror = audited.mirrors[name] = Mirror(folder / f"{name}.db")
            audited.witnesses[name] = Witness(
                mirror, key, [policy], lambda: int(web.clock().timestamp())
            )
        yield audited
