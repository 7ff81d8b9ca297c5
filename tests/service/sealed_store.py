"""A store whose log is sealed, what its owner does to it, and what `samsyn verify` says of that."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from infra.audit.keys import LogKeys, add_key, read_keys
from infra.audit.leaf import leaves_of
from infra.audit.sequencer import Sequencer
from infra.database import connect
from infra.log.casework import Casework
from tests.infra.audit.sealing import append, as_owner, ticking
from tests.service.attacker import GUARDED
from tests.service.command_line import CommandLine


@dataclass
class Store:
    """A sealed log, the database's owner, and what the command says of it."""

    engine: Engine
    samsyn: CommandLine
    sequencer: Sequencer
    keys: LogKeys

    def does(self, *statements: str) -> None:
        with self.engine.begin() as db:
            as_owner(db, statements, GUARDED)

    def seal(self) -> None:
        while self.sequencer.seal(250):
            pass

    def verify(self) -> tuple[int, dict[str, Any]]:
        result = self.samsyn.run("verify", "--json")
        assert result.exit_code in {0, 1}, result.output
        return result.exit_code, json.loads(result.stdout)

    def said(self) -> list[str]:
        """What was found, in English; something must be."""
        code, told = self.verify()
        assert (code, told["is_well"]) == (1, False)
        assert all(each["sv"] for each in told["findings"])
        return [each["en"] for each in told["findings"]]


@contextmanager
def a_sealed_store(database_url: str, folder: Path, count: int) -> Generator[Store]:
    """So many events, sealed 250 at a time with a key of its own, which lies in the folder."""
    path = folder / "audit.key"
    add_key(path, "audit.example")
    keys = read_keys(path)
    assert keys is not None
    engine = connect(database_url)
    casework = Casework(engine)
    append(casework, count)
    sequencer = Sequencer(
        engine,
        leaves_of(casework.read),
        keys,
        kind="issues",
        name="audit.example",
        clock=ticking,
    )
    store = Store(engine, CommandLine(database_url), sequencer, keys)
    store.seal()
    try:
        yield store
    finally:
        casework.close()
        engine.dispose()


class undone:  # noqa: N801  read as a word: with undone(...)
    """Does something to the database, and takes it back at the end of the block."""

    def __init__(self, store: Store, *statements: str) -> None:
        self._store = store
        self._statements = statements

    def __enter__(self) -> None:
        with self._store.engine.begin() as db:
            _copy(db)
        self._store.does(*self._statements)

    def __exit__(self, *_error: object) -> None:
        with self._store.engine.begin() as db:
            _restore(db)


_KEPT = (
    *("events", "audit_tree", "audit_leaf", "audit_node", "audit_checkpoint"),
    *("audit_cosignature", "audit_key", "audit_ahead", "audit_given_up", "access_log"),
)


def _copy(db: Connection) -> None:
    for name in _KEPT:
        db.execute(text(f"DROP TABLE IF EXISTS kept_{name}"))
        db.execute(text(f"CREATE TABLE kept_{name} AS TABLE {name}"))


def _restore(db: Connection) -> None:
    for name in _KEPT:
        db.execute(text(f"TRUNCATE {name}"))
        db.execute(text(f"INSERT INTO {name} TABLE kept_{name}"))
