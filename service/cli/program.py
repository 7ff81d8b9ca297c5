"""What all commands share: settings, the opened program, and errors said in one sentence."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    import threading

    from projections.projection import Projection
    from projections.rebuild import RebuildResult
    from service.assembly import Samsyn
    from service.cli.showing import Bars
    from service.settings import Settings

UNREADABLE: Final = (
    "It is damaged, or written by a newer Samsyn: install that one, or restore it from a backup."
)
_SMALL_LOG: Final = 20_000
"""Events that are folded before another process has started."""


class Mistake(click.ClickException):
    """Something the user can mend; the sentence says how. Exit code 2, as for wrong usage."""

    exit_code = 2


class Failure(click.ClickException):
    """Something that went wrong outside; the sentence says what to look at. Exit code 1."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The program on its database, with the settings it was opened by."""

    settings: "Settings"
    samsyn: "Samsyn"


class Program(click.Group):
    """Turns what our parts refuse into one sentence; anything else is a fault of the program."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  as click has it
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            said = _sentence(error)
            if said is None:
                raise
            raise said from error


def read_settings() -> "Settings":
    """The settings of the environment.

    Raises:
        Mistake: a setting cannot be used.
    """
    from service.settings import Settings

    try:
        return Settings.from_environment()
    except ValueError as error:
        raise Mistake(f"{error}.") from error


@contextmanager
def opened(
    clock: Callable[[], datetime] | None = None,
    *,
    says: bool = False,
    stop: "threading.Event | None" = None,
) -> Generator[Opened]:
    """The program on the database of the settings, its schema brought up to date; closed after.

    With `says` it writes log lines, of the level that is set. With `stop`, which ends the waiting,
    it waits for a server that is only starting as long as the settings say.

    Raises:
        Mistake, Failure: the database is not one of ours or cannot be reached.
        Exit: it was told to stop while it waited.
    """
    from sqlalchemy.exc import ArgumentError, OperationalError

    from infra.awaiting import await_database
    from infra.migrate import UnknownSchema
    from projections.catalogue import PROJECTIONS
    from service.assembly import assemble, system_clock
    from service.logging import configure_logging

    settings = read_settings()
    configure_logging(level=settings.log_level if says else "critical")
    try:
        if stop is not None:
            await_database(settings.database_url, settings.start_seconds, stop)
            if stop.is_set():
                raise click.exceptions.Exit(0)
        samsyn = assemble(
            settings.database_url,
            PROJECTIONS,
            clock or system_clock,
            redis_url=settings.redis_url,
            connections=settings.database_connections,
            read_url=settings.database_read_url,
        )
    except (ArgumentError, ValueError) as error:
        raise Mistake(f"DATABASE_URL cannot be used: {_first_line(error)}") from error
    except (OperationalError, OSError) as error:
        raise Failure(
            f"The database cannot be opened ({_first_line(error)}). Check DATABASE_URL, and that "
            "the server runs or the folder can be written to."
        ) from error
    except UnknownSchema as error:
        raise Failure(
            f"The database has a schema this program does not know ({_first_line(error)}). It was "
            "written by a newer Samsyn: install that one."
        ) from error
    try:
        yield Opened(settings=settings, samsyn=samsyn)
    finally:
        samsyn.close()


def bring_along(program: Opened, shown: "Bars", names: Sequence[str] | None = None) -> None:
    """Bring read models to the head of the log; those an older program wrote are built anew.

    Raises:
        Failure: one of them stands still.
    """
    samsyn = program.samsyn
    head = samsyn.casework.head()
    old = [each for each in samsyn.runner.outdated() if names is None or each.name in names]
    if old:
        rebuilt(program, old, shown, processes=1 if head < _SMALL_LOG else None)
        head = samsyn.casework.head()
    if not samsyn.runner.catch_up(names, until=head, progress=shown.show_progress):
        raise Failure("A read model stands still: see `samsyn doctor`.")


def rebuilt(
    program: Opened,
    projections: "Sequence[Projection]",
    shown: "Bars",
    processes: int | None = None,
) -> "list[RebuildResult]":
    """Build read models anew side by side, in so many processes or as many as are usual.

    Raises:
        Failure: another rebuild of one of them is under way, or one of the processes failed.
    """
    from projections.tail import LeadershipLost
    from service.rebuilding import PROCESSES, RebuildFailed, rebuild_together

    engine = program.samsyn.engine
    try:
        return rebuild_together(engine, projections, shown.show_progress, processes or PROCESSES)
    except LeadershipLost as lost:
        raise Failure(f"{lost}. Wait until it is done, then try again.") from lost
    except RebuildFailed as failed:
        raise Failure(f"{failed} Run the same again to go on where it was.") from failed


def _sentence(error: Exception) -> click.ClickException | None:
    from eventsourcing.persistence import PersistenceError
    from sqlalchemy.exc import DBAPIError

    from domain.refusals import Refused
    from infra.log.errors import EventUnreadable, LogReadOnly
    from infra.sources.unreadable import SourceError
    from service.exposition import CannotListen
    from service.read_only import WORDS, ReadOnly
    from service.stories.story import StoryError
    from service.supervising import CannotStart

    said: click.ClickException | None
    match error:
        case LogReadOnly() | ReadOnly():
            said = Failure(f"{WORDS.en}\n{WORDS.sv}")
        case Refused():
            said = Failure(error.en)
        case EventUnreadable():
            said = Failure(f"An event cannot be read: {error.named}. {UNREADABLE}")
        case SourceError() | StoryError():
            said = Mistake(str(error))
        case CannotListen() | CannotStart():
            said = Failure(str(error))
        case DBAPIError() | PersistenceError():
            said = Failure(f"The database: {_first_line(error)}")
        case _:
            said = None
    return said


def _first_line(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip()
    return text.splitlines()[0] if text else type(error).__name__
