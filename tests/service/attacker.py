"""Whoever owns the database, and may have the log's key: all that SQL can do to what is stored."""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, insert, text

from infra.audit import store, writing
from infra.audit.checkpoint import Checkpoint
from infra.audit.keys import LogKeys
from infra.audit.leaf import ISSUES
from infra.audit.note import signed_note
from infra.audit.store import Sealed
from infra.audit.tables import nodes
from infra.audit.tree import Edge, leaf_hash
from infra.database import connect
from tests.infra.audit.sealing import as_owner, real_time

GUARDED: Final = (
    *("audit_tree", "audit_key", "audit_leaf", "audit_node", "audit_checkpoint"),
    *("audit_cosignature", "audit_ahead", "audit_given_up", "access_log", "access_disposal"),
)
"""Tables whose triggers refuse whoever only runs the program; in the order in which it seals.

In any other one might wait for the other for ever.
"""
_OTHERS: Final = "alembic_version", "projection_leases", "projection_workers"
"""What no backup should bring back: it belongs to the programs that run."""


class Owner:
    """The database as its owner has it, with copies of it to put back."""

    def __init__(self, database_url: str) -> None:
        self.engine = connect(database_url).execution_options(writes=True)
        self._is_unguarded = False

    def does(self, *statements: str) -> None:
        """Do what only the owner can, past the triggers, which stand as before afterwards."""
        with self._past_the_triggers() as db:
            for statement in statements:
                db.execute(text(statement))

    def takes_the_triggers_away(self) -> None:
        """Take them away for good, until something is put back."""
        with self.engine.begin() as db:
            as_owner(db, [], GUARDED)
        self._is_unguarded = True

    @contextmanager
    def _past_the_triggers(self) -> Generator[Connection]:
        with self.engine.begin() as db:
            if self._is_unguarded:
                yield db
                return
            as_owner(db, [], GUARDED)
            yield db
            for name in GUARDED:
                db.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))

    def entries(self) -> list[bytes]:
        """The log's entries as they stand in its table."""
        with self.engine.connect() as db:
            tree = store.last_tree(db, ISSUES)
            assert tree is not None
            return store.entries_in(db, tree.tree, 0, 1_000_000)

    def keep(self, name: str) -> None:
        """Make a copy of everything, under a name."""
        copied = [f"CREATE TABLE {name}.{each} AS TABLE public.{each}" for each in self._tables()]
        self.does(f"DROP SCHEMA IF EXISTS {name} CASCADE", f"CREATE SCHEMA {name}", *copied)

    def put_back(self, name: str, names: Iterable[str] = ("events", *GUARDED)) -> None:
        """Put a copy in the place of what is there: of the log and the events, or of all tables."""
        statements = [
            statement
            for each in names
            for statement in (
                f"DELETE FROM public.{each}",  # noqa: S608  the names of tables
                f"INSERT INTO public.{each} TABLE {name}.{each}",
            )
        ]
        self._is_unguarded = False
        self.does(*statements)

    def put_all_back(self, name: str) -> None:
        """Put a copy in place as a restored backup does, while no worker runs."""
        self.put_back(name, [each for each in self._tables() if each not in _OTHERS])

    def forge(self, keys: LogKeys, entries: Sequence[bytes]) -> None:
        """Show another history under a right signature: the log's own key is at hand."""
        hashes = [leaf_hash(entry) for entry in entries]
        edge = Edge()
        made = edge.add(hashes)
        with self._past_the_triggers() as db:
            tree = store.last_tree(db, ISSUES)
            assert tree is not None
            names = ("audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature")
            for name in names:
                db.execute(text(f"DELETE FROM {name} WHERE tree = {tree.tree}"))  # noqa: S608  names
            rows = enumerate(zip(hashes, entries, strict=True))
            writing.add_leaves(
                db, tree.tree, [(index, index + 1, None, *row) for index, row in rows]
            )
            if made:
                found = [{"tree": tree.tree, "level": each.level, "node_index": each.index,
                          "hash": each.hash} for each in made]  # fmt: skip
                db.execute(insert(nodes), found)
            signed = Checkpoint(tree.origin, edge.size, edge.root()).text
            note = signed_note(signed, [key.sign(signed) for key in keys.of(tree.origin)])
            writing.add_checkpoint(db, tree.tree, Sealed(edge.size, note, real_time()))

    def _tables(self) -> list[str]:
        with self.engine.connect() as db:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
            return list(db.scalars(text(query)))
