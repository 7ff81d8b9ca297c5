"""What a category of reports and issues says: its words, how soon it presses, who leads."""

from dataclasses import dataclass

from domain.codes import CategoryGroup, Priority
from domain.labels import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """One category; its code is stored in events and never changes."""

    code: str
    label: Label
    group: CategoryGroup
    severity: Priority
    """The priority proposed for a new issue."""
    lead_agency: str
    """The agency that usually leads, by agency id."""
    law: str = ""
    """The law it rests on as lawyers cite it (BrB: brottsbalken; LOF: local ordinances)."""
    police_type_numbers: tuple[int, ...] = ()
    """Unofficial numbers of police event types, for import only; categories share some."""
    restricted: bool = False
    """Seen by few: only the agencies that take part."""
    small_numbers: bool = False
    """Figures under five are not shown outside the owning agency."""
    hint: Label | None = None
    """A sentence that helps to choose it."""
