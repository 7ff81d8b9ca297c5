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

    One for the whole program, for many threads; whichever answer is kept is a true one.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known = SealedSoFar(sealed=0, witnessed=0)

    def up_to(self, db: Connection, position: int) -> SealedSoFar:
        """What tells the state of every event up to a position."""
        known = self._known
        if position > known.witnessed and (position > known.sealed or self._has_witnesses()):
            self._known = known = sealed_so_far(db, self._settings)
        return known

    def _has_witnesses(self) -> bool:
        try:
            return witnesses_of(self._settings).fewest > 0
        except (BadNote, OSError, UnicodeDecodeError):
            return False
