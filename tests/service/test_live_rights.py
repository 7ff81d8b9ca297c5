"""What a stream and the parts of pages give away: nothing that their reader may not know."""

import re
from collections.abc import Iterator
from html import unescape
from uuid import UUID, uuid4

import httpx
import pytest

from domain.codes import ReferralType
from domain.opening import LinkReport
from domain.referral import ReferralDelivered
from tests.examples import a_report, an_open_issue, send_referral
from tests.service.served import NO_TLS
from tests.service.streaming import COOKIE, LiveSite, a_live_site

PARTNER = "u-par-01"


@pytest.fixture
def site(sqlite_url: str) -> Iterator[LiveSite]:
    with a_live_site(sqlite_url) as site:
        yield site


def news_of(site: LiveSite, path: str, user_id: str) -> str:
    """What stands beside a list for somebody who has it open: asked for as the page does."""
    found = re.search(r'id="news"[^>]* hx-get="([^"]+)"', site.get(path, user_id).text)
    assert found is not None
    return unescape(found[1])


def pushed(site: LiveSite) -> UUID:
    """An issue of which the partner sees what it was asked for, and no more."""
    issue_id = an_open_issue(site.started)
    site.started.create(send_referral(issue_id, "partner_nordstan", type=ReferralType.ASSIST))
    site.started.act()
    assert is_delivered(site, issue_id)
    return issue_id


def is_delivered(site: LiveSite, issue_id: UUID) -> bool:
    casework = site.started.samsyn.casework
    recorded = casework.history([issue_id], casework.head())
    return any(each.topic == ReferralDelivered.TOPIC for each in recorded)


def test_a_change_one_may_not_see_changes_nothing_one_sees(site: LiveSite) -> None:
    pushed(site)
    paths = ["/live/menu", news_of(site, "/queue", PARTNER)]
    before = [site.get(path, PARTNER).text for path in paths]
    page = site.open(PARTNER)
    unseen = an_open_issue(site.started)
    position = site.started.samsyn.casework.head()
    page.hears_of(position)
    # The stream says how far the log is, to everybody alike, and nothing else.
    said = [line for line in page.lines if line and not line.startswith((":", "retry: "))]
    assert said == ["event: changed", f"id: {position}", f"data: {position}"]
    assert [site.get(path, PARTNER).text for path in paths] == before
    # An issue that is there and hidden cannot be told from one that is not there.
    for issue_id in (unseen, uuid4()):
        for part in (f"/live/issues/{issue_id}", f"/live/issues/{issue_id}/present"):
            answer = site.get(part, PARTNER)
            assert (answer.status_code, answer.content) == (204, b"")


def test_a_change_one_may_see_is_told_in_the_words_of_the_list(site: LiveSite) -> None:
    fetch = news_of(site, "/queue", PARTNER)
    pushed(site)
    assert "1 ny – visa" in site.get(fetch, PARTNER).text
    pushed(site)
    assert "2 nya – visa" in site.get(fetch, PARTNER).text


def test_every_list_to_work_from_tells_what_has_come(site: LiveSite) -> None:
    report_id = a_report(site.started)
    site.started.catch_up()
    lists = {"/": "1 ny", "/issues": "1 ny", f"/inbox?report={report_id}": "Listan har ändrats"}
    beside = {path: news_of(site, path, "u-dis-01") for path in lists}
    for fetch in beside.values():
        assert "visa" not in site.get(fetch, "u-dis-01").text
    issue_id = an_open_issue(site.started, by="u-pol-01")
    site.started.create(send_referral(issue_id, "district"), "u-pol-01")
    site.started.execute(LinkReport(issue_id=issue_id, report_id=report_id))
    site.started.catch_up()
    for path, words in lists.items():
        assert f"{words} – visa" in site.get(beside[path], "u-dis-01").text, path


def test_who_reads_no_issues_hears_of_nothing(site: LiveSite) -> None:
    for user_id in ("u-rep-01", "u-adm-01"):
        assert 'name="live"' not in site.get("/trail", user_id).text
        headers = {"Cookie": f"{COOKIE}={site.session(user_id)}"}
        answer = httpx.get(f"{site.address}/live", headers=headers, verify=NO_TLS)
        assert (answer.status_code, answer.content) == (401, b"")
        for part in ("/live/menu", "/live/queue", "/live/inbox", "/live/issues", "/live/day"):
            assert site.get(part, user_id).status_code == 204


def test_whoever_does_not_read_all_of_an_issue_is_not_shown_there_and_is_shown_nobody(
    site: LiveSite,
) -> None:
    issue_id = pushed(site)
    first = site.open("u-dis-01", f"?issue={issue_id}")
    site.open(PARTNER, f"?issue={issue_id}")
    site.open("u-dis-02", f"?issue={issue_id}")
    site.hears_of_others(first)
    part = site.get(f"/live/issues/{issue_id}/present", "u-dis-01").text
    assert "Handläggare Trygghet 2" in part
    assert "Nordstan" not in part
    assert "Handläggare Trygghet 1" not in part, "nobody is told of themselves"
    assert site.get(f"/live/issues/{issue_id}/present", PARTNER).status_code == 204
