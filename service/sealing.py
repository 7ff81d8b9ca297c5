"""Seals the audit log in the worker: about once a second while things happen, and never faster.

The agencies' access logs are sealed less often: nobody waits for them.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from eventsourcing.persistence import OperationalError as LogUnavailable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infra.access.leaves import AccessLeaves, kind_of_agency
from infra.audit.keys import LogKeys, add_key, read_keys
from infra.audit.leaf import ISSUES, Leaves, NoLeaf, leaves_of
from infra.audit.sequencer import LogStopped, Sequencer
from infra.secret_files import KeyFileUnusable
from service import metrics
from service.assembly import Samsyn
from service.settings import Settings
from service.witnessed import WELL, look

EVERY_SECONDS: Final = 1.0
ACCESS_EVERY_SECONDS: Final = 10.0
_ASK_AGAIN_SECONDS: Final = 0.25
_WITNESSES_SECONDS: Final = 60.0
_STOPPED_SECONDS: Final = 60.0
"""After what somebody must look at: so long until it is looked at again."""

log = structlog.get_logger(__name__)


@dataclass(eq=False)
class _Log:
    """One kind of what is sealed: when it is its turn, and whether somebody must look first."""

    kind: str
    leaves: Leaves
    every: float
    due: float = 0.0
    stopped: bool = False
    sequencer: Sequencer | None = None


class Sealing:
    """The loop that seals; what goes wrong here stops neither casework nor read models.

    Nor does what is wrong with one log stop the sealing of another.
    """

    def __init__(
        self,
        samsyn: Samsyn,
        settings: Settings,
        at: Callable[[str], None] = lambda _point: None,
        access_every: float = ACCESS_EVERY_SECONDS,
    ) -> None:
        """``at`` hears of each step of a sealing, for tests."""
        self._samsyn = samsyn
        self._settings = settings
        self._path = settings.audit_key
        self._name = settings.audit_name
        # Where one process does everything it may as well make its key.
        self._makes_key = settings.embedded
        self._at = at
        self._access_every = access_every
        self._access = AccessLeaves(samsyn.engine)
        self._logs = [_Log(ISSUES, leaves_of(samsyn.casework.read), EVERY_SECONDS)]
        self._looks_for_agencies = 0.0
        self._keys: LogKeys | None = None
        self._key_changed_at = 0

    def run(self, stop: threading.Event, leads: Callable[[], bool]) -> None:
        """Seal, as long as this worker is the one that leads, until `stop`."""
        look_at = 0.0
        while not stop.is_set():
            if not leads():
                # Whoever leads meanwhile goes on from where we were: begin anew after that.
                self._forget()
                stop.wait(_ASK_AGAIN_SECONDS)
                continue
            rest = self._turn()
            if look_at <= time.monotonic():
                self.tell_of_witnesses()
                look_at = time.monotonic() + _WITNESSES_SECONDS
            stop.wait(max(0.0, rest))
        self._forget()

    def tell_of_witnesses(self) -> None:
        """Warn when a checkpoint has waited for its witnesses for more than ten minutes."""
        try:
            with self._samsyn.engine.connect() as db:
                found = look(db, self._settings, self._samsyn.clock())
        except (DBAPIError, PoolTimeout) as error:
            log.warning("audit_waits", error=type(error).__name__)
            return
        if found is not None and found.state != WELL:
            log.warning(
                "audit_unwitnessed",
                state=found.state,
                seconds=round(found.waiting_seconds),
                size=found.size,
                witnesses={each.witness: each.size for each in found.witnesses},
            )

    def _turn(self) -> float:
        """Seal what is due; gives the seconds until something is again."""
        began = time.monotonic()
        try:
            keys = self._current_keys()
        except KeyFileUnusable as error:
            log.error("audit_key_unusable", why=str(error))  # noqa: TRY400  as below
            metrics.AUDIT_STOPPED.set(1)
            return _STOPPED_SECONDS
        if keys is None:
            return _STOPPED_SECONDS
        if self._looks_for_agencies <= began:
            self._looks_for_agencies = began + self._access_every
            self._look_for_agencies()
        for each in self._logs:
            if each.due <= began:
                each.due = began + self._seal(each, keys)
        metrics.AUDIT_STOPPED.set(any(each.stopped for each in self._logs))
        return min(each.due for each in self._logs) - time.monotonic()

    def _seal(self, one: _Log, keys: LogKeys) -> float:
        """Seal one log once; gives the seconds from one beginning to the next."""
        try:
            sequencer = self._sequencer(one, keys)
            done = sequencer.seal()
        except (LogStopped, NoLeaf) as error:
            # Nothing is signed until a person has looked; all else goes on.
            log.error("audit_stopped", kind=one.kind, why=str(error))  # noqa: TRY400  a finding, not a fault
            one.stopped, one.sequencer = True, None
            return _STOPPED_SECONDS
        except (LogUnavailable, DBAPIError, PoolTimeout) as error:
            log.warning("audit_waits", kind=one.kind, error=type(error).__name__)
            return one.every
        except Exception:
            # A fault of ours in here must not take projections and policies with it.
            log.exception("audit_failed", kind=one.kind)
            one.stopped, one.sequencer = True, None
            return _STOPPED_SECONDS
        one.stopped = False
        if done:
            log.debug("audit_sealed", kind=one.kind, leaves=done)
        return one.every

    def _look_for_agencies(self) -> None:
        """Each agency of the directory has an access log."""
        try:
            agencies = self._samsyn.directory.agencies().agencies
        except (LogUnavailable, DBAPIError, PoolTimeout) as error:
            log.warning("audit_waits", error=type(error).__name__)
            return
        known = {each.kind for each in self._logs}
        for agency_id in sorted(agencies):
            kind = kind_of_agency(agency_id)
            if kind not in known:
                self._logs.append(_Log(kind, self._access.of(agency_id), self._access_every))

    def _sequencer(self, one: _Log, keys: LogKeys) -> Sequencer:
        if one.sequencer is None:
            one.sequencer = Sequencer(
                self._samsyn.engine,
                one.leaves,
                keys,
                kind=one.kind,
                name=self._name,
                clock=self._samsyn.clock,
                at=self._at,
            )
        return one.sequencer

    def _forget(self) -> None:
        for each in self._logs:
            each.sequencer = None

    def _current_keys(self) -> LogKeys | None:
        """The keys that are in the file now; whoever signs with others begins anew."""
        changed_at = _changed_at(self._path)
        if self._keys is None or changed_at != self._key_changed_at:
            self._forget()
            self._keys = self._read_keys()
            if self._keys is None:
                log.warning("audit_without_key", do="samsyn audit key")
                return None
            self._key_changed_at = _changed_at(self._path)
        return self._keys

    def _read_keys(self) -> LogKeys | None:
        keys = read_keys(self._path)
        if keys is None and self._makes_key:
            try:
                add_key(self._path, self._name)
            except FileExistsError:
                log.info("audit_key_made_elsewhere")
            keys = read_keys(self._path)
        return keys


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
