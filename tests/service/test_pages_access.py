"""Who gets which page, and what surrounds each: roles, sessions, forms, headers and log lines."""

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain.codes import ReferralType
from tests.examples import Started, a_report, an_open_issue, receive_report, send_referral
from tests.service.visiting import PASSWORD, Site, a_site, forms_of

SECRET = "hemligt-ord"
SECRET_TITLE = "Tillslag mot hälare"
SECRET_TEXT = "Spaningen pågår sedan i tisdags."
READERS = ("u-dis-01", "u-reg-01", "u-man-01", "u-coo-01", "u-aud-01", "u-pol-02")
ACTION_PAGES = ("/log-action", "/log-action/today", "/log-action/shift", "/focus")
PAGES = ("/queue", "/inbox", "/issues", "/trail", "/figures", "/figures/K2", *ACTION_PAGES)


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


@pytest.fixture
def site_on_both(database_url: str) -> Iterator[Site]:
    with a_site(database_url) as site:
        yield site


def content(started: Started) -> dict[str, str]:
    """An issue referred to a partner and one that is not, and a report; by what they are."""
    pushed = an_open_issue(
        started, title=SECRET_TITLE, public_title="Otrygg passage", description_sv=SECRET_TEXT
    )
    referral_id = started.create(
        send_referral(pushed, "partner_nordstan", type=ReferralType.ASSIST)
    )
    restricted = an_open_issue(started, by="u-pol-01", category="extremism", title=SECRET_TITLE)
    paths = {
        "pushed": f"/issues/{pushed}",
        "unpushed": f"/issues/{an_open_issue(started)}",
        "restricted": f"/issues/{restricted}",
        "report": f"/reports/{a_report(started)}",
        "own report": f"/reports/{a_report(started, 'u-rep-01')}",
        "form": f"/issues/{pushed}/referrals/{referral_id}/do/AcceptReferral",
    }
    started.catch_up()
    return paths


def test_status_of_every_page_by_role(site_on_both: Site) -> None:
    site = site_on_both
    paths = content(site.started)
    for user_id in READERS:
        visit = site.visit(user_id)
        for page in PAGES:
            wanted = (
                403
                if page in ACTION_PAGES and user_id in ("u-reg-01", "u-man-01", "u-aud-01")
                else 200
            )
            assert visit.get(page).status_code == wanted, (user_id, page)
        assert visit.get(paths["pushed"]).status_code == 200
        assert visit.get(paths["report"]).status_code == 200
        assert (visit.get(paths["restricted"]).status_code == 200) == (user_id == "u-pol-02")


def test_partners_read_what_was_pushed_and_no_more(site_on_both: Site) -> None:
    site = site_on_both
    paths = content(site.started)
    visit = site.visit("u-par-01")
    statuses = {name: visit.get(path).status_code for name, path in paths.items()}
    assert statuses == {
        "pushed": 200,
        "unpushed": 404,
        "restricted": 404,
        "report": 404,
        "own report": 200,  # received by the partner itself
        "form": 200,
    }
    for path in (*PAGES, paths["pushed"], paths["form"]):
        answer = visit.get(path)
        assert SECRET_TITLE not in answer.text, path
        assert SECRET_TEXT not in answer.text, path
    for path in ("/figures", "/issues/new", *ACTION_PAGES, f"{paths['pushed']}/do/AddNote"):
        assert visit.get(path).status_code == 403, path
    assert visit.post(f"{paths['pushed']}/do/AddNote", {"text_sv": "x"}).status_code == 403
    assert site.visit("u-par-02").get(paths["pushed"]).status_code == 404


def test_reporters_read_their_own_reports_only(site_on_both: Site) -> None:
    site = site_on_both
    paths = content(site.started)
    visit = site.visit("u-rep-01")
    for name, path in paths.items():
        wanted = 200 if name == "own report" else 404 if name == "report" else 403
        assert visit.get(path).status_code == wanted, name
    assert visit.get("/").headers["location"] == "/reports"
    assert "Butikspersonal" in visit.get("/reports").text
    for path in ("/queue", "/issues", "/figures", *ACTION_PAGES):
        assert visit.get(path).status_code == 403
    for path in ("/inbox", "/trail"):
        assert visit.get(path).headers["location"] == "/reports"


def test_administrators_read_no_content(site_on_both: Site) -> None:
    site = site_on_both
    paths = content(site.started)
    visit = site.visit("u-adm-01")
    for name, path in paths.items():
        assert visit.get(path).status_code == (404 if "report" in name else 403), name
    trail = visit.get("/trail")
    assert trail.status_code == 200
    assert "registrerade aktören" in trail.text
    assert "Butikspersonal" not in trail.text
    assert "Otrygg passage" not in trail.text


def test_strangers_are_led_to_sign_in_and_back(site: Site) -> None:
    visit = site.visit()
    for path in (*PAGES, "/reports/new", "/issues/new?report=x"):
        answer = visit.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2F"), path
    assert visit.get("/").headers["location"] == "/sign-in"
    page = visit.get(visit.get("/issues?text=gata").headers["location"])
    form = forms_of(page.text)[-1]
    answer = visit.post(form.action, {**form.fields, "login": "u-dis-01", "password": PASSWORD})
    assert answer.headers["location"] == "/issues?text=gata"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "http://[",
    ],
)
def test_nobody_is_led_elsewhere(site: Site, wanted: str) -> None:
    visit = site.visit()
    typed = {"login": "u-dis-01", "password": PASSWORD, "next": wanted}
    assert visit.post("/sign-in", typed).headers["location"] == "/"
    answer = visit.post("/language", {"language": "en", "back": wanted})
    assert answer.headers["location"] == "/"


def test_a_session_begins_anew_at_sign_in(site: Site) -> None:
    visit = site.visit()
    chosen_by_somebody_else = "a" * 43
    site.client.cookies.set("samsyn_session", chosen_by_somebody_else)
    cookie = visit.sign_in("u-dis-01").headers["set-cookie"]
    assert all(each in cookie for each in ("HttpOnly", "SameSite=lax", "Path=/"))
    first = cookie.split("=", 1)[1].split(";", 1)[0]
    assert first != chosen_by_somebody_else
    site.client.cookies.clear()
    site.client.cookies.set("samsyn_session", first)
    assert visit.get("/queue").status_code == 200
    assert visit.sign_in("u-dis-01").status_code == 303
    site.client.cookies.clear()
    site.client.cookies.set("samsyn_session", first)
    assert visit.get("/queue").status_code == 303  # the earlier session has ended


def test_cookies_over_tls_belong_to_the_host(sqlite_url: str) -> None:
    with a_site(sqlite_url, secure=True) as site:
        answer = site.visit().sign_in("u-dis-01")
        cookies = answer.headers.get_list("set-cookie")
        session = next(each for each in cookies if each.startswith("__Host-samsyn_session="))
        assert "Secure" in session
        assert "Domain" not in session
        assert site.client.get("/queue", headers={"Accept": "text/html"}).status_code == 200


def test_signing_out_ends_the_session_everywhere_it_is_used(site: Site) -> None:
    visit = site.visit("u-dis-01")
    token = site.client.cookies["samsyn_session"]
    assert visit.post("/sign-out", {}).headers["location"] == "/sign-in"
    site.client.cookies.set("samsyn_session", token)
    assert visit.get("/queue").status_code == 303


@pytest.mark.parametrize(("user_id", "minutes"), [("u-dis-01", 30), ("u-pol-02", 240)])
def test_a_session_rests_so_long(site: Site, user_id: str, minutes: int) -> None:
    visit = site.visit(user_id)
    site.clock.advance(minutes=minutes - 1)
    assert visit.get("/queue").status_code == 200
    site.clock.advance(minutes=minutes)
    assert visit.get("/queue").status_code == 303


def test_a_wrong_password_says_nothing_about_the_account(site: Site) -> None:
    visit = site.visit()
    known, unknown = visit.sign_in("u-dis-01", "fel"), visit.sign_in("u-xxx-01", "fel")
    assert known.status_code == unknown.status_code == 401
    told = [each.text.replace("u-xxx-01", "u-dis-01") for each in (known, unknown)]
    assert told[0] == told[1]
    for _ in range(5):
        visit.sign_in("u-dis-01", "fel")
    assert visit.sign_in("u-dis-01").status_code == 401  # locked for a while
    site.clock.advance(minutes=16)
    assert visit.sign_in("u-dis-01").status_code == 303


def test_cards_are_shown_in_demos_only(sqlite_url: str) -> None:
    with a_site(sqlite_url, demo=False) as site:
        visit = site.visit()
        assert "Prova som" not in visit.get("/sign-in").text
        assert visit.post("/sign-in/demo", {"login": "u-dis-01"}).status_code == 403
        assert visit.get("/queue").status_code == 303


def test_a_form_needs_its_token_and_our_own_page(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    path, typed = f"/issues/{issue_id}/do/AddNote", {"text_sv": "Inte härifrån."}
    visit.get(path)
    before = site.started.samsyn.casework.head()
    answers = [
        visit.post(path, {**typed, "_csrf_token": ""}),
        visit.post(path, {**typed, "_csrf_token": "0" * 128}),
        visit.post(path, typed, **{"Sec-Fetch-Site": "cross-site"}),
        visit.post(path, typed, **{"Sec-Fetch-Site": "same-site"}),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert "Formuläret kom inte från en öppen sida i Samsyn." in answer.text
    assert site.started.samsyn.casework.head() == before
    assert visit.post(path, typed, **{"Sec-Fetch-Site": "same-origin"}).status_code == 303


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sign-in", 200),
        ("GET", "/nothing", 404),
        ("GET", "/sign-out", 405),
        ("GET", "/queue?after=nonsense", 303),
        ("POST", "/sign-in", 403),
    ],
)
def test_pages_carry_security_headers_and_are_not_kept(
    site: Site, method: str, path: str, status: int
) -> None:
    answer = site.client.request(
        method, path, headers={"Accept": "text/html"}, follow_redirects=False
    )
    assert answer.status_code == status
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    if status >= 400:
        assert '<html lang="sv"' in answer.text
        assert "Till startsidan" in answer.text


def test_files_are_kept_for_ever_under_their_content(site: Site) -> None:
    page = site.visit().get("/sign-in").text
    path = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    answer = site.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in ("/static/000000000000/app.css", "/static/x/..%2fapp.py", "/static/x/none.css"):
        assert site.client.get(other).status_code == 404


def test_log_lines_hold_no_query_and_nothing_typed(site: Site) -> None:
    visit = site.visit("u-dis-01")
    with capture_logs() as lines:
        visit.get(f"/issues?text={SECRET}")
        visit.post("/reports/new", {"text": f"Kort {SECRET}", "place_name": SECRET})
        visit.post("/sign-in", {"login": SECRET, "password": SECRET})
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"], line["user"]) for line in requests] == [
        ("/issues", 200, "u-dis-01"),
        ("/reports/new", 303, "u-dis-01"),
        ("/sign-in", 401, None),
    ]
    assert SECRET not in repr(lines)


def test_bad_filters_and_links_do_no_harm(site: Site) -> None:
    content(site.started)
    visit = site.visit("u-dis-01")
    for path in (
        "/queue?bucket=nonsense&after=nonsense",
        "/issues?status=x&agency=x&category=x&after=x&text=%00%27%25_",
        "/trail?since=9999-12-31&until=0001-01-01&topic=x&actor=%27&after=x&issue=x",
        "/trail?issue=TIC-2026-99999",
        "/figures?since=x&until=9999-99-99&agency=x",
        "/figures/K5?kind=x&key=x",
        "/figures/K2?kind=pair&key=x",
        "/inbox?after=x",
        "/queue?at=99999999999999999999999",
        "/queue?at=1&done=Nonsense",
    ):
        assert visit.get(path).status_code == 200, path
    for path in ("/figures/K99", "/issues/new?report=x", "/reports/x", "/issues/x/do/AddNote"):
        assert visit.get(path).status_code == 404, path


def test_what_people_wrote_is_shown_as_text(site: Site) -> None:
    evil = "<script>alert(1)</script> & \"citat\" 'x'"
    report_id = site.started.create(receive_report(text=f"Det stod {evil} på väggen."))
    issue_id = an_open_issue(site.started, public_title=evil, description_sv=evil)
    site.started.catch_up()
    visit = site.visit("u-dis-01")
    for path in (f"/reports/{report_id}", f"/issues/{issue_id}", "/issues", "/inbox"):
        page: Any = visit.get(path)
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    again = visit.post("/reports/new", {"text": evil, "place_name": evil})
    assert "<script>alert" not in again.text
