"""The command verify: the database held against the audit log, end to end."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.program import Mistake, opened
from service.cli.showing import as_json, bars, print_json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from infra.audit.check import Keys
    from infra.audit.findings import Checked
    from infra.audit.note import PublicKey
    from infra.audit.store import Tree
    from service.settings import Settings

_WHAT = "entries"


@click.command()
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A policy file whose keys are believed; else those of the key file, else the log's.",
)
@as_json
def verify(policy: Path | None, json_: bool) -> None:  # noqa: FBT001  an option of the command line
    """Check every event and every row of the access logs against the audit log.

    Exit code 1 if something was done to either.

    It says in words which entry was altered, removed, inserted or back-dated. That nobody holds
    another log with the same keys only the witnesses can say: see docs/audit.md.
    """
    from infra.access.check import access_log_of
    from infra.access.leaves import KIND
    from infra.audit import store
    from infra.audit.check import check_log
    from infra.audit.check_register import check_register
    from infra.audit.findings import Checked
    from infra.audit.leaf import ISSUES
    from infra.audit.made import log_of_events

    with opened() as program, bars() as shown:
        keys, whose = _keys(policy, program.settings)
        witnesses = _witnesses(policy, program.settings)
        casework, engine = program.samsyn.casework, program.samsyn.engine
        events = log_of_events(engine, casework.head)
        with engine.connect() as db:
            found = {tree.kind for tree in store.find_trees(db) if tree.kind.startswith(KIND)}
        logs = {ISSUES: events} | {kind: access_log_of(engine, kind) for kind in sorted(found)}
        checked = Checked()
        for kind, log in logs.items():
            words = _WHAT if kind == ISSUES else kind
            checked.take_in(check_log(engine, log, keys, kind, partial(shown.show, words)))
        checked.take_in(check_register(engine, witnesses))
    if json_:
        print_json(_as_json(checked, whose))
    else:
        _print(checked, whose)
    if not checked.is_well:
        raise click.exceptions.Exit(1)


def _keys(policy: Path | None, settings: "Settings") -> "tuple[Keys, str]":
    """Whose signatures count, and the words for where they are from."""
    from infra.audit import store
    from infra.audit.keys import read_keys
    from infra.audit.note import BadNote
    from infra.audit.policy import Policy
    from infra.secret_files import KeyFileUnusable

    if policy is not None:
        try:
            logs = Policy.parse(policy.read_text(encoding="utf-8")).logs
        except (BadNote, UnicodeDecodeError) as error:
            raise Mistake(f"{policy} is no policy: {error}.") from error
        return lambda _db, tree: [key for key in logs if key.name == tree.origin], "the policy's"
    try:
        own = read_keys(settings.audit_key)
    except KeyFileUnusable as error:
        raise Mistake(str(error)) from error
    if own is not None:
        return lambda _db, tree: own.public(tree.origin), "those of the key file"

    def told(db: "Connection", tree: "Tree") -> "Sequence[PublicKey]":
        return store.known_keys(db, tree.tree)

    return told, "those that the database itself names: give --policy to be sure"


def _witnesses(policy: Path | None, settings: "Settings") -> "list[PublicKey]":
    """The witnesses whose lines can be judged: those of the policy given, else of the program's."""
    from infra.audit.note import BadNote
    from infra.audit.policy import Policy
    from service.audit_log import witnesses_of

    try:
        agreed = (
            witnesses_of(settings)
            if policy is None
            else Policy.parse(policy.read_text(encoding="utf-8"))
        )
    except (BadNote, UnicodeDecodeError) as error:
        raise Mistake(f"{policy or settings.audit_policy} is no policy: {error}.") from error
    return list(agreed.witnesses.values())


def _print(checked: "Checked", whose: str) -> None:
    for finding in checked.findings:
        click.echo(f"{finding.en}\n  {finding.sv}")
    if checked.not_kept:
        click.echo(f"… and {checked.not_kept:,} findings more.")
    if checked.backwards:
        click.echo(f"Notice: {checked.backwards:,} entries are dated before one in front of them.")
    verdict = "All is well." if checked.is_well else "SOMETHING WAS DONE TO THE LOG."
    erased = f", {checked.erased:,} of them erased by decision" if checked.erased else ""
    disposed = (
        f", the rows of {checked.disposed:,} of them disposed of by decision"
        if checked.disposed
        else ""
    )
    lost = f", {checked.lost:,} of them lost in a restore" if checked.lost else ""
    click.echo(
        f"{verdict} {checked.entries:,} entries{erased}{disposed}{lost}, "
        f"{checked.checkpoints:,} checkpoints, {checked.unsealed:,} events not sealed yet. "
        f"Keys: {whose}."
    )


def _as_json(checked: "Checked", whose: str) -> dict[str, object]:
    return {
        "is_well": checked.is_well,
        "entries": checked.entries,
        "erased": checked.erased,
        "disposed": checked.disposed,
        "lost": checked.lost,
        "checkpoints": checked.checkpoints,
        "unsealed": checked.unsealed,
        "backwards": checked.backwards,
        "keys": whose,
        "findings": [{"sv": each.sv, "en": each.en} for each in checked.findings],
        "more": checked.not_kept,
    }
