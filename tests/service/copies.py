"""Copies of a database, as a backup makes them: of a file, or by PostgreSQL's own programs."""

import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from tests import servers


def backed_up(url: str, folder: Path) -> Path:
    """A backup of a database as it is now."""
    backup = folder / "backup"
    if url.startswith("sqlite"):
        with (
            closing(sqlite3.connect(make_url(url).database or "")) as of,
            closing(sqlite3.connect(backup)) as to,
        ):
            of.backup(to)
    else:
        run("pg_dump", "--format=custom", f"--file={backup}", url)
    return backup


def put_back(url: str, backup: Path) -> None:
    """Put a backup in place of what a database holds now; nobody may be connected."""
    if url.startswith("sqlite"):
        with (
            closing(sqlite3.connect(backup)) as of,
            closing(sqlite3.connect(make_url(url).database or "")) as to,
        ):
            of.backup(to)
    else:
        options = ("--clean", "--if-exists", "--exit-on-error", "--single-transaction")
        run("pg_restore", *options, f"--dbname={url}", str(backup))


def run(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs, of the version of the server."""
    subprocess.run([str(servers.postgresql_binaries() / program), *arguments], check=True)
