"""Signed receipts of commands: a promise that what was recorded is in the audit log in a minute."""

from dataclasses import dataclass
from pathlib import Path

import structlog
from eventsourcing.persistence import PersistenceError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infra.audit.keys import KeyFileUnusable, LogKeys, add_key, read_keys
from infra.audit.leaf import NoLeaf, leaf_of, written_time
from infra.audit.note import signed_note
from infra.audit.tree import leaf_hash
from infra.log.casework import Casework
from service.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Receipts:
    """Signs with a key of the web processes, which is none of the audit log's.

    A receipt is a signed note (C2SP): the key's name, then event, entry (the hash of its leaf),
    position and time. Whoever has one can hold the log to it, with `verify.py … receipts`.
    """

    casework: Casework
    path: Path
    name: str

    @classmethod
    def of(cls, casework: Casework, settings: Settings) -> "Receipts":
        """Use the file and the name of the settings."""
        return cls(casework, settings.audit_receipt_key, f"{settings.audit_name}/receipts")

    def signed(self, position: int) -> str | None:
        """The receipt for what was recorded at a position, always the same one.

        None if it cannot be made now: that takes nothing back from the command, and who sends it
        again with its key gets the receipt.
        """
        try:
            entry = self.casework.read(position - 1, 1)[0]
            leaf = leaf_of(entry)
            told = {
                "event": leaf.event_id,
                "entry": leaf_hash(leaf.entry).hex(),
                "position": position,
                "time": written_time(entry.recorded_at),
            }
            lines = [self.name, *(f"{name} {value}" for name, value in told.items()), ""]
            text = "\n".join(lines)
            return signed_note(text, [key.sign(text) for key in self._keys().of(self.name)])
        except (PersistenceError, DBAPIError, PoolTimeout, IndexError, NoLeaf) as error:
            log.warning("receipt_unreadable", position=position, error=type(error).__name__)
        except (KeyFileUnusable, OSError) as error:
            log.error("receipt_key_unusable", why=str(error))  # noqa: TRY400  a finding, not a fault
        return None

    def _keys(self) -> LogKeys:
        """The key, made by whoever needs it first: several processes may at once."""
        keys = read_keys(self.path)
        if keys is not None:
            return keys
        try:
            add_key(self.path, self.name)
        except FileExistsError:
            log.info("receipt_key_made_elsewhere")
        return read_keys(self.path) or self._keys()
