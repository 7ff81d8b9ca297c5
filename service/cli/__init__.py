"""The command line: `samsyn` and its commands, each area in a file of its own."""

import click

from service.cli.access_logging import access_log
from service.cli.accounts import token, user
from service.cli.auditing import audit
from service.cli.counting import figures, rebuild
from service.cli.doctor import doctor
from service.cli.exporting import export_
from service.cli.importing import import_
from service.cli.playing import demo, play
from service.cli.program import Program
from service.cli.restoring import restore_check
from service.cli.running import migrate, serve, worker
from service.cli.verifying import verify
from service.cli.witnessing import witness

_COMMANDS = (
    serve,
    worker,
    migrate,
    demo,
    user,
    token,
    import_,
    export_,
    play,
    rebuild,
    figures,
    audit,
    access_log,
    verify,
    restore_check,
    doctor,
    witness,
)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="samsyn", prog_name="samsyn")
def main() -> None:
    """Samsyn: one shared view of public-safety issues that several agencies handle together.

    Settings come from the environment: DATABASE_URL (default: a SQLite file in SAMSYN_DATA_DIR,
    which is var), REDIS_URL, SAMSYN_HOST, SAMSYN_PORT, SAMSYN_PRESET.
    """


for _command in _COMMANDS:
    main.add_command(_command)
