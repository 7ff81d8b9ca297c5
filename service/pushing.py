"""Hands each new checkpoint in to the witnesses whose address stands in the agreed policy.

Most agencies' witnesses fetch it themselves; these have the log come to them. In a thread of its
own: a witness that is slow or gone holds up neither the seal nor another witness's signature.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infra.audit import ahead, store
from infra.audit.leaf import ISSUES
from infra.audit.note import BadNote, Note, PublicKey
from infra.audit.paths import TileMissing, consistency_proof
from infra.audit.pushing import Refused, WitnessAhead, add_checkpoint, push
from infra.audit.store import Tree
from infra.audit.writing import add_cosignature
from service.assembly import Samsyn
from service.audit_log import witnesses_of
from service.settings import Settings
from service.witnessed import offered

EVERY_SECONDS: Final = 2.0
BEGINS_AFTER: Final = timedelta(seconds=20)
"""So long after its last signature a witness is asked to begin with a newer checkpoint."""
_LOOKS_SECONDS: Final = 60.0
"""So often a witness is asked at least, and first when the program starts: is it ahead of us?"""
_ASK_AGAIN_SECONDS: Final = 0.25

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Due:
    """A checkpoint that a witness with an address lacks, and what it has signed last."""

    tree: Tree
    size: int
    note: Note
    key: PublicKey
    address: str
    known: int


class Pushing:
    """The loop that pushes; what goes wrong here stops nothing else."""

    def __init__(
        self, samsyn: Samsyn, settings: Settings, every_seconds: float = EVERY_SECONDS
    ) -> None:
        self._samsyn = samsyn
        self._settings = settings
        self._every = every_seconds
        self._asked_at: dict[str, float] = {}

    def run(self, stop: threading.Event, leads: Callable[[], bool]) -> None:
        """Push, as long as this worker is the one that leads, until `stop`."""
        while not stop.is_set():
            if not leads():
                stop.wait(_ASK_AGAIN_SECONDS)
                continue
            self.push_all()
            stop.wait(self._every)

    def push_all(self) -> None:
        """Hand in what each witness lacks, one after the other: each signs what the first began."""
        try:
            policy = witnesses_of(self._settings)
            for key in policy.witnesses.values():
                address = policy.addresses.get(str(key))
                if address is None:
                    continue
                with self._samsyn.engine.connect() as db:
                    due = self._due(db, key, address)
                if due is not None:
                    self._push(due)
        except (DBAPIError, PoolTimeout, BadNote, OSError, UnicodeDecodeError) as error:
            log.warning("audit_push_waits", error=type(error).__name__)

    def _due(self, db: Connection, key: PublicKey, address: str) -> _Due | None:
        tree = store.last_tree(db, ISSUES)
        if tree is None:
            return None
        now = self._samsyn.clock()
        (seen,) = store.last_seen(db, tree.tree, [key.name])
        sealed = offered(db, tree, self._settings, seen.size, now)
        if sealed is None:
            return None
        if sealed.size <= seen.size:
            # It has signed what there is, as far as we know: an older copy knows no better.
            asked_at = self._asked_at.get(key.name)
            if asked_at is not None and time.monotonic() - asked_at < _LOOKS_SECONDS:
                return None
            return _Due(tree, sealed.size, Note.parse(sealed.note), key, address, sealed.size)
        # Each that is begun all others must sign: so not every second's checkpoint is.
        is_begun = bool(store.cosignatures_at(db, tree.tree, sealed.size))
        if not is_begun and seen.at is not None and now - seen.at < BEGINS_AFTER:
            return None
        return _Due(tree, sealed.size, Note.parse(sealed.note), key, address, seen.size)

    def _push(self, due: _Due) -> None:
        def proof(old: int, new: int) -> list[bytes]:
            with self._samsyn.engine.connect() as db:
                return consistency_proof(old, new, store.tiles_in(db, due.tree.tree))

        self._asked_at[due.key.name] = time.monotonic()
        try:
            signed = push(
                due.note,
                due.size,
                due.known,
                due.key,
                proof,
                lambda body: add_checkpoint(due.address, body),
            )
        except WitnessAhead as error:
            self._note_ahead(due, error)
        except (Refused, BadNote, TileMissing) as error:
            log.error("audit_push_refused", witness=due.key.name, why=str(error))  # noqa: TRY400  a finding
        except OSError as error:
            log.warning("audit_push_waits", witness=due.key.name, error=type(error).__name__)
        else:
            line, at = signed.signature.line, self._samsyn.clock()
            with self._samsyn.engine.execution_options(writes=True).begin() as db:
                add_cosignature(db, due.tree.tree, due.size, due.key.name, line, at)

    def _note_ahead(self, due: _Due, error: WitnessAhead) -> None:
        """Write nothing more while the log lacks what an agreed witness says to have signed."""
        with self._samsyn.engine.execution_options(writes=True).begin() as db:
            lacks = ahead.keep_said(db, due.tree, error.size, due.key.name, self._samsyn.clock())
        if lacks:  # else it has fetched in the meantime what is newer than what was handed in
            log.error("audit_behind_witness", witness=due.key.name, why=str(error))
