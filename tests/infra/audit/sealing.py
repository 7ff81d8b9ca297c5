"""A sequencer over a log of ledgers, with a clock that goes on by itself, and what it must give."""

import itertools
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, Engine, text

from infra.audit import store
from infra.audit.checkpoint import Checkpoint
from infra.audit.keys import LogKeys
from infra.audit.leaf import leaves_of, link_entry
from infra.audit.note import Note
from infra.audit.sequencer import Sequencer
from infra.audit.tables import NAMES
from infra.audit.tree import leaf_hash, root_of
from infra.ids import new_id
from infra.log.casework import Casework
from tests.infra.ledger import Ledger, LedgerBegun, envelope

NAME: Final = "audit.example"
ORIGIN: Final = f"{NAME}/issues/2026"
KEYS: Final = LogKeys([bytes(range(32))])
_REPOSITORY: Final = Path(__file__).parents[3]
_SECONDS: Final = itertools.count(1)


def ticking() -> datetime:
    """A clock that is a second further each time it is asked, in this process."""
    return datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=next(_SECONDS))


def real_time() -> datetime:
    """The clock of the machine: several processes share it."""
    return datetime.now(UTC)


def sequencer(
    engine: Engine,
    casework: Casework,
    *,
    at: Callable[[str], None] = lambda _point: None,
    clock: Callable[[], datetime] = ticking,
    keys: LogKeys = KEYS,
) -> Sequencer:
    return Sequencer(
        engine,
        leaves_of(casework.read),
        keys,
        kind="issues",
        name=NAME,
        clock=clock,
        at=at,
    )


def append(casework: Casework, count: int, year: int = 2026, layer: str = "A") -> None:
    """Append so many events, all recorded in a year."""
    at = datetime(year, 3, 2, 11, 30, tzinfo=UTC)
    told: dict[str, Any] = {**envelope(at), "layer": layer}
    ledgers = [
        Ledger._create(  # noqa: SLF001  the library's way to begin an aggregate
            LedgerBegun, id=new_id(), name=str(number), **{**told, "event_id": new_id()}
        )
        for number in range(count)
    ]
    casework.save(*ledgers)


def expected_entries(casework: Casework) -> list[bytes]:
    """What the entries of the log must be, made anew from the events."""
    return [leaf.entry for leaf in leaves_of(casework.read)(0, 100_000)]


def expected_trees(casework: Casework) -> dict[int, list[bytes]]:
    """The entries of every year's tree, made anew from the events."""
    found: dict[int, list[bytes]] = {}
    for leaf in leaves_of(casework.read)(0, 100_000):
        year = max([leaf.year, *found])
        if year not in found:
            found[year] = []
            if len(found) > 1:
                before = max(each for each in found if each != year)
                hashes = [leaf_hash(entry) for entry in found[before]]
                link = link_entry(f"{NAME}/issues/{before}", len(hashes), root_of(hashes))
                found[year].append(link)
        found[year].append(leaf.entry)
    return found


def sealed(engine: Engine, year: int = 2026) -> Checkpoint:
    """The newest checkpoint, its signature checked."""
    with engine.connect() as db:
        tree = store.tree_named(db, "issues", str(year))
        assert tree is not None
        last = store.last_checkpoint(db, tree.tree)
        assert last is not None
        note = Note.parse(last.note)
        assert note.checked(KEYS.public(tree.origin))
        return Checkpoint.parse(note.text)


def assert_whole(engine: Engine, casework: Casework) -> None:
    """Every tree holds the events in their order, and its newest root is theirs."""
    expected = expected_trees(casework)
    with engine.connect() as db:
        known = store.find_trees(db, "issues")
        assert [tree.year for tree in known] == sorted(expected)
        kept = [store.entries_in(db, tree.tree, 0, 100_000) for tree in known]
    assert kept == [expected[year] for year in sorted(expected)]
    for year, entries in expected.items():
        checkpoint = sealed(engine, year)
        assert checkpoint.size == len(entries)
        assert checkpoint.root == root_of([leaf_hash(entry) for entry in entries])


def as_owner(db: Connection, statements: Sequence[str], names: Sequence[str] = NAMES) -> None:
    """Do what only the owner of the database can: past the triggers that refuse changes."""
    if db.dialect.name == "postgresql":
        for name in names:
            db.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    else:
        for name in names:
            for what in ("update", "delete"):
                db.execute(text(f"DROP TRIGGER IF EXISTS {name}_no_{what}"))
    for statement in statements:
        db.execute(text(statement))


def sealing_to_be_killed(database_url: str) -> tuple[subprocess.Popen[str], IO[str], IO[str]]:
    """Start `killed_sealing`, and give what it reads points from and what it answers on."""
    killing = subprocess.Popen(
        [sys.executable, "-m", "tests.infra.audit.killed_sealing", database_url],
        cwd=_REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert killing.stdin is not None
    assert killing.stdout is not None
    return killing, killing.stdin, killing.stdout
