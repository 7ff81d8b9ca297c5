"""What an import read, wrote and left out, for people and for programs."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from domain.refusals import Invalid, Refused
from infra.sources.unreadable import Notice, SourceError, Unreadable

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how much of it is done, and of how much if that is known."""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A row that did not go in; `line` is 1-based, None when it is the rest of a file."""

    file: str
    line: int | None
    code: str
    reason_sv: str
    reason_en: str


@dataclass(kw_only=True)
class Summary:
    """The outcome of one run. `read` counts rows of the files, with those left out.

    `written` counts what was new and `revised` what was changed by a later version; `unchanged`
    is what had been imported before. `confirmed` counts texts that look like personal data and
    went in, because the source says they are none.
    """

    read: int = 0
    written: int = 0
    revised: int = 0
    unchanged: int = 0
    confirmed: int = 0
    appended_events: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    left_out: list[LeftOut] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    @property
    def rows_a_second(self) -> float:
        """How many rows went through in a second."""
        return self.read / self.seconds if self.seconds else 0.0

    def unreadable(self, row: Unreadable) -> None:
        """Note a row that the reader could not use."""
        self.read += 1
        self.left_out.append(
            LeftOut(
                file=row.file,
                line=row.line,
                code=row.code,
                reason_sv=row.reason_sv,
                reason_en=row.reason_en,
            )
        )

    def broken(self, error: SourceError) -> None:
        """Note that the rest of a file could not be read."""
        self.left_out.append(
            LeftOut(
                file=error.file, line=None, code="source", reason_sv=error.sv, reason_en=error.en
            )
        )

    def refused(self, file: str, line: int, refused: Refused) -> None:
        """Note a row that a rule refuses."""
        bad = refused.errors if isinstance(refused, Invalid) else ()
        self.left_out.append(
            LeftOut(
                file=file,
                line=line,
                code=bad[0].code if bad else refused.code,
                reason_sv=" ".join(error.sv for error in bad) or refused.sv,
                reason_en=" ".join(error.en for error in bad) or refused.en,
            )
        )

    def finish(self) -> None:
        """Stop the clock and put what was left out into the order of the files."""
        self.seconds = time.monotonic() - self._began
        self.left_out.sort(key=lambda row: (row.file, row.line or 0))

    def as_json(self) -> dict[str, Any]:
        """Everything, in plain JSON values."""
        return {
            "read": self.read,
            "written": self.written,
            "revised": self.revised,
            "unchanged": self.unchanged,
            "confirmed_not_personal": self.confirmed,
            "events_appended": self.appended_events,
            "counts": dict(sorted(self.counts.items())),
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rows_a_second, 1),
            "left_out": [asdict(row) for row in self.left_out],
            "notices": [asdict(notice) for notice in self.notices],
        }
