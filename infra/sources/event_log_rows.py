"""What an event log of any form is asked for, and one event of it as text."""

from dataclasses import dataclass
from typing import NamedTuple

from infra.sources.unreadable import SourceError


@dataclass(frozen=True, kw_only=True, slots=True)
class Columns:
    """Which column of the log says what."""

    case: str
    time: str
    group: str
    activity: str
    resource: str | None

    @property
    def wanted(self) -> list[str]:
        asked = (self.case, self.time, self.group, self.activity, self.resource)
        return [name for name in asked if name is not None]


class RawRow(NamedTuple):
    """One event as the file has it; "" is a value that is not there. `line` is 1-based."""

    line: int
    case: str
    time: str
    group: str
    activity: str
    resource: str


def missing_columns(file: str, missing: list[str], there: list[str]) -> SourceError:
    """The error that says which columns the file has instead."""
    asked, has = ", ".join(missing), ", ".join(there)
    return SourceError(
        file,
        sv=f"Filen saknar {asked}. Kolumnerna som finns: {has or 'inga'}.",
        en=f"The file has no {asked}. The columns there are: {has or 'none'}.",
    )
