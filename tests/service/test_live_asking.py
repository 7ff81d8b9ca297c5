"""What a hundred pages ask for at once is found once, and each gets what its reader may see."""

import asyncio
import re
import threading
from collections.abc import Iterator

import pytest

from domain.preset_users import USERS
from domain.values import SYSTEM, Actor, Role
from projections.viewer import Viewer
from projections.visibility import issue_access, kind_of, values_of, visible_issue
from service.live.asking import Shared
from tests.examples import a_report, an_open_issue, send_referral
from tests.service.streaming import LiveSite, a_live_site

ASKS = 40


class Counted:
    """Finds something, slowly enough for many to ask meanwhile, and counts how often."""

    def __init__(self) -> None:
        self.times = 0
        self.go_on = threading.Event()

    def find(self) -> int:
        self.times += 1
        self.go_on.wait()
        return self.times


@pytest.fixture
def site(sqlite_url: str) -> Iterator[LiveSite]:
    with a_live_site(sqlite_url) as site:
        yield site


async def asked(shared: Shared, moment: int, question: str, counted: Counted) -> list[int]:
    asking = [asyncio.create_task(shared.of(moment, question, counted.find)) for _ in range(ASKS)]
    await asyncio.sleep(0)
    counted.go_on.set()
    return await asyncio.gather(*asking)


def test_all_who_ask_the_same_at_one_moment_get_one_answer() -> None:
    async def ask() -> None:
        shared, counted = Shared(), Counted()
        assert await asked(shared, 1, "queue", counted) == [1] * ASKS
        assert await asked(shared, 1, "queue", counted) == [1] * ASKS
        assert await asked(shared, 1, "another", counted) == [2] * ASKS
        assert await asked(shared, 2, "queue", counted) == [3] * ASKS

    asyncio.run(ask())


def test_who_leaves_takes_nothing_away_from_the_others() -> None:
    async def ask() -> None:
        shared, counted = Shared(), Counted()
        first = asyncio.create_task(shared.of(1, "queue", counted.find))
        await asyncio.sleep(0)
        second = asyncio.create_task(shared.of(1, "queue", counted.find))
        await asyncio.sleep(0)
        first.cancel()
        counted.go_on.set()
        assert await second == 1

    asyncio.run(ask())


def test_what_fails_is_told_to_all_who_wait_and_tried_again_by_the_next() -> None:
    def fail() -> int:
        raise ConnectionError("away")

    async def ask() -> None:
        shared = Shared()
        told = await asyncio.gather(
            *(shared.of(1, "queue", fail) for _ in range(ASKS)), return_exceptions=True
        )
        assert {type(each) for each in told} == {ConnectionError}
        assert await shared.of(1, "queue", lambda: 7) == 7

    asyncio.run(ask())


@pytest.mark.parametrize("of", ["authority", "partner"])
@pytest.mark.parametrize("role", list(Role))
def test_the_rule_of_issues_does_not_ask_who_of_an_agency_reads(role: Role, of: str) -> None:
    actor = Actor(user_id="u-1", agency_id="district", role=role)
    viewer = Viewer(actor, authority=of == "authority")
    anybody = viewer.as_any_colleague
    assert kind_of(anybody) == kind_of(viewer)
    assert values_of(anybody)["viewer_agency"] == "district"
    asked = visible_issue(viewer, issue_access.c.issue_id).compile()
    assert "viewer_user" not in asked.params
    assert str(visible_issue(anybody, issue_access.c.issue_id).compile()) == str(asked)


def test_everybody_is_told_what_their_own_page_shows(site: LiveSite) -> None:
    restricted = an_open_issue(site.started, "u-pol-01", category="extremism")
    site.started.create(send_referral(restricted, "social"), "u-pol-01")
    site.started.create(send_referral(an_open_issue(site.started), "police"))
    a_report(site.started)
    site.started.catch_up()
    told: dict[str, str] = {}
    for user in USERS:
        page = site.get("/queue", user.user_id)
        if page.status_code != 200:
            continue
        fetch = re.search(r'id="news"[^>]* hx-get="([^"]+)"', page.text)
        assert fetch is not None
        part = site.get(fetch[1].replace("&amp;", "&"), user.user_id).text
        for name in ("counts", "menu"):
            told[user.user_id] = without_token(cut_out(part, name))
            assert told[user.user_id] == without_token(cut_out(page.text, name)), user.user_id
        assert "visa" not in part
    assert len(set(told.values())) > 3, "agencies and roles differ in what they see"
    assert SYSTEM.user_id not in told


def cut_out(text: str, name: str) -> str:
    found = re.search(rf'<(nav|div) id="{name}".*?</\1>', text, re.DOTALL)
    assert found is not None, name
    return re.sub(r' hx-[a-z]+="[^"]*"', "", found[0])


def without_token(text: str) -> str:
    return re.sub(r'name="_csrf_token" value="[^"]*"', "", text)
