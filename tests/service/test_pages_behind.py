"""A page says when it does not show everything: one's own write, or anything since a fault."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from projections.catalogue import PROJECTIONS
from projections.projection import Projection
from service.freshness import ReadModels
from tests.examples import an_open_issue, open_issue
from tests.service.visiting import Site, a_site

NOT_YET = "Det du gjorde är sparat men syns inte här än."
STANDS_STILL = "Sidan har stannat"


@pytest.fixture
def still_site(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The application whose worker has ended: nothing is folded unless a test does it."""
    monkeypatch.setattr("service.freshness.WAIT_SECONDS", 0.05)
    with a_site(sqlite_url) as site:
        site.started.catch_up()
        site.app.state.worker.stop()
        yield site


def test_a_write_that_does_not_show_yet_is_said_to_be_saved(still_site: Site) -> None:
    issue_id = an_open_issue(still_site.started)
    still_site.started.catch_up()
    visit = still_site.visit("u-dis-01")
    answer = visit.fill(f"/issues/{issue_id}/do/AddNote", text_sv="Det här syns inte än.")
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert "at=" in location
    page = visit.get(location).text
    assert NOT_YET in page
    assert "Det här syns inte än." not in page
    still_site.started.catch_up()
    page = visit.get(location).text
    assert NOT_YET not in page
    assert "Det här syns inte än." in page


def test_a_page_that_shows_everything_says_nothing(still_site: Site) -> None:
    visit = still_site.visit("u-dis-01")
    for path in ("/queue", "/issues", "/inbox", "/trail", "/figures"):
        page = visit.get(path).text
        assert NOT_YET not in page
        assert STANDS_STILL not in page


def test_what_is_behind_for_a_minute_stands_still(still_site: Site) -> None:
    still_site.started.execute(open_issue())
    visit = still_site.visit("u-dis-01")
    assert STANDS_STILL not in visit.get("/queue").text
    still_site.clock.advance(minutes=2)
    page = visit.get("/queue").text
    assert f"{STANDS_STILL}: det som har hänt sedan 12 januari 2026 kl. 8.15" in page
    visit.post("/language", {"language": "en", "back": "/"})
    assert "This page stands still" in visit.get("/queue").text


def test_a_page_that_lags_says_by_how_much(still_site: Site) -> None:
    for _ in range(3):
        still_site.started.execute(open_issue())
    still_site.clock.advance(seconds=14)
    visit = still_site.visit("u-dis-01")
    assert "Sidan släpar efter med 3 händelser (14 s)." in visit.get("/queue").text
    visit.post("/language", {"language": "en", "back": "/"})
    assert "This page is 3 events behind (14 s)." in visit.get("/queue").text
    still_site.started.catch_up()
    assert "events behind" not in visit.get("/queue").text


def test_a_stopped_read_model_is_told_on_the_pages_that_read_it(sqlite_url: str) -> None:
    def fails(*_told: object) -> None:
        raise ZeroDivisionError

    def broken(projection: Projection) -> Projection:
        return replace(projection, fold=fails) if projection.name == "queues" else projection

    with a_site(sqlite_url, projections=[broken(each) for each in PROJECTIONS]) as site:
        site.started.execute(open_issue())
        site.started.samsyn.runner.catch_up()
        visit = site.visit("u-dis-01")
        assert STANDS_STILL in visit.get("/queue").text
        assert STANDS_STILL not in visit.get("/issues").text
        assert STANDS_STILL not in visit.get("/trail").text


def test_a_position_ahead_of_the_log_is_not_waited_for(still_site: Site) -> None:
    models = ReadModels(still_site.started.samsyn)
    assert not models.freshness(("queues",), written_at=10**12).lacks_own_write
