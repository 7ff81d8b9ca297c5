"""Commands that take in records from outside: import police-events and import event-log."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from service.cli.program import Failure, Mistake, Opened, bring_along, opened
from service.cli.showing import as_json, bars, print_json

if TYPE_CHECKING:
    from service.imports.summary import Summary

MOST_SHOWN: Final = 20
"""Lines on the screen of what was left out; a file or JSON has them all."""

_errors = click.option(
    "--errors",
    "errors_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every row that was left out to this file, one JSON object a line.",
)
_existing = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("import")
def import_() -> None:
    """Take in records from outside; repeat it as often as you like.

    What was imported before is found again and not written twice, also when an import was broken
    off. A row that cannot be read or that a rule refuses is listed, and the rest goes in.
    """
    # The log's thread and the deciding thread take turns: short turns keep both busy.
    sys.setswitchinterval(0.0005)


@import_.command("police-events")
@click.argument("files", nargs=-1, required=True, type=_existing)
@click.option("--agency", default="police", show_default=True, help="Who receives the reports.")
@as_json
@_errors
def import_police_events(
    files: tuple[Path, ...],
    agency: str,
    json_: bool,  # noqa: FBT001  an option of the command line
    errors_file: Path | None,
) -> None:
    """Import notices of the police as reports; a later version of a notice revises its report."""
    from service.imports.police_events import PoliceImport

    with opened() as program, bars() as shown:
        samsyn = program.samsyn
        _needs_agency(program, agency)
        importing = PoliceImport(
            samsyn.execution,
            samsyn.casework,
            samsyn.clock,
            agency_id=agency,
            progress=shown.show,
        )
        summary = importing.run(files)
        bring_along(program, shown)
    _tell(summary, "reports", json_=json_, errors_file=errors_file)


@import_.command("event-log")
@click.argument("file", type=_existing)
@click.option("--case", required=True, help="The column that says which case a row belongs to.")
@click.option("--time", required=True, help="The column with the time.")
@click.option("--group", required=True, help="The column with the group that did it.")
@click.option("--activity", required=True, help="The column that says what was done.")
@click.option("--resource", help="The column with the person who did it.")
@click.option("--name", help="What the log is called; the file's name if left out.")
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    help="For times that name no zone, for instance Europe/Stockholm.",
)
@as_json
@_errors
def import_event_log(  # noqa: PLR0913  one for each option
    *,
    file: Path,
    case: str,
    time: str,
    group: str,
    activity: str,
    resource: str | None,
    name: str | None,
    timezone: str,
    json_: bool,
    errors_file: Path | None,
) -> None:
    """Import a log of handovers (CSV or XES, plain or gzip).

    A case becomes an issue, a group an agency, a change of group a transfer that is sent and
    accepted, an activity an action, all at their original times. Columns are named as in the
    header of the CSV or the keys of the XES, for instance case:concept:name.
    """
    from service.imports.event_log import EventLogImport
    from service.imports.log_rows import LogFile

    log = LogFile(
        path=file,
        name=name or file.name.partition(".")[0],
        case=case,
        time=time,
        group=group,
        activity=activity,
        resource=resource,
        timezone=timezone,
    )
    with opened() as program, bars() as shown:
        samsyn = program.samsyn
        importing = EventLogImport(
            samsyn.execution, samsyn.casework, samsyn.clock, progress=shown.show
        )
        summary = importing.run(log)
        bring_along(program, shown)
    _tell(summary, "actions", json_=json_, errors_file=errors_file)


def _needs_agency(program: Opened, agency: str) -> None:
    """Where the directory holds nothing but groups of logs, the preset of the settings is loaded.

    Raises:
        Mistake: there is no such agency.
    """
    from domain.presets import PRESETS
    from service.imports.log_groups import is_log_group
    from service.preset import load_preset

    execution, preset = program.samsyn.execution, program.settings.preset
    if all(map(is_log_group, execution.agencies().agencies)):
        if preset not in PRESETS:
            raise Mistake(f"There is no preset {preset}. There are: {', '.join(PRESETS)}.")
        load_preset(execution, preset)
    known = execution.agencies().agencies
    if agency not in known:
        there = ", ".join(sorted(each for each in known if not is_log_group(each)))
        raise Mistake(f"There is no agency {agency}. There are: {there}.")


def _tell(summary: "Summary", things: str, *, json_: bool, errors_file: Path | None) -> None:
    if errors_file is not None:
        lines = (json.dumps(vars(row), ensure_ascii=False) for row in summary.left_out)
        errors_file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if json_:
        print_json(summary.as_json())
    else:
        _tell_people(summary, things, errors_file)
    if any(row.line is None for row in summary.left_out):
        raise Failure("The rest of a file could not be read; see above.")


def _tell_people(summary: "Summary", things: str, errors_file: Path | None) -> None:
    for notice in summary.notices:
        click.echo(f"{notice.file}: {notice.en}", err=True)
    counts = "".join(f", {count:,} {name}" for name, count in summary.counts.items())
    click.echo(
        f"{summary.read:,} rows read{counts}: {summary.written:,} {things} written, "
        f"{summary.revised:,} revised, {summary.unchanged:,} unchanged, "
        f"{len(summary.left_out):,} left out; {summary.appended_events:,} events in "
        f"{summary.seconds:.1f} s ({summary.rows_a_second:,.0f} rows/s)."
    )
    if summary.confirmed:
        click.echo(
            f"{summary.confirmed:,} texts look like personal data and went in as not personal."
        )
    for row in summary.left_out[:MOST_SHOWN]:
        where = row.file if row.line is None else f"{row.file}, line {row.line}"
        click.echo(f"  {where}: {row.reason_en}")
    more = len(summary.left_out) - MOST_SHOWN
    if more > 0:
        written = f"all are in {errors_file}" if errors_file else "--errors FILE writes them all"
        click.echo(f"  … and {more:,} more; {written}.")
