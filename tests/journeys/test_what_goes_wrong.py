"""What goes wrong for people: bad input, lost races, sessions that ended, and things not theirs."""

import re

import pytest
from playwright.sync_api import Dialog, expect

from domain.codes import ReferralType
from tests.examples import a_report, a_sent_referral, an_open_issue, send_referral
from tests.journeys.conftest import People
from tests.journeys.living import Person, Site
from tests.service.visiting import PASSWORD

PERSONAL = "Ring butiken på 070-174 06 05 om det händer igen, de såg allt."


@pytest.mark.parametrize("scripts", [False, True], ids=["without-scripts", "with-scripts"])
def test_wrong_input_keeps_everything_typed_and_names_each_field(
    site: Site,
    people: People,
    scripts: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    person = people(scripts=scripts)
    site.enter(person, "u-dis-01")
    person.go("/reports/new")
    person.write("Vad har hänt?", "Kort")
    person.choose("Kategori", "Klotter")
    person.write("När slutade det?", "2026-01-11T10:00")
    person.tick("Alkohol inblandat")
    person.sends("Lämna rapporten")
    alert = person.page.get_by_role("alert")
    expect(alert).to_contain_text("Vad har hänt? Skriv minst 10 tecken (nu 4).")
    expect(alert).to_contain_text("Plats: Fyll i fältet.")
    expect(person.field("Vad har hänt?")).to_have_value("Kort")
    expect(person.field("Vad har hänt?")).to_have_attribute("aria-invalid", "true")
    expect(person.field("Kategori")).to_have_value("graffiti")
    expect(person.field("När slutade det?")).to_have_value("2026-01-11T10:00")
    expect(person.page.get_by_label("Alkohol inblandat")).to_be_checked()

    alert.get_by_role("link", name="Vad har hänt?").click()
    expect(person.field("Vad har hänt?")).to_be_focused()
    person.write("Vad har hänt?", PERSONAL)
    person.write("eller beskriv platsen", "Passagen vid Kungsgatan")
    person.write("När slutade det?", "")
    person.sends("Lämna rapporten")
    expect(alert).to_contain_text("telefonnummer")
    expect(person.field("Vad har hänt?")).to_have_value(PERSONAL)
    expect(person.field("eller beskriv platsen")).to_have_value("Passagen vid Kungsgatan")
    person.tick("Texten innehåller inga personuppgifter")
    person.sends("Lämna rapporten")
    person.heading("Rapport: Passagen vid Kungsgatan")


def test_whoever_loses_a_race_reads_what_happened(site: Site, people: People) -> None:
    issue_id, referral_id = a_sent_referral(site.started)
    site.started.catch_up()
    path = f"/issues/{issue_id}/referrals/{referral_id}/do"
    first, second, sender = people(), people(scripts=False), people()
    site.enter(first, "u-pol-01")
    site.enter(second, "u-pol-01")
    site.enter(sender, "u-dis-01")
    first.go(f"{path}/AcceptReferral")
    second.go(f"{path}/DeclineReferral")
    sender.go(f"{path}/WithdrawReferral")
    site.clock.set("2026-01-12 08:32")
    first.sends("Ta över")
    first.reads("tog över ärendet")
    second.tick("Fel område")
    second.write("Förklaring", "Platsen ligger utanför vårt lokalpolisområde.")
    second.sends("Avböj")
    happened = "Någon annan hann före: överlämningen är övertagen"
    expect(second.page.get_by_role("alert")).to_contain_text(happened)
    expect(second.page.get_by_role("alert")).to_contain_text("kl. 08.32")
    expect(second.page.get_by_role("alert")).to_contain_text("Polisen")
    expect(second.field("Förklaring")).to_have_value(re.compile("^Platsen ligger"))
    sender.sends("Återkalla")
    expect(sender.page.get_by_role("alert")).to_contain_text(happened)


def test_a_double_click_writes_once(site: Site, people: People) -> None:
    person = people()
    site.enter(person, "u-dis-01")
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person.go(f"/issues/{issue_id}/do/AddNote")
    person.write("Anteckning", "Samtal med fastighetsägaren om belysningen.")
    person.page.locator("form.fields .actions button:first-child").dblclick()
    person.heading("Otrygghet vid Brunnsparken")
    expect(person.page.locator(".story blockquote")).to_have_count(1)


def test_a_link_leads_to_sign_in_and_back(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people(scripts=False)
    person.go(f"/issues/{issue_id}?from=mail")
    person.heading("Logga in i Samsyn")
    person.write("Användarnamn", "u-dis-01")
    person.write("Lösenord", "fel lösenord")
    person.sends("Logga in")
    expect(person.page.get_by_role("alert")).to_contain_text("hör inte ihop")
    expect(person.field("Användarnamn")).to_have_value("u-dis-01")
    expect(person.field("Lösenord")).to_have_value("")
    person.write("Lösenord", PASSWORD)
    person.sends("Logga in")
    person.heading("Otrygghet vid Brunnsparken")
    expect(person.page).to_have_url(re.compile(r"\?from=mail$"))
    person.press("Logga ut")
    person.heading("Logga in i Samsyn")
    person.page.go_back()
    person.page.reload()
    person.heading("Logga in i Samsyn")


def test_a_form_sent_after_the_session_ended_gives_the_text_back(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people(scripts=False)
    site.enter(person, "u-dis-01")
    person.go(f"/issues/{issue_id}/do/AddNote")
    person.write("Anteckning", "En lång anteckning som inte får gå förlorad.")
    site.clock.advance(hours=13)
    person.sends("Skriv tjänsteanteckning")
    person.heading("Du är utloggad")
    person.reads("En lång anteckning som inte får gå förlorad.")
    person.follow("Logga in igen")
    person.press("Logga in som Handläggare Trygghet 1")
    person.heading("Skriv tjänsteanteckning")


def test_nothing_else_on_a_page_throws_away_what_is_being_written(
    site: Site, people: People
) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-01")
    person.go(f"/issues/{issue_id}/do/AddNote")
    person.write("Anteckning", "En lång anteckning som inte får gå förlorad.")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    person.page.on("dialog", stay)
    person.page.get_by_role("searchbox", name="Sök ärende").fill("bänkar")
    person.page.keyboard.press("Enter")
    expect(person.page.locator("[data-draft]")).to_contain_text("Utkast sparat")
    assert asked == ["beforeunload"]
    person.press("English")
    expect(person.field("Note")).to_have_value("En lång anteckning som inte får gå förlorad.")


def test_the_language_changes_and_stays(site: Site, people: People) -> None:
    person = people(scripts=False)
    site.enter(person, "u-dis-01")
    person.go("/queue?bucket=returned")
    expect(person.page.locator("html")).to_have_attribute("lang", "sv")
    person.press("English")
    expect(person.page.locator("html")).to_have_attribute("lang", "en")
    expect(person.page.get_by_role("heading", name="Come back")).to_be_visible()
    another = people(scripts=False)
    site.enter(another, "u-dis-01")
    another.go("/queue")
    another.heading("Queue: Social administration Centrum, safety coordination")
    another.press("Svenska")
    another.heading("Kö: Socialförvaltningen Centrum, trygghetssamordning")


def test_a_partner_sees_only_what_was_sent_to_it(site: Site, people: People) -> None:
    secret = "Ordningsvakterna byter av kl. 22"
    issue_id = an_open_issue(
        site.started, title="Insats mot häleri", public_title="Otrygg gata", description_sv=secret
    )
    hidden = an_open_issue(site.started, public_title="Ett annat ärende")
    site.started.create(
        send_referral(
            issue_id,
            "partner_nordstan",
            type=ReferralType.ASSIST,
            question_sv="Kan ni förbättra belysningen i passagen?",
        )
    )
    site.started.catch_up()
    partner = people()
    site.enter(partner, "u-par-01")
    assert partner_menu(partner) == ["Min dag", "Min kö", "Ärenden", "Granska"]
    assert len(partner.queue("Att svara på")) == 1
    partner.page.locator("main tbody td a").first.click()
    partner.heading("Otrygg gata")
    partner.reads("Kan ni förbättra belysningen i passagen?")
    for text in (secret, "Insats mot häleri", "Öppen narkotikaförsäljning"):
        assert text not in partner.page.content()
    partner.follow("Åta er insatsen")
    assert "Insats mot häleri" not in partner.page.content()
    partner.sends("Åta er insatsen")
    partner.reads("Svara att det är gjort")
    partner.go(f"/issues/{hidden}")
    partner.heading("Det finns inget här.")

    reporter = people()
    site.enter(reporter, "u-rep-01")
    reporter.go("/")
    reporter.heading("Mina rapporter")
    assert partner_menu(reporter) == ["Mina rapporter"]
    reporter.go(f"/issues/{issue_id}")
    reporter.heading("Du får inte göra detta.")


def partner_menu(person: Person) -> list[str]:
    if person.page.url == "about:blank":
        person.go("/")
    return (
        person.page.get_by_role("banner")
        .get_by_role("navigation")
        .get_by_role("link")
        .all_inner_texts()
    )


def test_an_administrator_sees_no_content(site: Site, people: People) -> None:
    issue_id, _ = a_sent_referral(site.started)
    report_id = a_report(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-adm-01")
    person.go("/")
    person.heading("Granska: allt som har hänt")
    person.reads("registrerade aktören")
    content = person.page.content()
    assert "TIC-2026" not in content.replace('placeholder="TIC-2026-00042"', "")
    assert "Butikspersonal" not in content
    for path in ("/queue", "/inbox", "/issues", "/figures", "/log-action", f"/issues/{issue_id}"):
        person.go(path)
        person.heading("Du får inte göra detta.")
        person.reads("Din roll läser inga ärenden.")
    person.go(f"/reports/{report_id}")
    person.heading("Det finns inget här.")


def test_pages_of_errors_are_ours(site: Site, people: People) -> None:
    person = people(scripts=False)
    for path in ("/finns-inte", "/static/x/y.css", f"/issues/{'0' * 8}", "/reports/x"):
        person.go(path)
        person.heading("Det finns inget här.")
        expect(person.page.get_by_role("link", name="Till startsidan")).to_be_visible()
    person.go("/sign-out")
    person.heading("Så kan adressen inte användas.")


def test_a_form_from_elsewhere_is_refused(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-01")
    before = site.started.samsyn.casework.head()
    person.page.route(
        "https://elsewhere.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{site.address}/issues/{issue_id}/do/AddNote">'
            '<input name="text_sv" value="Det här skrev någon annan."><button>Vinn</button></form>',
        ),
    )
    person.go("https://elsewhere.example/")
    person.page.get_by_role("button", name="Vinn").click()
    person.heading("Du får inte göra detta.")
    person.reads("Formuläret kom inte från en öppen sida i Samsyn.")
    assert site.started.samsyn.casework.head() == before
    person.faults.clear()  # the other site is what this is about


def test_a_link_in_a_mail_spoils_no_form_that_is_open(site: Site, people: People) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    person = people()
    site.enter(person, "u-dis-01")
    person.go(f"/issues/{issue_id}/do/AddNote")
    person.write("Anteckning", "Samtal med fastighetsägaren.")
    mail = person.page.context.new_page()
    mail.route(
        "https://mail.example/",
        lambda route: route.fulfill(
            content_type="text/html; charset=utf-8",
            body=f'<a href="{site.address}/queue">Ett ärende väntar</a>',
        ),
    )
    mail.goto("https://mail.example/")
    mail.get_by_role("link", name="Ett ärende väntar").click()
    expect(mail.get_by_role("heading", level=1)).to_contain_text("Kö")
    person.sends("Skriv tjänsteanteckning")
    person.reads("Samtal med fastighetsägaren.")
    expect(person.page.locator(".story blockquote")).to_have_count(1)
