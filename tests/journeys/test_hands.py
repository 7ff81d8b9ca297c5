"""With the keyboard alone, and with a phone that knows where it is."""

from playwright.sync_api import expect

from domain.access import AccessKind
from domain.issue import Issue
from domain.values import PlacePrecision
from tests.examples import a_sent_referral, an_open_issue
from tests.journeys.conftest import People
from tests.journeys.living import Person, Site
from tests.service.reads import rows

MOST_STEPS = 80
_READ = """element => {
    const read = element.cloneNode(true);
    read.querySelectorAll("[aria-hidden]").forEach((each) => each.remove());
    return read.textContent.trim();
}"""
"""What is read of an element aloud: the key that stands on a button is not."""


def _tab_to(person: Person, name: str) -> None:
    """Go on from one thing to the next until the one with this name has the focus."""
    for _ in range(MOST_STEPS):
        person.page.keyboard.press("Tab")
        focused = person.page.locator(":focus")
        if focused.count() and focused.evaluate(_READ) == name:
            outline = focused.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline != "none", f"nobody sees that {name} has the focus"
            return
    raise AssertionError(f"{name} cannot be reached")


def test_a_referral_is_answered_with_the_keyboard_alone(site: Site, people: People) -> None:
    issue_id, _ = a_sent_referral(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-pol-01")
    person.go("/queue")
    page = person.page
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Hoppa till innehållet")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
    _tab_to(person, issue.number)
    page.keyboard.press("Enter")
    person.heading("Otrygghet vid Brunnsparken")
    _tab_to(person, "Avböj")
    page.keyboard.press("Enter")
    person.heading("Avböj")
    _tab_to(person, "Hoppa till innehållet")
    page.keyboard.press("Enter")
    person.page.keyboard.press("Tab")  # back to the issue
    person.page.keyboard.press("Tab")  # the reasons
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("För kort.")
    page.keyboard.press("Enter")
    _tab_to(person, "Avböj")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(person.field("Förklaring")).to_be_focused()
    page.keyboard.type(" Platsen ligger utanför vårt område.")
    _tab_to(person, "Avböj")
    page.keyboard.press("Enter")
    person.reads("avböjde överlämningen")


def test_a_referral_is_taken_over_with_three_single_keys(site: Site, people: People) -> None:
    a_sent_referral(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-pol-01")
    person.go("/queue")
    page = person.page
    page.keyboard.press("j")
    page.keyboard.press("o")
    person.heading("Otrygghet vid Brunnsparken")
    page.keyboard.press("t")
    person.heading("Ta över")
    page.go_back()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Sök ärende")).to_be_focused()
    page.keyboard.type("tn")
    person.heading("Otrygghet vid Brunnsparken")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Kortkommandon")).to_be_visible()
    page.keyboard.press("Escape")
    person.press("Visning")
    page.get_by_label("Kortkommandon med en tangent").uncheck()
    person.press("Spara visningen")
    page.keyboard.press("t")
    page.keyboard.press("?")
    person.heading("Otrygghet vid Brunnsparken")
    expect(page.get_by_role("dialog", name="Kortkommandon")).to_be_hidden()


def test_a_preview_of_what_the_receiver_sees_follows_the_writing(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-01")
    person.go(f"/issues/{issue_id}/do/SendReferral")
    preview = person.page.get_by_role("region", name="Så här ser")
    expect(preview).to_contain_text("När du har valt typ och mottagare")
    person.tick("Överlämning")
    expect(preview.get_by_role("listitem").first).to_contain_text("Mottagare")
    person.choose("Mottagare", "Polisen, lokalpolisområde Göteborg City")
    expect(preview).to_contain_text("(inte färdigskrivet än)")
    person.write(
        "Varför vänder ni er till mottagaren?", "Det säljs öppet vid bänkarna varje kväll."
    )
    expect(preview.get_by_text("Det säljs öppet vid bänkarna varje kväll.").first).to_be_visible()
    expect(preview.get_by_role("button", name="Ta över")).to_be_disabled()
    expect(person.field("Varför vänder ni er till mottagaren?")).to_be_focused()


def test_one_filter_after_the_other_is_chosen_without_opening_the_panel_anew(
    site: Site, people: People
) -> None:
    an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-01")
    person.go("/queue?bucket=ours")
    page = person.page
    page.get_by_text("Filtrera och spara vy").click()
    page.locator("#by-who").focus()
    page.locator("#by-who").select_option("-")
    chips = page.get_by_role("list", name="Valda filter").get_by_role("link")
    expect(chips).to_have_count(1)
    expect(page.locator("#by-who")).to_be_focused()
    page.locator("#by-due").focus()
    page.locator("#by-due").select_option("week")
    expect(chips).to_have_count(2)
    expect(page.locator("#by-due")).to_be_focused()


def test_a_phone_says_where_the_action_was(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    officer = people(phone=True)
    site.enter(officer, "u-pol-02")
    context = officer.page.context
    context.set_geolocation({"latitude": 57.70711, "longitude": 11.96722})
    context.grant_permissions(["geolocation"])
    officer.go("/log-action")
    officer.tick("Fotpatrull")
    officer.page.locator("#issue").select_option(index=1)
    officer.press("Använd min position")
    officer.reads("Platsen är din position.")
    officer.reads("Öppna ärenden nära platsen: 1. Det närmaste är 0 m bort.")
    expect(officer.page.locator("#issue optgroup").first).to_have_attribute("label", "Nära platsen")
    expect(officer.page.locator("#issue option:checked")).to_have_count(1)
    assert "57.7" not in officer.page.url
    officer.press("Spara åtgärden")
    officer.reads("57.70711, 11.96722")
    entry = site.started.samsyn.casework.read(site.started.samsyn.casework.head() - 1, 1)[0]
    assert entry.topic == "ActionPerformed"
    place = vars(entry.event)["place"]
    assert entry.stream_id == issue_id
    assert (place.lat, place.lon) == (57.70711, 11.96722)
    assert place.precision is PlacePrecision.EXACT


def test_without_leave_the_place_is_chosen_by_hand(site: Site, people: People) -> None:
    officer = people(phone=True)
    site.enter(officer, "u-pol-02")
    officer.go("/log-action")
    officer.press("Använd min position")
    officer.reads("Telefonen säger inte var du är.")
    scriptless = people(phone=True, scripts=False)
    site.enter(scriptless, "u-pol-02")
    scriptless.go("/log-action")
    expect(scriptless.page.get_by_text("Använd min position")).to_be_hidden()


def test_printing_an_issue_is_told_to_the_access_log(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-01")
    person.go(f"/issues/{issue_id}")
    with person.page.expect_response("**/printed") as told:
        person.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert told.value.status == 204
    kinds = [row.kind for row in rows(site.started, "u-dis-01") if row.issue_id == issue_id]
    assert kinds == [AccessKind.READ, AccessKind.PRINT]


def test_without_a_net_nothing_of_an_issue_is_printed(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-03")
    person.go(f"/issues/{issue_id}")
    page = person.page
    heading = page.locator("main > h1, main > :not(.print-way) h1").first
    page.emulate_media(media="print")
    page.context.set_offline(True)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(heading).to_be_hidden()
    expect(page.locator(".print-way")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(heading).to_be_visible()
    page.emulate_media(media="screen")
    page.route("**/printed", lambda route: route.abort())
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    person.reads("Utskriften är inte antecknad i åtkomstloggen än")
    # Nothing more is said once it is closed; that a browser without a net says so is no fault.
    page.context.close()
    person.faults[:] = [each for each in person.faults if "net::ERR_" not in each]
    kinds = [row.kind for row in rows(site.started, "u-dis-03") if row.issue_id == issue_id]
    assert kinds == [AccessKind.READ]


def test_a_page_that_runs_no_scripts_is_printed_from_its_print_view_alone(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person, scriptless = people(), people(scripts=False)
    for each in (person, scriptless):
        site.enter(each, "u-dis-02")
        each.go(f"/issues/{issue_id}")
        each.page.emulate_media(media="print")
    heading = "main > h1, main > :not(.print-way) h1"
    expect(person.page.locator(heading).first).to_be_visible()
    expect(person.page.locator(".print-way")).to_be_hidden()
    expect(scriptless.page.locator(heading).first).to_be_hidden()
    expect(scriptless.page.locator(".print-way")).to_be_visible()
    scriptless.page.emulate_media(media="screen")
    scriptless.page.get_by_role("link", name="Utskriftsvy").first.click()
    scriptless.page.emulate_media(media="print")
    expect(scriptless.page.locator(heading).first).to_be_visible()
    kinds = [row.kind for row in rows(site.started, "u-dis-02") if row.issue_id == issue_id]
    assert kinds == [AccessKind.READ, AccessKind.READ, AccessKind.PRINT]
