"""What of the trail somebody has chosen to see, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from domain.events import EVENTS
from projections.audit_trail_queries import TrailFilter
from service.pages.periods import midnight, read_day
from service.sealed_so_far import SealedSoFar

A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The fields of the form; empty where nothing is chosen, or what was typed is nothing."""

    issue: str = ""
    agency: str = ""
    actor: str = ""
    topic: str = ""
    state: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, params: Mapping[str, str]) -> "Chosen":
        """Read what is asked for in an address."""
        told = {field.name: params.get(field.name, "").strip() for field in fields(cls)}
        for name in ("since", "until"):
            day = read_day(told[name])
            told[name] = day.isoformat() if day else ""
        return cls(**told | {"issue": told["issue"].upper()})

    @property
    def is_part(self) -> bool:
        """Whether only a part of an issue's trail is wanted."""
        return any(value for name, value in asdict(self).items() if name != "issue")

    @property
    def query(self) -> str:
        """The same choice for another address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    def wanted(self, issue_id: UUID | None, sealed: SealedSoFar) -> TrailFilter:
        """The choice as the trail takes it."""
        above, up_to = sealed.bounds(self.state)
        return TrailFilter(
            agency=self.agency or None,
            actor=self.actor or None,
            topics=(self.topic,) if self.topic in EVENTS else (),
            since=midnight(date.fromisoformat(self.since)) if self.since else None,
            until=midnight(date.fromisoformat(self.until) + A_DAY) if self.until else None,
            issue_id=issue_id,
            above=above,
            up_to=up_to,
        )
