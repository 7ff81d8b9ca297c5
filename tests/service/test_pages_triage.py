"""The inbox beside one report, and the open issues it may belong to."""

from collections.abc import Iterator

import pytest

from domain.values import Place
from service.pages.triage import CANDIDATES, NEAR_METRES, distance
from tests.examples import a_report, an_open_issue
from tests.service.visiting import Site, a_site, forms_of

HERE = Place(name="Brunnsparken", place_id="brunnsparken", lat=57.7070, lon=11.9690)
AROUND_THE_CORNER = Place(name="Kanaltorget", lat=57.7078, lon=11.9690)
FAR_AWAY = Place(name="Frölunda torg", lat=57.6520, lon=11.9110)


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


def test_distances_are_metres_and_unknown_without_positions() -> None:
    near = distance(HERE, AROUND_THE_CORNER)
    far = distance(HERE, FAR_AWAY)
    assert near is not None
    assert 85 < near < 95 < NEAR_METRES
    assert far is not None
    assert 6_500 < far < 7_500
    assert distance(HERE, Place(name="Någonstans")) is None


def test_a_report_stands_beside_the_inbox_with_issues_near_it(site: Site) -> None:
    same = an_open_issue(site.started, place=HERE, title="Samma plats")
    near = an_open_issue(site.started, place=AROUND_THE_CORNER, title="Runt hörnet")
    far = an_open_issue(site.started, place=FAR_AWAY, title="Långt bort", category="graffiti")
    report_id = a_report(site.started, "u-dis-01", place=HERE, category="noise")
    site.started.catch_up()
    page = site.visit("u-dis-01").get(f"/inbox?report={report_id}").text
    assert 'aria-current="true"' in page
    suggested = page.split('class="plain paper near"')[1].split("</ul>")[0]
    assert "samma plats" in suggested
    assert "89 m bort" in suggested
    assert f"/issues/{same}" in suggested
    assert f"/issues/{near}" in suggested
    assert f"/issues/{far}" not in suggested
    assert site.visit("u-dis-01").get("/inbox?report=x").status_code == 404


def test_an_issue_near_by_is_suggested_however_many_came_later_elsewhere(site: Site) -> None:
    near = an_open_issue(site.started, place=AROUND_THE_CORNER, title="Runt hörnet")
    for number in range(CANDIDATES + 1):
        an_open_issue(site.started, place=FAR_AWAY, title=f"Långt bort {number}")
    report_id = a_report(site.started, "u-dis-01", place=HERE, category="noise")
    site.started.catch_up()
    page = site.visit("u-dis-01").get(f"/inbox?report={report_id}").text
    suggested = page.split('class="plain paper near"')[1].split("</ul>")[0]
    assert f"/issues/{near}" in suggested
    assert "89 m bort" in suggested


def test_a_report_is_linked_where_it_was_suggested(site: Site) -> None:
    issue_id = an_open_issue(site.started, place=HERE)
    report_id = a_report(site.started, "u-dis-01", place=HERE)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    page = visit.get(f"/inbox?report={report_id}").text
    form = next(each for each in forms_of(page) if each.action.endswith("/link"))
    number = page.split('name="candidate" value="')[1].split('"')[0]
    answer = visit.post(form.action, {**form.fields, "candidate": number})
    assert answer.headers["location"].startswith(f"/issues/{issue_id}?")


def test_after_a_report_is_dismissed_the_next_one_stands_beside_the_inbox(site: Site) -> None:
    first, second = (a_report(site.started, "u-dis-01") for _ in range(2))
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    for report_id, onwards in ((first, f"/inbox?report={second}&"), (second, "/inbox?")):
        form = visit.form(f"/reports/{report_id}/do/DismissReport")
        answer = visit.post(form.action, {**form.fields, "reason": "duplicate"})
        assert answer.headers["location"].startswith(f"{onwards}done=DismissReport")
        site.started.catch_up()
