"""Commands for the audit log: its keys and its policy."""

from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from service.cli.program import Failure, Mistake, opened, read_settings

if TYPE_CHECKING:
    from service.settings import Settings


@click.group()
def audit() -> None:
    """The audit log: its key, and the policy by which agencies check it."""


@audit.command("key")
@click.option("--add", is_flag=True, help="Add a key: from then on all in the file sign.")
@click.option("--retire", metavar="ID", help="Take the key with this id out of the file.")
def key(add: bool, retire: str | None) -> None:  # noqa: FBT001  an option of the command line
    """Make the key that signs, if there is none, and show what others check it with.

    The secret stays in the file SAMSYN_AUDIT_KEY, which only the worker needs. Each line shown
    goes to the agencies, by another way than this program. To change keys: --add, let the agencies
    take the new line, and --retire the old one a month later.
    """
    from infra.audit.keys import add_key, read_keys, retire_key
    from infra.secret_files import KeyFileUnusable

    settings = read_settings()
    path = settings.audit_key
    try:
        if add or read_keys(path) is None:
            _say_made(path, add_key(path, settings.audit_name).public_key.key_id.hex())
        if retire is not None:
            if not retire_key(path, retire):
                raise Mistake(f"{path} has no key {retire} besides another one.")
            click.echo(f"The key {retire} signs no more.", err=True)
        for line in _public(settings):
            click.echo(line)
    except FileExistsError as error:
        raise Failure(f"{path} was made at this moment by another process.") from error
    except KeyFileUnusable as error:
        raise Failure(str(error)) from error


@audit.command("policy")
def policy() -> None:
    """Show whose signatures are asked for, as a policy file for the log of this year."""
    from infra.audit import store
    from infra.audit.leaf import ISSUES
    from infra.audit.note import BadNote
    from service.audit_log import policy_of

    with opened() as program, program.samsyn.engine.connect() as db:
        tree = store.last_tree(db, ISSUES)
        if tree is None:
            raise Failure("Nothing is sealed yet, so no key has signed.")
        try:
            click.echo(str(policy_of(db, tree, program.settings)), nl=False)
        except BadNote as error:
            raise Failure(f"{program.settings.audit_policy}: {error}.") from error


@audit.command("states")
@click.argument("file", type=click.File("w", encoding="utf-8"))
@click.option("--year", help="The year whose log it is for, or 2026-2; the last if not given.")
def states(file: TextIO, year: str | None) -> None:
    """Write the stored events to FILE, for `verify.py POLICY store FILE LOG`.

    The file holds all that the log of events holds, texts too: keep it as the database is kept.
    That it was written stands in the access log of every authority.
    """
    from infra.audit import store
    from infra.audit.leaf import ISSUES
    from infra.audit.states import written_states
    from service.operator_access import note_taken_out

    with opened() as program, program.samsyn.engine.connect() as db:
        tree = store.tree_named(db, ISSUES, year) if year else store.last_tree(db, ISSUES)
        if tree is None:
            raise Failure("Nothing is sealed yet, or not in that year.")
        authorities = program.samsyn.execution.agencies().authorities
        note_taken_out(program.samsyn, "audit states", authorities)
        lines = written_states(db, tree, program.samsyn.casework.read)
        file.writelines(f"{line}\n" for line in lines)


def _say_made(path: Path, key_id: str) -> None:
    click.echo(f"Made a key in {path}: keep it secret, and a copy of it in a safe.", err=True)
    click.echo(f"In that file its id is {key_id}.", err=True)


def _public(settings: "Settings") -> list[str]:
    from infra.audit.keys import read_keys
    from infra.audit.leaf import ISSUES
    from service.assembly import system_clock

    keys = read_keys(settings.audit_key)
    if keys is None:
        return []
    origin = f"{settings.audit_name}/{ISSUES}/{system_clock().year}"
    return [str(each) for each in keys.public(origin)]
