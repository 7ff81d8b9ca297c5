"""Runs `samsyn` in this process on a database of the test's own."""

import json
import signal
from dataclasses import dataclass
from typing import Any

import structlog
from click.testing import CliRunner, Result

from service.cli import main


@dataclass(frozen=True)
class CommandLine:
    """The program on one database; every call is a run of its own."""

    database_url: str

    def run(self, *arguments: object, stdin: str = "", **environ: str) -> Result:
        """Give a command, whatever comes of it."""
        numbers = (signal.SIGINT, signal.SIGTERM)
        told = {number: signal.getsignal(number) for number in numbers}
        try:
            return CliRunner().invoke(
                main,
                [str(each) for each in arguments],
                input=stdin,
                env={"DATABASE_URL": self.database_url, **environ},
            )
        finally:
            structlog.reset_defaults()  # log lines of later tests are not the command's
            for number, handler in told.items():
                signal.signal(number, handler)  # nor does what ends a server end later tests

    def text(self, *arguments: object, stdin: str = "") -> str:
        """Give a command that succeeds; gives what it prints."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: object) -> Any:
        """Give a command that prints JSON and nothing else."""
        return json.loads(self.text(*arguments, "--json"))

    def mistake(self, *arguments: object, stdin: str = "") -> str:
        """Give a command that the user has to mend; gives the sentence."""
        return self._said(2, *arguments, stdin=stdin)

    def failure(self, *arguments: object, stdin: str = "") -> str:
        """Give a command that cannot succeed; gives the sentence."""
        return self._said(1, *arguments, stdin=stdin)

    def _said(self, exit_code: int, *arguments: object, stdin: str = "") -> str:
        result = self.run(*arguments, stdin=stdin)
        assert isinstance(result.exception, SystemExit), "no traceback"
        assert result.exit_code == exit_code, result.output
        return result.stderr
