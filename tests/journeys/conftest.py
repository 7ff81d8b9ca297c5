"""Fixtures of the journeys: a server of one's own, and people who visit it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.faults.waiting import PATIENCE_SECONDS
from tests.journeys.living import BROWSER_MILLISECONDS, Person, Site, a_live_site, a_person
from tests.journeys.scene import SceneClock, play_scene

People = Callable[..., Person]
expect.set_options(timeout=BROWSER_MILLISECONDS)


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Pages wait for what was written before, however busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.freshness.WAIT_SECONDS", PATIENCE_SECONDS)
        yield


@pytest.fixture(scope="session")
def shared_site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server on an ordinary Tuesday; only the last tests that share it may change it."""
    path = tmp_path_factory.mktemp("site") / "samsyn.db"
    shutil.copyfile(sqlite_template, path)
    clock = SceneClock()
    with a_live_site(f"sqlite:///{path}", clock) as site:
        play_scene(site.started, clock)
        yield site


@pytest.fixture(scope="session")
def base_url(shared_site: Site) -> str:
    """The address that pytest-playwright's own pages begin at."""
    return shared_site.address


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    """A server of the test's own, where nothing has happened yet."""
    with a_live_site(sqlite_url) as site:
        yield site


@pytest.fixture
def people(browser: Browser, site: Site) -> Iterator[People]:
    """Makes people, each at a browser of their own; at the end no browser has complained."""
    made: list[Person] = []

    def make(*, scripts: bool = True, phone: bool = False) -> Person:
        person = a_person(browser, site.address, scripts=scripts, phone=phone)
        made.append(person)
        return person

    yield make
    for person in made:
        person.page.context.close()
    assert [person.faults for person in made] == [[] for _ in made]
