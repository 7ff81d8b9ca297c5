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
