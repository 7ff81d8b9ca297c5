"""How safe each event is by now: recorded, then sealed, then witnessed by enough agencies."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection

from domain.labels import Label
from infra.audit import store
from infra.audit.leaf import ISSUES
from infra.audit.note import BadNote
from infra.audit.policy import Policy
from service.audit_log import witnesses_of
from service.settings import Settings
from service.witnessed import witnessed_position


class Safety(StrEnum):
    """The three states of an event, in their order."""

    RECORDED = "recorded"
    SEALED = "sealed"
    WITNESSED = "witnessed"


WORDS: Final[Mapping[Safety, Label]] = MappingProxyType(
    {
        Safety.RECORDED: Label("Registrerad", "Recorded"),
        Safety.SEALED: Label("Förseglad", "Sealed"),
        Safety.WITNESSED: Label("Bevittnad", "Witnessed"),
    }
)


@dataclass(frozen=True, kw_only=True)
class SealedSoFar:
    """The last positions of the log that are sealed and witnessed; without witnesses none is."""

    sealed: int
    witnessed: int

    def of(self, position: int) -> Safety:
        """The state of the event at a position."""
        if position <= self.witnessed:
            return Safety.WITNESSED
        return Safety.SEALED if position <= self.sealed else Safety.RECORDED

    def bounds(self, state: str) -> tuple[int | None, int | None]:
        """Above which position, and up to which, events are in a state; no bounds for any other."""
        match state:
            case Safety.RECORDED:
                return self.sealed, None
            case Safety.SEALED:
                return self.witnessed, self.sealed
            case Safety.WITNESSED:
                return None, self.witnessed
            case _:
                return None, None


def sealed_so_far(db: Connection, settings: Settings) -> SealedSoFar:
    """Look at the audit log as this server shows it."""
    sealed = store.reached(db, ISSUES)
    return SealedSoFar(sealed=sealed, witnessed=min(sealed, witnessed_position(db, settings) or 0))


class KnownSafety:
    """How far the log is known to be safe, asked for anew only for what is newer: it only grows.

    To look closely costs seven statements; whether anything has come since, one. One for the whole
    program, for many threads; whichever answer is kept is a true one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._kept: tuple[object, SealedSoFar] = None, SealedSoFar(sealed=0, witnessed=0)

    def up_to(self, db: Connection, position: int) -> SealedSoFar:
        """What tells the state of every event up to a position."""
        signs, known = self._kept
        if position <= known.witnessed:
            return known
        policy = self._policy()
        has_witnesses = policy is not None and policy.fewest > 0
        if position <= known.sealed and not has_witnesses:
            return known
        # Before the closer look: what comes in between is seen the next time.
        now = policy, store.newest_signs(db, ISSUES)
        if now != signs:
            known = sealed_so_far(db, self._settings)
            self._kept = now, known
        return known

    def _policy(self) -> Policy | None:
        try:
            return witnesses_of(self._settings)
        except (BadNote, OSError, UnicodeDecodeError):
            return None
