"""Takes back what somebody has just done: for ten seconds, while nobody else has acted since."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.command import Command
from domain.compensation import compensation_of
from domain.issue import Issue
from domain.log_entry import LogEntry
from domain.refusals import Conflict, NotAllowed, NotFound
from domain.values import SYSTEM, Actor
from service.assembly import Samsyn
from service.batch import VersionChanged
from service.receipt import Receipt

WITHIN: Final = timedelta(seconds=10)
"""From when it was recorded, by the server's clock."""
MOST_ATTEMPTS: Final = 5
"""So often the system may get in between, which delivers and reminds whenever it likes."""


@dataclass(frozen=True, kw_only=True)
class Undoable:
    """Something that may be taken back, until when, and by which command.

    `version` is that of the issue as it was looked at.
    """

    event_id: UUID
    until: datetime
    command: Command
    version: int


def undoable(samsyn: Samsyn, actor: Actor, issue_id: UUID, version: int) -> Undoable:
    """What the actor did to an issue as its event of this version, if it may be taken back now.

    Raises:
        NotFound: there is no such event, or no command takes it back.
        NotAllowed: somebody else did it.
        Conflict: it is too late, or somebody has acted since.
    """
    entries = samsyn.casework.history([issue_id], samsyn.casework.head())
    entry = next((each for each in entries if each.version == version), None)
    command = _compensation(samsyn, entry) if entry else None
    if entry is None or command is None:
        raise NotFound(
            "nothing_to_undo",
            "Det finns inget att ångra här.",
            "There is nothing to undo here.",
        )
    event_id: UUID = entry.event.event_id
    done_by: Actor = entry.event.actor
    if done_by != actor:
        raise NotAllowed(
            "not_yours_to_undo",
            "Bara den som gjorde det kan ångra det.",
            "Only whoever did it can undo it.",
            who_may=(),
        )
    until = entry.recorded_at + WITHIN
    if samsyn.clock() > until:
        raise Conflict(
            "too_late_to_undo",
            f"Det gick att ångra i {WITHIN.seconds} sekunder, och de har gått. Inget är ändrat. "
            "Gör ändringen på vanligt sätt.",
            f"It could be undone for {WITHIN.seconds} seconds, and they have passed. Nothing has "
            "been changed. Make the change in the usual way.",
            happened="too_late_to_undo",
        )
    _nobody_since(samsyn, entry, [each for each in entries if each.version > version])
    return Undoable(event_id=event_id, until=until, command=command, version=entries[-1].version)


def undo(samsyn: Samsyn, actor: Actor, issue_id: UUID, version: int) -> Receipt:
    """Take it back by an ordinary command, whose event names the other one as its cause.

    Twice is once: the second time gives the first answer.

    Raises:
        Refused: as `undoable`, or because the command itself is not allowed any more.
    """
    for _ in range(MOST_ATTEMPTS):
        found = undoable(samsyn, actor, issue_id, version)
        try:
            return samsyn.execution.execute(
                found.command,
                actor,
                key=f"undo:{found.event_id}",
                expected_version=found.version,
                caused_by=found.event_id,
            )
        except VersionChanged:
            continue
    raise _acted_since(samsyn, None)


def _compensation(samsyn: Samsyn, entry: LogEntry) -> Command | None:
    if entry.version == 1:
        return None  # before that there was no issue
    before: Issue = samsyn.casework.repository.get(entry.stream_id, version=entry.version - 1)
    return compensation_of(entry.event, before)


def _nobody_since(samsyn: Samsyn, entry: LogEntry, later: list[LogEntry]) -> None:
    """Refuse if somebody has; what takes the entry back is no answer to it, nor is the system."""
    for each in later:
        took_back = each.event.causation_id == entry.event.event_id
        if each.event.actor != SYSTEM and not took_back:
            raise _acted_since(samsyn, each.event.actor)


def _acted_since(samsyn: Samsyn, by: Actor | None) -> Conflict:
    agencies = samsyn.execution.agencies()
    who_sv = agencies.name_sv(by.agency_id) if by else "Någon"
    who_en = agencies.name_en(by.agency_id) if by else "Somebody"
    return Conflict(
        "acted_since",
        f"{who_sv} har gjort något i ärendet sedan dess. Inget är ångrat. Se vad som har hänt och "
        "gör ändringen på vanligt sätt.",
        f"{who_en} has done something in the issue since. Nothing has been undone. See what has "
        "happened and make the change in the usual way.",
        happened="acted_since",
    )
