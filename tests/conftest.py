"""Fixtures of all tests: real databases, Redis and Chromium; and the words on what ran where."""

import gc
import os
import shutil
from collections import Counter
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest
from sqlalchemy import URL, Engine

from infra.database import connect
from infra.ids import new_id
from infra.log.casework import Casework
from requirements.browser_files import bring
from tests import servers
from tests.databases import Databases, databases_on, lay_out
from tests.faults import disk
from tests.folders import use_memory
from tests.servers import plain_address

REPOSITORY: Final = Path(__file__).parent.parent
FAULTS: Final = REPOSITORY / "tests" / "faults"
SHARED_DATA: Final = REPOSITORY.parent / "shared" / "data"
BROWSERS: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The best first: it draws no window, and takes half of the processor time of the next."""
SQLITE, POSTGRESQL, REDIS, CHROMIUM = "on SQLite", "on PostgreSQL", "with Redis", "in Chromium"

# A fifth of the tests' time went into looking through the same modules and tests for garbage:
# nothing that is loaded goes away, and between two looks there may be more of the new.
_NEW_OBJECTS: Final = 10_000
gc.set_threshold(_NEW_OBJECTS, 20, 20)

use_memory()
bring()  # pages name these files by their content; make has them here already

# Tests are not timed: a busy machine must not make a right program fail.
hypothesis.settings.register_profile("samsyn", deadline=None)
hypothesis.settings.load_profile("samsyn")

_PLACE_OF: Final = {
    "sqlite_url": SQLITE,
    "postgresql_url": POSTGRESQL,
    "own_postgresql": POSTGRESQL,
    "redis_url": REDIS,
    "own_redis": REDIS,
    "browser": CHROMIUM,
}
_TRACES_PROCESSES: Final = "COVERAGE_PROCESS_CONFIG"
_left_out = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """Give a PostgreSQL whose user may create databases."""
    try:
        with servers.postgresql() as address:
            yield address
    except servers.NoServer as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def databases(postgresql_server: URL, worker_name: str) -> Iterator[Databases]:
    """Give a way to make databases on that server."""
    with databases_on(postgresql_server, worker_name) as databases:
        yield databases


@pytest.fixture(scope="session")
def postgresql_template(databases: Databases) -> Iterator[str]:
    """Give the name of a migrated, empty database to copy."""
    with databases.another() as template:
        lay_out(plain_address(template))
        yield template.database or ""


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated, empty file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    lay_out(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def worker_name() -> str:
    """Give a name no other run uses: several may share the server that TEST_DATABASE_URL names."""
    return new_id().hex[-12:]


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Give a migrated, empty SQLite database of this test's own."""
    path = tmp_path / "samsyn.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(databases: Databases, postgresql_template: str) -> Iterator[str]:
    """Give a migrated, empty PostgreSQL database of this test's own."""
    with databases.another(postgresql_template) as address:
        yield plain_address(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Run the test on both databases, each time on a migrated, empty one of its own."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Run the test on both databases, each time on one without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/bare.db"
        return
    databases: Databases = request.getfixturevalue("databases")
    with databases.another() as address:
        yield plain_address(address)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Give an engine on a migrated, empty database."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def casework(engine: Engine) -> Iterator[Casework]:
    """Give the log on a migrated, empty database."""
    casework = Casework(engine)
    yield casework
    casework.close()


@pytest.fixture(scope="session")
def redis_at() -> Iterator[str]:
    """Give a Redis of the tests' own."""
    try:
        with servers.redis_server() as address:
            yield address
    except servers.NoServer as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def redis_url(redis_at: str) -> str:
    """Give an empty Redis."""
    servers.empty_redis(redis_at)
    return redis_at


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of the real data; for tests marked ``shared_data``."""
    return SHARED_DATA


@pytest.fixture(scope="session")
def base_url() -> str | None:
    """Give no address; the journeys give that of their server.

    It also stands before pytest-playwright's fixture of this name, which pytest 9.2 warns about.
    """
    return None


def chromium_path() -> str | None:
    """Give the machine's Chromium, None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Have pytest-playwright drive the machine's Chromium; no browser is downloaded."""
    found = chromium_path()
    if found is None:
        pytest.fail(
            "The tests need Chromium: install a package of it so that one of "
            f"{', '.join(BROWSERS)} is on PATH.",
            pytrace=False,
        )
    return {
        **browser_type_launch_args,
        "executable_path": found,
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


def pytest_xdist_auto_num_workers() -> int:
    """Run two processes of tests more than there are processors: a third of the time they wait."""
    return len(os.sched_getaffinity(0)) + 2


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this machine has not the means for, and note for each test where it runs."""
    left_out = {
        marker: [item for item in items if item.get_closest_marker(marker)] for marker in _wanting()
    }
    config.stash[_left_out] = {
        marker: [item.nodeid for item in found] for marker, found in left_out.items()
    }
    for found in left_out.values():
        if found:
            config.hook.pytest_deselected(items=found)
            items[:] = [item for item in items if item not in found]
    for item in items:
        if FAULTS in item.path.parents:
            item.add_marker("no_cover")  # what is killed keeps no record of where it was
        item.user_properties += [("ran", place) for place in _places(item)]
    # None of these is the last one, for which the other processes would wait.
    items.sort(key=lambda item: not _is_long(item))


def pytest_collection_finish() -> None:
    """Let alone what is loaded by now: it stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Leave untraced the processes that an untraced test starts, too."""
    untraced = item.get_closest_marker("no_cover") is not None
    told = os.environ.pop(_TRACES_PROCESSES, None) if untraced else None
    try:
        return (yield)
    finally:
        if told is not None:
            os.environ[_TRACES_PROCESSES] = told


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what ran where, and what was left out and why."""
    ran: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, ()):
            ran.update(place for name, place in report.user_properties if name == "ran")
    terminalreporter.section("what ran where")
    for place in (SQLITE, POSTGRESQL, REDIS, CHROMIUM):
        terminalreporter.line(f"{place}: {ran[place]} tests")
    known = terminalreporter.config.stash.get(_left_out, dict[str, list[str]]())
    for marker, wanted in _wanting().items():
        left_out = known.get(marker, [])
        # Where several processes run the tests, only they know which ones they left out.
        which = f"{len(left_out)} tests" if left_out else f"every test marked {marker}"
        terminalreporter.line(f"NOT RUN, for want of {wanted}: {which}")
        for nodeid in left_out:
            terminalreporter.line(f"  {nodeid}")


@cache
def _wanting() -> dict[str, str]:
    """What this machine has not, by the marker of the tests that need it."""
    needs = {"shared_data": str(SHARED_DATA), "loop_device": disk.NEEDS}
    there = {"shared_data": SHARED_DATA.is_dir(), "loop_device": disk.possible()}
    return {marker: needs[marker] for marker in needs if not there[marker]}


def _is_long(item: pytest.Item) -> bool:
    """Whether others would wait for it if it began last."""
    marked = any(map(item.get_closest_marker, ("slow", "shared_data")))
    return marked or FAULTS in item.path.parents


def _places(item: pytest.Item) -> set[str]:
    """Where a test runs, told by the fixtures it uses and the database it is given."""
    used: set[str] = set(getattr(item, "fixturenames", ()))
    callspec = getattr(item, "callspec", None)
    for fixture in ("database_url", "bare_database_url"):
        if callspec is not None and fixture in callspec.params:
            used.add(f"{callspec.params[fixture]}_url")
    return {place for fixture, place in _PLACE_OF.items() if fixture in used}
