"""The command restore-check: after a restore, what witnesses hold and the database lacks."""

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from service.cli.giving_up import as_told, begin_anew, print_begun
from service.cli.program import Failure, Mistake, Opened, opened
from service.cli.showing import as_json, print_json
from service.cli.witnessing import TOKEN

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from domain.log_entry import LogEntry
    from infra.audit.ahead import Ahead
    from infra.audit.anew import Begun
    from infra.audit.healing import Healed, Healing, Kept, Source
    from infra.audit.leaf import Leaves
    from infra.audit.note import PublicKey

_SAID = {
    "held": "{origin}: the database holds all {size} entries that were witnessed.",
    "ahead": "{origin}: the witness has signed {size} entries, more than the database holds.",
    "other": "{origin}: the database holds OTHER entries than the {size} that were witnessed.",
}
_OTHER = (
    "Something was sealed after an older copy was put in place, or the log was changed. Keep the "
    "database as it is for whoever looks into it; put the copy in place anew, before anything "
    "is started on it, and heal that: see docs/operations.md."
)


@dataclass
class _Done:
    """What one run has found and done."""

    looked: list[dict[str, object]]
    healed: "list[Healed]"
    begun: "list[Begun]"
    lacking: "list[Ahead]"

    @property
    def is_other(self) -> bool:
        return any(each["stands"] == "other" for each in self.looked)


@click.command("restore-check")
@click.argument("mirrors", nargs=-1)
@click.option(
    "--heal-from",
    metavar="MIRROR",
    help="Put back what is missing out of this mirror: a witness's file, a folder, an address.",
)
@click.option(
    "--states",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --heal-from: events as `samsyn audit states` wrote them, to be put back as well.",
)
@click.option(
    "--begin-anew",
    "decision",
    metavar="DECISION",
    help="Where no mirror heals: give up what is lacking, begin a log that names this decision.",
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A policy file whose keys are believed; else the key file or the database's own keys.",
)
@as_json
def restore_check(
    mirrors: Sequence[str],
    heal_from: str | None,
    states: Path | None,
    decision: str | None,
    policy: Path | None,
    json_: bool,  # noqa: FBT001  an option of the command line
) -> None:
    """Hold the database to what witnesses have signed; MIRRORS are theirs.

    A mirror is a witness's SQLite file, a folder that `samsyn witness export` wrote, or an address
    at which such a folder is served. While one of them is ahead the whole service is read-only.
    Exit code 1 as long as it is.
    """
    from infra.audit import ahead

    with opened() as program:
        healing = _healing(program, policy, _states_in(states))
        healed = [_heal(healing, each) for each in _opened(heal_from)] if heal_from else []
        looked = [_look(healing, where, each) for where in mirrors for each in _opened(where)]
        begun = [] if decision is None else begin_anew(program, decision)
        with program.samsyn.engine.connect() as db:
            done = _Done(looked, healed, begun, ahead.lacking(db))
        if json_:
            print_json(_as_json(done))
        else:
            _print(done)
            if begun:
                print_begun(program, begun)
    if done.lacking:
        raise click.exceptions.Exit(1)


def _heal(healing: "Healing", source: "Source") -> "Healed":
    from infra.audit.healing import CannotHeal

    try:
        return healing.heal(source)
    except CannotHeal as error:
        raise Failure(f"Nothing was done: {error}. {_OTHER}") from error
    except (OSError, ValueError) as error:
        raise Failure(f"Nothing was done: the mirror cannot be used ({error}).") from error


def _look(healing: "Healing", where: str, source: "Source") -> dict[str, object]:
    """Look at one log of a mirror; what it is ahead by is noted, and so the service read-only."""
    from infra.audit import ahead
    from infra.audit.ahead import Stands
    from infra.audit.note import BadNote

    try:
        told, stands = healing.look(source)
    except (BadNote, OSError, ValueError) as error:
        raise Failure(f"{where} cannot be read as a mirror of this log: {error}.") from error
    if stands is not Stands.HELD:
        with healing.engine.execution_options(writes=True).begin() as db:
            ahead.keep(db, source.note, healing.clock())
    return {"mirror": where, "origin": told.origin, "size": told.size, "stands": stands.value}


def _opened(where: str) -> "Sequence[Source]":
    from infra.audit.mirrored import mirrors_at

    try:
        found = mirrors_at(where, os.environ.get(TOKEN, ""))
    except (OSError, ValueError) as error:
        raise Mistake(f"{where} cannot be read as a mirror ({error}).") from error
    if not found:
        raise Mistake(f"{where} holds no log that was witnessed.")
    return found


def _healing(program: Opened, policy: Path | None, states: "Mapping[UUID, Kept]") -> "Healing":
    from infra.audit.healing import Healing
    from infra.audit.keys import read_keys
    from infra.audit.note import BadNote
    from infra.audit.policy import Policy
    from infra.secret_files import KeyFileUnusable
    from service.audit_log import keys_told, witnesses_of

    settings, samsyn = program.settings, program.samsyn
    try:
        agreed = (
            Policy.parse(policy.read_text(encoding="utf-8")) if policy else witnesses_of(settings)
        )
        own = read_keys(settings.audit_key)
    except (BadNote, UnicodeDecodeError) as error:
        raise Mistake(f"The policy cannot be read: {error}.") from error
    except KeyFileUnusable as error:
        raise Mistake(str(error)) from error
    if not agreed.witnesses:
        raise Mistake("No witnesses are agreed on: give --policy, or set SAMSYN_AUDIT_POLICY.")

    def logs(db: "Connection", origin: str) -> "Sequence[PublicKey]":
        if named := [key for key in agreed.logs if key.name == origin]:
            return named
        return own.public(origin) if own is not None else keys_told(db, origin)

    return Healing(
        engine=samsyn.engine,
        leaves=partial(_leaves, program),
        logs=logs,
        witnesses=[*agreed.witnesses.values()],
        clock=samsyn.clock,
        states=states,
        claims=_claims,
    )


def _leaves(program: Opened, kind: str) -> "Leaves":
    from infra.access.leaves import KIND, AccessLeaves
    from infra.audit.leaf import ISSUES, leaves_of

    if kind == ISSUES:
        return leaves_of(program.samsyn.casework.read)
    return AccessLeaves(program.samsyn.engine).of(kind.removeprefix(KIND))


def _claims(entry: "LogEntry") -> list[str]:
    """An issue's number is used once, also when its opening is put back."""
    from domain.opening import IssueOpened
    from service.numbering import claim

    return [claim(entry.event.number)] if entry.topic == IssueOpened.TOPIC else []


def _states_in(file: Path | None) -> "Mapping[UUID, Kept]":
    if file is None:
        return {}
    try:
        with file.open(encoding="utf-8") as lines:
            return dict(_events(lines))
    except (ValueError, KeyError, TypeError) as error:
        raise Mistake(f"{file} is not what `samsyn audit states` writes.") from error


def _events(lines: Iterable[str]) -> "Iterator[tuple[UUID, Kept]]":
    from infra.audit.healing import Kept

    for line in lines:
        fields = json.loads(line)
        place = fields.get("place", fields)
        if "state" in fields and "stream" in place:
            state = base64.b64decode(fields["state"])
            kept = Kept(state, UUID(place["stream"]), place["n"], place["type"])
            yield UUID(fields["event"]), kept


def _print(done: _Done) -> None:
    for healed in done.healed:
        click.echo(f"{healed.origin}: {healed.entries:,} entries were put back.")
        if healed.events:
            click.echo(f"{healed.events:,} events were put back at their positions.")
        if healed.lost:
            click.echo(f"LOST are {len(healed.lost):,} events; that they happened stays sealed:")
            for entry in healed.lost:
                click.echo(f"  {_named(entry)}")
    for each in done.looked:
        click.echo(_SAID[str(each["stands"])].format_map(each))
    for lacking in done.lacking:
        by = "" if lacking.signed else f", as {lacking.note} says and has not shown"
        click.echo(f"Still lacking: {lacking.origin} up to {lacking.size:,} entries{by}.")
    if done.is_other and done.lacking:
        click.echo(_OTHER)
    if done.lacking:
        click.echo("The service is READ-ONLY until it is healed: --heal-from MIRROR.")
    elif done.begun:
        click.echo("What is missing is GIVEN UP by decision: the service may write.")
    else:
        click.echo("Nothing that was shown here is missing: the service may write.")


def _named(entry: bytes) -> str:
    fields = json.loads(entry)
    names = ("at", "type", "agency", "stream", "event")
    return " ".join(str(fields[name]) for name in names if name in fields)


def _as_json(done: _Done) -> dict[str, object]:
    return {
        "is_read_only": bool(done.lacking),
        "mirrors": done.looked,
        "healed": [
            {
                "origin": each.origin,
                "entries": each.entries,
                "events": each.events,
                "lost": [json.loads(entry) for entry in each.lost],
            }
            for each in done.healed
        ],
        "begun": as_told(done.begun),
        "lacking": [{"origin": each.origin, "size": each.size} for each in done.lacking],
    }
