"""What people keep at their desk, put on the program's database and clock."""

from dataclasses import dataclass

from infra.desk import Draft, Drafts, Faults, SavedView, SavedViews, views_seen_by
from service.assembly import Samsyn

__all__ = ["Desk", "Draft", "SavedView", "views_seen_by"]


@dataclass(frozen=True)
class Desk:
    """Drafts, saved views and reported faults."""

    drafts: Drafts
    views: SavedViews
    faults: Faults

    @classmethod
    def of(cls, samsyn: Samsyn) -> "Desk":
        """On a started program."""
        return cls(
            Drafts(samsyn.engine, samsyn.clock),
            SavedViews(samsyn.engine, samsyn.clock),
            Faults(samsyn.engine, samsyn.clock),
        )
