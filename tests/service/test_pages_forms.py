"""Every command of people has a form: it opens, names what is missing and is carried out."""

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.codes import CloseOutcome
from domain.hints import hint
from domain.issue import Issue
from domain.lifecycle import NEEDS_NO_FOLLOW_UP
from domain.values import Role
from service.commands import COMMANDS
from service.forms.command_words import BUTTONS, COMMAND_WORDS, LEADS_TO, LEADS_TO_OF_TYPE, OF_TYPE
from service.forms.layout import DEPENDS, NEEDED, ORDER, layout_of
from service.forms.words import HINTS_OF_COMMAND, OF_COMMAND, said_of, words_of
from service.short_names import short_name
from tests.examples import ACTORS, a_sent_referral, an_open_issue, performed
from tests.service.situations import LONG, SITUATIONS, Situation
from tests.service.visiting import Site, a_site, forms_of

USERS = {
    Role.AUDITOR: "u-aud-01",
    Role.CASEWORKER: "u-dis-01",
    Role.COORDINATOR: "u-coo-01",
    Role.FIELD_OFFICER: "u-pol-02",
    Role.MANAGER: "u-man-01",
    Role.REGISTRAR: "u-reg-01",
}
BY_MACHINES = {"EscalateReferral", "MarkReferralDelivered", "RemindReferral"}


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all forms; every test makes issues of its own."""
    path = tmp_path_factory.mktemp("forms") / "samsyn.db"
    shutil.copyfile(sqlite_template, path)
    with a_site(f"sqlite:///{path}") as site:
        yield site


def begin(site: Site, name: str) -> Situation:
    situation = SITUATIONS[name](site.started)
    site.started.act()
    return situation


def said(answer: Any) -> str:
    """What stands in the summary of errors."""
    found = re.search(r'<div class="errors".*?</div>', answer.text, re.DOTALL)
    return html.unescape(found.group()) if found else ""


def test_every_command_of_people_has_words_and_a_situation() -> None:
    by_people = {
        name
        for name, row in COMMANDS.items()
        if row.id_field or name in ("OpenIssue", "ReceiveReport")
    } - BY_MACHINES
    assert set(COMMAND_WORDS) == by_people
    assert set(SITUATIONS) == by_people


def test_what_is_said_of_a_question_follows_it_without_a_colon(site: Site) -> None:
    assert said_of("Plats", "Fyll i fältet.") == "Plats: Fyll i fältet."
    assert said_of("Vad har hänt?", "Fyll i fältet.") == "Vad har hänt? Fyll i fältet."
    visit = site.visit("u-dis-01")
    said = visit.fill("/reports/new", text="").text
    assert "Vad har hänt? Fyll i fältet." in said
    assert "?:" not in said


def test_every_way_to_close_without_follow_up_says_so() -> None:
    for outcome in CloseOutcome:
        helps = hint(outcome)
        says = helps is not None and "Uppföljning krävs inte." in helps.sv
        assert says == (outcome in NEEDS_NO_FOLLOW_UP), outcome


def test_words_and_layouts_are_of_commands_and_fields_there_are() -> None:
    fields = {name: set(row.command.__dataclass_fields__) for name, row in COMMANDS.items()}
    for name, field in {*OF_COMMAND, *HINTS_OF_COMMAND}:
        assert field in fields[name], (name, field)
    for table in (ORDER, NEEDED, DEPENDS):
        for name, shown in table.items():
            assert set(shown) <= fields[name], name
    assert {*LEADS_TO, *BUTTONS} <= set(COMMAND_WORDS)
    assert {name for name, _ in {**OF_TYPE, **LEADS_TO_OF_TYPE}} <= set(COMMAND_WORDS)


@pytest.mark.parametrize("name", sorted(COMMAND_WORDS))
def test_every_field_on_a_form_has_words(name: str) -> None:
    for role in Role:
        for field in layout_of(COMMANDS[name].command, role).shown:
            assert words_of(name, field).sv
            assert words_of(name, field).en


@pytest.mark.parametrize("name", sorted(COMMAND_WORDS))
def test_the_form_opens_with_all_its_fields(site: Site, name: str) -> None:
    situation = begin(site, name)
    visit = site.visit(situation.user_id)
    answer = visit.get(situation.path)
    assert answer.status_code == 200
    assert COMMAND_WORDS[name].sv in answer.text or any(each == name for each, _ in OF_TYPE)
    layout = layout_of(COMMANDS[name].command, ACTORS[situation.user_id].role)
    assert set(layout.shown) - situation.leaves_out - {"report_id"} <= {
        *forms_of(answer.text)[-1].names
    }


@pytest.mark.parametrize("name", sorted(COMMAND_WORDS))
def test_an_empty_form_names_every_field_that_is_missing(site: Site, name: str) -> None:
    situation = begin(site, name)
    visit = site.visit(situation.user_id)
    given = {"report_id"} if situation.path.startswith("/reports/") else set[str]()
    layout = layout_of(
        COMMANDS[name].command,
        ACTORS[situation.user_id].role,
        leave_out=situation.leaves_out | given,
    )
    answer = visit.post(situation.path, {})
    if not layout.needed:
        assert answer.status_code in (303, 409, 422)
        return
    assert answer.status_code == 422
    for field in layout.needed:
        assert f">{said_of(words_of(name, field).sv, '')}" in said(answer)


@pytest.mark.parametrize("name", sorted(COMMAND_WORDS))
def test_a_good_form_is_carried_out(site: Site, name: str) -> None:
    situation = begin(site, name)
    visit = site.visit(situation.user_id)
    before = site.started.samsyn.casework.head()
    answer = visit.fill(situation.path, **situation.typed)
    assert answer.status_code == 303, said(answer)
    assert f"done={name}" in answer.headers["location"]
    assert site.started.samsyn.casework.head() > before
    page = visit.get(answer.headers["location"])
    assert page.status_code == 200
    assert f"Sparat: {COMMAND_WORDS[name].sv}." in page.text


@pytest.mark.parametrize("name", sorted(COMMAND_WORDS))
def test_roles_that_may_not_are_told_who_may(site: Site, name: str) -> None:
    situation = begin(site, name)
    before = site.started.samsyn.casework.head()
    for role, user_id in USERS.items():
        if role in COMMANDS[name].roles:
            continue
        visit = site.visit(user_id)
        assert visit.get(situation.path).status_code == 403, role
        answer = visit.post(situation.path, situation.typed)
        assert answer.status_code == 403, role
        assert "Roller som får" in answer.text
    assert site.started.samsyn.casework.head() == before


def test_the_same_form_twice_writes_once(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    form = visit.form(f"/issues/{issue_id}/do/AddNote")
    typed = {**form.fields, "text_sv": LONG}
    assert visit.post(form.action, typed).status_code == 303
    head = site.started.samsyn.casework.head()
    assert visit.post(form.action, typed).status_code == 303
    assert site.started.samsyn.casework.head() == head


def test_a_form_that_was_changed_after_it_was_sent_asks_again(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    form = visit.form(f"/issues/{issue_id}/do/AddNote")
    visit.post(form.action, {**form.fields, "text_sv": LONG})
    answer = visit.post(form.action, {**form.fields, "text_sv": "Något helt annat än förut."})
    assert answer.status_code == 409
    again = forms_of(answer.text)[-1]
    assert again.fields["text_sv"] == ["Något helt annat än förut."]
    assert again.fields["_key"] > form.fields["_key"]
    assert visit.post(again.action, again.fields).status_code == 303


def test_the_preview_records_nothing_and_shows_what_is_sent(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.execute(performed(issue_id))
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    form = visit.form(f"/issues/{issue_id}/do/SendReferral")
    assert "Städning (Trygghetssamordningen)" in form.fields["background_sv"][0]
    before = site.started.samsyn.casework.head()
    typed = {
        **form.fields,
        "type": "transfer",
        "to_agency": "police",
        "question_sv": LONG,
        "wanted_sv": "Närvaro.",
        "_preview": "on",
    }
    answer = visit.post(form.action, typed)
    assert answer.status_code == 200
    assert "Så här ser Polisen, lokalpolisområde Göteborg City ärendet" in answer.text
    assert visit.post(form.action, {**typed, "wanted_sv": ""}).status_code == 422
    assert site.started.samsyn.casework.head() == before


def test_a_referral_is_opened_by_its_first_reader(site: Site) -> None:
    issue_id, referral_id = a_sent_referral(site.started)
    site.started.act()

    def opened() -> bool:
        issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
        return issue.referrals[referral_id].opened

    site.visit("u-dis-01").get(f"/issues/{issue_id}")
    site.visit("u-soc-01").get(f"/issues/{issue_id}")
    assert not opened()
    answer = site.visit("u-pol-01").get(f"/issues/{issue_id}")
    assert opened()
    assert "läste överlämningen för första gången" in answer.text
    head = site.started.samsyn.casework.head()
    site.visit("u-pol-02").get(f"/issues/{issue_id}")
    assert site.started.samsyn.casework.head() == head


def test_short_names_are_those_of_the_preset(site: Site) -> None:
    agencies = site.started.samsyn.execution.agencies()
    police = agencies.get("police")
    assert police is not None
    assert short_name(police).sv == "Polisen"
