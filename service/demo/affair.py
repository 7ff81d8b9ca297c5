"""One issue of the demo as its life goes on: what was decided so far and who deals with it."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from domain.categories import CATEGORIES
from domain.codes import Effect, Priority
from domain.command import Command
from domain.values import Place
from domain.working_days import Calendar
from service.demo.draw import Draw
from service.demo.people import CASEWORKERS, OUT
from service.demo.texts import Spot, Subject, Texts


@dataclass(frozen=True, kw_only=True)
class Act:
    """Somebody gives a command at a time."""

    at: datetime
    who: str
    command: Command


Life: TypeAlias = Generator[Act, Any, datetime]
"""Gives acts in the order of time, is sent the id of what each created, ends at a time."""


_NOT_YET = UUID(int=0)

Near: TypeAlias = "Callable[[Affair], UUID | None]"
"""Finds another live issue of the same sort, at the same place and agency."""


@dataclass(kw_only=True)
class Affair:
    """One issue; `lead` is the agency its category belongs to, `responsible` who has it now."""

    draw: Draw
    calendar: Calendar
    texts: Texts
    subject: Subject
    spot: Spot
    begins: datetime
    near: "Near"
    issue_id: UUID = _NOT_YET
    responsible: str = ""
    handler: str = ""
    title: str = ""
    priority: Priority = Priority.MEDIUM
    reports: list[UUID] = field(default_factory=list[UUID])
    to_answer: list[UUID] = field(default_factory=list[UUID])
    received_by: str = ""
    helpers: list[tuple[str, UUID]] = field(default_factory=list[tuple[str, UUID]])
    performed: int = 0
    effect: Effect | None = None

    @property
    def lead(self) -> str:
        """The agency that usually leads."""
        return CATEGORIES[self.subject.code].lead_agency

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.spot.place

    def says(self, table: Mapping[str, Any], *keys: str) -> str:
        """One of the texts under these keys."""
        found: Any = table
        for key in keys:
            found = found[key]
        told: Sequence[str] = found
        return self.draw.one(told)

    def caseworker(self, agency: str) -> str:
        """Somebody who decides at an agency: who handles this issue, if it is theirs."""
        ours = CASEWORKERS[agency]
        return self.handler if self.handler in ours else self.draw.one(ours)

    def somebody_out(self, agency: str) -> str:
        """Somebody who performs things for an agency."""
        return self.draw.one(OUT.get(agency, CASEWORKERS[agency]))

    def later(self, after: datetime, mean: timedelta) -> datetime:
        """In office hours, a while later."""
        return self.draw.office(after + self.draw.wait(mean))
