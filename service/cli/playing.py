"""Commands that play stories: play any file, and demo, which plays ours and makes accounts."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.program import Failure, Mistake, Opened, bring_along, opened
from service.cli.showing import Bars, as_json, bars, print_json

if TYPE_CHECKING:
    from service.stories.player import Played, StoryClock
    from service.stories.story import Story


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@as_json
def play(files: tuple[Path, ...], json_: bool) -> None:  # noqa: FBT001  an option of the command line
    """Play story files through the commands, with the clock set by the files.

    Exit code 1 when something came out otherwise than the story tells.
    """
    from service.stories.player import StoryClock
    from service.stories.reading import read_stories

    stories = read_stories(files)
    clock = StoryClock()
    with opened(clock) as program, bars() as shown:
        played = _play(program, clock, stories, shown)
    if json_:
        print_json(asdict(played))
    else:
        _tell(played)
    if played.failures:
        raise Failure(f"{len(played.failures)} of the stories' steps came out otherwise.")


@click.command()
@click.option("--keep", is_flag=True, help="Say nothing if the demo is there already.")
@click.option("--yes", is_flag=True, help="Also on a database that is no SQLite file.")
@click.option(
    "--issues",
    type=click.IntRange(0, 20_000),
    default=2_000,
    show_default=True,
    help="Issues of the invented year around the stories; 0 for the stories alone.",
)
def demo(*, keep: bool, yes: bool, issues: int) -> None:
    """Load the demo: a directory, invented users with accounts, stories and a year around them.

    The year, which ends now, is told into an empty database only. What is there already is kept
    and nothing is written twice.
    """
    from service.assembly import system_clock
    from service.cli.program import read_settings
    from service.demo.loading import load_demo
    from service.demo.readings import tell_readings
    from service.demo_users import DEMO_PASSWORD, demo_logins, make_demo_accounts
    from service.stories.player import StoryClock

    if not (read_settings().embedded or yes):
        raise Mistake(
            "DATABASE_URL names a server's database. The demo fills it with invented issues and "
            "accounts whose password everybody knows; if that is what you want, add --yes."
        )
    clock = StoryClock()
    with opened(clock) as program, bars() as shown:
        bring_along(program, shown)
        loaded = load_demo(program.samsyn, clock, system_clock(), issues, shown.show)
        told = loaded.stories
        if told.failures:
            raise Failure("The demo's stories came out otherwise:\n" + "\n".join(told.failures))
        bring_along(program, shown)
        if loaded.year_commands:
            tell_readings(program.samsyn, clock.now)
            bring_along(program, shown)
        made = make_demo_accounts(program.samsyn.engine, system_clock)
        logins = demo_logins(program.samsyn.engine, system_clock)
    if keep and not made and not told.carried_out and not loaded.year_commands:
        return
    click.echo(
        f"The demo is loaded: {told.carried_out:,} steps played now, "
        f"{told.already_there:,} were there; {loaded.year_commands:,} commands of a year around "
        f"them; {made} accounts made."
    )
    click.echo(f"Sign in as {', '.join(logins)}; password of all: {DEMO_PASSWORD}")


def _play(
    program: Opened, clock: "StoryClock", stories: "Sequence[Story]", shown: Bars
) -> "Played":
    from service.stories.player import Player

    steps = sum(len(story.steps) for story in stories)
    done = 0

    def step_played(_step: object) -> None:
        nonlocal done
        done += 1
        shown.show("playing", done, steps)

    bring_along(program, shown)
    return Player(program.samsyn, clock).play(stories, step_played)


def _tell(played: "Played") -> None:
    click.echo(
        f"{played.carried_out:,} commands carried out, {played.already_there:,} were there, "
        f"{played.refused_as_told:,} refused as told, {played.expectations_met:,} expectations "
        f"met, {played.policy_commands:,} done by the system in time."
    )
    for line in played.left_out:
        click.echo(f"  left out: {line}")
    for line in played.failures:
        click.echo(f"  otherwise: {line}")
