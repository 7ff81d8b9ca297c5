"""What is being written is not lost: drafts kept on the server, and two who change the same."""

from collections.abc import Iterator

import pytest

from domain.classification import ChangeTitle
from infra.desk import DRAFT_KEPT
from tests.examples import an_open_issue
from tests.service.visiting import Site, a_site

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


def test_two_who_change_the_same_see_both_texts_and_lose_none(site: Site) -> None:
    issue_id = an_open_issue(site.started, title="Otrygg passage")
    site.started.catch_up()
    path = f"/issues/{issue_id}/do/ChangeTitle"
    visit = site.visit("u-dis-01")
    form = visit.form(path)
    mine = {**form.fields, "title": "Min rubrik", "reason_sv": "Tydligare för alla."}
    site.started.execute(
        ChangeTitle(
            issue_id=issue_id,
            title="Annas rubrik",
            public_title="Otrygg passage",
            reason_sv="Bättre beskrivning.",
        ),
        "u-dis-02",
    )
    site.started.catch_up()
    answer = visit.post(path, mine)
    assert answer.status_code == 409
    for text in ("Någon annan ändrade ärendet medan du skrev.", "Annas rubrik", "Min rubrik"):
        assert text in answer.text
    assert 'value="Min rubrik"' in answer.text
    again = {**mine, "_seen": answer.text.split('name="_seen" value="')[1].split('"')[0]}
    assert visit.post(path, again).status_code == 303
    site.started.catch_up()
    assert "<h1>Min rubrik</h1>" in visit.get(f"/issues/{issue_id}").text
