"""The preview of a referral is the receiver's page: it shows what is shown once it is sent."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest

from domain.action import PlanAction
from domain.codes import ActionType
from domain.issue import Issue
from domain.notes import AddNote
from domain.opening import LinkReport
from domain.working_days import LOCAL_ZONE
from tests.examples import a_report, an_open_issue, followed_up, performed
from tests.service.visiting import Site, Visit, a_site

PART = {"HX-Request": "true", "HX-Request-Type": "partial"}
QUESTION = "Fastigheten är er, och <b>gården</b> står öppen hela natten."
SECRET = "Markör som bara myndigheter får läsa"
SHOWN = {
    "badges": r'<p class="badges">(.*?)</p>',
    "facts": r"<dt>(.*?)</dt><dd>(.*?)</dd>",
    "headings": r"<h\d[^>]*>(.*?)</h\d>",
    "places": r"<p>Plats: (.*?)</p>",
    "referrals": r'<article class="referral">(.*?)</article>',
    "tags": r'<span class="ds-tag"[^>]*>(.*?)</span>',
    "texts": r"<figcaption>(.*?)</figcaption><blockquote>(.*?)</blockquote>",
    "times": r"<time[^>]*>(.*?)</time>",
    "what": r'<p class="what">(.*?)</p>',
    "who": r'<p class="quiet">(.*?)</p>',
}
SINCE = ("för första gången", " nådde ")
"""What happens by itself once a referral is sent and its receiver opens the page."""


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all previews; every test makes issues of its own."""
    path = tmp_path_factory.mktemp("previews") / "samsyn.db"
    shutil.copyfile(sqlite_template, path)
    with a_site(f"sqlite:///{path}") as site:
        yield site


def an_eventful_issue(site: Site) -> UUID:
    """With everything an issue's page shows, each kind once."""
    issue_id = an_open_issue(site.started, title="Langning vid trappan 4B")
    report_id = a_report(site.started, "u-dis-01")
    due_on = site.clock.now.date()
    for command in (
        LinkReport(issue_id=issue_id, report_id=report_id),
        AddNote(issue_id=issue_id, text_sv=f"{SECRET}: nattvakten känner till porten."),
        performed(issue_id),
        followed_up(issue_id),
        PlanAction(issue_id=issue_id, action_type=ActionType.LIGHTING_FIX, due_on=due_on),
    ):
        site.started.execute(command)
        site.clock.advance(minutes=7)
    site.started.catch_up()
    return issue_id


def version_of(site: Site, issue_id: UUID) -> int:
    """Of the issue alone."""
    issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
    return issue.version


def typed_form(visit: Visit, issue_id: UUID, kind: str, to: str) -> tuple[str, dict[str, object]]:
    form = visit.form(f"/issues/{issue_id}/do/SendReferral")
    asked = {"type": kind, "to_agency": to, "question_sv": QUESTION, "wanted_sv": "Stängd gård."}
    if kind == "consult":
        asked["respond_by"] = "2026-03-02T09:00"
    del form.fields["_csrf_token"]
    return form.action, {**form.fields, **asked}


def shown(html: str) -> dict[str, list[str]]:
    """Everything that is said in a page or a preview, by where it is said."""
    return {
        kind: [
            " ".join(unescape(re.sub(r"<[^>]+>", " ", each.group())).split())
            for each in re.finditer(pattern, html, re.DOTALL)
        ]
        for kind, pattern in SHOWN.items()
    }


def previewed(visit: Visit, action: str, typed: dict[str, object]) -> str:
    answer = visit.post(action, typed | {"_preview": "on"}, **PART)
    assert answer.status_code == 200
    assert "<header" not in answer.text
    return str(answer.text)


@pytest.mark.parametrize(
    ("kind", "to", "reader"),
    [
        ("transfer", "police", "u-pol-01"),
        ("consult", "social", "u-soc-01"),
        ("inform", "social", "u-soc-01"),
        ("assist", "partner_nordstan", "u-par-01"),
    ],
)
def test_the_preview_is_what_the_receiver_sees_once_it_is_sent(
    site: Site, kind: str, to: str, reader: str
) -> None:
    issue_id = an_eventful_issue(site)
    visit = site.visit("u-dis-01")
    action, typed = typed_form(visit, issue_id, kind, to)
    before = version_of(site, issue_id)
    preview = previewed(visit, action, typed)
    assert version_of(site, issue_id) == before, "looking records nothing"
    assert visit.post(action, typed).status_code == 303
    site.started.catch_up()
    page = site.visit(reader).get(f"/issues/{issue_id}").text
    page = re.sub(r'<div class="toolbar".*?</div>\s*<div class="split">', "", page, flags=re.DOTALL)
    happened_since = rf'<li id="e-\d+"[^>]*>(?:(?!</li>).)*(?:{"|".join(SINCE)}).*?</li>'
    page = re.sub(happened_since, "", page, flags=re.DOTALL)
    page = page[page.index("<h1") : page.index("</main>")]
    expected, found = shown(page), shown(preview)
    intro = found["who"].pop(0)
    assert "Inget är skickat än." in intro
    assert found["headings"].pop(0).startswith("Så här ser")
    assert found == expected
    assert "&lt;b&gt;gården&lt;/b&gt;" in preview, "what is typed is text"
    pushed = to.startswith("partner")
    assert (SECRET in preview) != pushed
    assert ("trappan 4B" in preview) != pushed


def test_nobody_reads_by_a_preview_what_only_the_receiver_may(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    report_id = a_report(site.started, "u-pol-01", text=SECRET, category="extremism")
    site.started.execute(LinkReport(issue_id=issue_id, report_id=report_id), "u-pol-01")
    due_on = site.clock.now.date()
    plan = PlanAction(issue_id=issue_id, action_type=ActionType.OUTREACH, due_on=due_on)
    site.started.execute(plan, "u-soc-01")
    site.started.catch_up()
    assert SECRET in site.visit("u-pol-01").get(f"/issues/{issue_id}").text
    visit = site.visit("u-soc-01")
    preview = previewed(visit, *typed_form(visit, issue_id, "inform", "police"))
    assert "Rapporter som mottagaren ser men inte du: 1." in preview
    assert SECRET not in preview


def test_the_preview_follows_the_writing_and_says_what_it_lacks(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    action, typed = typed_form(visit, issue_id, "transfer", "police")
    nothing = previewed(visit, action, dict.fromkeys(typed, ""))
    assert "<li>Mottagare:" in nothing
    begun = previewed(visit, action, typed | {"question_sv": "Er gård", "wanted_sv": ""})
    assert "Er gård (inte färdigskrivet än)" in begun
    soon = (site.clock.now + timedelta(minutes=30)).astimezone(LOCAL_ZONE)
    late = previewed(visit, action, typed | {"respond_by": f"{soon:%Y-%m-%dT%H:%M}"})
    assert "minst en timme att svara" in late
    assert QUESTION[:10] not in late
    personal = previewed(visit, action, typed | {"question_sv": f"{QUESTION} 19121212-1212"})
    assert "personnummer" in personal
    assert "19121212" not in personal
    refused = previewed(visit, action, typed | {"type": "consult", "to_agency": "partner_nordstan"})
    assert "är ingen myndighet" in refused


def test_without_scripts_a_button_shows_the_preview_and_keeps_the_text(site: Site) -> None:
    issue_id = an_eventful_issue(site)
    visit = site.visit("u-dis-01")
    action, typed = typed_form(visit, issue_id, "transfer", "police")
    assert "När du har valt typ och mottagare" in visit.get(action).text
    answer = visit.post(action, typed | {"_preview": "on"})
    assert answer.status_code == 200
    assert "Så här ser Polisen, lokalpolisområde Göteborg City ärendet" in answer.text
    assert answer.text.count("&lt;b&gt;gården&lt;/b&gt;") == 3, (
        "the field, the story, where it is answered"
    )
    assert visit.post(action, typed | {"_preview": "on", "wanted_sv": ""}).status_code == 422
