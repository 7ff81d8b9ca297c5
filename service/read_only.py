"""Says that nothing can be saved while the database lacks what witnesses have signed."""

import time
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from domain.labels import Label
from domain.refusals import Refused
from infra.audit.ahead import is_behind
from service.language import Language

WORDS: Final = Label(
    "Samsyn är skrivskyddat: databasen är återläst från en säkerhetskopia och saknar sådant som "
    "redan är bevittnat. Inget sparas. Det går att läsa, men det senaste kan fattas. Försök igen "
    "när driften har läkt loggen.",
    "Samsyn is read-only: the database was restored from a backup and lacks what has already been "
    "witnessed. Nothing is saved. You can read, but the latest may be missing. Try again when "
    "operations has healed the log.",
)
_LOOK_SECONDS: Final = 2.0

log = structlog.get_logger(__name__)


class ReadOnly(Refused):
    """Nobody's command is carried out, until the log is healed."""

    def __init__(self) -> None:
        super().__init__("read_only", WORDS.sv, WORDS.en)


class Watch:
    """Whether the database is only read, as pages show it: looked at every two seconds at most.

    What refuses to write is the database itself, in the transaction that would.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._look_at = 0.0
        self._found = False

    def said(self, language: Language) -> str:
        """What pages say on top; nothing while things can be saved."""
        return language.of(WORDS) if self.is_read_only() else ""

    def is_read_only(self) -> bool:
        """Look, or say what was seen a moment ago."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_SECONDS
            try:
                with self._engine.connect() as db:
                    self._found = is_behind(db)
            except SQLAlchemyError as error:
                log.warning("read_only_unknown", error=type(error).__name__)
        return self._found
