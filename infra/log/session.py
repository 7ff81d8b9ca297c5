"""A connection to PostgreSQL on which no answer is awaited for longer than a deadline.

Neither a statement's timeout nor the network notices a server that is frozen: only the client's
own clock does. Hence libpq's non-blocking calls, through the driver's own wrapper of them.
"""

import select
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import psycopg
from psycopg import pq
from sqlalchemy import Engine

from infra.log.writer import Ended, Rejected, Unreachable

CONNECT_SECONDS: Final = 3
_READ: Final = select.POLLIN
_READ_OR_WRITE: Final = select.POLLIN | select.POLLOUT
_GOOD: Final = {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}
_BINARY: Final = pq.Format.BINARY
# Data and constraint errors: what was sent is to blame, not the database.
_OF_WHAT_WAS_SENT: Final = ("22", "23")
_ENDED: Final = "57P"
"""An administrator or a shutdown ends the session: no fault of the network's."""


class Session:
    """One connection of its own, outside every pool."""

    def __init__(self, engine: Engine, application: str) -> None:
        """Connect to the engine's database; raises Unreachable."""
        args, options = engine.dialect.create_connect_args(engine.url)
        options["connect_timeout"] = CONNECT_SECONDS
        options["application_name"] = application
        try:
            self._driver = psycopg.connect(*args, autocommit=True, **options)
        except psycopg.Error as error:
            raise Unreachable(str(error)) from error
        self._wire = self._driver.pgconn
        self._wire.nonblocking = 1
        self._poll = select.poll()
        self._poll.register(self._wire.socket, _READ)

    def is_fresh(self) -> bool:
        """Whether nothing has come unasked: the last word of a server is that it hangs up."""
        return not self._poll.poll(0)

    def run(self, statements: str, seconds: float) -> None:
        """Run statements without parameters or answer."""
        self._wire.send_query(statements.encode())
        self._answer(seconds)

    def prepare(self, name: bytes, statement: str, seconds: float) -> None:
        """Prepare a statement for ``call``."""
        self._wire.send_prepare(name, statement.encode())
        self._answer(seconds)

    def call(self, name: bytes, given: Sequence[bytes | None], seconds: float) -> pq.abc.PGresult:
        """Run a prepared statement on parameters in binary form; the answer is binary too.

        Raises:
            Unreachable: lost or too late; the session is closed.
            Rejected: the server answered with an error.
        """
        self._wire.send_query_prepared(name, given, [_BINARY] * len(given), _BINARY)
        return self._answer(seconds)

    def ask(self, statement: str, given: Sequence[bytes | None], seconds: float) -> pq.abc.PGresult:
        """Run a statement once; as ``call``."""
        self._wire.send_query_params(
            statement.encode(), given, None, [_BINARY] * len(given), _BINARY
        )
        return self._answer(seconds)

    def close(self) -> None:
        """Hang up; what was sent may still be carried out."""
        self._driver.close()

    def _answer(self, seconds: float) -> pq.abc.PGresult:
        give_up_at = time.monotonic() + seconds
        try:
            while self._wire.flush():
                self._wait(_READ_OR_WRITE, give_up_at)
                self._wire.consume_input()
            found: list[pq.abc.PGresult] = []
            while True:
                while self._wire.is_busy():
                    self._wait(_READ, give_up_at)
                    self._wire.consume_input()
                result = self._wire.get_result()
                if result is None:
                    break
                found.append(result)
        except psycopg.Error as error:
            last = self._last_word()
            self.close()
            raise (Ended if last.startswith(_ENDED) else Unreachable)(str(error)) from error
        return self._checked(found)

    def _last_word(self) -> str:
        """The code of the error that came before the connection broke, if one did."""
        code = b""
        with suppress(psycopg.Error):  # there may be no more to read
            while (result := self._wire.get_result()) is not None:
                code = result.error_field(pq.DiagnosticField.SQLSTATE) or code
        return code.decode()

    def _wait(self, events: int, give_up_at: float) -> None:
        self._poll.modify(self._wire.socket, events)
        left = give_up_at - time.monotonic()
        if left <= 0 or not self._poll.poll(left * 1_000):
            self.close()
            raise Unreachable("The database did not answer in time.")

    def _checked(self, found: Sequence[pq.abc.PGresult]) -> pq.abc.PGresult:
        for result in found:
            if result.status in _GOOD:
                continue
            words = result.get_error_message()
            code = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
            if code.startswith(_ENDED) or self._wire.status != pq.ConnStatus.OK:
                self.close()
                raise (Ended if code.startswith(_ENDED) else Unreachable)(words)
            raise Rejected(words, of_the_batch=code.startswith(_OF_WHAT_WAS_SENT))
        return found[-1]
