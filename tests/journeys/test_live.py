"""Two people at work at once: what one does reaches the other's page and moves no row there."""

from playwright.sync_api import Route, expect

from domain.codes import ReferralType
from infra.desk import SavedViews
from tests.examples import a_report, an_open_issue, send_referral
from tests.journeys.conftest import People
from tests.journeys.living import Person, Site


def _at(site: Site, people: People, user_id: str, path: str) -> Person:
    person = people()
    site.enter(person, user_id)
    with person.page.expect_response(lambda answer: "/live?" in answer.url):
        person.go(path)
    return person


def test_what_others_do_is_counted_and_shown_when_wanted(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started, by="u-pol-01")
    site.started.catch_up()
    views = SavedViews(site.started.samsyn.engine, site.started.clock)
    views.keep("district", "u-dis-01", "Att svara på", "", own=True)
    queue = _at(site, people, "u-dis-01", "/queue")
    inbox = _at(site, people, "u-dis-01", "/inbox")
    site.started.create(send_referral(issue_id, "district", type=ReferralType.ASSIST), "u-pol-01")
    a_report(site.started)
    for person in (queue, inbox):
        expect(person.page.locator("[data-live='/queue']")).to_have_text("1 väntar")
        expect(person.page.locator("[data-live='/inbox']")).to_have_text("1 väntar")
        assert person.page.locator("tbody tr").count() == 0
        if person is queue:
            expect(person.page.locator("#counts [aria-current] .count")).to_have_text("1")
            expect(person.page.locator("#counts .views .count")).to_have_text("1")
        person.page.get_by_role("link", name="1 ny – visa").click()
        expect(person.page.locator("tbody tr")).to_have_count(1)
        expect(person.page.locator("#news")).to_be_empty()
        expect(person.page.locator("#list")).to_be_focused()


def test_a_report_that_comes_while_another_is_read_takes_nothing_that_was_written(
    site: Site, people: People
) -> None:
    report_id = a_report(site.started)
    site.started.catch_up()
    person = _at(site, people, "u-dis-01", f"/inbox?report={report_id}")
    number = person.page.get_by_label("eller skriv ärendenumret")
    number.fill("TIC-2026-00001")
    a_report(site.started)
    person.page.get_by_role("link", name="1 ny – visa").click()
    expect(person.page.locator("#reports li")).to_have_count(2)
    expect(person.page.locator("#reports")).to_be_focused()
    expect(number).to_have_value("TIC-2026-00001")


def test_no_row_moves_until_it_is_wanted_and_what_was_ticked_stays_ticked(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = _at(site, people, "u-dis-01", "/queue?bucket=unassigned&sort=-number")
    rows, ticked = person.page.locator("tbody tr"), person.page.locator("[name=row]:checked")
    rows.get_by_role("checkbox").check()
    for _ in range(3):
        an_open_issue(site.started, "u-dis-02")
    news = person.page.get_by_role("link", name="3 nya – visa")
    expect(news).to_be_visible()
    assert rows.count() == 1
    news.click()
    expect(rows).to_have_count(4)
    # The new ones stand above it: the tick must go with the issue and not stay with the place.
    expect(rows.last.get_by_role("checkbox")).to_be_checked()
    assert [each.get_attribute("value") for each in ticked.all()] == [str(issue_id)]


def test_what_was_asked_of_a_list_that_was_renewed_since_is_not_said_of_the_new_one(
    site: Site, people: People
) -> None:
    person = _at(site, people, "u-dis-01", "/queue?bucket=unassigned")
    an_open_issue(site.started)
    news = person.page.get_by_role("link", name="1 ny – visa")
    expect(news).to_be_visible()
    held: list[Route] = []
    # The first waits until the list is another one.
    person.page.route(
        "**/live/queue?*", lambda route: route.continue_() if held else held.append(route)
    )
    with person.page.expect_request("**/live/queue?*"):
        an_open_issue(site.started)
    news.click()
    expect(person.page.locator("tbody tr")).to_have_count(2)
    with person.page.expect_response("**/live/queue?*"):
        held[0].continue_()
    expect(person.page.locator("#news")).to_be_empty()


def test_who_has_the_same_issue_open_is_seen_and_so_is_a_change(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    first = _at(site, people, "u-dis-01", f"/issues/{issue_id}")
    # An installed service worker lets the stream alone.
    first.go("/log-action")
    first.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    first.go(f"/issues/{issue_id}")
    second = _at(site, people, "u-dis-02", f"/issues/{issue_id}")
    for person in (first, second):
        expect(person.page.locator("#present")).to_contain_text("Har också ärendet öppet:")
    second.go("/queue")
    expect(first.page.locator("#present")).to_be_empty()
    second.go(f"/issues/{issue_id}/do/AddNote")
    second.write("Anteckning", "Belysningen är trasig sedan i går.")
    second.sends("Skriv tjänsteanteckning")
    changed = first.page.get_by_role("link", name="Ärendet har ändrats – visa")
    changed.click()
    first.reads("Belysningen är trasig")
    expect(first.page.locator("#news")).to_be_empty()
