"""Commands that an agency runs to witness the audit log: with a key and one file, no database."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from service.cli.program import Failure, Mistake

if TYPE_CHECKING:
    from infra.audit.note import SecretKey
    from infra.audit.witness import Witness
    from infra.audit.witness_http import LogOverHttp

TOKEN: Final = "SAMSYN_TOKEN"  # noqa: S105  the variable's name
_MINUTE: Final = 60

_FILE = click.Path(dir_okay=False, path_type=Path)
_key = click.option("--key", type=_FILE, required=True, help="The file with the witness's key.")
_store = click.option(
    "--store", type=_FILE, required=True, help="The SQLite file with heads and mirrored entries."
)
_policies = click.option(
    "--policy",
    "policies",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    required=True,
    help="A policy that the agencies agreed on; one for each year's log.",
)


@click.group()
def witness() -> None:
    """Watch the audit log for your agency: it must only grow."""


@witness.command("key")
@click.argument("name")
@_key
def make_key(name: str, key: Path) -> None:
    """Make the key of the witness NAME, such as police.example/witness, if the file has none.

    What is shown is public: the other agencies put it into the policy.
    """
    from infra.audit.note import BadNote, KeyType, SecretKey

    try:
        made = _read_key(key) if key.exists() else SecretKey.new(name, KeyType.COSIGNATURE)
    except BadNote as error:
        raise Mistake(f"{name}: {error}.") from error
    if not key.exists():
        handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{made.text}\n")
    click.echo(str(made.public_key))


@witness.command("pull")
@click.argument("address")
@_policies
@_key
@_store
@click.option("--once", is_flag=True, help="Look once: exit code 1 if something was done to it.")
@click.option(
    "--every", type=click.IntRange(1, 3600), default=_MINUTE, help="Seconds between two looks."
)
def pull(
    address: str,
    policies: tuple[Path, ...],
    key: Path,
    store: Path,
    once: bool,  # noqa: FBT001  an option of the command line
    every: int,
) -> None:
    """Read what is new at ADDRESS (…/audit), check it, keep it, sign it: every minute.

    The environment's SAMSYN_TOKEN is the token of a user who may read the log.
    """
    from infra.audit.witness_http import LogOverHttp
    from service.logging import configure_logging

    configure_logging()
    asked = _witness(policies, key, store)
    try:
        log = LogOverHttp(address, os.environ.get(TOKEN, ""))
    except ValueError as error:
        raise Mistake(f"{error}.") from error
    if once:
        why = _look(asked, log)
        if why is not None:
            raise Failure(why)
        return
    while True:
        _look(asked, log)
        time.sleep(every)


@witness.command("serve")
@_policies
@_key
@_store
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8090, help="The port.")
def serve(policies: tuple[Path, ...], key: Path, store: Path, host: str, port: int) -> None:
    """Answer logs that hand their checkpoints in (C2SP tlog-witness), until stopped."""
    from infra.audit.witness_http import serve as served

    try:
        server = served(_witness(policies, key, store), host, port)
    except OSError as error:
        raise Failure(f"Cannot listen on {host}:{port} ({error.strerror}).") from error
    click.echo(f"http://{host}:{server.server_port}", err=True)
    with server:
        server.serve_forever()


@witness.command("export")
@_store
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(store: Path, folder: Path) -> None:
    """Lay the mirror out in FOLDER, one log in each folder of it, for the offline verifier.

    What proves that a log lied, the two notes that it signed, is laid beside them.
    """
    from infra.audit.mirror import Mirror

    if not store.exists():
        raise Mistake(f"{store} is not there.")
    mirror = Mirror(store)
    for origin in mirror.origins():
        mirror.export(origin, folder / origin)
        click.echo(str(folder / origin))
    for number, (_, origin, kept, shown, said) in enumerate(mirror.evidence()):
        place = folder / origin / f"evidence-{number}"
        place.mkdir(parents=True, exist_ok=True)
        for name, text in (("signed", kept), ("shown", shown), ("said", said.replace("|", "\n"))):
            (place / name).write_text(text, encoding="utf-8")
        click.echo(str(place))


def _look(asked: "Witness", log: "LogOverHttp") -> str | None:
    """Look once and log what was found; gives the reason when nothing was signed."""
    import sqlite3

    import structlog

    from infra.audit.verify import Found
    from infra.audit.witness import Busy

    told = structlog.get_logger(__name__)
    try:
        head = asked.pull(log)
    except Found as found:
        swedish, english = str(found).split("|")
        told.error("witness_alarm", sv=swedish, en=english)
        return f"{swedish}\n{english}"
    except (OSError, ValueError, Busy) as error:
        told.warning("witness_waits", error=type(error).__name__)
        return f"The log cannot be read now ({type(error).__name__})."
    except sqlite3.Error as error:
        told.error("witness_cannot_store", error=type(error).__name__)
        return f"The witness's own file cannot be used now ({type(error).__name__})."
    told.info("witness_signed", origin=head.origin, size=head.size)
    return None


def _witness(policies: Sequence[Path], key: Path, store: Path) -> "Witness":
    import sqlite3

    from infra.audit.mirror import Mirror
    from infra.audit.verify import Policy
    from infra.audit.witness import Witness

    try:
        read = [Policy(each.read_text(encoding="utf-8")) for each in policies]
    except ValueError as error:
        raise Mistake(f"A policy cannot be read: {error}.") from error
    signs = _read_key(key)
    try:
        return Witness(Mirror(store), signs, read, lambda: int(time.time()))
    except (sqlite3.Error, OSError) as error:
        raise Failure(f"{store} cannot be used ({error}).") from error


def _read_key(file: Path) -> "SecretKey":
    from infra.audit.note import BadNote, KeyType, SecretKey

    try:
        if file.stat().st_mode & 0o077:
            raise Mistake(f"{file} can be read by others: chmod 600 {file}.")
        key = SecretKey.parse(file.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise Mistake(f"{file} cannot be read; make it with `samsyn witness key`.") from error
    except BadNote as error:
        raise Mistake(f"{file} holds no key: {error}.") from error
    if key.type is not KeyType.COSIGNATURE:
        raise Mistake(f"{file} holds a key of a log, not of a witness.")
    return key
