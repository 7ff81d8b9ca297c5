"""Queues as lists to work in: filters and order in the address, saved views, many rows at once."""

import re
from collections.abc import Iterator
from html import escape, unescape
from urllib.parse import urlencode
from uuid import UUID

import pytest

from domain.answer import RequestReferralInfo
from domain.classification import AssignCaseworker
from domain.codes import Priority, ReferralType
from domain.issue import Issue
from domain.lifecycle import VoidIssue
from infra.desk import MOST_VIEWS
from service.pages.queue_filters import read_address
from tests.examples import a_sent_referral, an_open_issue, decline
from tests.service.visiting import Site, a_site, forms_of

OURS = "/queue?bucket=ours"


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


@pytest.fixture
def site_on_both(database_url: str) -> Iterator[Site]:
    with a_site(database_url) as site:
        yield site


def numbers(page: str) -> list[str]:
    return re.findall(r">(TIC-\d{4}-\d{5})</a>", page)


def some_issues(site: Site) -> list[UUID]:
    """Three of the district's: urgent and nobody's, low and one's own, low and a colleague's."""
    made: list[UUID] = []
    for priority, user in ((Priority.URGENT, None), (Priority.LOW, 1), (Priority.LOW, 2)):
        why = "Personal hotas varje kväll." if priority is Priority.URGENT else None
        made.append(an_open_issue(site.started, priority=priority, priority_reason_sv=why))
        if user is not None:
            site.started.execute(AssignCaseworker(issue_id=made[-1], user_id=f"u-dis-0{user}"))
        site.clock.advance(minutes=5)
    site.started.catch_up()
    return made


def test_filters_and_order_stand_in_the_address(site_on_both: Site) -> None:
    site = site_on_both
    some_issues(site)
    visit = site.visit("u-dis-01")
    first, second, third = sorted(numbers(visit.get(OURS).text))
    for query, found in {
        "priority=low&sort=number": [second, third],
        "priority=urgent": [first],
        "who=me": [second],
        "who=u-dis-02": [third],
        "who=-": [first],
        "category=graffiti": [],
        "badge=ping_pong": [],
        "sort=priority": [first, second, third],
        "sort=-number": [third, second, first],
        "sort=-since": [third, second, first],
    }.items():
        assert numbers(visit.get(f"{OURS}&{query}").text) == found, query


def test_each_filter_is_a_chip_that_leads_to_the_list_without_it(site: Site) -> None:
    some_issues(site)
    visit = site.visit("u-dis-01")
    page = visit.get(f"{OURS}&priority=low&who=u-dis-02").text
    assert "1 träffar" in page
    assert 'href="/queue?bucket=ours&amp;who=u-dis-02"' in page
    assert 'href="/queue?bucket=ours&amp;priority=low"' in page
    nothing = visit.get(f"{OURS}&priority=low&badge=escalated").text
    assert "Ta bort ett filter för att se fler." in nothing


def test_the_list_of_issues_has_chips_order_and_neighbours_as_queues_have(site: Site) -> None:
    some_issues(site)
    visit = site.visit("u-dis-01")
    latest = numbers(visit.get("/issues").text)
    assert latest == sorted(latest, reverse=True)
    assert numbers(visit.get("/issues?sort=number").text) == latest[::-1]
    assert numbers(visit.get("/issues?sort=opened").text) == latest[::-1]
    assert numbers(visit.get("/issues?sort=x&status=x&category=x").text) == latest
    page = visit.get("/issues?text=brunn&status=active&sort=number").text
    found = numbers(page)
    assert len(found) == 2, "nobody has begun with the third"
    assert (
        'aria-sort="ascending"><a href="/issues?text=brunn&amp;status=active&amp;sort=-number"'
        in page
    )
    for chip, without in {
        "Sök: brunn": "status=active&amp;sort=number",
        "Status: Pågående": "text=brunn&amp;sort=number",
    }.items():
        assert re.search(rf'href="/issues\?{re.escape(without)}"[^>]*>{chip}</a>', page), chip
    links = [unescape(each) for each in re.findall(r'href="(/issues/[^"]+\?list=[^"]+)"', page)]
    first = visit.get(links[0]).text
    assert "1 av 2" in first
    assert "Föregående" not in first
    after = re.search(r'href="([^"]+)" data-key="j"', first)
    assert after is not None
    assert "2 av 2" in visit.get(unescape(after[1])).text
    assert '<a href="/issues?text=brunn&amp;status=active&amp;sort=number">Ärenden</a>' in first
    part = visit.get("/issues?text=brunn", **{"HX-Request-Type": "partial"}).text
    assert "<header" not in part


def test_whoever_does_something_on_the_way_through_a_list_goes_on_in_it(site: Site) -> None:
    first, *_ = some_issues(site)
    visit = site.visit("u-dis-01")
    kept = urlencode({"list": OURS})
    links = re.findall(r'href="(/issues/[^"]+)"', visit.get(f"/issues/{first}?{kept}").text)
    forms = [unescape(each) for each in links if "/do/" in each]
    assert len(forms) > 10
    assert [each for each in forms if kept not in each] == []
    page = visit.get(f"/issues/{first}/do/AssignCaseworker?{kept}").text
    assert f'href="/issues/{first}?{escape(kept)}">Avbryt' in page
    refused = visit.fill(f"/issues/{first}/do/AddNote?{kept}", text_sv="").text
    assert f'href="/issues/{first}?{escape(kept)}">Avbryt' in refused
    done = visit.fill(f"/issues/{first}/do/AssignCaseworker?{kept}", user_id="u-dis-02")
    assert done.headers["location"].startswith(f"/issues/{first}?{kept}&done=AssignCaseworker")
    after = visit.get(done.headers["location"]).text
    assert "1 av 3" in after
    undo = next(each for each in forms_of(after) if "/undo?" in each.action)
    undone = visit.post(undo.action, undo.fields)
    assert undone.headers["location"].startswith(f"/issues/{first}?{kept}&done=undone")
    then = visit.get(f"/issues/{first}/then?step=1&{kept}").text
    assert f'href="/issues/{first}?{escape(kept)}"' in then
    assert f'href="/issues/{first}/then?step=2&amp;{escape(kept)}"' in then


def test_what_has_come_back_is_said_to_stand_above_what_is_due_earlier(site: Site) -> None:
    some_issues(site)
    visit = site.visit("u-dis-01")
    said = "Det som har kommit tillbaka står överst."
    assert said not in visit.get(OURS).text
    issue_id, referral_id = a_sent_referral(site.started)
    site.started.execute(decline(issue_id, referral_id), "u-pol-01")
    site.started.catch_up()
    page = visit.get(OURS).text
    assert said in page
    assert f"/issues/{issue_id}?" in page.split("<tbody>")[1].split("</tr>")[0]
    assert said not in visit.get(f"{OURS}&sort=number").text
    assert said not in visit.get("/queue?bucket=returned").text


def test_a_partner_walks_through_what_was_sent_to_it_only(site: Site) -> None:
    some_issues(site)
    issue_id, _ = a_sent_referral(site.started, "partner_nordstan", type=ReferralType.ASSIST)
    site.started.catch_up()
    visit = site.visit("u-par-01")
    page = visit.get("/issues?status=closed&category=graffiti").text
    assert len(numbers(page)) == 1, "it cannot filter by what it cannot see"
    assert visit.get(f"/issues/{issue_id}?list=/issues").status_code == 200


def test_a_partner_has_only_the_lists_that_can_hold_something_for_it(site: Site) -> None:
    a_sent_referral(site.started, "partner_nordstan", type=ReferralType.ASSIST)
    site.started.catch_up()
    lists = re.compile(r'<li><a href="/queue\?bucket=(\w+)"')
    visit = site.visit("u-par-01")
    page = visit.get("/queue").text
    assert lists.findall(page) == ["to_answer", "assisting", "waiting", "overdue", "informed"]
    assert "bucket=ours" in visit.get("/queue?bucket=ours").text, "an old address still leads there"
    day = visit.get("/").text
    assert "Utan handläggare" not in day
    assert "Försenat" in day
    asked = visit.get("/queue?bucket=waiting").text
    assert "Ni är ansvariga" not in asked
    assert lists.findall(site.visit("u-pol-01").get("/queue").text)[:3] == [
        "to_answer",
        "returned",
        "ours",
    ]


def test_an_address_that_means_nothing_is_the_usual_queue() -> None:
    asked = {"bucket": ["x"], "priority": ["x"], "sort": ["--x"], "badge": ["x"]}
    assert read_address(asked, "u-dis-01") == read_address({}, "u-dis-01")


def test_a_part_is_given_only_where_a_part_is_asked_for(site: Site) -> None:
    some_issues(site)
    visit = site.visit("u-dis-01")
    part = visit.get(OURS, **{"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert len(numbers(part)) == 3
    assert "<header" not in part
    whole = visit.get(OURS, **{"HX-Request": "true", "HX-Request-Type": "full"}).text
    assert "<header" in whole


def test_a_view_is_kept_for_oneself_or_for_the_agency(site_on_both: Site) -> None:
    site = site_on_both
    some_issues(site)
    visit = site.visit("u-dis-01")
    query = "bucket=ours&priority=low"
    visit.post("/views", {"query": query, "name": "Låga", "for": "me"})
    visit.post("/views", {"query": "bucket=ours&who=-", "name": "Utan någon", "for": "all"})
    page = visit.get("/queue").text
    assert f'href="/queue?{query.replace("&", "&amp;")}">Låga <span class="count">2<' in page
    assert 'Utan någon <span class="count">1<' in page
    colleague = site.visit("u-dis-02").get("/queue").text
    assert "Låga" not in colleague
    assert "Utan någon" in colleague
    assert "Utan någon" not in site.visit("u-pol-01").get("/queue").text
    dropped = re.findall(r"/views/[0-9a-f-]+/drop", page)
    for path in dropped:
        site.visit("u-pol-01").post(path, {})
    assert "Utan någon" in site.visit("u-dis-02").get("/queue").text
    for path in dropped:
        answer = site.visit("u-dis-01").post(path, {"back": OURS})
        assert answer.headers["location"] == OURS, "whoever drops a view keeps their place"
    assert "Låga" not in site.visit("u-dis-01").get("/queue").text


def test_a_view_of_the_agency_means_by_me_whoever_reads_it(site: Site) -> None:
    _, mine, colleagues = map(str, some_issues(site))
    visit = site.visit("u-dis-01")
    form = visit.get(f"{OURS}&who=me").text
    assert '<option value="me" selected>' in form
    visit.post("/views", {"query": "bucket=ours&who=me", "name": "Det jag har", "for": "all"})
    for user_id, issue_id, other in (
        ("u-dis-01", mine, colleagues),
        ("u-dis-02", colleagues, mine),
    ):
        visit = site.visit(user_id)
        page = visit.get("/queue").text
        assert 'Det jag har <span class="count">1<' in page
        assert "/queue?bucket=ours&amp;who=me" in page
        page = visit.get("/queue?bucket=ours&who=me").text
        assert issue_id in page
        assert other not in page


def test_nobody_keeps_views_without_end(site: Site) -> None:
    visit = site.visit("u-dis-01")
    for nth in range(MOST_VIEWS):
        visit.post("/views", {"query": "bucket=ours", "name": f"Vy {nth}", "for": "me"})
    answer = visit.post("/views", {"query": "bucket=ours", "name": "En till", "for": "me"})
    assert answer.status_code == 409
    assert "Vyn är inte sparad" in answer.text
    assert visit.get("/queue").text.count("/drop") == MOST_VIEWS


def test_a_view_is_kept_over_one_of_its_name_and_found_in_swedish_order(site: Site) -> None:
    visit = site.visit("u-dis-01")
    for name, query in (
        ("Öppna", "bucket=ours"),
        ("Ärvda", "bucket=ours"),
        ("Åtagna", "bucket=assisting"),
        ("Öppna", "bucket=ours&priority=low"),
    ):
        visit.post("/views", {"query": query, "name": name, "for": "me"})
    page = visit.get("/queue").text
    names = re.findall(r'class="ds-chip" href="[^"]+">(\w+) <span class="count">0', page)
    assert names == ["Åtagna", "Ärvda", "Öppna"]
    assert "/queue?bucket=ours&amp;priority=low" in page
    visit.post("/views", {"query": "bucket=waiting", "name": "Öppna", "for": "all"})
    assert visit.get("/queue").text.count("/drop") == 4


def test_many_issues_go_to_a_caseworker_after_a_look_at_what_will_happen(site: Site) -> None:
    made = some_issues(site)
    rows = [str(each) for each in made]
    visit = site.visit("u-dis-01")
    before = site.started.samsyn.casework.head()
    chosen = {"row": rows, "user_id": "u-dis-02", "back": OURS}
    look = visit.post("/queue/assign", chosen)
    assert "Ärenden som ges till Handläggare Trygghet 2: 2." in look.text
    assert "Det står redan så i ärendet." in look.text
    assert site.started.samsyn.casework.head() == before
    gone, _ = (
        made[0],
        site.started.execute(VoidIssue(issue_id=made[0], reason_sv="Dubblett som ingen behöver.")),
    )
    sure = {**chosen, "sure": "yes", "_key": "a" * 32}
    answer = visit.post("/queue/assign", sure).text
    assert "Handläggare Trygghet 2 handlägger nu 1 av ärendena." in answer
    assert "Gick inte: 2" in answer
    assert f"/issues/{gone}" in answer
    after = site.started.samsyn.casework.head()
    visit.post("/queue/assign", sure)
    assert site.started.samsyn.casework.head() == after, "sent again, nothing happens twice"
    site.started.catch_up()
    assert len(numbers(visit.get(f"{OURS}&who=u-dis-02").text)) == 2


def test_with_nothing_ticked_nothing_is_given_and_the_page_says_so(site: Site) -> None:
    visit = site.visit("u-dis-01")
    before = site.started.samsyn.casework.head()
    for sure in ({}, {"sure": "yes"}):
        answer = visit.post("/queue/assign", {"user_id": "u-dis-02", "back": OURS, **sure}).text
        assert "Inget ärende är markerat." in answer
        assert f'href="{OURS}"' in answer
    assert site.started.samsyn.casework.head() == before


def test_what_was_given_together_is_taken_back_together_while_nobody_acts(site: Site) -> None:
    _, *two = some_issues(site)
    visit = site.visit("u-dis-01")

    def give() -> dict[str, list[str]]:
        sure = {"row": [str(each) for each in two], "user_id": "u-dis-03", "back": OURS}
        page = visit.post("/queue/assign", {**sure, "sure": "yes"}).text
        assert "Ångra (10 s)" in page
        return next(each for each in forms_of(page) if each.action.endswith("/undo")).fields

    undone = visit.post("/queue/assign/undo", give())
    assert undone.status_code == 303
    assert "Ångrat. Det står som förut." in visit.get(undone.headers["location"]).text
    assert handled_by(site, two) == ["u-dis-01", "u-dis-02"]
    fields = give()
    site.started.execute(VoidIssue(issue_id=two[1], reason_sv="Dubblett som ingen behöver."))
    half = visit.post("/queue/assign/undo", fields)
    assert half.status_code == 409
    assert "Allt gick inte att ångra" in half.text
    assert handled_by(site, two) == ["u-dis-01", "u-dis-03"]
    site.clock.advance(seconds=11)
    assert visit.post("/queue/assign/undo", give_late(fields)).status_code == 409


def handled_by(site: Site, issues: list[UUID]) -> list[str | None]:
    repository = site.started.samsyn.casework.repository
    found: list[Issue] = [repository.get(each) for each in issues]
    return [each.caseworkers.get("district") for each in found]


def give_late(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    return {**fields, "given": [*fields["given"], "no id:9", "x"]}


def test_who_may_not_assign_is_refused(site: Site) -> None:
    rows = [str(each) for each in some_issues(site)]
    chosen = {"row": rows, "user_id": "u-dis-02", "back": OURS, "sure": "yes"}
    assert site.visit("u-aud-01").post("/queue/assign", chosen).status_code == 403
    other = site.visit("u-dis-01").post("/queue/assign", chosen | {"user_id": "u-pol-01"})
    assert (other.status_code, other.headers["location"]) == (303, OURS)


def test_what_is_to_be_completed_says_who_asks_and_waits_for_nobody_else(site: Site) -> None:
    issue_id, referral_id = a_sent_referral(site.started)
    asked = RequestReferralInfo(
        issue_id=issue_id, referral_id=referral_id, question_sv="Vilka kvällar gäller det?"
    )
    site.started.execute(asked, "u-pol-01")
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    answered = visit.get("/queue?bucket=to_answer").text
    assert "Polisen ber om komplettering" in answered
    assert "Väntar på</th>" not in answered
    assert "Polisen ber om komplettering" in visit.get("/").text
    waiting = visit.get("/queue?bucket=waiting").text
    assert "ber om komplettering" not in waiting
    assert 'data-word="Väntar på">Polisen<' in waiting
