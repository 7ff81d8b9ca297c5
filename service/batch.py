"""Decides commands on aggregates in memory and appends what they decided as a whole."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Recording

from domain.access_review import PerformAccessReview
from domain.agencies import Agencies
from domain.command import Command
from domain.context import Context, context_of
from domain.directory import Directory
from domain.envelope import Recorded
from domain.log_entry import LogEntry
from domain.refusals import Conflict
from domain.values import Actor
from domain.working_days import Calendar
from infra.ids import new_id
from infra.log.aggregates import Aggregates
from infra.log.casework import Casework
from infra.log.errors import CommandKey
from infra.log.series import Draw
from infra.lookups import Lookups
from service.commands import BY_CLASS, Row, Target
from service.directory import DirectoryNow
from service.loading import Loaded
from service.numbering import Expected, Numbering, checked, claim
from service.receipt import fingerprint


class VersionChanged(Conflict):
    """The record is no longer as the client last saw it (If-Match)."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What decisions need from outside, the same for every command of a process."""

    casework: Casework
    calendar: Calendar
    clock: Callable[[], datetime]
    agencies: Callable[[], Agencies]
    numbering: Numbering
    lookups: Lookups
    directory: DirectoryNow
    aggregates: Aggregates
    count_review: Callable[[PerformAccessReview], PerformAccessReview]
    """What a period of an access log holds is for the log to say, and not for who signs it."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a command changed and created; not durable before the batch is saved.

    `confirmed` are the kinds of personal data its text looks like and is said not to be.
    """

    target: Recorded
    created_id: UUID | None
    confirmed: tuple[str, ...]


class Batch:
    """Commands that are appended together, all or nothing.

    A refused command spoils its batch: throw it away.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self.loaded = Loaded(surroundings.casework, surroundings.aggregates)
        self.agencies: Agencies | None = None
        """The directory to decide by; None: as the surroundings tell it when they are asked."""
        self._number: Expected | str | None = None
        """Of the issue opened next; "" if it cannot be had, None if it was not yet looked for."""
        self._draws: list[Draw] = []
        self._keys: list[CommandKey] = []
        self._claims: list[str] = []
        self._first: UUID | None = None

    def execute(
        self,
        command: Command,
        actor: Actor,
        key: str | None = None,
        expected_version: int | None = None,
        told_by: str | None = None,
        caused_by: UUID | None = None,
    ) -> Decided:
        """Decide one command on top of those before it.

        `told_by` is kept with the key in place of the command's fingerprint: for imports, what
        tells a source's record from its other versions. `caused_by` is the event it takes back.

        Raises:
            Refused: with the reason.
        """
        row = BY_CLASS[type(command)]
        row.admit(actor)
        target = self.target(row, command)
        if target is not None and expected_version not in (None, target.version):
            raise VersionChanged(
                "version_changed",
                f"Någon annan har ändrat sedan du läste: nu version {target.version}, du läste "
                f"{expected_version}. Läs om och försök igen.",
                f"Somebody else changed this since you read it: now version {target.version}, you "
                f"read {expected_version}. Read again and retry.",
                happened=str(target.version),
            )
        context = self._context(row, command, actor, target, caused_by)
        decided = self._decide(row, command, context, target)
        self._first = self._first or decided.target.id
        if key is not None:
            self._keys.append(
                CommandKey(
                    key=scoped_key(actor, key),
                    fingerprint=told_by or fingerprint(command),
                    created_id=decided.created_id,
                )
            )
        return decided

    def save(self) -> list[Recording[UUID]]:
        """Append everything decided; durable when it returns."""
        saved = self._around.casework.save(
            *self._aggregates(), keys=self._keys, claims=self._claims, draws=self._draws
        )
        self._learn_numbers()
        return saved

    async def save_async(self) -> list[int]:
        """As `save`, for a coroutine; gives the positions."""
        positions = await self._around.casework.save_async(
            *self._aggregates(), keys=self._keys, claims=self._claims, draws=self._draws
        )
        self._learn_numbers()
        return positions

    def save_later(self) -> Future[list[int]]:
        """Append without waiting; the future gives the positions once they are durable."""
        if self._draws:
            raise RuntimeError("Who draws a number waits for it.")
        return self._around.casework.save_later(
            *self._aggregates(), keys=self._keys, claims=self._claims
        )

    def foreseen(self) -> list[LogEntry]:
        """What saving would append now; nothing is appended, and the batch is spent."""
        return self._around.casework.foreseen(*self._aggregates())

    def _aggregates(self) -> list[Recorded]:
        """What the first command was about comes first: its stream is what a receipt names."""
        return sorted(self.loaded.all(), key=lambda aggregate: aggregate.id != self._first)

    def target(self, row: Row, command: Any) -> Recorded | None:  # noqa: ANN401  any command
        """What a command is decided on; None for one that creates it."""
        match row.target:
            case Target.ISSUE:
                return self.loaded.issue(command.issue_id)
            case Target.REPORT:
                return self.loaded.report(command.report_id)
            case Target.DIRECTORY:
                return self.loaded.directory()
            case Target.ACCESS_REVIEW:
                return self.loaded.access_review(command.stream_id)
            case _:
                return None

    def _context(
        self,
        row: Row,
        command: Command,
        actor: Actor,
        target: Recorded | None,
        caused_by: UUID | None,
    ) -> Context:
        around = self._around
        return context_of(
            command,
            actor=actor,
            now=around.clock(),
            new_id=new_id,
            agencies=self._agencies(target),
            calendar=around.calendar,
            reports={id_: self.loaded.report(id_) for id_ in row.reports(command, target)},
            issues={id_: self.loaded.issue(id_) for id_ in row.issues(command, target)},
            caused_by=caused_by,
        )

    def _agencies(self, target: Recorded | None) -> Agencies:
        if isinstance(target, Directory):
            return target.content
        return self._around.agencies() if self.agencies is None else self.agencies

    def _decide(
        self,
        row: Row,
        command: Any,  # noqa: ANN401  any command
        context: Context,
        target: Recorded | None,
    ) -> Decided:
        match row.target:
            case Target.NEW_REPORT:
                return self._created(row.decision(command, context), context)
            case Target.ACCESS_REVIEW:
                if isinstance(command, PerformAccessReview):
                    command = self._around.count_review(command)
                return self._created(row.decision(target, command, context), context)
            case Target.NEW_ISSUE:
                return self._opened(row, command, context)
            case _:
                if target is None:
                    target = Directory.started_by(context)
                    self.loaded.add(target)
                return Decided(
                    target=target,
                    created_id=row.decision(target, command, context),
                    confirmed=context.confirmed_not_personal,
                )

    def find_number(self, command: Any, *, known: bool = False) -> bool:  # noqa: ANN401  one that opens an issue
        """Find the number of the issue opened next: the one wanted, or any when it is written.

        With ``known`` only without asking the log; gives whether it was found.
        """
        numbering, at = self._around.numbering, command.occurred_at or self._around.clock()
        if command.number is None:
            self._number = numbering.expect(at, known=known)
        elif not known:
            self._number = numbering.take(command.number, at) or ""
        return self._number is not None

    def _opened(self, row: Row, command: Any, context: Context) -> Decided:  # noqa: ANN401  as above
        found, self._number = self._number, None
        if isinstance(found, Expected):
            issue: Recorded = row.decision(command, context, found.text)
            self._draws.append(found.draw(issue.id))
        else:
            if found is None:
                at = command.occurred_at or self._around.clock()
                found = self._around.numbering.take(command.number, at)
            number = checked(found or None, command.number, context)
            self._claims.append(claim(number))
            issue = row.decision(command, context, number)
        return self._created(issue, context)

    def _learn_numbers(self) -> None:
        for draw in self._draws:
            self._around.numbering.learn(draw.series, draw.number)
            self.loaded.issue(draw.stream_id).number = draw.text

    def _created(self, aggregate: Recorded, context: Context) -> Decided:
        self.loaded.add(aggregate)
        return Decided(
            target=aggregate,
            created_id=aggregate.id,
            confirmed=context.confirmed_not_personal,
        )


def new_key() -> str:
    """Make an idempotency key for a form.

    It begins with the time: keys of one user then lie side by side in the log's index, however
    long the log. By chance each would lie in another page of it.
    """
    return new_id().hex


def scoped_key(actor: Actor, key: str) -> str:
    """An idempotency key belongs to one user: two users may use the same words."""
    return f"{actor.user_id}:{key}"
