"""What is being written is not lost: drafts kept on the server, in one window or in two."""

from collections.abc import Iterator

import pytest

from domain.notes import AddNote
from infra.desk import DRAFT_KEPT
from tests.examples import an_open_issue
from tests.service.visiting import Site, a_site, forms_of

TEXT = "Fastighetsägaren lovar belysning före advent."


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


def note_path(site: Site) -> str:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    return f"/issues/{issue_id}/do/AddNote"


def test_a_draft_waits_for_its_writer_only(site: Site) -> None:
    path = note_path(site)
    visit = site.visit("u-dis-01")
    answer = visit.post("/drafts", {"_form": path, "text_sv": TEXT})
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = visit.get(path).text
    assert "Ditt utkast från" in page
    assert TEXT in page
    assert TEXT not in site.visit("u-dis-02").get(path).text
    visit = site.visit("u-dis-01")
    visit.post("/drafts/drop", {"_form": path})
    assert TEXT not in visit.get(path).text


def test_a_draft_ends_with_what_it_was_for(site: Site) -> None:
    path = note_path(site)
    visit = site.visit("u-dis-01")
    visit.post("/drafts", {"_form": path, "text_sv": TEXT})
    assert visit.fill(path).status_code == 303
    assert "Ditt utkast från" not in visit.get(path).text


def test_a_draft_nobody_comes_back_to_is_forgotten(site: Site) -> None:
    path = note_path(site)
    site.visit("u-dis-01").post("/drafts", {"_form": path, "text_sv": TEXT})
    site.clock.advance(hours=24 * DRAFT_KEPT.days + 1)
    assert TEXT not in site.visit("u-dis-01").get(path).text


def test_drafts_are_for_those_who_have_signed_in_and_say_when_they_were_kept(site: Site) -> None:
    path = note_path(site)
    assert site.visit().post("/drafts", {"_form": path, "text_sv": TEXT}).status_code == 401
    visit = site.visit("u-dis-01")
    said = visit.post("/drafts", {"_form": path, "text_sv": TEXT}, Accept="text/plain").text
    assert said.startswith("Utkast sparat ")


def test_two_windows_overwrite_each_other_only_when_somebody_chose(site: Site) -> None:
    path = note_path(site)
    visit = site.visit("u-dis-01")
    first, second = ({**visit.form(path).fields, "text_sv": each} for each in ("Ett.", "Två."))
    for each in (first, second):
        del each["_csrf_token"]
    assert visit.post("/drafts", first | {"_form": path}).status_code == 303
    assert visit.post("/drafts", first | {"_form": path}).status_code == 303, "the same window"
    said = visit.post("/drafts", second | {"_form": path}, Accept="text/plain")
    assert said.status_code == 409
    assert said.text.startswith("Inte sparat: du har ett annat utkast")
    both = visit.post("/drafts", second | {"_form": path})
    assert both.status_code == 409
    assert "Ett." in both.text
    assert "Två." in both.text
    assert "Ett." in visit.get(path).text
    chosen = forms_of(both.text)[-1].fields
    assert visit.post("/drafts", chosen).status_code == 303
    page = visit.get(path).text
    assert "Två." in page
    begun = {**forms_of(page)[-1].fields, "text_sv": "Tre."}
    assert visit.post("/drafts", begun).status_code == 303, "it began with that draft"
    assert "Tre." in visit.get(path).text


def test_a_draft_is_told_what_has_happened_since(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    path = f"/issues/{issue_id}/do/CloseIssue"
    visit = site.visit("u-dis-01")
    visit.post("/drafts", {**visit.form(path).fields, "summary_sv": TEXT})
    assert "Det här hände" not in visit.get(path).text
    site.started.execute(AddNote(issue_id=issue_id, text_sv="Vi är inte klara."), "u-pol-01")
    page = visit.get(path).text
    assert "Det här hände, och så skrev du" in page
    assert "Vi är inte klara." in page
    assert page.count(TEXT) == 2, "beside what happened, and in its field"
