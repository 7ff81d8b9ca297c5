"""Every page and state: nothing that axe finds, seen focus, nothing from outside or kept."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from domain.notes import AddNote
from tests.examples import an_open_issue
from tests.journeys.conftest import People
from tests.journeys.living import DESK, PHONE, Person, Site, a_person
from tests.journeys.looking import MAGNIFIED, NARROW, kept, sideways, unseen, violations

Lead = Callable[[Person], None]


def _at(path: str) -> Lead:
    return lambda person: person.go(path)


def _first_in(bucket: str, then: str = "", button: str = "") -> Lead:
    """The first issue of a queue, a form on it, and that form sent empty."""

    def lead(person: Person) -> None:
        person.go(f"/queue?bucket={bucket}")
        person.page.locator("main tbody td a").first.click()
        if then:
            person.follow(then)
        if button:
            person.sends(button)

    return lead


def _report(then: str = "") -> Lead:
    def lead(person: Person) -> None:
        person.go("/inbox")
        person.page.locator("main tbody td a").first.click()
        if then:
            person.follow(then)

    return lead


def _sent_empty(path: str, button: str) -> Lead:
    def lead(person: Person) -> None:
        person.go(path)
        person.sends(button)

    return lead


def _everything_open(path: str) -> Lead:
    def lead(person: Person) -> None:
        person.go(path)
        closed = person.page.locator("main details:not([open]) > summary")
        for _ in range(closed.count()):
            closed.first.click()

    return lead


def _pressed(path: str, key: str) -> Lead:
    def lead(person: Person) -> None:
        person.go(path)
        person.page.keyboard.press(key)

    return lead


def _many_chosen(person: Person) -> None:
    person.go("/queue?bucket=ours")
    person.page.get_by_label("Markera alla").check()
    person.press("Ge ärendena till …")


def _previewed(person: Person) -> None:
    _first_in("ours", "Överlämna ärendet")(person)
    person.tick("Överlämning")
    person.page.locator("#f-to_agency").select_option(index=1)
    person.page.get_by_role("region").get_by_role("heading", name="Händelser").wait_for()


def _two_drafts(person: Person) -> None:
    _first_in("ours", "Skriv tjänsteanteckning")(person)
    other = Person(person.page.context.new_page())
    other.go(person.page.url)
    for each, text in ((other, "Ett."), (person, "Två.")):
        each.page.locator("#f-text_sv").fill(text)
        each.press("Spara utkast")
        each.page.wait_for_load_state()
    other.page.close()
    person.heading("Två utkast")


PLACES: dict[str, tuple[str | None, Lead]] = {
    "sign-in": (None, _at("/sign-in")),
    "statement": (None, _at("/accessibility")),
    "nothing-here": (None, _at("/nothing")),
    "my-day": ("u-dis-01", _at("/")),
    "my-day-of-a-manager": ("u-man-01", _at("/")),
    "queue": ("u-dis-01", _at("/queue")),
    "queue-overdue": ("u-dis-01", _at("/queue?bucket=overdue")),
    "queue-empty": ("u-dis-01", _at("/queue?bucket=informed")),
    "queue-filtered": ("u-dis-01", _everything_open("/queue?bucket=ours&priority=low&who=-")),
    "assign": ("u-dis-01", _many_chosen),
    "keys": ("u-dis-01", _pressed("/issues", "?")),
    "faults": ("u-adm-01", _at("/accessibility/faults")),
    "agenda": ("u-coo-01", _at("/queue?bucket=agenda")),
    "inbox": ("u-dis-01", _at("/inbox")),
    "report": ("u-dis-01", _report()),
    "new-report": ("u-dis-01", _at("/reports/new")),
    "new-report-wrong": ("u-dis-01", _sent_empty("/reports/new", "Lämna rapporten")),
    "new-issue-of-report": ("u-dis-01", _report("Nytt ärende av rapporten")),
    "issue-to-answer": ("u-dis-01", _first_in("to_answer")),
    "issue-own": ("u-dis-01", _first_in("ours")),
    "issue-then": ("u-dis-01", _first_in("ours", "Som det var förut")),
    "accept": ("u-dis-01", _first_in("to_answer", "Åta er insatsen")),
    "decline-wrong": ("u-dis-01", _first_in("to_answer", "Avböj", "Avböj")),
    "refer-wrong": ("u-dis-01", _first_in("ours", "Överlämna ärendet", "Överlämna ärendet")),
    "refer-preview": ("u-dis-01", _previewed),
    "two-drafts": ("u-dis-01", _two_drafts),
    "plan": ("u-dis-01", _first_in("ours", "Planera åtgärd")),
    "follow-up-wrong": ("u-dis-01", _first_in("ours", "Följ upp", "Följ upp")),
    "close": ("u-dis-01", _first_in("ours", "Avsluta ärendet")),
    "correct": ("u-dis-01", _first_in("ours", "Rätta")),
    "log-action": ("u-pol-02", _everything_open("/log-action")),
    "focus": ("u-pol-02", _at("/focus")),
    "today": ("u-pol-02", _at("/log-action/today")),
    "shift": ("u-pol-02", _at("/log-action/shift")),
    "log-action-kept": (None, _everything_open("/log-action/offline")),
    "issues": ("u-dis-01", _at("/issues")),
    "trail": ("u-man-01", _at("/trail")),
    "trail-health": ("u-man-01", _everything_open("/trail/health")),
    "trail-of-issue": ("u-man-01", _at("/trail?issue=TIC-2026-00042")),
    "figures": ("u-man-01", _everything_open("/figures")),
    "figure": ("u-man-01", _at("/figures/K2")),
    "access-review": ("u-man-01", _at("/access-review")),
    "readings": ("u-man-01", _first_in("ours", "Vem som har läst")),
    "own-reports": ("u-rep-01", _at("/reports")),
    "pushed": ("u-par-01", _at("/issues")),
    "refused": ("u-adm-01", _at("/queue")),
}


@pytest.fixture(scope="module")
def visitors(browser: Browser, shared_site: Site) -> Iterator[Callable[[str | None], Person]]:
    """Somebody at a browser for each user, kept signed in while this module runs."""
    known: dict[str | None, Person] = {}

    def visitor(user_id: str | None) -> Person:
        if user_id not in known:
            known[user_id] = a_person(browser, shared_site.address)
            if user_id is not None:
                shared_site.enter(known[user_id], user_id)
        return known[user_id]

    yield visitor
    for person in known.values():
        person.page.context.close()


def test_what_is_chosen_of_a_menu_that_is_wider_than_a_phone_stands_in_view(
    visitors: Callable[[str | None], Person],
) -> None:
    person = visitors("u-man-01")
    person.page.set_viewport_size(PHONE)
    person.go("/issues")
    issue = person.page.locator("td.id a").first.get_attribute("href") or ""
    lists = ("/figures", "/trail", "/queue?bucket=agenda", "/queue?bucket=to_answer")
    for path in (*lists, "/figures/K2", issue, issue.partition("?")[0]):
        person.go(path)
        marked = person.page.locator("nav ul a[aria-current]").all()
        assert marked, path
        for chosen in marked:
            box = chosen.bounding_box()
            assert box is not None
            assert box["x"] >= 0, path
            assert box["x"] + box["width"] <= PHONE["width"], path
        assert person.page.evaluate("scrollY") == 0


def test_the_facts_of_a_card_stand_side_by_side_where_there_is_room(
    visitors: Callable[[str | None], Person],
) -> None:
    person = visitors("u-dis-01")
    person.go("/queue?bucket=ours")
    facts = person.page.locator("main tbody tr").first.locator("td[data-word]:not(.none)")
    for width, beside in ((1024, True), (PHONE["width"], False)):
        person.page.set_viewport_size({"width": width, "height": 844})
        first, second = (facts.nth(at).bounding_box() for at in (0, 1))
        assert first is not None
        assert second is not None
        assert (first["y"] == second["y"]) is beside, width
        assert sideways(person.page, width) == []


@pytest.mark.parametrize("place", PLACES)
def test_no_violations_in_light_dark_wide_and_narrow(
    visitors: Callable[[str | None], Person], place: str
) -> None:
    user_id, lead = PLACES[place]
    person = visitors(user_id)
    person.page.set_viewport_size(DESK)
    lead(person)
    found: list[str] = []
    for size in (DESK, PHONE):
        person.page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            person.page.emulate_media(color_scheme=scheme)
            found += [f"{size['width']} {scheme}: {each}" for each in violations(person.page)]
        found += [f"{size['width']}: {each}" for each in unseen(person.page)]
    person.page.emulate_media(color_scheme="light")
    widths = (NARROW, PHONE["width"], MAGNIFIED, DESK["width"])
    found += [f"scrolls sideways at {width}" for width in sideways(person.page, *widths)]
    assert found + kept(person.page) + person.faults == []


def test_no_violations_where_somebody_was_first_or_takes_something_back(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-01")
    person.go(f"/issues/{issue_id}/do/CloseIssue")
    person.tick("Ingen åtgärd möjlig")
    person.write("Sammanfattning", "Ingen kan göra något.")
    site.started.execute(AddNote(issue_id=issue_id, text_sv="Vi kan göra något."), "u-pol-01")
    person.sends("Avsluta ärendet")
    person.reads("Det här hände, och så skrev du")
    person.reads("Vi kan göra något.")
    assert violations(person.page) == []
    person.go(f"/issues/{issue_id}/do/ChangePriority")
    person.tick("Låg")
    person.sends("Ändra prioritet")
    expect(person.page.get_by_role("button", name="Ångra")).to_be_visible()
    assert violations(person.page) == []
    assert sideways(person.page, NARROW) == []
    person.page.keyboard.press("z")
    person.reads("Ångrat. Det står som förut.")
    expect(person.page.get_by_role("button", name="Ångra")).to_have_count(0)
