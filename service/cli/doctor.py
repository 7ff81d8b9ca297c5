"""The command doctor: looks at everything the program stands on and says what to do."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from service.cli.program import UNREADABLE, Failure, Mistake, Opened, opened, read_settings
from service.cli.showing import as_json, print_json

if TYPE_CHECKING:
    from service.settings import Settings

ENOUGH_DISK: Final = 1_000_000_000
"""Bytes; below it there is a warning."""
LEAST_DISK: Final = 100_000_000
LONG_LAG: Final = 10_000
"""Events a read model may be behind before it is worth a word."""


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line: what was looked at, how it is and, unless it is well, what to do."""

    name: str
    state: State
    found: str
    do: str = ""


@click.command()
@as_json
def doctor(json_: bool) -> None:  # noqa: FBT001  an option of the command line
    """Check what the program stands on; exit code 1 if something is broken."""
    checks = list(_checks())
    if json_:
        print_json([asdict(check) for check in checks])
    else:
        for check in checks:
            click.echo(f"{check.state:<4}  {check.name}: {check.found}")
            if check.do:
                click.echo(f"      {check.do}")
    if any(check.state is State.FAIL for check in checks):
        raise click.exceptions.Exit(1)


def _checks() -> Iterator[Check]:
    yield _python()
    try:
        settings = read_settings()
    except Mistake as mistake:
        yield _fail("settings", mistake.message, "Set the variable right or unset it.")
        return
    yield _disk(settings)
    yield _redis(settings)
    try:
        with opened() as program:
            yield from _of_program(program)
    except (Failure, Mistake) as error:
        yield _fail("database", error.message, "The rest can only be checked with a database.")


def _of_program(program: Opened) -> Iterator[Check]:
    yield _ok("database", program.samsyn.engine.url.render_as_string())
    yield _schema(program)
    yield _log(program)
    yield _audit(program)
    yield from _read_models(program)
    yield _directory(program)
    yield _accounts(program)


def _python() -> Check:
    found = sys.version.split()[0]
    if sys.version_info < (3, 11):  # noqa: UP036  a doctor looks even at what cannot be
        return _fail("Python", found, "Samsyn needs Python 3.11 or newer.")
    return _ok("Python", found)


def _disk(settings: "Settings") -> Check:
    folder = settings.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:,.1f} GB free at {Path(settings.data_dir)}"
    if free < LEAST_DISK:
        return _fail("disk", found, "Make room: the log can soon not be written.")
    if free < ENOUGH_DISK:
        return _warn("disk", found, "Make room before it is full.")
    return _ok("disk", found)


def _redis(settings: "Settings") -> Check:
    from redis import Redis
    from redis.exceptions import RedisError

    if settings.redis_url is None:
        return _ok("Redis", "not configured; processes find out by polling")
    try:
        redis: Any = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]  # redis leaves its options untyped
            settings.redis_url, socket_timeout=2, socket_connect_timeout=2
        )
        with redis:
            redis.ping()
    except (RedisError, ValueError) as error:
        return _warn(
            "Redis",
            f"does not answer ({type(error).__name__})",
            "Start it or mend REDIS_URL; until then pages follow more slowly, nothing is lost.",
        )
    return _ok("Redis", "answers")


def _schema(program: Opened) -> Check:
    from infra.migrate import revision

    return _ok("schema", f"revision {revision(program.samsyn.engine)}, up to date")


def _log(program: Opened) -> Check:
    from sqlalchemy import func, select

    from infra.log.tables import events

    query = select(func.coalesce(func.max(events.c.position), 0), func.count())
    with program.samsyn.engine.connect() as db:
        head, count = db.execute(query.select_from(events)).one()
    found = f"{count:,} events, last position {head:,}"
    if head != count:
        return _fail(
            "log",
            f"{found}: positions are missing",
            "Somebody has changed the table of events by hand. Restore it from a backup.",
        )
    return _ok("log", f"{found}, without holes")


def _audit(program: Opened) -> Check:
    from infra.audit import ahead

    with program.samsyn.engine.connect() as db:
        lacking = ahead.lacking(db)
    if lacking:
        return _fail(
            "audit log",
            f"lacks what a witness has signed: {lacking[-1].size:,} entries. All is READ-ONLY",
            "An older copy of the database is in place: `samsyn restore-check`.",
        )
    return _ok("audit log", "nothing that a witness has signed is known to be missing")


def _read_models(program: Opened) -> Iterator[Check]:
    samsyn = program.samsyn
    for line in samsyn.runner.status(samsyn.casework.head()):
        name = f"read model {line.name}"
        if line.stopped is not None:
            at = f" ({line.stopped.topic})" if line.stopped.topic else ""
            yield _fail(
                name,
                f"stopped at position {line.stopped.position:,}{at}: {line.stopped.error}",
                f"Run `samsyn rebuild {line.name}`; if it stops again, report the error. An event "
                "of a newer Samsyn is folded by that one.",
            )
            continue
        behind = f"{line.lag:,} events, {line.late.total_seconds():,.0f} s behind"
        found = behind if line.lag else "up to date"
        led = f"{found}; led by {line.leader}" if line.leader else f"{found}; nobody leads it"
        if line.lag > LONG_LAG:
            do = "It follows while `samsyn serve` or `samsyn worker` runs."
            yield _warn(name, led, do)
        else:
            yield _ok(name, led)


def _directory(program: Opened) -> Check:
    from infra.log.errors import EventUnreadable

    try:
        agencies = program.samsyn.execution.agencies()
    except EventUnreadable as error:
        return _fail("directory", f"cannot be read at {error.named}", UNREADABLE)
    found = f"{len(agencies.agencies)} agencies, {len(agencies.grants)} users with a role"
    if not agencies.agencies:
        return _warn("directory", found, "Load a preset with `samsyn demo`, or enter agencies.")
    return _ok("directory", found)


def _accounts(program: Opened) -> Check:
    from infra.accounts import Accounts

    count = len(Accounts(program.samsyn.engine, program.samsyn.clock).all())
    if not count:
        return _warn(
            "accounts", "none", "Nobody can sign in: `samsyn user add LOGIN --agency … --role …`."
        )
    return _ok("accounts", f"{count}")


def _ok(name: str, found: str) -> Check:
    return Check(name=name, state=State.OK, found=found)


def _warn(name: str, found: str, do: str) -> Check:
    return Check(name=name, state=State.WARN, found=found, do=do)


def _fail(name: str, found: str, do: str) -> Check:
    return Check(name=name, state=State.FAIL, found=found, do=do)
