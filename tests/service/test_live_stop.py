"""A process that is told to stop ends the streams of open pages instead of waiting for them."""

import signal
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from infra.sessions import Sessions
from service.assembly import system_clock
from tests.examples import a_started_samsyn
from tests.faults.waiting import PATIENCE_SECONDS
from tests.service.served import address_of, running, said_in
from tests.service.streaming import OpenPage
from tests.service.visiting import open_accounts

PAGES = 20
ALONE = ("serve", "--port", "0")
TWO = (*ALONE, "--workers", "2")


def a_session(url: str) -> str:
    """A session on the machine's clock, which is that of the program under way."""
    with a_started_samsyn(url, projections=()) as started:
        open_accounts(started)
        idle = timedelta(minutes=30)
        return Sessions(started.samsyn.engine, system_clock, lambda _user: idle).start("u-dis-01")


@pytest.mark.parametrize(
    ("database", "command"), [("sqlite_url", ALONE), ("postgresql_url", TWO)], ids=["alone", "two"]
)
def test_a_program_with_open_pages_ends_when_told_to_and_ends_their_streams_in_order(
    request: pytest.FixtureRequest,
    database: str,
    command: Sequence[str],
    redis_url: str,
    tmp_path: Path,
) -> None:
    url: str = request.getfixturevalue(database)
    token = a_session(url)
    # Whoever waited for the streams would wait for longer than the test has patience.
    settings = {"REDIS_URL": redis_url, "SAMSYN_STOP_SECONDS": "3600", "SAMSYN_DEMO": "no"}
    with running(command, url, tmp_path, SAMSYN_SECURE_COOKIES="no", **settings) as child:
        address = address_of(child, tmp_path)
        pages = [OpenPage(address, token) for _ in range(PAGES)]
        for page in pages:
            page.begin()
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE_SECONDS) == 0, said_in(tmp_path)
        for page in pages:
            assert page.ended.wait(PATIENCE_SECONDS)
    assert all(page.whole for page in pages)
    assert "did_not_end_in_time" not in said_in(tmp_path)
