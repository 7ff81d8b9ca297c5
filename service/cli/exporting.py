"""Commands that hand the log on to other programs: export ocel."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from service.cli.program import Mistake, bring_along, opened
from service.cli.showing import bars

if TYPE_CHECKING:
    from domain.agencies import Agencies
    from projections.viewer import Viewer


@click.group("export")
def export_() -> None:
    """Hand the log on to other programs."""


@export_.command("ocel")
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write; one that is there is replaced when the new one is whole.",
)
@click.option(
    "--agency", help="With what this authority may read; else only what every authority may."
)
def export_ocel(path: Path, agency: str | None) -> None:
    """Write an object-centric event log (OCEL 2.0, JSON) for process mining.

    Issues, reports, referrals, actions, follow-ups, agencies and users are objects. Users have
    names made for this file alone; no text that somebody wrote is in it. Still it tells of people's
    work: keep it as personal data. That it was taken out stands in the access log of the agency,
    or of every authority.
    """
    from projections.audit_trail import AUDIT_TRAIL
    from projections.visibility import VISIBILITY
    from service.exports.ocel import OcelExport
    from service.exports.snapshot import snapshot
    from service.operator_access import note_taken_out

    written = {"events": 0, "objects": 0}
    with opened() as program, bars() as shown:
        samsyn = program.samsyn
        agencies = samsyn.execution.agencies()
        viewer = _viewer(agency, agencies)
        bring_along(program, shown, (VISIBILITY.name, AUDIT_TRAIL.name))
        note_taken_out(samsyn, "export ocel", [agency] if agency else agencies.authorities)
        head = samsyn.casework.head()

        def progress(what: str, done: int) -> None:
            written[what] = done
            shown.show(what, done, head if what == "events" else None)

        with snapshot(samsyn.engine) as db, _whole(path) as file:
            for chunk in OcelExport(db, viewer, agencies).chunks(progress):
                file.write(chunk)
    click.echo(f"{written['events']:,} events and {written['objects']:,} objects in {path}.")


def _viewer(agency: str | None, agencies: "Agencies") -> "Viewer":
    """A reader with a part in what the agency has a part in, or in nothing.

    Raises:
        Mistake: there is no such authority.
    """
    from domain.values import Actor, Role
    from projections.viewer import Viewer

    if agency is not None and not agencies.is_authority(agency):
        there = ", ".join(agencies.authorities)
        raise Mistake(f"There is no authority {agency}. There are: {there}.")
    reader = Actor(user_id="export", agency_id=agency or "", role=Role.AUDITOR)
    return Viewer(reader, authority=True)


@contextmanager
def _whole(path: Path) -> Generator[BinaryIO]:
    """A file that takes its name when it is whole, and that only its owner may read."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise Mistake(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
