"""Signed receipts of commands: a promise that what was recorded is in the audit log in a minute."""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import structlog
from eventsourcing.persistence import PersistenceError
from litestar.concurrency import sync_to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.log_entry import LogEntry
from infra.audit.keys import add_key, read_keys
from infra.audit.leaf import NoLeaf, leaf_of, written_time
from infra.audit.note import SecretKey, signed_note
from infra.audit.tree import leaf_hash
from infra.log.casework import Casework
from infra.secret_files import KeyFileUnusable, as_of
from service.settings import Settings

MOST_REMEMBERED: Final = 1_000
"""Entries this process has just written: none is read again to sign for it."""

log = structlog.get_logger(__name__)


class Receipts:
    """Signs with a key of the web processes, which is none of the audit log's.

    A receipt is a signed note (C2SP): the key's name, then event, entry (the hash of its leaf),
    position and time. Whoever has one can hold the log to it, with `verify.py … receipts`.
    """

    def __init__(self, casework: Casework, path: Path, name: str) -> None:
        """Listen to what this process writes; the key's file is made with the first receipt."""
        self.path = path
        self.name = name
        self._casework = casework
        self._written: OrderedDict[int, LogEntry] = OrderedDict()
        self._lock = Lock()
        self._keys: list[SecretKey] = []
        self._keys_as_of: tuple[int, ...] = ()
        casework.on_entries.append(self._remember)

    @classmethod
    def of(cls, casework: Casework, settings: Settings) -> "Receipts":
        """Use the file and the name of the settings."""
        return cls(casework, settings.audit_receipt_key, f"{settings.audit_name}/receipts")

    async def signed_async(self, position: int) -> str | None:
        """As ``signed``; the event loop does not wait for the database."""
        with self._lock:
            entry = self._written.pop(position, None)
        if entry is None:
            return await sync_to_thread(self.signed, position)
        return self.signed_for(entry)

    def signed(self, position: int) -> str | None:
        """The receipt for what was recorded at a position, always the same one.

        None if it cannot be made now: that takes nothing back from the command, and who sends it
        again with its key gets the receipt.
        """
        try:
            return self.signed_for(self._casework.read(position - 1, 1)[0])
        except (PersistenceError, DBAPIError, PoolTimeout, IndexError) as error:
            log.warning("receipt_unreadable", position=position, error=type(error).__name__)
        return None

    def recorded_by(self, position: int, user_id: str) -> bool:
        """Whether what stands at a position is a user's own doing: whose receipt it is.

        Raises:
            EventUnreadable, PersistenceError, DBAPIError: it cannot be told now.
        """
        found = self._casework.read(position - 1, 1)
        return bool(found) and found[0].event.actor.user_id == user_id

    def public_key(self) -> str:
        """What receipts made now are checked with; nothing if the file cannot be used."""
        try:
            return str(self._current_keys()[0].public_key)
        except (KeyFileUnusable, OSError) as error:
            log.error("receipt_key_unusable", why=str(error))  # noqa: TRY400  a finding, not a fault
            return ""

    def signed_for(self, entry: LogEntry) -> str | None:
        """The receipt for an entry that was read; None as above."""
        try:
            leaf = leaf_of(entry)
            told = {
                "event": leaf.event_id,
                "entry": leaf_hash(leaf.entry).hex(),
                "position": entry.position,
                "time": written_time(entry.recorded_at),
            }
            lines = [self.name, *(f"{name} {value}" for name, value in told.items()), ""]
            text = "\n".join(lines)
            return signed_note(text, [key.sign(text) for key in self._current_keys()])
        except NoLeaf as error:
            log.warning("receipt_unreadable", position=entry.position, error=type(error).__name__)
        except (KeyFileUnusable, OSError) as error:
            log.error("receipt_key_unusable", why=str(error))  # noqa: TRY400  a finding, not a fault
        return None

    def _remember(self, entries: Sequence[LogEntry]) -> None:
        with self._lock:
            for entry in entries:
                self._written[entry.position] = entry
            while len(self._written) > MOST_REMEMBERED:
                self._written.popitem(last=False)

    def _current_keys(self) -> list[SecretKey]:
        """The keys of the file, read again when the file is another one."""
        now = as_of(self.path)
        if not now or now != self._keys_as_of:
            self._keys = self._read_keys()
            self._keys_as_of = now
        return self._keys

    def _read_keys(self) -> list[SecretKey]:
        """The keys, made by whoever needs one first: several processes may at once."""
        keys = read_keys(self.path)
        if keys is not None:
            return keys.of(self.name)
        try:
            add_key(self.path, self.name)
        except FileExistsError:
            log.info("receipt_key_made_elsewhere")
        return self._read_keys()
