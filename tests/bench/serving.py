"""`samsyn serve` and `samsyn worker` as processes of their own, for what is measured over HTTP."""

import os
import re
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from tests import servers

START: Final = [sys.executable, "-c", "from service.cli import main; main()"]


def environment(database: URL, folder: Path) -> dict[str, str]:
    """The settings under which everything of one measurement runs."""
    return {
        **os.environ,
        "DATABASE_URL": servers.plain_address(database),
        "SAMSYN_DATA_DIR": str(folder),
        "SAMSYN_DEMO": "no",
    }


@contextmanager
def serving(environ: dict[str, str], processes: int = 2) -> Generator[int]:
    """Web processes under way; gives their port.

    Raises:
        RuntimeError: they did not start.
    """
    with subprocess.Popen(
        [*START, "serve", "--port", "0", "--workers", str(processes)],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            found = re.search(r":(\d+)", server.stdout.readline() if server.stdout else "")
            if found is None:
                raise RuntimeError("the server did not start")
            yield int(found[1])
        finally:
            server.terminate()


@contextmanager
def a_worker(environ: dict[str, str]) -> Generator[None]:
    """A worker under way."""
    with subprocess.Popen(
        [*START, "worker"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as worker:
        try:
            yield
        finally:
            worker.terminate()
