"""The one way to write: decide and append, and decide again if somebody else was first."""

from dataclasses import replace
from uuid import UUID

import structlog

from domain.agencies import Agencies
from domain.command import Command
from domain.refusals import Conflict, Refused
from domain.values import Actor
from infra.log.errors import ClaimTaken, KeptReceipt, KeyTaken, StreamConflict
from service import metrics
from service.batch import Batch, Surroundings, scoped_key
from service.receipt import Receipt, fingerprint

MOST_ATTEMPTS = 60
"""So often a decision is made anew while others append to the same stream at the same time."""

log = structlog.get_logger(__name__)


class Execution:
    """Runs commands. Pages, API, command line, imports and policies all come through here."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings

    def agencies(self) -> Agencies:
        """The directory as it is now."""
        return self._around.agencies()

    def for_bulk(self) -> "Execution":
        """The same, with the directory as it is now: for thousands of commands at a time."""
        agencies = self._around.agencies()
        return Execution(replace(self._around, agencies=lambda: agencies))

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
    ) -> Receipt:
        """Carry out one command; durable when this returns.

        `key` makes it idempotent for this user: the same key and command again give the first
        answer and write nothing. `expected_version` is the version the user has seen.

        Raises:
            Refused: with the reason; nothing was recorded.
        """
        name = type(command).__name__
        try:
            receipt = self._execute(command, actor, key, expected_version)
        except Refused as refused:
            metrics.COMMANDS.labels(name, refused.code).inc()
            # A number that was taken for an issue that is not opened goes to the next one.
            self._around.numbering.forget()
            log.info(
                "command_refused",
                command=type(command).__name__,
                code=refused.code,
                agency=actor.agency_id,
                role=actor.role.value,
            )
            raise
        except Exception:
            metrics.COMMANDS.labels(name, "failed").inc()
            raise
        metrics.COMMANDS.labels(name, "replayed" if receipt.replayed else "accepted").inc()
        return receipt

    def examine(self, command: Command, actor: Actor) -> Refused | None:
        """What would refuse this command now, if anything; nothing is recorded."""
        try:
            self.batch().execute(command, actor)
        except Refused as refused:
            return refused
        finally:
            self._around.numbering.forget()
        return None

    def first_answer(self, command: Command, actor: Actor, key: str) -> Receipt | None:
        """The receipt of the command that used this key first, if any did.

        Raises:
            Conflict: the key was used for another command.
        """
        kept = self._around.casework.find_key(scoped_key(actor, key))
        return None if kept is None else _replayed(kept, command)

    def _execute(
        self, command: Command, actor: Actor, key: str | None, expected_version: int | None
    ) -> Receipt:
        if key is not None and (kept := self.first_answer(command, actor, key)) is not None:
            return kept
        for _ in range(MOST_ATTEMPTS):
            batch = self.batch()
            try:
                decided = batch.execute(command, actor, key, expected_version)
            except Refused:
                # The same command, sent twice, may have been carried out since the key was asked.
                if key is not None and (kept := self.first_answer(command, actor, key)) is not None:
                    return kept
                raise
            target_id: UUID = decided.target.id
            try:
                recordings = batch.save()
            except KeyTaken as taken:
                return _replayed(taken.receipt, command)
            except (StreamConflict, ClaimTaken):
                # Decide again on what stands there now: a lost race is refused in plain words.
                self.forget_numbers()
                continue
            return Receipt(
                position=recordings[-1].notification.id,
                stream_id=target_id,
                version=decided.target.version,
                created_id=decided.created_id,
            )
        raise Conflict(
            "too_busy",
            "Många skriver i samma ärende just nu. Försök igen.",
            "Many are writing in the same issue right now. Try again.",
            happened="too_busy",
        )


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
