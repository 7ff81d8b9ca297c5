"""The frame of every page: how it is shown, what it counts, its files, and reported faults."""

import gzip
import html
import zlib
from collections.abc import Iterator

import pytest

from domain.codes import ReferralType
from infra.desk import MOST_FAULTS_AN_HOUR
from service.pages.display import Density, Display, Scheme, display_of
from service.pages.icon import png_of
from service.pages.navigation import entry_of
from service.pages.sign_in import path_to_sign_in
from tests.examples import a_report, an_open_issue, send_referral
from tests.service.visiting import Site, a_site, forms_of


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


@pytest.mark.parametrize("cookie", [None, "", "dark", "dark.sm", "pink.sm.keys", "dark.xl.keys"])
def test_a_cookie_nobody_chose_changes_nothing(cookie: str | None) -> None:
    assert display_of(cookie) == Display()


def test_a_display_is_read_as_it_was_kept() -> None:
    chosen = Display(scheme=Scheme.DARK, density=Density.AIRY, keys=False)
    assert display_of(str(chosen)) == chosen


def test_the_chosen_display_stays(site: Site) -> None:
    visit = site.visit("u-dis-01")
    assert 'data-color-scheme="auto" data-size="sm">' in visit.get("/queue").text
    answer = visit.post("/display", {"scheme": "dark", "density": "md", "back": "/queue"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/queue")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert 'data-color-scheme="dark" data-size="md" data-keys="off">' in visit.get("/issues").text
    visit.post("/display", {"scheme": "pink", "density": "md", "back": "//elsewhere.example"})
    assert 'data-color-scheme="dark"' in visit.get("/issues").text


def test_pages_say_what_they_depend_on_and_are_not_kept(site: Site) -> None:
    for path in ("/queue", "/nothing", "/sign-in"):
        headers = site.visit("u-dis-01").get(path).headers
        assert headers["cache-control"] == "no-store"
        for name in (
            "Cookie",
            "HX-Request",
            "HX-Request-Type",
            "Accept-Encoding",
            "Sec-Fetch-Site",
        ):
            assert name in headers["vary"]


def test_pages_and_files_are_packed_for_browsers_that_unpack(site: Site) -> None:
    visit = site.visit("u-dis-01")
    for path in ("/queue", sheet_of(visit.get("/queue").text)):
        with site.client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            assert len(gzip.decompress(b"".join(answer.iter_raw()))) > 5_000
        plain = site.client.get(path, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("site_says", ["cross-site", "same-site"])
def test_what_another_site_asks_for_is_not_packed(site: Site, site_says: str) -> None:
    visit = site.visit("u-dis-01")
    asked = {"Accept-Encoding": "gzip", "Sec-Fetch-Site": site_says}
    assert "content-encoding" not in visit.get("/issues?text=x", **asked).headers
    sheet = visit.get(sheet_of(visit.get("/queue").text), **asked)
    assert sheet.headers["content-encoding"] == "gzip", "a file tells nothing"


def test_what_is_encrypted_is_packed_only_for_browsers_that_say_who_asks(sqlite_url: str) -> None:
    with a_site(sqlite_url, secure=True) as site:
        visit = site.visit()
        assert "content-encoding" not in visit.get("/sign-in").headers
        for asks in ("same-origin", "none"):
            answer = visit.get("/sign-in", **{"Sec-Fetch-Site": asks})
            assert answer.headers["content-encoding"] == "gzip"


def test_a_home_screen_gets_the_icon_as_a_png(site: Site) -> None:
    told = site.client.get("/manifest.webmanifest").json()["icons"]
    picture = next(each for each in told if each["type"] == "image/png")
    answer = site.client.get(picture["src"])
    assert answer.headers["content-type"] == "image/png"
    side = int.from_bytes(answer.content[16:20], "big")
    assert picture["sizes"] == f"{side}x{side}"
    begins = answer.content.index(b"IDAT") + 4
    rows = zlib.decompress(answer.content[begins:-16])
    assert len(rows) == side * (1 + 3 * side)
    middle = (side // 2) * (1 + 3 * side) + 1 + 3 * (side // 2)
    assert rows[1:4] == b"\xff" * 3, "white in the corner"
    assert max(rows[middle : middle + 3]) < 0x90, "three circles over each other are dark"


def test_an_icon_of_other_shapes_is_refused() -> None:
    with pytest.raises(ValueError, match="circles"):
        png_of('<svg viewBox="0 0 32 32"><path d="M0 0h9v9z"/></svg>')


def sheet_of(page: str) -> str:
    return next(part for part in page.split('"') if part.endswith("/app.css"))


def test_files_are_kept_for_ever_and_name_each_other_by_content(site: Site) -> None:
    path = sheet_of(site.visit().get("/sign-in").text)
    sheet = site.client.get(path)
    assert sheet.headers["cache-control"] == "public, max-age=31536000, immutable"
    font = sheet.text.split("url(")[1].split(")")[0]
    answer = site.client.get(font)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "font/woff2")
    for other in ("/static/x/htmx.js", "/static/x/.brought", "/static/x/htmx.org.txt"):
        assert site.client.get(other).status_code == 404


def test_the_menu_counts_what_waits(site: Site) -> None:
    issue_id = an_open_issue(site.started, by="u-pol-01")
    site.started.create(send_referral(issue_id, "district", type=ReferralType.ASSIST), "u-pol-01")
    a_report(site.started)
    site.started.catch_up()
    page = site.visit("u-dis-01").get("/issues").text
    assert 'data-live="/queue">1<' in page
    assert 'data-live="/inbox">1<' in page
    assert "data-live" not in site.visit("u-rep-01").get("/reports").text


def test_a_reported_fault_reaches_the_administrator_and_nobody_else(site: Site) -> None:
    stranger = site.visit()
    assert stranger.post("/accessibility/faults", {"text": "Kort"}).status_code == 422
    told = "Skärmläsaren läser inte upp kölistans rubriker."
    answer = stranger.post("/accessibility/faults", {"text": told, "page": "/queue"})
    assert answer.headers["location"] == "/accessibility?thanks=yes"
    site.visit("u-dis-01").post("/accessibility/faults", {"text": told + " Igen."})
    faults = site.visit("u-adm-01").get("/accessibility/faults").text
    assert told in faults
    assert "Inte inloggad" in faults
    assert site.visit("u-man-01").get("/accessibility/faults").status_code == 403
    assert site.visit().get("/accessibility/faults").status_code == 303


def test_nobody_fills_the_disk_with_faults(site: Site) -> None:
    visit = site.visit()
    for _ in range(MOST_FAULTS_AN_HOUR):
        assert visit.post("/accessibility/faults", {"text": "x" * 20}).status_code == 303
    assert visit.post("/accessibility/faults", {"text": "x" * 20}).status_code == 429
    site.clock.advance(hours=2)
    assert visit.post("/accessibility/faults", {"text": "x" * 20}).status_code == 303


@pytest.mark.parametrize(
    ("here", "came_from", "entry"),
    [
        ("/", "", "/"),
        ("/queue", "", "/queue"),
        ("/queue/assign", "", "/queue"),
        ("/issues", "", "/issues"),
        ("/issues/8b1d", "", "/queue"),
        ("/issues/8b1d/do/CloseIssue", "/issues?text=torg", "/issues"),
        ("/issues/8b1d", "/elsewhere", "/queue"),
        ("/figures/K2", "", "/figures"),
        ("/reports/8b1d", "", "/inbox"),
        ("/log-action/shift", "", "/log-action"),
        ("/accessibility", "", ""),
    ],
)
def test_each_page_stands_under_an_entry_of_the_menu(here: str, came_from: str, entry: str) -> None:
    entries = ("/", "/queue", "/inbox", "/log-action", "/issues", "/figures")
    assert entry_of(here, came_from, entries) == entry


def test_the_menu_shows_where_one_is(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    for path, entry in ((f"/issues/{issue_id}", "/queue"), ("/issues/new", "/queue")):
        assert f'<a href="{entry}" aria-current="true">' in visit.get(path).text
    assert '<a href="/queue" aria-current="page">' in visit.get("/queue").text


def test_who_changes_the_language_on_the_answer_to_a_form_is_led_to_a_page(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    report_id = a_report(site.started, "u-dis-01")
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    queue = "/queue?bucket=ours"
    note = f"/issues/{issue_id}/do/AddNote"
    visit.post("/drafts", {"_form": note, "_key": "a", "text_sv": "Skrivet i det ena fönstret."})
    bulk = {"row": str(issue_id), "user_id": "u-dis-02", "back": queue}
    for path, typed, back in (
        ("/queue/assign", bulk, queue),
        ("/drafts", {"_form": note, "_key": "b", "text_sv": "Och i det andra."}, note),
        (f"/issues/{issue_id}/undo", {"version": "1"}, f"/issues/{issue_id}"),
        (f"/reports/{report_id}/link", {"issue_number": "x"}, f"/reports/{report_id}"),
        (note, {"text_sv": ""}, note),
        (f"/issues/new?report={report_id}", {}, f"/issues/new?report={report_id}"),
        ("/nothing/here", {}, "/"),
    ):
        page = visit.post(path, typed).text
        language = next(each for each in forms_of(page) if each.action == "/language")
        assert language.fields["back"] == [back], path
        assert visit.get(back).status_code == 200


def test_who_must_sign_in_again_is_led_to_a_page(site: Site) -> None:
    typed = {"bucket": "ours", "name": "Våra", "back": "//elsewhere.example"}
    for path, wanted in (("/views", "/"), ("/queue/assign", "/queue")):
        page = site.visit().post(path, typed)
        assert page.status_code == 401
        assert f'href="{html.escape(path_to_sign_in(wanted))}"' in page.text
