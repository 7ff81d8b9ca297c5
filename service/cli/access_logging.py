"""Commands for the agencies' access logs: the keys of what was searched for."""

from pathlib import Path

import click

from service.cli.program import Failure, Mistake, read_settings


@click.group("access-log")
def access_log() -> None:
    """The access logs: the keys that encrypt what was searched for."""


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
