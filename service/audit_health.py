"""How the audit log is, as a manager asks: what is sealed, who has witnessed it, what is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from infra.access.waiting import Waiting, waiting
from infra.audit import ahead, anew, losses, store
from infra.audit.anew import Anew
from infra.audit.checkpoint import Checkpoint
from infra.audit.leaf import ISSUES, Facts, facts_in
from infra.audit.losses import Lost
from infra.audit.note import BadNote, Note
from infra.database import from_microseconds
from infra.log.tables import events
from service.audit_log import witnesses_of
from service.settings import Settings
from service.witnessed import Earlier, Witnessed, earlier, look

MOST_LOST: Final = 200
"""Lost events that are listed; of more only the number."""


@dataclass(frozen=True, kw_only=True)
class WitnessNow:
    """One agreed witness: the name it has in the policy, what it has signed last, and when."""

    name: str
    at: datetime | None
    missing: int


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The newest checkpoint, for who wants to compare."""

    origin: str
    size: int
    root: str
    signed_at: datetime
    keys: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AuditHealth:
    """All that the page shows. ``waiting_seconds`` is how long the first unsealed event waits."""

    recorded: int
    waiting: int
    waiting_seconds: float
    access: Waiting
    seal: Seal | None
    witnessed: Witnessed | None
    witnesses: tuple[WitnessNow, ...]
    earlier: tuple[Earlier, ...]
    lacking: int
    lost: int
    listed: tuple[Facts, ...]
    begun_anew: tuple[Anew, ...]


def audit_health(db: Connection, settings: Settings, now: datetime) -> AuditHealth:
    """Look at everything, on the database itself."""
    head = db.scalar(select(func.max(events.c.position))) or 0
    sealed = store.reached(db, ISSUES)
    seal, found = _seal(db), look(db, settings, now)
    lost = losses.lost_in(db, ISSUES)
    return AuditHealth(
        recorded=head,
        waiting=max(0, head - sealed),
        waiting_seconds=_waiting(db, sealed, now),
        access=waiting(db, now),
        seal=seal,
        witnessed=found,
        witnesses=tuple(_witnesses(settings, found, seal)),
        earlier=tuple(earlier(db, settings)),
        lacking=max((each.size for each in ahead.lacking(db)), default=0),
        lost=sum(each.last - each.first + 1 for each in lost),
        listed=tuple(_listed(db, lost)),
        begun_anew=tuple(anew.all_told(db, ISSUES)),
    )


def _seal(db: Connection) -> Seal | None:
    tree = store.last_tree(db, ISSUES)
    sealed = store.last_checkpoint(db, tree.tree) if tree else None
    if tree is None or sealed is None:
        return None
    try:
        told = Checkpoint.parse(Note.parse(sealed.note).text)
        keys = tuple(map(str, store.known_keys(db, tree.tree)))
    except BadNote:
        return None
    return Seal(
        origin=told.origin,
        size=told.size,
        root=told.root.hex(),
        signed_at=sealed.signed_at,
        keys=keys,
    )


def _waiting(db: Connection, sealed: int, now: datetime) -> float:
    query = select(events.c.recorded_at).where(events.c.position > sealed)
    recorded_at = db.scalar(query.order_by(events.c.position).limit(1))
    if recorded_at is None:
        return 0.0
    return max(0.0, (now - from_microseconds(recorded_at)).total_seconds())


def _witnesses(settings: Settings, found: Witnessed | None, seal: Seal | None) -> list[WitnessNow]:
    if found is None or not found.is_readable:
        return []
    names = {key.name: name for name, key in witnesses_of(settings).witnesses.items()}
    size = seal.size if seal else 0
    return [
        WitnessNow(name=names.get(each.witness, each.witness), at=each.at, missing=size - each.size)
        for each in found.witnesses
    ]


def _listed(db: Connection, lost: Sequence[Lost]) -> list[Facts]:
    entries: list[bytes] = []
    for each in lost:
        tree = store.tree_of(db, each.origin)
        most = min(each.last - each.first + 1, MOST_LOST - len(entries))
        if tree is not None and most > 0:
            entries += store.entries_in(db, tree.tree, each.first, most)
    return [facts for entry in entries if (facts := facts_in(entry)) is not None]
