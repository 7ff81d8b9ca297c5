"""Commands over the read models: rebuild and figures."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from service.cli.program import Mistake, bring_along, opened, rebuilt
from service.cli.showing import as_json, bars, print_json, print_table

if TYPE_CHECKING:
    from projections.projection import Projection
    from projections.rebuild import RebuildResult
    from projections.viewer import Viewer

MOST_PAIRS: Final = 20
_A_YEAR: Final = timedelta(days=365)


@click.command()
@click.argument("names", nargs=-1, required=True)
@as_json
def rebuild(names: Sequence[str], json_: bool) -> None:  # noqa: FBT001  an option of the command line
    """Build read models anew from the log, beside the live ones, and swap them in.

    NAMES are read models, or `all`. Everything else goes on meanwhile; broken off, it continues.
    """
    wanted = _wanted(names)
    with opened() as program, bars() as shown:
        results = rebuilt(program, wanted, shown)
    if json_:
        print_json([{**asdict(result), "same": result.same} for result in results])
        return
    for result in results:
        rate = result.events / result.seconds if result.seconds else 0.0
        click.echo(
            f"{result.name}: {result.events:,} events in {result.seconds:.1f} s "
            f"({rate:,.0f}/s), {_verdict(result)}."
        )


def _verdict(result: "RebuildResult") -> str:
    if result.hash_live is None:
        return "not compared: another version's tables were there"
    return "as before" if result.same else "DIFFERENT from what was there: mended"


@click.group()
def figures() -> None:
    """Figures of hand-overs and of follow-up."""


@figures.command("handovers")
@click.option("--source", help="The imported event log to count, by its name.")
@click.option("--all", "everything", is_flag=True, help="Count every issue, imported or not.")
@as_json
def handovers(source: str | None, everything: bool, json_: bool) -> None:  # noqa: FBT001  as above
    """Who acted after whom: cases, events per group, handovers, ping-pong, throughput.

    Counts the imported event log if there is one, every issue if there is none.
    """
    from projections.handovers import HANDOVERS
    from projections.handovers_queries import handover_figures, sources
    from projections.visibility import VISIBILITY

    with opened() as program, bars() as shown:
        bring_along(program, shown, (VISIBILITY.name, HANDOVERS.name))
        with program.samsyn.engine.connect() as db:
            chosen = None if everything else _source(source, sources(db, _everything()))
            found = handover_figures(db, _everything(), source=chosen)
    if json_:
        print_json(found)
    else:
        _print_handovers(found, chosen)


@figures.command("follow-up")
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="The first day; a year ago.")
@click.option("--until", type=click.DateTime(("%Y-%m-%d",)), help="The last day; today.")
@click.option("--agency", help="The agency that is measured; all if left out.")
@as_json
def follow_up(
    since: datetime | None,
    until: datetime | None,
    agency: str | None,
    json_: bool,  # noqa: FBT001  as above
) -> None:
    """How issues were handled in a period: the figures K1 to K15."""
    from domain.working_days import LOCAL_ZONE
    from projections.follow_up import FOLLOW_UP
    from projections.follow_up_queries import follow_up_figures
    from projections.visibility import VISIBILITY

    with opened() as program, bars() as shown:
        bring_along(program, shown, (VISIBILITY.name, FOLLOW_UP.name))
        now = program.samsyn.clock()
        today = now.astimezone(LOCAL_ZONE).date()
        first = since.date() if since else today - _A_YEAR
        last = until.date() if until else today
        known = program.samsyn.execution.agencies().agencies
        if agency is not None and agency not in known:
            raise Mistake(f"There is no agency {agency}. There are: {', '.join(sorted(known))}.")
        with program.samsyn.engine.connect() as db:
            found = follow_up_figures(
                db,
                _everything(),
                since=_midnight(first),
                until=_midnight(last + timedelta(days=1)),
                now=now,
                agency=agency,
            )
    if json_:
        print_json(found)
    else:
        _print_follow_up(found)


def _wanted(names: Sequence[str]) -> Sequence["Projection"]:
    from projections.catalogue import PROJECTIONS

    known = [each.name for each in PROJECTIONS]
    for name in names:
        if name != "all" and name not in known:
            raise Mistake(f"There is no read model {name}. There are: {', '.join(known)}; or all.")
    return [each for each in PROJECTIONS if "all" in names or each.name in names]


def _everything() -> "Viewer":
    """Who has the machine's database sees all of it."""
    from domain.values import SYSTEM
    from projections.viewer import Viewer

    return Viewer(SYSTEM, authority=True)


def _source(asked: str | None, known: Sequence[str]) -> str | None:
    if asked is not None and asked not in known:
        raise Mistake(
            f"No event log {asked} was imported. There are: {', '.join(known) or 'none'}."
        )
    if asked is None and len(known) > 1:
        raise Mistake(
            f"Several event logs were imported: choose one of {', '.join(known)} with --source, "
            "or every issue with --all."
        )
    return asked or next(iter(known), None)


def _midnight(day: date) -> datetime:
    from domain.working_days import LOCAL_ZONE

    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)


def _print_handovers(found: dict[str, Any], source: str | None) -> None:
    click.echo(
        f"{'Event log ' + source if source else 'Every issue'}: {found['cases']:,} cases, "
        f"{found['events']:,} events, {found['events_without_group']:,} of them without a group."
    )
    bounced = found["ping_pong"]
    click.echo(
        f"{found['handovers']['total']:,} handovers; ping-pong {bounced['occurrences']:,} times "
        f"in {bounced['cases']:,} cases.\n"
    )
    print_table(("group", "events"), list(found["events_per_group"].items()))
    click.echo()
    pairs = sorted(found["handovers"]["matrix"], key=lambda pair: -pair["count"])
    print_table(
        ("from", "to", "handovers"),
        [(pair["from"], pair["to"], pair["count"]) for pair in pairs[:MOST_PAIRS]],
    )
    if len(pairs) > MOST_PAIRS:
        click.echo(f"… and {len(pairs) - MOST_PAIRS:,} pairs more; --json has them all.")
    click.echo()
    print_table(
        ("throughput", "hours"),
        [
            (name, None if seconds is None else seconds / 3600)
            for name, seconds in found["throughput_seconds"].items()
        ],
    )


def _print_follow_up(found: dict[str, Any]) -> None:
    rows: list[Sequence[object]] = []
    for figure_id, figure in found["figures"].items():
        share, spread = figure.get("share"), figure.get("spread")
        rows.append(
            (
                figure_id,
                figure["label"]["en"],
                figure["count"],
                _percent(share),
                spread["median_seconds"] / 3600 if spread else None,
            )
        )
    print_table(("figure", "what", "count", "share", "median hours"), rows)


def _percent(share: dict[str, Any] | None) -> str | None:
    return None if share is None or share["value"] is None else f"{share['value']:.0%}"
