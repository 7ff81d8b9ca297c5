"""What a drill of a restore needs: a database, a witness of it with its mirror, and the seal."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from infra.audit import store, verify
from infra.audit.leaf import ISSUES, leaves_of
from infra.audit.mirror import Mirror
from infra.audit.sequencer import Sequencer
from infra.audit.tiles import bundle
from infra.audit.witness import Witness
from infra.log.casework import Casework
from projections.catalogue import PROJECTIONS
from service.assembly import assemble
from tests.examples import Clock, Started
from tests.infra.audit.sealing import KEYS, NAME, real_time
from tests.service.audited import WITNESSES
from tests.service.command_line import CommandLine

ORIGIN = f"{NAME}/issues/2026"
POLICE = WITNESSES["police"]


@dataclass
class Shown:
    """The log as a database has it, shown to a witness without any web."""

    engine: Engine
    kind: str = ISSUES

    def read(self, path: str) -> bytes:
        with self.engine.connect() as db:
            tree = store.last_tree(db, self.kind)
            assert tree is not None
            sealed = store.last_checkpoint(db, tree.tree)
            assert sealed is not None
            if path.startswith("checkpoint"):
                return str(store.witnessed(db, tree.tree, sealed)).encode()
            first = verify.TILE * int(path.removeprefix("tile/entries/").partition(".")[0])
            width = int(path.rpartition("/")[2]) if ".p/" in path else verify.TILE
            return bundle(store.entries_in(db, tree.tree, first, width))

    def tell(self, note: str) -> None:
        """Nobody takes it."""


@dataclass
class Drill:
    """A database, the backup of it, and the mirror of a witness that has seen more."""

    url: str
    folder: Path
    lines: CommandLine

    @property
    def mirror(self) -> Path:
        return self.folder / "police.db"

    def opened(self) -> Started:
        clock = Clock()
        return Started(assemble(self.url, PROJECTIONS, clock), clock)

    def witness(self, origin: str = ORIGIN) -> Witness:
        keys = [f"log {key}" for key in KEYS.public(origin)]
        agreed = "\n".join([*keys, f"witness police {POLICE.public_key}", "quorum police", ""])
        (self.folder / "agreed").write_text(agreed, encoding="utf-8")
        return Witness(Mirror(self.mirror), POLICE, [verify.Policy(agreed)], lambda: 7)

    def check(self, *arguments: object) -> tuple[int, Any]:
        result = self.lines.run("restore-check", *arguments, "--json")
        assert result.exit_code in {0, 1}, result.output
        assert result.stdout, repr(result.exception)
        return result.exit_code, json.loads(result.stdout)


def seal(engine: Engine, casework: Casework) -> int:
    made = Sequencer(
        engine, leaves_of(casework.read), KEYS, kind=ISSUES, name=NAME, clock=real_time
    )
    total = 0
    while done := made.seal():
        total += done
    return total
