"""What a decision is told besides the command: clock, ids, actor, agencies, calendar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from domain.agencies import Agencies
from domain.command import Command, check_texts, check_time
from domain.refusals import Problems
from domain.values import Actor
from domain.working_days import Calendar

if TYPE_CHECKING:
    from domain.issue import Issue
    from domain.report import Report


@dataclass(frozen=True, kw_only=True)
class Context:
    """Everything from outside that a decision may look at; nothing in the domain asks for more."""

    actor: Actor
    now: datetime
    occurred_at: datetime
    command_id: UUID
    new_id: Callable[[], UUID]
    agencies: Agencies
    calendar: Calendar
    confirmed_not_personal: tuple[str, ...] = ()
    on_behalf_of: str | None = None
    reports: Mapping[UUID, "Report"] = field(default_factory=dict[UUID, "Report"])
    issues: Mapping[UUID, "Issue"] = field(default_factory=dict[UUID, "Issue"])
    problems: Problems = field(default_factory=Problems)


def context_of(  # noqa: PLR0913  a decision is told all there is, and by name
    command: Command,
    *,
    actor: Actor,
    now: datetime,
    new_id: Callable[[], UUID],
    agencies: Agencies,
    calendar: Calendar,
    reports: Mapping[UUID, "Report"] | None = None,
    issues: Mapping[UUID, "Issue"] | None = None,
    caused_by: UUID | None = None,
) -> Context:
    """Check what all commands share (texts, times) and gather the context of the decision.

    `caused_by` is the event that the command takes back, if it does.
    """
    problems = Problems()
    occurred_at = check_time(command, now, problems)
    confirmed = check_texts(command, problems)
    return Context(
        actor=actor,
        now=now,
        occurred_at=occurred_at,
        command_id=caused_by or new_id(),
        new_id=new_id,
        agencies=agencies,
        calendar=calendar,
        confirmed_not_personal=confirmed,
        reports=reports or {},
        issues=issues or {},
        problems=problems,
    )
