"""The last way out of restore-check: a log that no mirror heals is given up, and one begun anew."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from service.cli.program import Failure, Mistake, Opened

if TYPE_CHECKING:
    from infra.audit.anew import Begun

_MOST = 200


def begin_anew(program: Opened, decision: str) -> "list[Begun]":
    """Give up what is lacking, by a decision that the new log names for ever."""
    from infra.audit import anew

    words = decision.strip()
    if not words or len(words) > _MOST or not words.isprintable():
        raise Mistake(f"Name the decision in one line of at most {_MOST} characters.")
    try:
        return anew.begin_anew(program.samsyn.engine, words, program.samsyn.clock())
    except anew.NothingLacks as error:
        raise Failure(
            "Nothing was done: the log holds all that was shown of what witnesses have signed."
        ) from error


def print_begun(program: Opened, begun: "Sequence[Begun]") -> None:
    """Say what was given up, and what the agencies must be told now."""
    from infra.audit import anew
    from infra.audit.keys import read_keys

    keys = read_keys(program.settings.audit_key)
    for each in begun:
        told = anew.told_in(each.entry)
        if told is None:
            continue
        click.echo(f"{each.tree.origin} is begun with the next seal, by decision {told.decision}.")
        for one in told.given_up:
            click.echo(f"  Given up: {one.origin}, of which {one.size:,} entries were witnessed.")
        held = told.previous
        click.echo(f"  This database had {held.size:,} entries of {held.origin} sealed.")
        if keys is not None:
            click.echo("  To all agencies, by another way, each for its policy:")
            for key in keys.public(each.tree.origin):
                click.echo(f"  log {key}")
    click.echo("Tell the agencies why: their witnesses sign it once their policies name it.")


def as_told(begun: "Sequence[Begun]") -> list[dict[str, object]]:
    """The same for programs."""
    from dataclasses import asdict

    from infra.audit import anew

    found = [(each.tree.origin, anew.told_in(each.entry)) for each in begun]
    return [{"origin": origin, **asdict(told)} for origin, told in found if told is not None]
