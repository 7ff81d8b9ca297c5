"""An officer logs actions where there is no net; each is sent once, and nothing is left behind."""

import re
from datetime import timedelta
from uuid import UUID

from playwright.sync_api import BrowserContext, Page, Response, Route, expect

from domain.action import ActionPerformed
from tests.examples import an_open_issue
from tests.journeys.conftest import People
from tests.journeys.living import Person, Site

NO_NET = "net::ERR_INTERNET_DISCONNECTED"
MANY = 20


def _officer(site: Site, people: People, user_id: str = "u-pol-02") -> Person:
    officer = people(phone=True)
    site.enter(officer, user_id)
    # The phone and the server agree on what time it is.
    officer.page.context.clock.set_fixed_time(site.clock())
    return officer


def _ready(page: Page) -> None:
    """The page is kept on the device and works without a net from here on."""
    page.goto("/log-action")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.locator("#issue option")).not_to_have_count(1)


def _log(page: Page, text: str) -> None:
    page.get_by_label("Fotpatrull").first.check()
    page.locator("#issue").select_option(index=1)
    page.locator("[name=result_sv]").fill(text)
    page.get_by_role("button", name="Spara åtgärden").click()


def _logged(site: Site, issue_id: UUID) -> list[str | None]:
    stored = site.started.samsyn.casework.read(1, 10_000)
    return [
        entry.event.result_sv
        for entry in stored
        if isinstance(entry.event, ActionPerformed) and entry.stream_id == issue_id
    ]


def _left_on(page: Page) -> str:
    """Everything that the browser still keeps of this site, as text."""
    kept: str = page.evaluate(
        """async () => {
          const open = (name) => new Promise((resolve, reject) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = () => reject(asked.error);
          });
          const all = (store) => new Promise((resolve) => {
            const asked = store.getAll();
            asked.onsuccess = () => resolve(asked.result);
          });
          const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
          for (const { name } of await indexedDB.databases()) {
            const database = await open(name);
            for (const store of database.objectStoreNames) {
              found.push(JSON.stringify(await all(database.transaction(store).objectStore(store))));
            }
            database.close();
          }
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              found.push(request.url, await (await cache.match(request)).text());
            }
          }
          return found.join(" ");
        }"""
    )
    return kept


def _is_sending(answer: Response) -> bool:
    """The list is hidden also before anything is known: only the answer says that it was sent."""
    return answer.url.endswith("/log-action/unsent") and answer.request.method == "POST"


def _forgive(person: Person) -> None:
    """That a browser without a net says so is no fault."""
    person.faults[:] = [fault for fault in person.faults if NO_NET not in fault]


def _reopened(context: BrowserContext, page: Page) -> Page:
    """The tab is killed, not closed in peace, and another one opened."""
    page.close(run_before_unload=False)
    return context.new_page()


def test_twenty_actions_logged_without_a_net_are_sent_once_each(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    officer = _officer(site, people)
    context, page = officer.page.context, officer.page
    _ready(page)
    context.set_offline(True)
    page.goto("/log-action")
    expect(page.get_by_text("Du är utan nät.")).to_be_visible()
    for number in range(MANY):
        _log(page, f"Runda {number}, inget särskilt.")
        expect(page.locator("[data-list] li")).to_have_count(number + 1)
    page = _reopened(context, page)
    page.goto("/queue")
    expect(page.locator("[data-list] li")).to_have_count(MANY)
    assert _logged(site, issue_id) == []
    context.set_offline(False)
    expect(page.locator("[data-list]")).to_be_hidden(timeout=60_000)
    page.reload()
    said = sorted(f"Runda {number}, inget särskilt." for number in range(MANY))
    assert sorted(filter(None, _logged(site, issue_id))) == said
    left = _left_on(page)
    assert "Runda" not in left
    assert "u-pol-02" not in left
    _forgive(officer)


def test_an_answer_that_is_lost_on_the_way_does_not_log_twice(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    officer = _officer(site, people)
    page = officer.page
    _ready(page)

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/log-action/unsent", lose)
    _log(page, "Pratade med butiken.")
    expect(page.locator("[data-list] li")).to_have_count(1)
    assert _logged(site, issue_id) == ["Pratade med butiken."]
    page.unroute_all()
    with page.expect_response(_is_sending):
        page.reload()
    expect(page.locator("[data-list]")).to_be_hidden()
    assert _logged(site, issue_id) == ["Pratade med butiken."]
    _forgive(officer)


def test_what_waits_is_not_sent_in_another_users_name(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    officer = _officer(site, people)
    context, page = officer.page.context, officer.page
    _ready(page)
    context.set_offline(True)
    page.goto("/log-action")
    _log(page, "Skrivet av den första.")
    expect(page.locator("[data-list] li")).to_have_count(1)
    site.enter(officer, "u-pol-01")
    context.set_offline(False)
    page.goto("/log-action")
    expect(page.locator("#issue option")).not_to_have_count(1)
    expect(page.locator("[data-list]")).to_be_hidden()
    assert _logged(site, issue_id) == []
    site.enter(officer, "u-pol-02")
    with page.expect_response(_is_sending):
        page.goto("/log-action")
    expect(page.locator("[data-list]")).to_be_hidden()
    site.started.catch_up()
    assert _logged(site, issue_id) == ["Skrivet av den första."]
    _forgive(officer)


def test_what_is_refused_later_is_shown_with_why_and_can_be_mended(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    officer = _officer(site, people)
    context, page = officer.page.context, officer.page
    _ready(page)
    context.set_offline(True)
    page.goto("/log-action")
    _log(page, "Talade med 121212-1212 på platsen.")
    expect(page.locator("[data-list] li")).to_have_count(1)
    context.set_offline(False)
    page.goto("/log-action")
    waiting = page.locator("[data-list] li")
    expect(waiting).to_contain_text("personnummer")
    waiting.get_by_role("button", name="Rätta").click()
    page.locator("[name=result_sv]").fill("Talade med en person på platsen.")
    page.get_by_role("button", name="Spara åtgärden").click()
    page.wait_for_url(re.compile("/issues/"))
    assert _logged(site, issue_id) == ["Talade med en person på platsen."]
    assert "121212" not in _left_on(page)
    _forgive(officer)


def test_the_result_chips_stand_in_front_of_the_text(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    officer = _officer(site, people)
    officer.go("/log-action")
    officer.page.get_by_label("Dialog", exact=True).check()
    officer.page.get_by_label("Avvisningar", exact=True).check()
    officer.write("Antal: avvisningar", "3")
    _log(officer.page, "Lugnt efter 23.")
    officer.page.wait_for_url(re.compile("/issues/"))
    assert _logged(site, issue_id) == ["Dialog. Avvisningar: 3. Lugnt efter 23."]


def test_each_action_keeps_its_own_time_and_place_until_it_is_sent(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    officer = _officer(site, people)
    context, page = officer.page.context, officer.page
    context.set_geolocation({"latitude": 57.70711, "longitude": 11.96722})
    context.grant_permissions(["geolocation"])
    _ready(page)
    context.set_offline(True)
    begun = site.clock()
    officer.press("Använd min position")
    officer.reads("Platsen är din position.")
    _log(page, "Först, där vi stod.")
    expect(page.locator("[data-list] li")).to_have_count(1)
    site.clock.advance(minutes=90)
    context.clock.set_fixed_time(site.clock())
    _log(page, "Sedan, där ärendet är.")
    expect(page.locator("[data-list] li")).to_have_count(2)
    site.clock.advance(minutes=90)
    context.clock.set_fixed_time(site.clock())
    context.set_offline(False)
    expect(page.locator("[data-list]")).to_be_hidden(timeout=60_000)
    _forgive(officer)
    first, second = (
        entry.event
        for entry in site.started.samsyn.casework.read(1, 10_000)
        if isinstance(entry.event, ActionPerformed) and entry.stream_id == issue_id
    )
    at = begun.replace(second=0, microsecond=0)
    assert (first.performed_from, second.performed_from) == (at, at + timedelta(minutes=90))
    assert first.place is not None
    assert first.place.lat == 57.70711
    assert second.place is None or second.place.lat != 57.70711
