"""The one way to write: decide and append, and decide again if somebody else was first."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from uuid import UUID

import structlog
from sqlalchemy import Connection

from domain.agencies import Agencies
from domain.command import Command
from domain.envelope import Recorded
from domain.log_entry import LogEntry
from domain.refusals import Conflict, Refused
from domain.values import Actor
from infra.audit.ahead import is_behind
from infra.log.aggregates import events_after
from infra.log.beside import hold_the_log, write_beside
from infra.log.errors import ClaimTaken, KeptReceipt, KeyTaken, LogReadOnly, StreamConflict
from infra.lookups import Question
from service import metrics
from service.batch import Batch, Surroundings, scoped_key
from service.commands import BY_CLASS, Target
from service.doors import Awaiting, Door, Turns, Waiting, run_now
from service.read_only import ReadOnly
from service.receipt import Receipt, fingerprint

READ_IN_DECIDING = frozenset({Target.DIRECTORY, Target.ACCESS_REVIEW})
"""What is read in the midst of deciding and not beforehand: it is rarely changed."""

MOST_ATTEMPTS = 60
"""So often a decision is made anew while others append to the same stream at the same time."""

Follows = Callable[[UUID], tuple[Command, Actor]]
"""Gives a command that follows on what another one created, and who gives it."""

OnRefused = Callable[[Actor, Refused, UUID | None], None]

log = structlog.get_logger(__name__)


class Execution:
    """Runs commands. Pages, API, command line, imports and policies all come through here."""

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        is_bulk: bool = False,
        on_refused: OnRefused | None = None,
    ) -> None:
        """``on_refused`` hears of each refusal, and of which issue, before whoever asked does."""
        self._around = surroundings
        self._on_refused = on_refused
        self._is_bulk = is_bulk
        self._waiting = Waiting(surroundings)
        self._awaiting = Awaiting(surroundings)
        self._turns = Turns()

    def agencies(self) -> Agencies:
        """The directory as it is now."""
        return self._around.agencies()

    def for_bulk(self) -> "Execution":
        """The same, with the directory as it is now: for thousands of commands at a time."""
        agencies = self._around.agencies()
        return Execution(replace(self._around, agencies=lambda: agencies), is_bulk=True)

    def forget_numbers(self) -> None:
        """Count issue numbers on from what the log holds, after an append that failed."""
        self._around.numbering.forget()

    def batch(self) -> Batch:
        """Several commands decided one after the other and appended as a whole."""
        return Batch(self._around)

    def execute(
        self,
        command: Command,
        actor: Actor,
        key: str | None = None,
        expected_version: int | None = None,
        caused_by: UUID | None = None,
    ) -> Receipt:
        """Carry out one command; durable when this returns.

        `key` makes it idempotent for this user: the same key and command again give the first
        answer and write nothing. `expected_version` is the version the user has seen, `caused_by`
        the event that the command takes back.

        Raises:
            Refused: with the reason; nothing was recorded.
        """
        try:
            return run_now(
                self._execute(command, actor, key, expected_version, self._waiting, caused_by)
            )
        except Refused as refused:
            self._tell_refused(command, actor, refused)
            raise

    def execute_beside(self, command: Command, actor: Actor, db: Connection) -> None:
        """Carry out a command in a transaction of the caller's, which writes what belongs to it.

        It keeps all appenders out until it ends: for what is rare.

        Raises:
            Refused: with the reason; the caller must roll back.
            IntegrityError: the same, when somebody was in between.
        """
        hold_the_log(db)
        if is_behind(db):
            raise ReadOnly
        _, entries = self.foresee(command, actor)
        write_beside(db, entries)

    async def execute_async(
        self,
        command: Command,
        actor: Actor,
        key: str | None = None,
        expected_version: int | None = None,
    ) -> Receipt:
        """The same for a coroutine: it waits for the database, its event loop does not."""
        target = BY_CLASS[type(command)].target
        if target in READ_IN_DECIDING:
            # It asks the database in the midst of deciding.
            return await asyncio.to_thread(self.execute, command, actor, key, expected_version)
        stream_id = getattr(command, BY_CLASS[type(command)].id_field or "", None)
        try:
            async with self._turns.turn(stream_id):
                return await self._execute(command, actor, key, expected_version, self._awaiting)
        except Refused as refused:
            await asyncio.to_thread(self._tell_refused, command, actor, refused)
            raise

    def examine(self, command: Command, actor: Actor) -> Refused | None:
        """What would refuse this command now, if anything; nothing is recorded."""
        try:
            self.batch().execute(command, actor)
        except Refused as refused:
            return refused
        finally:
            self._around.numbering.forget()
        return None

    def foresee(
        self, command: Command, actor: Actor, follows: Follows | None = None
    ) -> tuple[Recorded, list[LogEntry]]:
        """What the command would be decided on and append now; nothing is recorded.

        `follows` gives a command that somebody else gives by and by, on what the first one created.

        Raises:
            Refused: with the reason, as `execute` would.
        """
        batch = self.batch()
        try:
            decided = batch.execute(command, actor)
            if follows is not None and decided.created_id is not None:
                batch.execute(*follows(decided.created_id))
        finally:
            self._around.numbering.forget()
        return decided.target, batch.foreseen()

    def first_answer(self, command: Command, actor: Actor, key: str) -> Receipt | None:
        """The receipt of the command that used this key first, if any did.

        Raises:
            Conflict: the key was used for another command.
        """
        kept = self._around.casework.find_key(scoped_key(actor, key))
        return None if kept is None else _replayed(kept, command)

    def used(self, actor: Actor, keys: Iterable[str]) -> frozenset[str]:
        """Those of a user's keys with which something was recorded, by one query."""
        scoped = {scoped_key(actor, key): key for key in keys}
        return frozenset(scoped[each] for each in self._around.casework.find_keys([*scoped]))

    async def _execute(
        self,
        command: Command,
        actor: Actor,
        key: str | None,
        expected_version: int | None,
        door: Door,
        caused_by: UUID | None = None,
    ) -> Receipt:
        name = type(command).__name__
        try:
            receipt = await self._attempts(command, actor, key, expected_version, door, caused_by)
        except Refused as refused:
            metrics.COMMANDS.labels(name, refused.code).inc()
            log.info(
                "command_refused",
                command=name,
                code=refused.code,
                agency=actor.agency_id,
                role=actor.role.value,
            )
            raise
        except Exception:
            # Counted, never swallowed: whatever went wrong is told by whoever called.
            metrics.COMMANDS.labels(name, "failed").inc()
            raise
        metrics.COMMANDS.labels(name, "replayed" if receipt.replayed else "accepted").inc()
        log.info(
            "command",
            command=name,
            position=receipt.position,
            replayed=receipt.replayed,
            agency=actor.agency_id,
            role=actor.role.value,
        )
        return receipt

    async def _attempts(
        self,
        command: Command,
        actor: Actor,
        key: str | None,
        expected_version: int | None,
        door: Door,
        caused_by: UUID | None = None,
    ) -> Receipt:
        for _ in range(MOST_ATTEMPTS):
            batch = self.batch()
            try:
                await self._load(batch, command, actor, door)
                decided = batch.execute(command, actor, key, expected_version, caused_by=caused_by)
            except Refused:
                # The same command, sent twice, may have been carried out already.
                if key is not None and (kept := await door.find_key(scoped_key(actor, key))):
                    return _replayed(kept, command)
                raise
            target_id: UUID = decided.target.id
            try:
                positions = await door.save(batch)
            except KeyTaken as taken:
                return _replayed(taken.receipt, command)
            except (StreamConflict, ClaimTaken):
                # Decide again on what stands there now: a lost race is refused in plain words.
                continue
            except LogReadOnly as error:
                if key is not None and (kept := await door.find_key(scoped_key(actor, key))):
                    return _replayed(kept, command)
                raise ReadOnly from error
            receipt = Receipt(
                position=positions[-1],
                stream_id=target_id,
                version=decided.target.version,
                created_id=decided.created_id,
            )
            batch.loaded.keep()
            return receipt
        raise Conflict(
            "too_busy",
            "Många skriver i samma ärende just nu. Försök igen.",
            "Many are writing in the same issue right now. Try again.",
            happened="too_busy",
        )

    async def _load(self, batch: Batch, command: Command, actor: Actor, door: Door) -> None:
        """Bring all that the decision looks at up to date, in one round of reading or two.

        The cache saves replaying what was read before, never the reading: a refusal is decided
        on what the log held when the command had come.
        """
        row = BY_CLASS[type(command)]
        row.admit(actor)
        if row.target in READ_IN_DECIDING:
            return
        around, loaded = self._around, batch.loaded
        directory = None if self._is_bulk else around.directory
        asked: list[Question] = [] if directory is None else [directory.question()]
        target_id: UUID | None = getattr(command, row.id_field) if row.id_field else None
        first = loaded.wanted(() if target_id is None else (target_id,))
        answers = await door.ask(*asked, *((events_after, each) for each in first))
        if directory is not None:
            directory.learn(answers.pop(0))
            batch.agencies = directory.known()
        loaded.learn(answers)
        if row.target is Target.NEW_ISSUE:
            await door.find_number(batch, command)
        target = batch.target(row, command)
        more = loaded.wanted((*row.reports(command, target), *row.issues(command, target)))
        if more:
            loaded.learn(await door.ask(*((events_after, each) for each in more)))

    def _tell_refused(self, command: Command, actor: Actor, refused: Refused) -> None:
        if self._on_refused is not None:
            self._on_refused(actor, refused, getattr(command, "issue_id", None))


def _replayed(kept: KeptReceipt, command: Command) -> Receipt:
    if kept.fingerprint != fingerprint(command):
        raise Conflict(
            "key_used",
            "Nyckeln har redan använts för något annat. Använd en ny nyckel.",
            "The key has been used for something else. Use a new key.",
            happened="key_used",
        )
    return Receipt(
        position=kept.position,
        stream_id=kept.stream_id,
        version=kept.version,
        created_id=kept.created_id,
        replayed=True,
    )
