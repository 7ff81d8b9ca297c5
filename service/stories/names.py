"""The names that a story gives to what its steps create, and what its latest issue is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from service.commands import Row, Target
from service.numbering import NUMBER
from service.stories.story import Step, StoryError, nearest

KINDS = {
    "ReceiveReport": "report",
    "OpenIssue": "issue",
    "SendReferral": "referral",
    "PlanAction": "action",
    "PerformAction": "action",
    "AddNote": "note",
}
"""What a command creates; a step with any other command can only name the event it recorded."""

INSIDE_ISSUE = ("referral", "action", "note")


class UnknownName(StoryError):
    """No step before has this name, or it does not stand for one thing."""


class NotCreated(Exception):
    """A step wants something by a name whose step has been refused, so that nothing has it."""


@dataclass
class Named:
    """What a named step created: one thing for each of its times."""

    kind: str
    ids: list[UUID] = field(default_factory=list)
    events: list[UUID] = field(default_factory=list)


class Names:
    """What the steps of one story have created so far; issues of any story go by their number."""

    def __init__(self, issue_of_number: Callable[[str], UUID | None] = lambda _: None) -> None:
        self._issue_of_number = issue_of_number
        self._named: dict[str, Named] = {}
        self._latest: dict[str, UUID] = {}
        self._issue_of: dict[UUID, UUID] = {}

    def announce(self, step: Step) -> None:
        """A step with a name is about to be played; without `learn` the name stands for nothing."""
        if step.name is not None:
            self._named.setdefault(step.name, Named(KINDS.get(step.command or "", "event")))

    def learn(self, step: Step, row: Row, created_id: UUID | None, stream_id: UUID) -> None:
        """Remember what a step created, and the issue or report it was about as the latest."""
        kind = KINDS.get(row.name)
        if kind is not None and created_id is not None:
            self._latest[kind] = created_id
            if step.name is not None:
                self._named[step.name].ids.append(created_id)
            if kind in INSIDE_ISSUE:
                self._issue_of[created_id] = stream_id
        if row.target is Target.ISSUE:
            self._latest["issue"] = stream_id
        if row.target is Target.REPORT:
            self._latest["report"] = stream_id

    def learn_event(self, step: Step, event_id: UUID) -> None:
        """Remember the event that a named step recorded, for corrections and disputes."""
        if step.name is not None:
            self._named[step.name].events.append(event_id)

    def id_of(self, name: object, where: str) -> UUID:
        """The id behind a name; an id written out stands for itself.

        Raises:
            UnknownName: no step before has this name, or it names several things.
            NotCreated: the step of this name was refused.
        """
        found = self.ids_of(name, where)
        if len(found) > 1:
            raise UnknownName(
                f"{where}: {name!r} names {len(found)} things; write {name}.1 … {name}.{len(found)}"
            )
        return found[0]

    def ids_of(self, name: object, where: str) -> list[UUID]:
        """Every id behind a name.

        Raises:
            UnknownName: no step before has this name.
            NotCreated: the step of this name was refused.
        """
        if isinstance(name, str) and (written := self._written_out(name, where)) is not None:
            return [written]
        named, number = self._find(name, where)
        if named.kind == "event":
            raise UnknownName(f"{where}: the step named {name!r} creates nothing that has an id")
        return _chosen(named.ids, number, name, where)

    def event_of(self, name: object, where: str) -> UUID:
        """The event that a named step recorded.

        Raises:
            UnknownName: no step before has this name.
            NotCreated: the step of this name was refused.
        """
        if isinstance(name, str) and (written := self._written_out(name, where)) is not None:
            return written
        named, number = self._find(name, where)
        return _chosen(named.events, number, name, where)[0]

    def latest(self, kind: str) -> UUID | None:
        """The issue or report that was created or acted on last; the latest of anything else."""
        return self._latest.get(kind)

    def issue_of(self, id_: UUID) -> UUID | None:
        """The issue that a referral, action or note of the story belongs to."""
        return self._issue_of.get(id_)

    def _written_out(self, name: str, where: str) -> UUID | None:
        if NUMBER.fullmatch(name):
            issue_id = self._issue_of_number(name)
            if issue_id is None:
                raise NotCreated(f"{where}: there is no issue with the number {name}")
            return issue_id
        try:
            return UUID(name)
        except ValueError:
            return None

    def _find(self, name: object, where: str) -> tuple[Named, int | None]:
        if isinstance(name, str):
            if name in self._named:
                return self._named[name], None
            whole, _, number = name.rpartition(".")
            if whole in self._named and number.isdecimal():
                return self._named[whole], int(number)
        raise UnknownName(f"{where}: no step before names {name!r}.{nearest(name, self._named)}")


def _chosen(found: list[UUID], number: int | None, name: object, where: str) -> list[UUID]:
    if not found:
        raise NotCreated(f"{where}: {name!r} does not exist, its step was refused")
    if number is None:
        return found
    if not 1 <= number <= len(found):
        raise UnknownName(f"{where}: {name!r} is not there; the name has 1 to {len(found)}")
    return found[number - 1 : number]
