"""How far the agreed witnesses have followed the audit log, and since when they have not.

C2SP tlog-policy says when a checkpoint is witnessed. What is missing here never stops casework.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from infra.audit import anew, store
from infra.audit.leaf import ISSUES
from infra.audit.note import BadNote
from infra.audit.policy import Policy
from infra.audit.store import Sealed, Seen, Tree
from service.audit_log import is_witnessed, witnesses_of
from service.settings import Settings

LATE_AFTER: Final = timedelta(minutes=10)
RED_AFTER: Final = timedelta(hours=24)
STANDS: Final = timedelta(seconds=75)
"""So long a checkpoint that one witness has signed is offered to the others: each looks once."""

WELL: Final = "witnessed"
LATE: Final = "late"
RED: Final = "missing for a day"
UNUSABLE: Final = "policy unusable"


@dataclass(frozen=True, kw_only=True)
class Witnessed:
    """How far a quorum has come in the newest log; how long the oldest of all others has waited."""

    size: int = 0
    waiting_seconds: float = 0.0
    witnesses: tuple[Seen, ...] = ()
    is_readable: bool = True

    @property
    def state(self) -> str:
        """`witnessed`, or how bad it is."""
        if not self.is_readable:
            return UNUSABLE
        if self.waiting_seconds > RED_AFTER.total_seconds():
            return RED
        return LATE if self.waiting_seconds > LATE_AFTER.total_seconds() else WELL


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A log that grows no more: of how many entries, and how many a quorum witnessed then."""

    part: str
    size: int
    witnessed: int


def earlier(db: Connection, settings: Settings) -> list[Earlier]:
    """The logs before the one that grows; none where nobody has agreed on witnesses."""
    try:
        policy = witnesses_of(settings)
        if policy.fewest == 0:
            return []
        return [
            Earlier(part=tree.part, size=sealed.size, witnessed=_quorum_size(db, tree, policy))
            for tree in store.find_trees(db, ISSUES)[:-1]
            if (sealed := store.last_checkpoint(db, tree.tree)) is not None
        ]
    except (BadNote, OSError, UnicodeDecodeError):
        return []


def look(db: Connection, settings: Settings, now: datetime) -> Witnessed | None:
    """How the witnesses stand; None where the agencies have agreed on none."""
    try:
        policy = witnesses_of(settings)
        if policy.fewest == 0:
            return None
        trees = anew.since_anew(db, store.find_trees(db, ISSUES))
        return _look(db, trees, policy, now)
    except (BadNote, OSError, UnicodeDecodeError):
        return Witnessed(is_readable=False)


def witnessed_position(db: Connection, settings: Settings) -> int | None:
    """How far into the log of events a quorum has come; None where no witnesses are agreed on."""
    try:
        policy = witnesses_of(settings)
        if policy.fewest == 0:
            return None
        for tree in reversed(store.find_trees(db, ISSUES)):
            size = _quorum_size(db, tree, policy)
            if position := store.position_within(db, tree.tree, size):
                return position
    except (BadNote, OSError, UnicodeDecodeError):
        return 0
    return 0


def offered(
    db: Connection, tree: Tree, settings: Settings, size: int, now: datetime
) -> Sealed | None:
    """The checkpoint for a witness that has signed so many leaves of a tree.

    While others are signing some that it lacks, the least of them, so that a quorum comes together
    however often the log is sealed; never one of no more leaves than it has signed. Else the
    newest. A witness asks until it has the newest: so each look completes what others began, and
    begins what they will complete, and nothing waits longer than from one look of a witness to its
    next.
    """
    try:
        policy = witnesses_of(settings)
    except (BadNote, OSError, UnicodeDecodeError):
        policy = Policy.parse("quorum none\n")
    names = [key.name for key in policy.witnesses.values()]
    for begun in store.begun_above(db, tree.tree, names, size):
        standing = store.checkpoint_at(db, tree.tree, begun.size)
        if standing is None or now - begun.at > STANDS:
            continue
        if not is_witnessed(store.witnessed(db, tree.tree, standing), policy):
            return standing
    return store.last_checkpoint(db, tree.tree)


def _look(db: Connection, trees: Sequence[Tree], policy: Policy, now: datetime) -> Witnessed:
    size, since = 0, now
    for tree in trees:
        size = _quorum_size(db, tree, policy)
        waiting = store.first_signed_above(db, tree.tree, size)
        since = min(since, waiting or now)
    names = [key.name for key in policy.witnesses.values()]
    seen = store.last_seen(db, trees[-1].tree, names) if trees else ()
    return Witnessed(
        size=size, waiting_seconds=(now - since).total_seconds(), witnesses=tuple(seen)
    )


def _quorum_size(db: Connection, tree: Tree, policy: Policy) -> int:
    names = [key.name for key in policy.witnesses.values()]
    for size in store.sizes_signed_by(db, tree.tree, names, policy.fewest):
        sealed = store.checkpoint_at(db, tree.tree, size)
        if sealed is not None and is_witnessed(store.witnessed(db, tree.tree, sealed), policy):
            return size
    return 0
