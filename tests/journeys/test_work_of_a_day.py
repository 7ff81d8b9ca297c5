"""A caseworker's day, an officer's night and a manager's review, each played from sign-in to out.

Wide, middling and on a phone, in Swedish and English, light and dark, with the keyboard alone and
without scripts: nine plays in which every two of these meet, and each role meets every one. This
file comes last of those that share the site: it is the one that writes there.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from itertools import combinations, product
from typing import Final, Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from domain.codes import ReferralType
from domain.issue import Issue
from tests.examples import a_report, an_open_issue, send_referral
from tests.journeys.hands import Hand, OnlyKeys, Pointing
from tests.journeys.living import Site, a_person
from tests.journeys.looking import look
from tests.journeys.words import ENGLISH

WIDTHS: Final = (1440, 1024, 390)


@dataclass(frozen=True)
class Play:
    """Who works how."""

    role: Literal["caseworker", "officer", "manager"]
    width: int
    language: Literal["sv", "en"]
    scheme: Literal["light", "dark"]
    means: Literal["keys", "plain"]

    def __str__(self) -> str:
        return "-".join(map(str, astuple(self)))


PLAYS: Final = (
    Play("caseworker", 1440, "sv", "light", "keys"),
    Play("caseworker", 1024, "en", "dark", "plain"),
    Play("caseworker", 390, "sv", "dark", "plain"),
    Play("officer", 1440, "en", "dark", "plain"),
    Play("officer", 1024, "sv", "light", "keys"),
    Play("officer", 390, "en", "light", "keys"),
    Play("manager", 1440, "sv", "dark", "keys"),
    Play("manager", 1024, "en", "light", "plain"),
    Play("manager", 390, "en", "dark", "keys"),
)


def test_every_two_ways_of_working_meet_and_each_role_meets_every_one() -> None:
    axes = [WIDTHS, ("sv", "en"), ("light", "dark"), ("keys", "plain")]
    played = [astuple(play) for play in PLAYS]
    for one, other in combinations(range(len(axes)), 2):
        met = {(told[one + 1], told[other + 1]) for told in played}
        assert met == set(product(axes[one], axes[other]))
    roles = ("caseworker", "officer", "manager")
    for number, axis in enumerate(axes):
        assert {(told[0], told[number + 1]) for told in played} == set(product(roles, axis))


@pytest.mark.parametrize("play", PLAYS, ids=str)
def test_a_days_work(browser: Browser, shared_site: Site, play: Play) -> None:
    keys = play.means == "keys"
    person = a_person(
        browser,
        shared_site.address,
        scripts=keys,
        size={"width": play.width, "height": 900},
        scheme=play.scheme,
    )
    words = ENGLISH if play.language == "en" else {}
    hand: Hand = OnlyKeys(person, words) if keys else Pointing(person, words)
    _WORK[play.role](hand, shared_site)
    person.page.context.close()


def _caseworkers_day(hand: Hand, site: Site) -> None:
    asked = _asked_of_the_district(site)
    report = f"Dörren till källaren står öppen, {asked[-5:]}."
    a_report(site.started, text=report)
    site.started.catch_up()

    _arrive(hand, "Handläggare Trygghet 1")
    _menu(hand, "Min kö")
    hand.go_on(hand.says("Att svara på"))
    hand.go_on(asked)
    hand.person.heading("Hot mot butikspersonal")
    look(hand.person, "an issue to answer")
    hand.go_on(hand.says("Åta er insatsen"))
    look(hand.person, "an answer")
    hand.go_on(hand.says("Åta er insatsen"))
    hand.person.heading("Hot mot butikspersonal")

    _menu(hand, "Inkorg")
    hand.go_on(report)
    look(hand.person, "a report beside the inbox")
    hand.go_on(hand.says("Nytt ärende av rapporten"))
    hand.write(hand.says("Offentlig rubrik"), "Öppen källare")
    hand.choose(hand.says("Kategori"), hand.says("Klotter"))
    look(hand.person, "a new issue")
    hand.go_on(hand.says("Öppna ärendet"))
    hand.person.heading("Öppen källare")
    here = hand.person.page.url.partition("?")[0]

    hand.go_on(hand.says("Överlämna ärendet"))
    hand.tick(hand.says("Överlämning"))
    hand.choose(hand.says("Mottagare"), hand.says("Polisen, lokalpolisområde"))
    hand.write(hand.says("Varför vänder ni er till mottagaren?"), "Det är polisens uppdrag.")
    hand.write(hand.says("Vilket resultat önskar ni?"), "Att någon ser till platsen i kväll.")
    hand.go_on(hand.says("Förhandsgranska"))
    hand.person.reads(hand.says("Inget är skickat än."))
    look(hand.person, "a referral as the receiver sees it")
    hand.go_on(hand.says("Överlämna ärendet"))
    hand.person.reads(hand.says("Du är ansvarig tills mottagaren tar över."))
    look(hand.person, "an issue that waits for others")

    hand.go_on(hand.says("Skriv tjänsteanteckning"))
    hand.write(hand.says("Anteckning"), "Samtal med fastighetsägaren.")
    hand.go_on(hand.says("Skriv tjänsteanteckning"))
    hand.person.reads("Samtal med fastighetsägaren.")
    hand.go_on(hand.says("Avsluta ärendet"))
    look(hand.person, "what is missing before an issue can be closed")
    hand.go_on(hand.says("Avsluta ärendet"))
    expect(hand.person.page.get_by_role("alert")).to_be_visible()
    look(hand.person, "a closing that is refused")
    hand.person.go(here)
    hand.go_on(hand.says("Som det var förut"))
    look(hand.person, "an issue as it was")
    _leave(hand)


def _officers_night(hand: Hand, site: Site) -> None:
    issue_id = an_open_issue(site.started, "u-pol-01", public_title="Bråk vid taxikön")
    site.started.catch_up()
    number = _number(site, issue_id)

    _arrive(hand, "Polis i yttre tjänst 2")
    _menu(hand, "Dagens fokus")
    look(hand.person, "today's focus")
    _menu(hand, "Logga åtgärd")
    look(hand.person, "an action to log")
    hand.tick(hand.says("Fotpatrull"))
    hand.choose(hand.says("Välj ur listan"), number)
    hand.tick(hand.says("Dialog"))
    hand.write(hand.says("Vad blev resultatet?"), "Lugnt efter klockan två.")
    hand.go_on(hand.says("Spara åtgärden"))
    hand.person.heading("Bråk vid taxikön")
    hand.person.reads("Lugnt efter klockan två.")
    look(hand.person, "an issue after an action")

    _menu(hand, "Logga åtgärd")
    hand.go_on(hand.says("Logga ett helt pass"))
    look(hand.person, "a whole shift")
    hand.choose(hand.says("Vad gjorde ni?"), hand.says("Riktad polisinsats"))
    hand.write(hand.says("Vilket ärende?"), number)
    hand.write(hand.says("Resultat"), "Två kontroller utan anmärkning.")
    hand.go_on(hand.says("Spara åtgärderna"))
    hand.person.heading(hand.says("Mina åtgärder idag"))
    hand.person.reads("Två kontroller utan anmärkning.")
    look(hand.person, "what was done today")
    _leave(hand)


def _managers_review(hand: Hand, site: Site) -> None:
    _arrive(hand, "Enhetschef Trygghet 1")
    _menu(hand, "Uppföljning")
    look(hand.person, "the figures")
    hand.go_on(hand.says("Visa alla: Obesvarat och försenat"))
    look(hand.person, "the list behind a figure")
    number = hand.person.page.locator("main td.id a").first.inner_text()
    hand.go_on(number)
    look(hand.person, "an issue of the list")
    hand.go_on(hand.says("Granska ärendet steg för steg"))
    hand.person.heading(number)
    look(hand.person, "the path of an issue")
    _menu(hand, "Uppföljning")
    hand.choose(hand.says("Aktör"), hand.says("Polisen, lokalpolisområde"))
    hand.go_on(hand.says("Visa"))
    look(hand.person, "the figures of one agency")
    _menu(hand, "Ärenden")
    hand.write(hand.says("Sök"), "cykel")
    hand.go_on(hand.says("Visa"))
    hand.person.reads("Cykelstölder")
    look(hand.person, "what was looked for")
    _leave(hand)


_WORK: Final[dict[str, Callable[[Hand, Site], None]]] = {
    "caseworker": _caseworkers_day,
    "officer": _officers_night,
    "manager": _managers_review,
}


def _arrive(hand: Hand, card: str) -> None:
    """Sign in by a card of the demo, in one's own language."""
    hand.person.go("/sign-in")
    if hand.says("Visning") != "Visning":
        _open_display(hand, "Visning")
        hand.go_on("English")
    hand.person.heading(hand.says("Logga in i Samsyn"))
    look(hand.person, "the cards")
    hand.go_on(f"{hand.says('Logga in som')} {card}")
    look(hand.person, "the first page of the day")


def _leave(hand: Hand) -> None:
    _open_display(hand, hand.says("Visning"))
    hand.go_on(hand.says("Logga ut"))
    hand.person.heading(hand.says("Logga in i Samsyn"))


def _open_display(hand: Hand, name: str) -> None:
    """On narrow screens language and signing out stand behind the button of the display."""
    if hand.person.page.get_by_role("banner").locator(".who form").first.is_hidden():
        hand.open(name)


def _menu(hand: Hand, name: str) -> None:
    hand.go_on(hand.says(f"meny: {name}") if hand.says("Visning") != "Visning" else name)


def _asked_of_the_district(site: Site) -> str:
    issue_id = an_open_issue(site.started, "u-pol-01", public_title="Hot mot butikspersonal")
    site.started.create(send_referral(issue_id, "district", type=ReferralType.ASSIST), "u-pol-01")
    return _number(site, issue_id)


def _number(site: Site, issue_id: UUID) -> str:
    issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
    return issue.number
