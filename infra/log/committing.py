"""A batch carried through: decided, written, decided anew if others were first, settled if lost."""

import time
from collections.abc import Sequence
from typing import Final

import structlog

from infra.log.batch import Append, Draft, Known, Outcome, draft
from infra.log.errors import AppendFailed, OutcomeUnknown
from infra.log.writer import Ended, Rejected, Unreachable, Writer, asked_by

_PAUSE_SECONDS: Final = 0.1
_log: Final = structlog.get_logger()


class Committer:
    """Knows of every batch in the end whether it is written, or says that it does not know."""

    def __init__(self, writer: Writer, patience: float) -> None:
        """Write through a writer; a lost database is tried again for ``patience`` seconds."""
        self._writer = writer
        self._patience = patience

    @property
    def gather_seconds(self) -> float:
        """How long it pays to wait for a fuller batch."""
        return self._writer.gather_seconds

    def close(self) -> None:
        """Give up the connection."""
        self._writer.close()

    def commit(self, appends: Sequence[Append]) -> list[Outcome]:
        """Write what holds and give everyone's outcome.

        Raises:
            AppendFailed: the database cannot be reached; nothing of the batch is written.
            OutcomeUnknown: it was lost in the middle, and could not be asked since.
            Rejected: one of the batch is at fault; nothing of the batch is written.

        What somebody else has changed meanwhile is looked up, then all is decided anew. A conflict
        that is found in this way is for ever: versions only grow, keys and claims only come.
        """
        give_up_at = time.monotonic() + self._patience
        known: Known | None = None
        while True:
            made = draft(appends, known)
            if not made.rows:
                return made.outcomes(0)
            head = self._write(made, give_up_at)
            if head is not None:
                return made.outcomes(head)
            if time.monotonic() > give_up_at:
                raise AppendFailed("Others kept writing to the same streams.")
            known = self._look_up(appends)

    def _write(self, made: Draft, give_up_at: float) -> int | None:
        while True:
            self._open(give_up_at)
            try:
                return self._writer.write(made)
            except (Unreachable, Rejected) as error:
                if isinstance(error, Unreachable):
                    self._writer.close()
                head = self._settle(made, give_up_at, error)
                if head is not None:
                    return head
                if isinstance(error, Rejected) and error.of_the_batch:
                    raise
                # A database that was shut down in an orderly way comes back: nothing is written,
                # and nobody need be told of it.
                if not isinstance(error, Ended) or time.monotonic() > give_up_at:
                    raise AppendFailed(str(error)) from error

    def _settle(self, made: Draft, give_up_at: float, cause: Exception) -> int | None:
        """Find out whether a write without an answer has happened.

        The writer's ``open`` has ended whatever was before, one way or the other, so it cannot be
        committed behind our back after we have looked.
        """
        while True:
            try:
                self._writer.open()
                return self._writer.find(made)
            except (Unreachable, Rejected) as error:
                self._writer.close()
                if time.monotonic() > give_up_at:
                    raise OutcomeUnknown("The connection was lost during the commit.") from cause
                _log.warning("append_outcome_sought", why=str(error))
                time.sleep(_PAUSE_SECONDS)

    def _open(self, give_up_at: float) -> None:
        while True:
            try:
                self._writer.open()
            except Unreachable as error:
                if time.monotonic() > give_up_at:
                    raise AppendFailed(str(error)) from error
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _look_up(self, appends: Sequence[Append]) -> Known:
        try:
            return self._writer.look_up(*asked_by(appends))
        except (Unreachable, Rejected) as error:
            self._writer.close()
            raise AppendFailed(str(error)) from error
