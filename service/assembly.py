"""Puts the parts together: database, log, execution and projections, with one clock for all."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import Engine

import domain.events as domain_events
from domain.working_days import Calendar
from infra.database import CONNECTIONS, connect
from infra.hints import Hints
from infra.holidays import SwedishCalendar
from infra.log.aggregates import Aggregates
from infra.log.casework import Casework
from infra.lookups import Lookups
from infra.migrate import migrate
from infra.wire import Wires
from projections.catalogue import FIRST
from projections.projection import Projection
from projections.runner import Runner
from service.access import AccessLog
from service.access_review import counted
from service.batch import Surroundings
from service.directory import DirectoryNow
from service.execution import Execution
from service.numbering import Numbering
from service.replica import Reading

KNOWN_EVENTS = domain_events.EVENTS
"""Importing them registers their topics: without that the log could not be read."""


def system_clock() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Samsyn:
    """One running program, whatever its shape; close it when done."""

    engine: Engine
    casework: Casework
    execution: Execution
    runner: Runner
    clock: Callable[[], datetime]
    calendar: Calendar
    reading: Reading
    access: AccessLog
    lookups: Lookups
    directory: DirectoryNow
    wires: Wires | None = None
    hints: Hints | None = None

    def close(self) -> None:
        """Finish what was accepted and let the database go."""
        self.casework.close()
        self.lookups.close()
        if self.wires is not None:
            self.wires.close()
        if self.hints is not None:
            self.hints.stop()
        self.reading.close()
        self.engine.dispose()


def assemble(
    database_url: str,
    projections: Iterable[Projection],
    clock: Callable[[], datetime] = system_clock,
    redis_url: str | None = None,
    connections: int = CONNECTIONS,
    read_url: str | None = None,
) -> Samsyn:
    """Open the database, bring its schema up to date and put everything on top of it.

    With Redis, processes tell each other when the log has grown; without, they find out by polling.
    `read_url` is a replica that queries may read.
    """
    engine = connect(database_url, connections)
    migrate(engine)
    casework = Casework(engine)
    calendar = SwedishCalendar()
    wires = Wires(engine) if engine.dialect.name == "postgresql" else None
    lookups = Lookups(engine, wires)
    directory = DirectoryNow(casework, lookups)
    surroundings = Surroundings(
        casework=casework,
        calendar=calendar,
        clock=clock,
        agencies=directory.agencies,
        numbering=Numbering(casework),
        lookups=lookups,
        directory=directory,
        aggregates=Aggregates(),
        count_review=partial(counted, engine),
    )
    runner = Runner(
        engine, casework.read, projections, first=FIRST, follow=casework.follow, clock=clock
    )
    runner.prepare()
    hints = Hints(redis_url) if redis_url else None
    if hints is not None:
        casework.on_append.append(hints.tell)
        hints.start()
    reading = Reading(engine, read_url, connections)
    access = AccessLog(engine, reading, clock)
    return Samsyn(
        engine=engine,
        casework=casework,
        execution=Execution(surroundings, on_refused=access.refused),
        runner=runner,
        clock=clock,
        calendar=calendar,
        reading=reading,
        access=access,
        lookups=lookups,
        directory=directory,
        wires=wires,
        hints=hints,
    )
