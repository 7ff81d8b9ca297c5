"""Commands for the agencies' access logs: keys of what was searched for, and their disposal."""

import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from service.cli.program import Failure, Mistake, opened, read_settings

if TYPE_CHECKING:
    from uuid import UUID

    from service.assembly import Samsyn

_SEAL_SECONDS: Final = 15.0
"""So long it waits for the worker to seal what was decided."""


@click.group("access-log")
def access_log() -> None:
    """The access logs: the keys of what was searched for, and the disposal of old rows."""


@access_log.command("key")
@click.option("--add", is_flag=True, help="Add a key: searches from then on are kept with it.")
@click.option("--destroy", metavar="ID", help="Destroy an old key, and what it has encrypted.")
def key(add: bool, destroy: str | None) -> None:  # noqa: FBT001  an option of the command line
    """Show the ids of the keys that encrypt searches, the one in use last.

    The secrets stay in the file SAMSYN_ACCESS_KEY, which web processes need. What a destroyed key
    has encrypted nobody can read any more; the rows themselves stay.
    """
    from infra.access.terms import add_key, destroy_key, key_ids
    from infra.secret_files import KeyFileUnusable

    path: Path = read_settings().access_key
    try:
        if add:
            add_key(path)
        if destroy is not None and not destroy_key(path, destroy):
            raise Mistake(f"{path} has no key {destroy} besides the one in use: --add one first.")
        for key_id in key_ids(path):
            click.echo(key_id)
    except FileExistsError as error:
        raise Failure(f"{path} was made at this moment by another process.") from error
    except KeyFileUnusable as error:
        raise Failure(str(error)) from error


@access_log.command("dispose")
@click.argument("agency")
@click.option("--decision-ref", help="The decision (gallringsbeslut) by which it is done.")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Rows from before this day go; today five years ago, if left out.",
)
def dispose(agency: str, decision_ref: str | None, before: datetime | None) -> None:
    """Dispose of the rows of AGENCY's access log whose five years are out.

    Without --decision-ref it says how many there are, and does nothing. With it the disposal is
    recorded as an event, sealed by the worker, and then the rows are deleted; their entries stay,
    so that every proof holds. What broke off is finished by doing the same again.
    """
    from domain.access_disposal import first_day_kept
    from domain.checks import local_day
    from infra.access import disposal

    with opened() as program:
        samsyn = program.samsyn
        if agency not in samsyn.execution.agencies().agencies:
            raise Mistake(f"There is no agency {agency}.")
        day = before.date() if before else first_day_kept(local_day(samsyn.clock()))
        with samsyn.engine.connect() as db:
            rows = disposal.due(db, agency, day)
        if not rows or not decision_ref:
            click.echo(f"{rows:,} rows of {agency} are from before {day}.")
            return
        event_id = _recorded(samsyn, agency, day, rows, decision_ref)
        _await_seal(samsyn, agency, day, event_id)
        gone = disposal.take_away(samsyn.engine, agency, day, event_id)
        click.echo(f"{gone:,} rows of {agency} from before {day} are gone; their entries stay.")


def _recorded(
    samsyn: "Samsyn", agency_id: str, before: date, rows: int, decision_ref: str
) -> "UUID":
    """The event of the disposal: the one that is there, or a new one."""
    from domain.access_disposal import DisposeAccessRows
    from domain.values import SYSTEM

    command = DisposeAccessRows(
        agency_id=agency_id, before=before, rows=rows, decision_ref=decision_ref
    )
    found = samsyn.casework.history([command.stream_id], samsyn.casework.head())
    if not found:
        samsyn.execution.execute(command, SYSTEM)
        found = samsyn.casework.history([command.stream_id], samsyn.casework.head())
    event_id: UUID = found[0].event.event_id
    return event_id


def _await_seal(samsyn: "Samsyn", agency_id: str, before: date, event_id: "UUID") -> None:
    from infra.access.disposal import is_sealed

    until = time.monotonic() + _SEAL_SECONDS
    while True:
        with samsyn.engine.connect() as db:
            if is_sealed(db, agency_id, before, event_id):
                return
        if time.monotonic() > until:
            raise Failure(
                "The disposal is recorded and not sealed yet, so nothing was deleted. See that the "
                "worker runs, then do the same again."
            )
        time.sleep(0.2)
