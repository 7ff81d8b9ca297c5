"""The page of an issue: its place in the list somebody came from, its story, and its past."""

import html
import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import pytest

from domain.classification import ChangeTitle
from domain.notes import AddNote
from tests.examples import a_sent_referral, an_open_issue, send_referral
from tests.service.visiting import Site, a_site

OURS = quote("/queue?bucket=ours")


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


def issues(site: Site, many: int = 3) -> list[UUID]:
    made: list[UUID] = []
    for _ in range(many):
        made.append(an_open_issue(site.started))
        site.clock.advance(minutes=1)
    site.started.catch_up()
    return made


def test_previous_and_next_keep_the_list(site: Site) -> None:
    first, second, third = issues(site)
    visit = site.visit("u-dis-01")
    page = visit.get(f"/issues/{second}?list={OURS}").text
    assert "2 av 3" in page
    assert f"/issues/{first}?list=" in page
    assert f"/issues/{third}?list=" in page
    onwards = re.findall(r'href="([^"]+)" data-key="j"', page)
    assert "3 av 3" in visit.get(onwards[0]).text
    for elsewhere in ("//evil.example", "/trail", ""):
        assert "av 3" not in visit.get(f"/issues/{second}?list={quote(elsewhere)}").text


def test_the_story_is_narrowed_by_kind(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.execute(AddNote(issue_id=issue_id, text_sv="Fastighetsägaren är kontaktad."))
    site.started.create(send_referral(issue_id))
    site.started.act()
    visit = site.visit("u-dis-01")
    story = visit.get(f"/issues/{issue_id}").text
    notes = visit.get(f"/issues/{issue_id}?show=notes").text
    assert story.count('<li id="e-') > notes.count('<li id="e-') == 1
    assert "Fastighetsägaren är kontaktad." in notes
    assert visit.get(f"/issues/{issue_id}?show=x").text.count('<li id="e-') == story.count(
        '<li id="e-'
    )


def test_every_line_says_who_sees_it(site: Site) -> None:
    open_to_all = an_open_issue(site.started)
    restricted = an_open_issue(site.started, by="u-pol-01", category="extremism")
    site.started.catch_up()
    assert (
        "Ser detta: alla myndigheter" in site.visit("u-dis-01").get(f"/issues/{open_to_all}").text
    )
    page = site.visit("u-pol-01").get(f"/issues/{restricted}").text
    assert "Ser detta: inblandade myndigheter" in page


def test_an_issue_is_shown_as_it_was_at_each_step_and_moment(site: Site) -> None:
    issue_id = an_open_issue(site.started, title="Första rubriken")
    site.clock.advance(hours=1)
    site.started.execute(
        ChangeTitle(
            issue_id=issue_id,
            title="Andra rubriken",
            public_title="Andra rubriken",
            reason_sv="Tydligare för mottagaren.",
        )
    )
    site.clock.advance(hours=1)
    site.started.create(send_referral(issue_id))
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    path = f"/issues/{issue_id}/then"
    first = visit.get(f"{path}?step=1").text
    assert "<h1>Första rubriken</h1>" in first
    assert "Andra rubriken" not in first
    assert "(Våra ärenden)" in first
    assert "(Väntar på andra)" not in first
    assert "<h1>Andra rubriken</h1>" in visit.get(f"{path}?step=2").text
    moment = re.findall(r'name="moment"[^>]* value="([^"]+)"', first)[0]
    assert "<h1>Första rubriken</h1>" in visit.get(f"{path}?moment={quote(moment)}").text
    for query in (
        "",
        "?step=99",
        "?step=-1",
        "?step=0000000029",
        "?moment=nonsense",
        "?moment=2999-01-01T10:00",
    ):
        now = visit.get(path + query).text
        assert "<h1>Andra rubriken</h1>" in now, query
        assert "(Väntar på andra)" in now
    assert "<h1>Första rubriken</h1>" in visit.get(f"{path}?moment=1999-01-01T10:00").text


def test_what_is_asked_stands_beside_the_ways_to_answer_it(site: Site) -> None:
    issue_id, _ = a_sent_referral(site.started)
    site.started.catch_up()
    question = send_referral(issue_id).question_sv or ""
    answers = site.visit("u-pol-01").get(f"/issues/{issue_id}").text
    card = answers.split('class="paper answer"')[1].split("</section>")[0]
    assert html.escape(question) in card
    assert "/do/AcceptReferral" in card
    assert "Vad som är sagt" not in answers, "said once, where it is answered"
    assert "<details open><summary>Vad som är sagt" in (
        site.visit("u-dis-01").get(f"/issues/{issue_id}").text
    )


def test_the_past_is_for_those_who_may_read_the_issue(site: Site) -> None:
    restricted = an_open_issue(site.started, by="u-pol-01", category="extremism")
    pushed = an_open_issue(site.started)
    site.started.catch_up()
    assert site.visit("u-dis-01").get(f"/issues/{restricted}/then").status_code == 404
    assert site.visit("u-par-01").get(f"/issues/{pushed}/then").status_code == 404
    assert site.visit("u-rep-01").get(f"/issues/{pushed}/then").status_code == 403
    assert site.visit("u-pol-01").get(f"/issues/{restricted}/then").status_code == 200
