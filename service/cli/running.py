"""Commands that run the program: serve, worker and migrate."""

import signal
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NoReturn

import click

from service.cli.program import Failure, Mistake, Opened, bring_along, opened, read_settings
from service.cli.showing import bars

if TYPE_CHECKING:
    from service.settings import Settings

_BACKLOG: Final = 2_048


@click.command()
@click.option("--host", help="The address to listen on (SAMSYN_HOST; default 127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes a free one (SAMSYN_PORT; default 8080).",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Web processes on this address, for PostgreSQL (SAMSYN_WORKERS; default 1).",
)
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve pages and API until stopped.

    With a SQLite file this one process does everything; with PostgreSQL run `samsyn worker` too.
    """
    import threading

    settings = read_settings()
    settings = replace(
        settings,
        host=host or settings.host,
        port=settings.port if port is None else port,
        workers=workers or settings.workers,
    )
    if settings.embedded and settings.workers > 1:
        raise Mistake(
            "Several web processes need PostgreSQL: over a SQLite file one process does "
            "everything. Set DATABASE_URL, or leave --workers (SAMSYN_WORKERS) at 1."
        )
    with closing(_listen(settings.host, settings.port)) as listening:
        # The server ends in peace and then passes the signal on: we close and end well.
        _on_stop(_end_well)
        with opened(says=True, stop=threading.Event()) as program:
            if settings.embedded and program.samsyn.runner.outdated():
                with bars() as shown:
                    bring_along(program, shown)
            _make_secret(settings)
            _greet(program, listening)
            if settings.workers == 1:
                from service.serving import serve_alone

                serve_alone(program.samsyn, settings, listening)
                return
        from service.supervising import serve_with_processes

        serve_with_processes(settings, listening)


@click.command()
def worker() -> None:
    """Follow the log with the read models, act when a time has come and seal, until stopped.

    Several workers may run; a read model is always folded by one of them only.
    """
    import threading

    from service.ending import LAST_SECONDS, end_after
    from service.exposition import exposed, observe_log
    from service.garbage import collect_seldom
    from service.pushing import Pushing
    from service.sealing import Sealing
    from service.worker import Worker

    stop = threading.Event()
    most_seconds = read_settings().stop_seconds + LAST_SECONDS

    def end() -> None:
        if not stop.is_set():
            end_after(most_seconds)
        stop.set()

    _on_stop(end)
    with opened(says=True, stop=stop) as program, exposed(program.settings):
        observe_log(program.samsyn)
        collect_seldom()
        samsyn, settings = program.samsyn, program.settings
        sealing, pushing = Sealing(samsyn, settings), Pushing(samsyn, settings)
        Worker(samsyn, sealing=sealing, pushing=pushing).run(stop)


@click.command()
def migrate() -> None:
    """Bring the database's schema up to this program's; the other commands do so as well."""
    with opened() as program:
        click.echo(f"The schema is up to date: {program.samsyn.engine.url.render_as_string()}")


def _on_stop(end: Callable[[], object]) -> None:
    def told(_signal: int, _frame: object) -> None:
        end()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)


def _end_well() -> NoReturn:
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        # From here on who connects waits for the program instead of being turned away.
        listening.listen(_BACKLOG)
    except OSError as error:
        raise Failure(
            f"Cannot listen on {host}, port {port} ({error.strerror}). Choose another with --port."
        ) from error
    return listening


def _make_secret(settings: "Settings") -> None:
    """Before any web process asks for it: they shall not all find out that it cannot be made."""
    from service.secret import secret_of

    try:
        secret_of(settings.secret, settings.data_dir)
    except OSError as error:
        raise Failure(
            f"The data folder {settings.data_dir} cannot be used ({error.strerror}). Set "
            "SAMSYN_DATA_DIR to a folder that can be written to."
        ) from error


def _greet(program: Opened, listening: socket.socket) -> None:
    from service.demo_users import DEMO_PASSWORD, demo_logins

    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Samsyn answers on http://{shown}:{port} (stop with Ctrl-C).")
    logins = (
        demo_logins(program.samsyn.engine, program.samsyn.clock) if program.settings.demo else []
    )
    if logins:
        click.echo(f"Demo sign-ins: {', '.join(logins)}. Password of all: {DEMO_PASSWORD}")
