"""Clocks that jump: order, keys, leaders and what the system does in time stay right."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from domain.values import SYSTEM
from service.policies import Policies
from tests import servers
from tests.examples import Started, a_sent_referral, a_started_samsyn, open_issue
from tests.faults.site import SHIFTED, Site, a_site
from tests.faults.verdict import judge, read_models_equal_a_rebuild
from tests.servers import OwnPostgresql

SOME = 30
A_YEAR = 365 * 24 * 3600


def done_in_time(started: Started) -> Counter[tuple[str, object]]:
    """What the system did by itself: what of which referral, and how often."""
    return Counter(
        (entry.topic, (entry.event.referral_id, getattr(entry.event, "level", None)))
        for entry in started.samsyn.casework.read(0, 10_000)
        if entry.event.actor == SYSTEM and hasattr(entry.event, "referral_id")
    )


def test_each_thing_is_done_once_and_in_order(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        policies = Policies(started.samsyn)
        first = started.execute(open_issue(), key="first")
        a_sent_referral(started)
        policies.run()
        started.clock.advance(days=60)
        policies.run()
        then = done_in_time(started)
        assert then, "a reminder and an escalation were due"
        started.clock.advance(days=-90)
        a_sent_referral(started)
        policies.run()
        assert started.execute(open_issue(), key="first").position == first.position
        started.clock.advance(days=90)
        policies.run()
        policies.run()
        assert set(done_in_time(started).values()) == {1}
        assert then.keys() < done_in_time(started).keys()
        started.catch_up()
        entries = started.samsyn.casework.read(0, 10_000)
        assert [entry.position for entry in entries] == [*range(1, len(entries) + 1)]
        times = [entry.recorded_at for entry in entries]
        assert any(after < before for before, after in pairwise(times)), "the clock went back"
        read_models_equal_a_rebuild(started.samsyn.engine)


@pytest.fixture
def shift(tmp_path: Path) -> Path:
    """The file that says by how much the clock of one half of the site is wrong."""
    path = tmp_path / "shift"
    path.write_text("0", encoding="ascii")
    return path


@pytest.fixture
def site(own_postgresql: OwnPostgresql, tmp_path: Path, shift: Path) -> Iterator[Site]:
    """A web process and a worker whose clock jumps, and a web process whose clock is right."""
    url = servers.plain_address(servers.create_database(own_postgresql.address, "samsyn"))
    with a_site(url, tmp_path, webs=[url], workers=[]) as site:
        site.around["SHIFT_OF_THE_CLOCK"] = str(shift)
        site.add_web(url, SHIFTED)
        site.add_worker(url, SHIFTED)
        site.wait_for_webs()
        yield site


def test_processes_go_on(site: Site, shift: Path) -> None:
    with site.load("clocks") as load:
        for seconds in (A_YEAR, -A_YEAR, 0):
            load.go_on(SOME)
            jump(shift, seconds)
        load.go_on(SOME)
    judge(site, load.settled)


def jump(shift: Path, seconds: int) -> None:
    """Put the file in place as a whole: it is read all the time."""
    new = shift.with_suffix(".new")
    new.write_text(str(seconds), encoding="ascii")
    new.replace(shift)
