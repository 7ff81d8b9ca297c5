"""The pages of a shift: several actions at once, what one has logged today, what is in focus."""

import html
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from domain.issue import Issue
from domain.values import Place
from tests.examples import BRUNNSPARKEN, a_sent_referral, an_open_issue
from tests.service.visiting import Site, a_site, forms_of


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


def text_of(answer: Any) -> str:
    return html.unescape(answer.text)


def issue_of(site: Site, issue_id: UUID) -> Issue:
    issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
    return issue


def test_a_whole_shift_is_logged_on_one_page_and_empty_rows_are_passed_over(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    form = visit.form("/log-action/shift")
    typed = {
        **form.fields,
        "0-action_type": "foot_patrol",
        "0-issue": number,
        "0-result_sv": "Lugnt på torget.",
        "2-action_type": "dialogue",
        "2-issue": number.lower(),
        "2-place": "brunnsparken",
    }
    answer = visit.post("/log-action/shift", typed)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/log-action/today")
    assert visit.post("/log-action/shift", typed).status_code == 303
    assert len(issue_of(site, issue_id).actions) == 2
    site.started.catch_up()
    today = text_of(visit.get("/log-action/today"))
    assert "Lugnt på torget." in today
    assert "Fotpatrull: 1" in today
    others = text_of(site.visit("u-pol-01").get("/log-action/today"))
    assert "Lugnt på torget." not in others
    assert "Du har inte loggat någon åtgärd idag." in others


def test_rows_that_are_refused_come_back_and_the_others_are_saved(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    form = visit.form("/log-action/shift")
    answer = visit.post(
        "/log-action/shift",
        {
            **form.fields,
            "0-action_type": "foot_patrol",
            "0-issue": number,
            "1-issue": "TIC-1",
            "1-result_sv": "Ring 070-174 06 05.",
        },
    )
    assert answer.status_code == 422
    said = text_of(answer)
    assert "Sparade åtgärder: 1. Raderna nedan är inte sparade." in said
    assert "Åtgärdstyp: Välj åtgärdstyp." in said
    assert "Ärende: Välj ett ärende eller skriv dess nummer." in said
    assert "Ring 070-174 06 05." in said
    assert len(issue_of(site, issue_id).actions) == 1


def test_more_rows_are_added_below_what_is_typed_and_nothing_is_saved(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    form = visit.form("/log-action/shift")
    typed = {
        **form.fields,
        "0-action_type": "foot_patrol",
        "0-issue": issue_of(site, issue_id).number,
        "3-result_sv": "Lugnt på torget.",
    }
    answer = visit.post("/log-action/shift", {**typed, "more": ""})
    assert answer.status_code == 200
    grown = forms_of(answer.text)[-1].fields
    assert {name: grown[name] for name in form.fields if name.endswith("-_key")} == {
        name: form.fields[name] for name in form.fields if name.endswith("-_key")
    }
    assert grown["0-action_type"] == ["foot_patrol"]
    assert grown["3-result_sv"] == ["Lugnt på torget."]
    assert grown["7-result_sv"] == [""]
    assert not issue_of(site, issue_id).actions
    full = forms_of(visit.post("/log-action/shift", {**grown, "more": ""}).text)[-1]
    assert "11-result_sv" in full.names
    assert "more" not in full.names


def test_rows_sent_after_the_session_ended_give_their_texts_back(site: Site) -> None:
    an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    form = visit.form("/log-action/shift")
    site.clock.advance(hours=13)
    typed = {**form.fields, "0-result_sv": "Lugnt på torget.", "3-result_sv": "Två samtal."}
    answer = visit.post(form.action, typed)
    assert answer.status_code == 401
    assert "Lugnt på torget." in text_of(answer)
    assert "Två samtal." in text_of(answer)


def test_the_focus_shows_what_the_agency_is_asked_for(site: Site) -> None:
    issue_id, _ = a_sent_referral(site.started)
    number = issue_of(site, issue_id).number
    site.started.catch_up()
    page = site.visit("u-pol-02").get("/focus")
    assert number in text_of(page)
    assert f"/log-action?issue={number}" in page.text


def test_the_focus_shows_an_issue_once_and_says_that_it_is_late(site: Site) -> None:
    issue_id, _ = a_sent_referral(site.started)
    number = issue_of(site, issue_id).number
    site.clock.advance(days=30)
    site.started.catch_up()
    page = text_of(site.visit("u-pol-02").get("/focus"))
    assert page.count(f"/log-action?issue={number}") == 1
    item = page[page.index("Otrygghet vid Brunnsparken") : page.index(f"{number} ·")]
    assert "Försenat" in item
    late = page[page.index("<h2>Försenat") :]
    assert number not in late


def test_the_issues_near_a_place_are_offered_with_their_metres(site: Site) -> None:
    lamp = Place(name="Kungsparken", lat=57.7015, lon=11.9665)
    near_id = an_open_issue(site.started, place=lamp, public_title="Mörkt i parken")
    far_id = an_open_issue(site.started, place=BRUNNSPARKEN)
    site.started.catch_up()
    near, far = (issue_of(site, each).number for each in (near_id, far_id))
    visit = site.visit("u-pol-02")
    form = visit.form("/log-action")
    here = {**form.fields, "place_lat": "57.70200", "place_lon": "11.96650", "_near": "on"}
    page = text_of(visit.post("/log-action", {**here, "issue": far}))
    assert "Öppna ärenden nära platsen: 2. Det närmaste är 60 m bort." in page
    chosen = page[page.index('<select class="ds-input" id="issue"') :]
    told = re.findall(r'<option value="(TIC[^"]+)"( selected)?>([^<]+)<', chosen)
    assert [(each[0], each[1]) for each in told] == [(near, ""), (far, " selected")]
    assert told[0][2].startswith("60 m: Mörkt i parken (Kungsparken)")
    assert told[1][2].startswith("570 m: ")
    assert not issue_of(site, near_id).actions, "to look logs nothing"
    part = visit.post("/log-action", here, **{"HX-Request": "true", "HX-Request-Type": "partial"})
    assert "<header" not in part.text
    assert near in part.text


def test_without_a_phone_that_knows_its_place_the_chosen_one_is_gone_by(site: Site) -> None:
    issue_id = an_open_issue(site.started, place=BRUNNSPARKEN)
    site.started.catch_up()
    number = issue_of(site, issue_id).number
    visit = site.visit("u-pol-02")
    fields = {**visit.form("/log-action").fields, "_near": "on"}
    for place, said in (
        ({"place": "brunnsparken"}, "Det närmaste är 0 m bort."),
        ({"place_name": "brunnsparken"}, "Öppna ärenden som nämner platsen: 1."),
    ):
        page = text_of(visit.post("/log-action", {**fields, **place}))
        assert said in page
        near = page[page.index('label="Nära platsen"') : page.index('label="Våra och de senaste"')]
        assert number in near
    page = text_of(visit.post("/log-action", {**fields, "place": "linnegatan"}))
    assert "Inget öppet ärende inom 1 000 m." in page.replace("\xa0", " ")
    assert "Nära platsen" not in page


def test_what_has_waited_on_a_phone_needs_its_writer_and_a_key(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    told = visit.get("/log-action/unsent").json()
    typed = {"action_type": "foot_patrol", "issue": number, "_key": "k1", "_owner": told["owner"]}
    assert visit.post("/log-action/unsent", {**typed, "_owner": "0" * 24}).status_code == 409
    assert visit.post("/log-action/unsent", {**typed, "_key": ""}).status_code == 409
    assert visit.post("/log-action/unsent", {**typed, "issue": "TIC-1"}).status_code == 422
    answer = visit.post("/log-action/unsent", typed)
    assert answer.status_code == 201
    shown = answer.json()["location"]
    assert shown.startswith(f"/issues/{issue_id}")
    assert "Fotpatrull" in text_of(visit.get(shown))
    assert visit.post("/log-action/unsent", typed).status_code == 201
    assert len(issue_of(site, issue_id).actions) == 1
    other = site.visit("u-pol-01")
    assert other.get("/log-action/unsent").json()["owner"] != told["owner"]
    assert other.post("/log-action/unsent", typed).status_code == 409
    assert site.visit(None).get("/log-action/unsent").status_code == 401


def test_what_a_phone_keeps_names_nobody_and_no_issue(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    number = issue_of(site, issue_id).number
    site.started.catch_up()
    visit = site.visit("u-pol-02")
    kept = visit.get("/log-action/offline").text
    assert number not in kept
    assert "u-pol-02" not in kept
    worker = visit.get("/service-worker.js")
    assert '"/log-action/offline"' in worker.text
    assert worker.headers["cache-control"] == "no-cache"
    assert visit.get("/manifest.webmanifest").json()["start_url"] == "/log-action"
