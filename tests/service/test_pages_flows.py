"""What people do on the pages beyond one form: triage a report, log an action, finish a plan."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.action import PlanAction
from domain.codes import ActionType, ReferralType
from domain.issue import Issue
from tests.examples import (
    a_report,
    a_sent_referral,
    an_open_issue,
    receive_report,
    send_referral,
)
from tests.service.visiting import Site, Visit, a_site, forms_of


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


def issue_of(site: Site, issue_id: UUID) -> Issue:
    issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
    return issue


def text_of(answer: Any) -> str:
    return html.unescape(answer.text)


def link(visit: Visit, report_id: UUID, **typed: str) -> Any:
    form = forms_of(visit.get(f"/reports/{report_id}").text)[-1]
    return visit.post(f"/reports/{report_id}/link", {**form.fields, **typed})


def test_a_report_is_linked_by_choosing_or_by_its_number(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    chosen, written = a_report(site.started), a_report(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    assert f'<option value="{number}">' in visit.get(f"/reports/{chosen}").text
    assert link(visit, chosen, candidate=number).status_code == 303
    answer = link(visit, written, issue_number=number.lower())
    there = rf"/issues/{issue_id}\?done=LinkReport&receipt=\d+"
    assert re.fullmatch(there, answer.headers["location"])
    assert issue_of(site, issue_id).report_ids == [chosen, written]
    page = visit.get(f"/reports/{chosen}").text
    assert "Kopplad till ärende" in page
    assert "Nytt ärende av rapporten" not in page


def test_a_link_to_no_issue_is_refused_with_what_was_typed(site: Site) -> None:
    report_id = a_report(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    answer = link(visit, report_id, issue_number="TIC-1999-00001")
    assert answer.status_code == 422
    assert "Det finns inget ärende med det numret." in text_of(answer)
    assert forms_of(answer.text)[-1].fields["issue_number"] == ["TIC-1999-00001"]


def test_whoever_links_second_reads_why_not(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    report_id = a_report(site.started)
    site.started.catch_up()
    form = {"candidate": number}
    assert site.visit("u-dis-01").post(f"/reports/{report_id}/link", form).status_code == 303
    answer = site.visit("u-dis-02").post(f"/reports/{report_id}/link", form)
    assert answer.status_code == 409
    assert "Rapporten är redan kopplad till ett ärende." in text_of(answer)


def test_a_new_issue_begins_with_what_the_report_says(site: Site) -> None:
    report_id = site.started.create(
        receive_report(category="graffiti", text="Nytt klotter på den västra väggen."), "u-con-01"
    )
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    path = f"/issues/new?report={report_id}"
    page = visit.get(path)
    assert "Nytt klotter på den västra väggen." in text_of(page)
    form = forms_of(page.text)[-1]
    assert form.fields["category"] == ["graffiti"]
    assert form.fields["place"] == ["brunnsparken"]
    answer = visit.fill(path, public_title="Klotter, Brunnsparken")
    issue_id = UUID(answer.headers["location"].split("/")[2].split("?")[0])
    assert issue_of(site, issue_id).report_ids == [report_id]


def test_the_inbox_of_the_city_holds_what_the_contact_centre_took_in(site: Site) -> None:
    site.started.create(receive_report(text="Kontaktcenter tog emot det här."), "u-con-01")
    site.started.catch_up()
    assert "Kontaktcenter tog emot" in site.visit("u-dis-01").get("/inbox").text
    assert "Kontaktcenter tog emot" not in site.visit("u-pol-01").get("/inbox").text


def test_an_action_is_logged_on_one_screen(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    form = visit.form("/log-action")
    assert form.fields["implementation"] == ["done"]
    typed = {
        **form.fields,
        "action_type": "foot_patrol",
        "issue": number,
        "place_lat": "57.70710",
        "place_lon": "11.96720",
        "result_sv": "Lugnt.",
        "people": "2",
    }
    answer = visit.post("/log-action", typed)
    there = rf"/issues/{issue_id}\?done=PerformAction&receipt=\d+"
    assert re.fullmatch(there, answer.headers["location"])
    assert visit.post("/log-action", typed).status_code == 303
    assert len(issue_of(site, issue_id).actions) == 1
    again = visit.post("/log-action", {**typed, "result_sv": "Något annat."})
    assert again.status_code == 409
    assert forms_of(again.text)[-1].fields["_key"] != form.fields["_key"]


def test_a_bad_log_of_an_action_names_each_field_and_keeps_all(site: Site) -> None:
    visit = site.visit("u-pol-02")
    typed = {
        "issue_number": "TIC-1",
        "people": "många",
        "performed_to": "i går",
        "result_sv": "Ring 070-174 06 05.",
        "place_name": "Passagen",
    }
    answer = visit.post("/log-action", typed)
    assert answer.status_code == 422
    said = text_of(answer)
    for words in (
        "Åtgärdstyp: Välj åtgärdstyp.",
        "Ärende: Välj ett ärende eller skriv dess nummer.",
        "Hur många var ni? ",
        "När slutade den? ",
        "Vad blev resultatet? Texten ser ut att innehålla ett telefonnummer.",
    ):
        assert words in said
    form = forms_of(answer.text)[-1]
    assert "not_personal" in form.names
    assert {name: form.fields[name] for name in typed} == {
        name: [value] for name, value in typed.items()
    }


def test_how_many_says_that_there_were_some_and_must_be_a_number(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    form = visit.form("/log-action")
    typed = {
        **form.fields,
        "action_type": "foot_patrol",
        "issue": number,
        "results": "dialogue",
        "results_count_sent_away": "3",
        "results_count_reported": "ett par",
    }
    answer = visit.post("/log-action", typed)
    assert answer.status_code == 422
    said = "Resultat i korthet: Skriv antalet med siffror, högst 999."
    assert said in text_of(answer)
    assert forms_of(answer.text)[-1].fields["results_count_reported"] == ["ett par"]
    assert visit.post("/log-action", {**typed, "results_count_reported": "1000"}).status_code == 422
    answer = visit.post("/log-action", {**typed, "results_count_reported": ""})
    assert answer.status_code == 303
    assert len(issue_of(site, issue_id).actions) == 1
    site.started.catch_up()
    assert "Dialog. Avvisningar: 3." in text_of(visit.get(f"/issues/{issue_id}"))


def test_a_planned_action_is_logged_from_its_link(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    due_on = site.clock.now.date() + timedelta(days=3)
    planned = PlanAction(issue_id=issue_id, action_type=ActionType.CLEANING, due_on=due_on)
    action_id = site.started.create(planned)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    page = visit.get(f"/issues/{issue_id}").text
    path = f"/issues/{issue_id}/do/PerformAction?action_id={action_id}"
    assert path in page
    assert f"/issues/{issue_id}/do/CancelAction?action_id={action_id}" in page
    form = visit.form(path)
    assert form.fields["action_id"] == [str(action_id)]
    assert "action_type" not in form.names
    assert "Städning" in visit.get(path).text
    assert visit.post(form.action, form.fields).status_code == 303
    assert not issue_of(site, issue_id).actions[action_id].is_planned


def test_what_is_left_to_do_stands_on_the_form_that_closes(site: Site) -> None:
    issue_id, _ = a_sent_referral(site.started)
    report_id = a_report(site.started, wants_reply=True)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    link(visit, report_id, candidate=issue_of(site, issue_id).number)
    page = text_of(visit.get(f"/issues/{issue_id}/do/CloseIssue"))
    for words in (
        "Polisen, lokalpolisområde Göteborg City har inte svarat.",
        "Ärendet har ingen uppföljning med en bedömd effekt.",
        "Rapportören vill ha svar och har inte fått återkoppling.",
    ):
        assert words in page
    followed = text_of(visit.get(f"/issues/{issue_id}/do/RecordFollowUp"))
    assert "Kvar att göra när uppföljningen är sparad" in followed
    assert "har inte svarat" in followed


def test_a_correction_and_a_dispute_begin_at_the_line_they_are_about(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    event_id = next(iter(issue_of(site, issue_id).event_agencies))
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    for name, words in (("RecordCorrection", "correct_value"), ("NoteDispute", "text_sv")):
        path = f"/issues/{issue_id}/do/{name}?refers_to_event={event_id}"
        assert path in visit.get(f"/issues/{issue_id}").text
        page = visit.get(path)
        assert "öppnade ärende" in page.text
        form = forms_of(page.text)[-1]
        assert form.fields["refers_to_event"] == [str(event_id)]
        reason = {"reason_sv": "Fel."} if name == "RecordCorrection" else {}
        typed = {**form.fields, words: "Det var tvärtom.", **reason}
        assert visit.post(form.action, typed).status_code == 303
    page = visit.get(f"/issues/{issue_id}").text
    assert "Rättat 12 januari 2026 kl. 8.15: Det var tvärtom." in page
    assert "Bestrids 12 januari 2026 kl. 8.15: Det var tvärtom." in page


def test_what_is_offered_fits_role_agency_and_state(site: Site) -> None:
    issue_id, referral_id = a_sent_referral(site.started)
    site.started.catch_up()
    here = f"/issues/{issue_id}"
    there = f"{here}/referrals/{referral_id}"
    offered = {
        "u-dis-01": ({f"{there}/do/WithdrawReferral"}, {f"{there}/do/AcceptReferral"}),
        "u-pol-01": (
            {f"{there}/do/AcceptReferral", f"{there}/do/DeclineReferral"},
            {f"{there}/do/WithdrawReferral", f"{here}/do/CloseIssue"},
        ),
        "u-pol-02": ({f"{here}/do/PerformAction"}, {f"{there}/do/AcceptReferral"}),
        "u-man-01": ({f"{here}/do/CloseIssue"}, {f"{here}/do/SendReferral"}),
        "u-coo-01": ({f"{here}/do/ProposeResponsibility"}, {f"{here}/do/VoidIssue"}),
        "u-aud-01": (set[str](), {"/do/"}),
    }
    for user_id, (wanted, unwanted) in offered.items():
        page = site.visit(user_id).get(here).text
        assert all(f'href="{path}"' in page for path in wanted), user_id
        assert not any(path in page for path in unwanted), user_id


def test_a_partner_answers_what_it_was_asked(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    referral_id = site.started.create(
        send_referral(issue_id, "partner_nordstan", type=ReferralType.ASSIST)
    )
    site.started.catch_up()
    visit = site.visit("u-par-01")
    path = f"/issues/{issue_id}/referrals/{referral_id}/do"
    # A partner may decline without a reason (R3).
    assert visit.fill(f"{path}/DeclineReferral").status_code == 303
    assert "Avböjd" in visit.get(f"/issues/{issue_id}").text


def test_a_demo_card_signs_in(site: Site) -> None:
    visit = site.visit()
    page = visit.get("/sign-in").text
    assert "Logga in som Polis i yttre tjänst 2" in page
    answer = visit.post("/sign-in/demo", {"login": "u-pol-02", "next": "/log-action"})
    assert answer.headers["location"] == "/log-action"
    assert visit.get("/log-action").status_code == 200
    assert visit.post("/sign-in/demo", {"login": "nobody"}).status_code == 403


def test_the_statement_is_open_to_everybody_and_linked_everywhere(site: Site) -> None:
    visit = site.visit()
    assert "Tillgänglighetsredogörelse" in visit.get("/accessibility").text
    for path in ("/sign-in", "/nothing"):
        assert 'href="/accessibility?page=' in visit.get(path).text


@pytest.mark.parametrize("path", ["/queue?bucket=ours", "/issues"])
def test_a_long_list_goes_on_on_the_next_page(site: Site, path: str) -> None:
    for _ in range(51):
        an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    first = visit.get(path).text
    onwards = html.unescape(
        first.rsplit('<a class="ds-button" data-variant="secondary" href="', 1)[1].split('"')[0]
    )
    second = visit.get(onwards).text
    assert first.count('<td class="id">') == 50
    assert second.count('<td class="id">') == 1
    assert "Visa fler" not in second
