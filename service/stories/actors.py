"""Finds who acts in a step: a user, an agency's first user who may, or the system."""

from collections.abc import Iterable

from domain.agencies import Agencies, Grant
from domain.values import SYSTEM, Actor
from service.commands import COMMANDS
from service.stories.story import Step, StoryError, nearest


def actor_of(step: Step, agencies: Agencies) -> Actor:
    """Who gives the step's command.

    An agency's id stands for the first of its users, in the order of their ids, whose role may
    give this command; if none may, for the first of them, who is then refused.

    Raises:
        StoryError: there is no such user or agency.
    """
    if step.who == SYSTEM.user_id:
        return SYSTEM
    found = users_of(step, agencies)
    if not found:
        known = {*agencies.grants, *agencies.agencies, SYSTEM.user_id}
        raise StoryError(f"{step.where}: nobody is {step.who!r}.{_mend(step, agencies, known)}")
    row = COMMANDS.get(step.command or "")
    may = [grant for grant in found if row is not None and grant.role in row.roles]
    grant = (may or found)[0]
    return Actor(user_id=grant.user_id, agency_id=grant.agency_id, role=grant.role)


def users_of(step: Step, agencies: Agencies) -> list[Grant]:
    """The users that `who` may stand for."""
    grant = agencies.grants.get(step.who or "")
    if grant is not None:
        return [grant]
    ours = [grant for grant in agencies.grants.values() if grant.agency_id == step.who]
    return sorted(ours, key=lambda grant: grant.user_id)


def find_everybody(steps: Iterable[Step], agencies: Agencies) -> None:
    """See to it that everybody who acts exists, or is let in by a step.

    Raises:
        StoryError: naming every step whose user or agency there is not.
    """
    steps = list(steps)
    let_in = {str(step.data.get("user_id")) for step in steps if step.command == "GrantUser"}
    problems: list[str] = []
    for step in steps:
        if step.command is not None and step.waits_for is None and step.who not in let_in:
            try:
                actor_of(step, agencies)
            except StoryError as error:
                problems += error.problems
    if problems:
        raise StoryError(*problems)


def _mend(step: Step, agencies: Agencies, known: set[str]) -> str:
    if step.who in agencies.agencies:
        return f" The agency has no users; declare one with [[users]], agency_id = {step.who!r}."
    return nearest(step.who, known) + " More are declared with [[users]]."
