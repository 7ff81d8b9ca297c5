"""The start page: its numbers are those of the lists they lead to, and each role sees its own."""

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest

from domain.action import PlanAction
from domain.codes import ActionType
from tests.examples import a_report, a_sent_referral, an_assigned_issue, an_open_issue
from tests.service.visiting import Site, Visit, a_site


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


@pytest.fixture
def site_on_both(database_url: str) -> Iterator[Site]:
    with a_site(database_url) as site:
        yield site


def tiles(page: str) -> dict[str, tuple[int, str]]:
    """By their words: how many, and where they lead."""
    found = re.findall(r'<a href="([^"]+)"><span class="figure">(\d+)</span> <span>([^<]+)', page)
    return {words: (int(count), unescape(path)) for path, count, words in found}


def lines(page: str) -> int:
    return len(re.findall(r">TIC-\d{4}-\d{5}</a>", page))


def counted(visit: Visit) -> dict[str, int]:
    return {words: count for words, (count, _) in tiles(visit.get("/").text).items()}


def planned_by(site: Site, user_id: str) -> None:
    """An issue somebody handles, with an action that is due on the Sunday of the next week."""
    issue_id = an_assigned_issue(site.started, user_id)
    due_on = date(2026, 1, 25)
    plan = PlanAction(issue_id=issue_id, action_type=ActionType.CLEANING, due_on=due_on)
    site.started.execute(plan, user_id)


def test_each_number_is_that_of_the_list_behind_it(site_on_both: Site) -> None:
    site = site_on_both
    a_sent_referral(site.started)
    an_open_issue(site.started)
    planned_by(site, "u-dis-01")
    planned_by(site, "u-dis-02")
    a_report(site.started, "u-dis-01")
    site.clock.advance(days=40)
    site.started.act()
    for user_id in ("u-dis-01", "u-pol-01", "u-man-01", "u-pol-02"):
        visit = site.visit(user_id)
        found = tiles(visit.get("/").text)
        assert len(found) >= 6
        for words, (count, path) in found.items():
            assert lines(visit.get(path).text) == (0 if path == "/inbox" else count), words
    assert tiles(site.visit("u-pol-01").get("/").text)["Väntar på ert svar"][0] == 1
    district = counted(site.visit("u-dis-01"))
    assert district["Försenat"] > 0
    assert district["Rapporter i inkorgen"] == 1
    assert district["Mina, senast denna vecka"] == 1, "a colleague's and nobody's are not mine"


def test_mine_of_this_week_are_not_those_of_later_weeks(site_on_both: Site) -> None:
    site = site_on_both
    planned_by(site, "u-dis-01")
    site.started.catch_up()
    mine = "Mina, senast denna vecka"
    path = "/queue?bucket=ours&who=me&due=week"
    visit = site.visit("u-dis-01")
    assert tiles(visit.get("/").text)[mine] == (0, path), "due in the week to come"
    assert "Senast: denna vecka" in visit.get(path).text
    site.clock.advance(days=7)
    visit = site.visit("u-dis-01")  # nobody stays signed in for a week
    assert tiles(visit.get("/").text)[mine] == (1, path), "due this week"


def test_the_most_urgent_comes_first_and_each_issue_once(site: Site) -> None:
    issue_id, _ = a_sent_referral(site.started)
    site.clock.advance(days=40)
    site.started.catch_up()
    page = site.visit("u-pol-01").get("/").text
    assert page.count(f'href="/issues/{issue_id}?list=') == 1
    assert "Inget brådskar" not in page


def test_where_nothing_is_urgent_the_next_step_is_told(site: Site) -> None:
    visit = site.visit("u-dis-01")
    assert '<a href="/issues/new">Nytt ärende</a></p>' in visit.get("/").text
    an_open_issue(site.started)
    site.started.catch_up()
    page = visit.get("/").text
    assert '<a href="/queue?bucket=unassigned">Utan handläggare (1)</a>' in page


def test_each_role_starts_with_its_own(site: Site) -> None:
    assert "Att ta upp på mötet" in counted(site.visit("u-coo-01"))
    assert "Att ta upp på mötet" not in counted(site.visit("u-dis-01"))
    assert "Rapporter i inkorgen" not in counted(site.visit("u-par-01"))
    for user_id, path in {
        "u-rep-01": "/reports",
        "u-adm-01": "/trail",
        "u-aud-01": "/trail",
    }.items():
        answer = site.visit(user_id).get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, path)


def test_a_partner_reads_only_what_was_pushed(site: Site) -> None:
    a_sent_referral(site.started)
    site.clock.advance(days=40)
    site.started.catch_up()
    page = site.visit("u-par-01").get("/").text
    assert lines(page) == 0
    assert set(counted(site.visit("u-par-01")).values()) == {0}
