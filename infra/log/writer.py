"""What the appender asks of a database: write a draft, look up what stands there, settle a loss."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar
from uuid import UUID

from infra.log.batch import Append, Draft, Known
from infra.log.stored import as_uuid


class Unreachable(Exception):
    """The database cannot be reached, or does not answer in time."""


class Ended(Unreachable):
    """The database ended the connection of its own accord and said so: it shuts down, say."""


class Rejected(Exception):
    """The database answered with an error; ``of_the_batch`` if what it was given is to blame."""

    def __init__(self, words: str, *, of_the_batch: bool) -> None:
        """Keep what the database said."""
        super().__init__(words)
        self.of_the_batch = of_the_batch


class Writer(ABC):
    """The one connection of an appender; used by one thread."""

    gather_seconds: ClassVar[float] = 0.0
    """How long it pays to wait for those who were just answered, if they were many: 0 where they
    come back while a batch is written anyway."""

    @abstractmethod
    def open(self) -> None:
        """Have a connection that answers, a new one if need be.

        Once it returns, nothing that an earlier connection of this writer was told can be
        committed any more. Raises Unreachable.
        """

    @abstractmethod
    def write(self, draft: Draft) -> int | None:
        """Write a draft in one transaction and give the head it stands on; durable.

        The draft's draws have learnt the numbers drawn.
        None if the log is not as the draft assumes: then nothing is written. After any exception
        it is open whether the draft is written, unless it is a ValueError or another mistake that
        Python finds before anything is sent, or LogReadOnly: then it is not.
        """

    @abstractmethod
    def look_up(self, streams: Sequence[UUID], keys: Sequence[str], names: Sequence[str]) -> Known:
        """Read what stands in the log for a batch; raises Unreachable or Rejected."""

    @abstractmethod
    def find(self, draft: Draft) -> int | None:
        """Give the head that this very draft was written on, as durable as a write, or None.

        As after a write the draws have learnt their numbers. Raises Unreachable or Rejected.
        """

    @abstractmethod
    def close(self) -> None:
        """Give up the connection."""


def asked_by(appends: Iterable[Append]) -> tuple[list[UUID], list[str], list[str]]:
    """Give the streams, keys and names that a batch is about."""
    streams = {as_uuid(event.originator_id) for append in appends for event in append.events}
    keys = {key.key for append in appends for key in append.keys}
    names = {name for append in appends for name in append.claims}
    return [*streams], [*keys], [*names]
