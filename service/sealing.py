"""Seals the audit log in the worker: about once a second while things happen, and never faster."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from eventsourcing.persistence import OperationalError as LogUnavailable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from infra.audit.keys import KeyFileUnusable, LogKeys, add_key, read_keys
from infra.audit.leaf import ISSUES, NoLeaf, leaves_of
from infra.audit.sequencer import LogStopped, Sequencer
from service import metrics
from service.assembly import Samsyn
from service.settings import Settings

EVERY_SECONDS: Final = 1.0
_ASK_AGAIN_SECONDS: Final = 0.25
_STOPPED_SECONDS: Final = 60.0
"""After what somebody must look at: so long until it is looked at again."""

log = structlog.get_logger(__name__)


class Sealing:
    """The loop that seals events; what goes wrong here stops neither casework nor read models."""

    def __init__(
        self, samsyn: Samsyn, settings: Settings, at: Callable[[str], None] = lambda _point: None
    ) -> None:
        """``at`` hears of each step of a sealing, for tests."""
        self._samsyn = samsyn
        self._path = settings.audit_key
        self._name = settings.audit_name
        # Where one process does everything it may as well make its key.
        self._makes_key = settings.embedded
        self._at = at
        self._sequencer: Sequencer | None = None
        self._key_changed_at = 0

    def run(self, stop: threading.Event, leads: Callable[[], bool]) -> None:
        """Seal, as long as this worker is the one that leads, until `stop`."""
        while not stop.is_set():
            if not leads():
                # Whoever leads meanwhile goes on from where we were: begin anew after that.
                self._sequencer = None
                stop.wait(_ASK_AGAIN_SECONDS)
                continue
            began = time.monotonic()
            rest = self._turn()
            stop.wait(max(0.0, began + rest - time.monotonic()))
        self._sequencer = None

    def _turn(self) -> float:
        """Seal once; gives the seconds from one beginning to the next."""
        try:
            sequencer = self._current()
            if sequencer is None:
                return _STOPPED_SECONDS
            done = sequencer.seal()
        except (LogStopped, NoLeaf) as error:
            # Nothing is signed until a person has looked; all else goes on.
            log.error("audit_stopped", why=str(error))  # noqa: TRY400  a finding, not a fault
            metrics.AUDIT_STOPPED.set(1)
            self._sequencer = None
            return _STOPPED_SECONDS
        except KeyFileUnusable as error:
            log.error("audit_key_unusable", why=str(error))  # noqa: TRY400  as above
            metrics.AUDIT_STOPPED.set(1)
            return _STOPPED_SECONDS
        except (LogUnavailable, DBAPIError, PoolTimeout) as error:
            log.warning("audit_waits", error=type(error).__name__)
            return EVERY_SECONDS
        except Exception:
            # A fault of ours in here must not take projections and policies with it.
            log.exception("audit_failed")
            metrics.AUDIT_STOPPED.set(1)
            self._sequencer = None
            return _STOPPED_SECONDS
        metrics.AUDIT_STOPPED.set(0)
        if done:
            log.debug("audit_sealed", leaves=done)
        return EVERY_SECONDS

    def _current(self) -> Sequencer | None:
        """The sequencer with the keys that are in the file now."""
        changed_at = _changed_at(self._path)
        if self._sequencer is None or changed_at != self._key_changed_at:
            keys = self._keys()
            if keys is None:
                log.warning("audit_without_key", do="samsyn audit key")
                return None
            self._key_changed_at = _changed_at(self._path)
            self._sequencer = Sequencer(
                self._samsyn.engine,
                leaves_of(self._samsyn.casework.read),
                keys,
                kind=ISSUES,
                name=self._name,
                clock=self._samsyn.clock,
                at=self._at,
            )
        return self._sequencer

    def _keys(self) -> LogKeys | None:
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
