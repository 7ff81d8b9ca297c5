"""Commands that run the program: serve, worker and migrate."""

import logging
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from typing import Final, NoReturn

import click

from service.cli.program import Failure, Opened, bring_along, opened
from service.cli.showing import bars

_BACKLOG: Final = 2_048


@click.command()
@click.option("--host", help="The address to listen on (SAMSYN_HOST; default 127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes a free one (SAMSYN_PORT; default 8080).",
)
def serve(host: str | None, port: int | None) -> None:
    """Serve pages and API until stopped.

    With a SQLite file this one process does everything; with PostgreSQL run `samsyn worker` too.
    """
    import uvicorn

    from service.app import create_app

    with opened(log_level=logging.INFO) as program:
        settings = program.settings
        listening = _listen(host or settings.host, settings.port if port is None else port)
        with closing(listening):
            if settings.embedded and program.samsyn.runner.outdated():
                with bars() as shown:
                    bring_along(program, shown)
            app = create_app(program.samsyn, settings)
            _greet(program, listening)
            config = uvicorn.Config(
                app, log_config=None, access_log=False, timeout_graceful_shutdown=10
            )
            # The server ends in peace and then passes the signal on: we close and end well.
            _on_stop(_end_well)
            uvicorn.Server(config).run(sockets=[listening])


@click.command()
def worker() -> None:
    """Follow the log with the read models and act when a time has come, until stopped.

    Several workers may run; a read model is always folded by one of them only.
    """
    import threading

    from service.policies import Policies
    from service.worker import Worker

    stop = threading.Event()
    _on_stop(stop.set)
    with opened(log_level=logging.INFO) as program:
        Worker(program.samsyn, Policies(program.samsyn).run).run(stop)


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
