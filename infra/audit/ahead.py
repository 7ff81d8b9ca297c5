"""What witnesses have signed and this log does not hold: by that a restored backup is found out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from infra.audit import store
from infra.audit.checkpoint import Checkpoint
from infra.audit.note import BadNote, KeyType, Note, PublicKey
from infra.audit.paths import root_at
from infra.audit.store import Tree
from infra.audit.tables import ahead, behind


class Stands(StrEnum):
    """How a checkpoint that a witness has signed stands to the log."""

    HELD = "held"
    AHEAD = "ahead"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ahead:
    """A checkpoint that the log lacks: how large the tree was that a witness has signed.

    ``note`` is what it has signed; of a witness that only said so it is the witness's name.
    """

    origin: str
    size: int
    note: str
    found_at: datetime

    @property
    def signed(self) -> Note | None:
        """What the witness has signed; None if it only said how much."""
        return Note.parse(self.note) if self.note.startswith(f"{self.origin}\n") else None


def signed_by_both(
    note: Note, logs: Sequence[PublicKey], witnesses: Iterable[PublicKey]
) -> Checkpoint:
    """The checkpoint, if the log itself has signed it and a witness has seen it.

    Raises:
        BadNote: it is none, or one of the two is missing or does not hold.
    """
    told = Checkpoint.parse(note.text)
    own = [key for key in logs if key.name == told.origin]
    types = {each.key.type for each in note.checked([*own, *witnesses])}
    if types != {KeyType.LOG, KeyType.COSIGNATURE}:
        raise BadNote("a checkpoint that proves something is signed by the log and by a witness")
    return told


def stands(db: Connection, told: Checkpoint) -> Stands:
    """Whether the log holds the tree of a checkpoint; raises TileMissing."""
    tree = store.tree_of(db, told.origin)
    sealed = store.last_checkpoint(db, tree.tree) if tree else None
    if tree is None or sealed is None or told.size > sealed.size:
        return Stands.AHEAD
    root = root_at(told.size, store.tiles_in(db, tree.tree))
    return Stands.HELD if root == told.root else Stands.OTHER


def keep(db: Connection, note: Note, at: datetime) -> bool:
    """Note a checkpoint that the log does not hold: nothing is appended until it does.

    Says whether it was new. Raises BadNote.
    """
    told = Checkpoint.parse(note.text)
    return _keep(db, told.origin, told.size, (note.text, str(note)), at)


def keep_said(db: Connection, tree: Tree, size: int, witness: str, at: datetime) -> bool:
    """Note how much an agreed witness says to have signed; says whether the log lacks it.

    It has shown nothing that it signed: add-checkpoint of C2SP gives a size alone.
    """
    sealed = store.last_checkpoint(db, tree.tree)
    if sealed is not None and size <= sealed.size:
        return False
    _keep(db, tree.origin, size, (said_text(tree.origin, size), witness), at)
    return True


def said_text(origin: str, size: int) -> str:
    """What stands in the place of a checkpoint's text where a witness gave a size alone."""
    return f"{origin}\n{size}\n"


def _keep(db: Connection, origin: str, size: int, what: tuple[str, str], at: datetime) -> bool:
    make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    text, note = what
    values = {"origin": origin, "tree_size": size, "text": text, "note": note, "found_at": at}
    adding = make(ahead).values(values).on_conflict_do_nothing().returning(ahead.c.origin)
    return db.execute(adding).first() is not None


def lacking(db: Connection) -> list[Ahead]:
    """What the log still lacks of what witnesses have signed, the largest last."""
    query = select(behind.c.origin, behind.c.tree_size, behind.c.note, behind.c.found_at).order_by(
        behind.c.origin, behind.c.tree_size
    )
    return [Ahead(*row) for row in db.execute(query)]


def is_behind(db: Connection) -> bool:
    """Whether the log lacks anything that a witness has signed: then it is only read."""
    return db.execute(select(behind.c.tree_size).limit(1)).first() is not None
