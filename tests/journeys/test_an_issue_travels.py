"""The journey: an issue travels from a report to its closing, with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import People
from tests.journeys.living import Person, Site

TEXT = "Butikspersonal berättar att det säljs narkotika öppet vid bänkarna mot kanalen."
TITLE = "Otrygghet vid Brunnsparken"
WHY = "Brottsbekämpning är polisens uppdrag."
WISH = "Närvaro och riktade insatser kl. 15-19."
DISTRICT = "Socialförvaltningen Centrum, trygghetssamordning"
POLICE = "Polisen, lokalpolisområde Göteborg City"


@pytest.mark.parametrize("scripts", [False, True], ids=["without-scripts", "with-scripts"])
def test_from_report_to_closing(site: Site, people: People, scripts: bool) -> None:  # noqa: FBT001  a parameter of the test
    district = people(scripts=scripts)
    police = people(scripts=scripts)

    district.sign_in("Handläggare Trygghet 1")
    number = _open_issue_from_report(district)
    assert district.queue("Våra ärenden") == [number]
    assert district.queue("Utan handläggare") == [number]

    site.clock.advance(minutes=10)
    _refer(district, number)
    assert district.queue("Väntar på andra") == [number]
    assert district.queue("Våra ärenden") == [number]
    police.sign_in("Kommunpolis 1")
    assert police.queue("Att svara på") == [number]
    assert police.queue("Våra ärenden") == []

    site.clock.advance(minutes=20)
    _decline(police, number)
    assert police.queue("Att svara på") == []
    assert district.queue("Kommit tillbaka")[0] == number
    assert district.queue("Väntar på andra") == []

    site.clock.advance(hours=1)
    district.sign_in("Handläggare Trygghet 1")
    police.sign_in("Kommunpolis 1")
    _refer(district, number)
    assert district.queue("Kommit tillbaka") == []
    assert police.queue("Att svara på") == [number]
    police.follow(number)
    police.follow("Ta över")
    police.write("Första åtgärd senast", "2026-01-14")
    police.sends("Ta över")
    police.reads(f"Ansvarig: {POLICE}.")
    assert police.queue("Våra ärenden") == [number]
    assert police.queue("Att svara på") == []
    assert district.queue("Våra ärenden") == []
    assert district.queue("Väntar på andra") == []

    site.clock.advance(days=2)
    _log_action_on_the_phone(people(scripts=scripts, phone=True), number)

    site.clock.advance(days=14)
    police.sign_in("Kommunpolis 1")
    _close_is_refused(police, number)
    _follow_up(police, number)
    _close(police, number)
    assert police.queue("Våra ärenden") == []

    _manager_reads(people(scripts=scripts), number)


def _open_issue_from_report(district: Person) -> str:
    district.menu("Inkorg")
    district.follow("Ny rapport")
    district.reads("Pågående brott eller fara för liv? Ring 112.")
    district.write("Vad har hänt?", TEXT)
    district.choose("Känd plats", "Brunnsparken")
    district.sends("Lämna rapporten")
    district.reads(TEXT)
    district.menu("Inkorg")
    district.follow(TEXT[:30])
    district.follow("Nytt ärende av rapporten")
    district.reads(TEXT)
    expect(district.field("Känd plats")).to_have_value("brunnsparken")
    district.write("Offentlig rubrik", TITLE)
    district.choose("Kategori", "Öppen narkotikaförsäljning")
    district.sends("Öppna ärendet")
    district.heading(TITLE)
    district.reads(f"Ansvarig: {DISTRICT}.")
    found = re.search(r"TIC-\d{4}-\d{5}", district.page.title())
    assert found is not None
    return found.group()


def _refer(district: Person, number: str) -> None:
    district.queue("Våra ärenden")
    district.follow(number)
    district.follow("Överlämna ärendet")
    district.tick("Överlämning")
    district.choose("Mottagare", POLICE)
    district.write("Varför vänder ni er till mottagaren?", WHY)
    district.write("Vilket resultat önskar ni?", WISH)
    district.press("Förhandsgranska")
    district.reads("Så här ser Polisen")
    district.sends("Överlämna ärendet")
    district.reads("Du är ansvarig tills mottagaren tar över.")


def _decline(police: Person, number: str) -> None:
    police.queue("Att svara på")
    police.follow(number)
    police.reads(WHY)
    police.follow("Avböj")
    police.tick("Ingår inte i vårt uppdrag")
    police.write("Förklaring", "Ordningsstörningen är inte brottslig så som den beskrivs.")
    police.sends("Avböj")
    police.reads("avböjde överlämningen")


def _log_action_on_the_phone(officer: Person, number: str) -> None:
    officer.sign_in("Polis i yttre tjänst 2")
    officer.menu("Logga åtgärd")
    officer.tick("Riktad polisinsats")
    issue = officer.page.locator("#issue")
    issue.select_option(value=number)
    officer.choose("Känd plats", "Brunnsparken")
    officer.write("Vad blev resultatet?", "Flera kontroller. Lugnare efteråt.")
    officer.press("Spara åtgärden")
    officer.reads("Riktad polisinsats")
    officer.reads("Flera kontroller. Lugnare efteråt.")


def _close_is_refused(police: Person, number: str) -> None:
    police.queue("Våra ärenden")
    police.follow(number)
    police.follow("Avsluta ärendet")
    police.reads("Ärendet har ingen uppföljning med en bedömd effekt.")
    police.tick("Löst")
    police.write("Sammanfattning", "Läget är lugnt igen.")
    police.sends("Avsluta ärendet")
    expect(police.page.get_by_role("alert")).to_contain_text("ingen uppföljning")
    expect(police.field("Sammanfattning")).to_have_value("Läget är lugnt igen.")


def _follow_up(police: Person, number: str) -> None:
    police.queue("Våra ärenden")
    police.follow(number)
    police.follow("Följ upp")
    police.reads("Riktad polisinsats")
    police.tick("Förbättrat")
    police.write("Vad bygger bedömningen på?", "Rapporterna gick från 11 till 4 i veckan.")
    police.sends("Följ upp")
    police.reads("Rapporterna gick från 11 till 4 i veckan.")


def _close(police: Person, number: str) -> None:
    police.follow("Avsluta ärendet")
    police.reads("Ingenting. Allt är klart.")
    police.tick("Löst")
    police.write("Sammanfattning", "Läget är lugnt igen.")
    police.sends("Avsluta ärendet")
    police.heading(TITLE)
    police.reads("avslutade ärendet")


def _manager_reads(manager: Person, number: str) -> None:
    manager.sign_in("Enhetschef Trygghet 1")
    manager.menu("Granska")
    manager.reads("Kommunpolis 1")
    manager.page.get_by_label("Ärendenr").fill(number)
    manager.press("Visa")
    manager.heading(f"Granska {number}")
    told = manager.page.locator("td.what").all_inner_texts()
    assert "tog emot en rapport" in told[0]
    assert "avslutade ärendet" in told[-1]
    assert sum("avböjde" in each for each in told) == 1
    manager.menu("Uppföljning")
    card = manager.page.get_by_role("listitem").filter(has_text="Avböjda, per orsak")
    expect(card).to_contain_text("50 %")
    expect(card).to_contain_text("1 av 2")
