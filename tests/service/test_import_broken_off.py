"""An import that is killed and run again ends where one that was left alone ends."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from tests.service.source_files import HEADER, a_notice, write_log, write_notices

START = [sys.executable, "-c", "from service.cli import main; main()"]
KILL_AT = (40, 700)
"""Positions of the log; the runs are cut off as soon as it is seen to be past them."""


@contextmanager
def looking_at(database_url: str) -> Generator[Samsyn]:
    samsyn = assemble(database_url, PROJECTIONS)
    yield samsyn
    samsyn.close()


def start(database_url: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*START, "import", *command],
        env={**os.environ, "DATABASE_URL": database_url},
        stdout=subprocess.DEVNULL,
    )


def import_undisturbed(database_url: str, command: Sequence[str]) -> None:
    assert start(database_url, command).wait() == 0


def import_killed(database_url: str, command: Sequence[str], after: int) -> int:
    """Run until the log is past a position, then kill -9; gives the head that is left."""
    with looking_at(database_url) as samsyn:
        child = start(database_url, command)
        while child.poll() is None and samsyn.casework.head() <= after:
            time.sleep(0.005)
        child.kill()
        child.wait()
        return samsyn.casework.head()


def told(database_url: str) -> list[tuple[Any, ...]]:
    """The whole log in its order, without what is made anew by each run: ids, salts, times."""
    with looking_at(database_url) as samsyn:
        return [
            (
                entry.topic,
                entry.version,
                None if entry.topic.startswith("Agency") else entry.event.occurred_at,
                entry.event.actor,
                getattr(entry.event, "number", None),
                getattr(entry.event, "external_ref", None),
                getattr(entry.event, "result_sv", None),
                getattr(entry.event, "to_agency", None),
                getattr(entry.event, "content", None),
            )
            for entry in samsyn.casework.read(0, 100_000)
            if not entry.topic.startswith(("Directory", "Area", "Place", "User"))
        ]


def a_big_log(path: Path) -> list[str]:
    rng = random.Random(7)
    rows = [
        (f"case-{rng.randrange(200)}", f"2013-0{rng.randrange(1, 9)}-11 10:{number % 60:02}",
         rng.choice(("A", "B", "C", "")), f"step {number % 9}", "")
        for number in range(1_500)
    ]  # fmt: skip
    write_log(path, rows)
    asked = [part for name in HEADER for part in (f"--{name}", name)]
    return ["event-log", str(path), *asked]


def big_notices(path: Path) -> list[str]:
    write_notices(path, *(a_notice(id=number) for number in range(2_500)))
    return ["police-events", str(path)]


@pytest.fixture(scope="module", params=[a_big_log, big_notices])
def undisturbed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """An import, and what it ends with when it is let alone: once for both databases."""
    folder = tmp_path_factory.mktemp("whole")
    command: list[str] = request.param(folder / "source")
    whole = f"sqlite:///{folder}/whole.db"
    import_undisturbed(whole, command)
    return command, told(whole)


@pytest.mark.slow
@pytest.mark.no_cover
def test_killed_and_run_again_ends_in_the_same_state(
    database_url: str, undisturbed: tuple[list[str], list[tuple[Any, ...]]]
) -> None:
    command, wanted = undisturbed
    heads = [import_killed(database_url, command, after) for after in KILL_AT]
    assert heads[0] < len(wanted), "the first run was cut off in the middle"
    import_undisturbed(database_url, command)
    assert told(database_url) == wanted
