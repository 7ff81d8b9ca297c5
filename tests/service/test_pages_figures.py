"""The manager's pages: every number and its list, months, pictures, and tables to take along."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from domain.access import AccessKind
from domain.codes import ReferralType
from service.pages.charts import FLOW_WIDTH, Reading, columns, flow
from service.pages.kept import Kept
from service.pages.sheets import Sheet, as_csv, as_xlsx
from tests.examples import accept, decline, open_issue, performed, send_referral
from tests.service.reads import new_rows, rows
from tests.service.visiting import Site, Visit, a_site

EVIL = '=HYPERLINK("http://example.org";"klicka")'
FORMULAS = (EVIL, "+1", "-1", "@SUM(A1)", "\tx", "|x")


@dataclass
class Reviewed:
    """A site where one issue was declined by the police, and one taken over and acted on."""

    site: Site
    bounced: str


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewed]:
    path: Path = tmp_path_factory.mktemp("figures") / "samsyn.db"
    with a_site(f"sqlite:///{path}") as site:
        started = site.started
        site.clock.set("2025-11-10 09:00")
        first = started.create(open_issue(public_title=EVIL))
        sent = started.create(send_referral(first))
        site.clock.advance(hours=5)
        started.execute(decline(first, sent), "u-pol-01")
        site.clock.set("2026-01-12 09:00")
        second = started.create(open_issue())
        sent = started.create(send_referral(second))
        started.execute(accept(second, sent), "u-pol-01")
        site.clock.advance(hours=30)
        started.execute(performed(second), "u-pol-02")
        started.create(
            send_referral(second, "social", type=ReferralType.ASSIST, question_sv=None), "u-pol-01"
        )
        site.clock.advance(days=9)
        started.catch_up()
        yield Reviewed(site, "TIC-2025-00001")


@pytest.fixture
def manager(reviewed: Reviewed) -> Visit:
    return reviewed.site.visit("u-man-01")


def links(page: str) -> list[str]:
    return sorted({unescape(each) for each in re.findall(r'href="(/[^"]+)"', page)})


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_every_number_and_column_leads_to_its_list(manager: Visit) -> None:
    page = manager.get("/figures")
    assert page.status_code == 200
    lists = [each for each in links(page.text) if each.startswith("/figures/K")]
    assert len(lists) > 20
    assert {answer.status_code for answer in map(manager.get, lists)} == {200}


def test_no_number_of_the_page_is_without_its_list(manager: Visit) -> None:
    page = manager.get("/figures").text
    cells = re.findall(r'<td class="number"[^>]*>(.*?)</td>', page)
    tiles = re.findall(r'<p class="(?:figure|quiet share|quiet)">(.*?)</p>', page, re.DOTALL)
    assert len(cells) > 40
    plain = [re.sub(r"<a .*?</a>", "", each) for each in cells + tiles]
    told = [each for each in plain if re.search(r"\d", each)]
    assert set(told) <= {"0", "&lt; 5"} | {each for each in told if "TIC-" in each}, told


def test_nine_in_ten_leads_to_the_tenth_that_took_longest(manager: Visit) -> None:
    page = manager.get("/figures").text
    found = [each for each in links(page) if "slowest=1" in each]
    assert {re.match(r"/figures/([^?]+)", each)[1] for each in found} >= {  # type: ignore[index]  # all begin so
        "K2",
        "responsibility/held",
    }
    for path in found:
        beyond, whole = (manager.get(each) for each in (path, path.replace("&slowest=1", "")))
        assert "Bara den tiondel som tog längst tid" in beyond.text
        assert "Längst tid först." in whole.text
        of_whole, of_beyond = (
            sorted(float(row[7].replace(",", ".")) for row in _listed(manager, each))
            for each in (whole.text, beyond.text)
        )
        assert of_beyond
        least = _percentile_90(of_whole)
        assert of_beyond == [hours for hours in of_whole if hours >= least], path


def _listed(manager: Visit, page: str) -> list[list[str]]:
    """The rows of the list as a file, those with a duration."""
    path = next(each for each in links(page) if "/file/csv" in each)
    return [row for row in rows_of(manager.get(path).content)[1:] if row[7]]


def _percentile_90(hours: list[float]) -> float:
    """By linear interpolation between ranks; in hundredths, as in the file."""
    place = 0.9 * (len(hours) - 1)
    low = int(place)
    high = min(low + 1, len(hours) - 1)
    return round(hours[low] + (place - low) * (hours[high] - hours[low]), 2) - 0.005


def test_each_end_of_the_flow_leads_to_all_that_was_sent_or_got(manager: Visit) -> None:
    page = manager.get("/figures").text
    ends = re.findall(
        r'<a href="([^"]+kind=(giver|taker)[^"]+)"><rect[^>]+/><text[^>]*>(.+?)<', page
    )
    assert {(kind, words) for _, kind, words in ends} == {
        ("giver", "Trygghetssamordningen 2"),
        ("giver", "Polisen 1"),
        ("taker", "Polisen 2"),
        ("taker", "Socialtjänsten 1"),
    }
    for path, kind, words in ends:
        listed = manager.get(unescape(path)).text
        name, _, count = words.rpartition(" ")
        assert len(re.findall(r">TIC-\d{4}-\d{5}</a>", listed)) == int(count), words
        assert f"{'Från' if kind == 'giver' else 'Till'}: {name}" in listed


def test_a_list_has_no_column_that_says_nothing(manager: Visit) -> None:
    heads = {
        path: set(re.findall(r'<th scope="col">([^<]+)</th>', manager.get(path).text))
        & {"Tid", "Räknas"}
        for path in (
            "/figures/responsibility/moved",
            "/figures/responsibility/held",
            "/figures/K2",
            "/figures/K5",
            "/figures/K5?hits=1",
        )
    }
    assert list(heads.values()) == [set(), {"Tid"}, {"Tid"}, {"Räknas"}, set()]


def test_a_column_counts_what_its_list_shows(manager: Visit) -> None:
    page = manager.get("/figures").text
    columns_of_k5 = re.findall(r'href="([^"]+/K5\?[^"]+)"[^>]*><title>([^<]+): ([^<]+)<', page)
    assert [(month, value) for _, month, value in columns_of_k5][:2] == [
        ("november 2025", "100 %"),
        ("januari 2026", "0 %"),
    ]
    november = manager.get(unescape(columns_of_k5[0][0])).text
    assert "TIC-2025-00001" in november
    assert "TIC-2026-00001" not in november


def test_a_share_leads_to_what_is_in_its_numerator(manager: Visit) -> None:
    told = manager.get("/figures/K5?hits=1").text
    assert "TIC-2025-00001" in told
    assert "TIC-2026-00001" not in told
    assert "TIC-2026-00001" in manager.get("/figures/K5").text


def test_pictures_stand_beside_the_same_numbers(manager: Visit) -> None:
    page = manager.get("/figures").text
    assert 'role="group" aria-label="Vem skickar till vem"' in page
    assert "style=" not in page
    for way in ("Trygghetssamordningen → Polisen: 2", "Polisen → Socialtjänsten: 1"):
        assert f'aria-label="{way}"' in page
        assert f'aria-label="Skickat, {way}"' in page
    assert "Överlämnat" not in page


def test_what_waits_too_long_is_shown_first(manager: Visit) -> None:
    page = manager.get("/figures").text
    overdue = page[page.index('id="late"') : page.index('id="fro"')]
    assert "TIC-2026-00001" in overdue
    assert "Polisen → Socialtjänsten" in overdue


def test_each_number_of_responsibility_leads_to_as_many_lines(
    reviewed: Reviewed, manager: Visit
) -> None:
    page = manager.get("/figures").text
    told = re.findall(
        r'href="([^"]*/responsibility/[^"]+)" aria-label="([^"]+): (\d+)">\d+</a>', page
    )
    assert {words: int(count) for _, words, count in told} == {
        "Byten av ansvarig": 1,
        "Ärenden i perioden": 2,
        "Trygghetssamordningen → Polisen": 1,
        "Socialförvaltningen Centrum, trygghetssamordning": 2,
        "Polisen, lokalpolisområde Göteborg City": 1,
    }
    for path, words, count in told:
        listed = manager.get(unescape(path))
        assert len(re.findall(r">TIC-\d{4}-\d{5}</a>", listed.text)) == int(count), words
        path_of_file = next(each for each in links(listed.text) if "/file/csv" in each)
        assert len(rows_of(manager.get(path_of_file).content)) == int(count) + 1, words
    known = rows(reviewed.site.started)
    assert "Trygghetssamordningen → Polisen" in manager.get(unescape(told[2][0])).text
    manager.get("/figures/responsibility/moved/file/csv")
    kinds = [row.kind for row in new_rows(reviewed.site.started, known)]
    assert kinds == [AccessKind.SEARCH, AccessKind.EXPORT]
    assert manager.get("/figures/responsibility/x").status_code == 404
    assert manager.get("/figures/responsibility/held?key=x").status_code == 200
    assert manager.get("/figures/responsibility/held?after=x").status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_figures_lists_and_trails_are_taken_along(manager: Visit, form: str) -> None:
    for path, name in (
        ("/figures/file", r"samsyn-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d"),
        ("/figures/K5/file", r"samsyn-K5-.+"),
        ("/trail/file", "samsyn-TIC-2025-00001"),
    ):
        query = "?issue=TIC-2025-00001" if path == "/trail/file" else ""
        answer = manager.get(f"{path}/{form}{query}")
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "no-store"
        assert re.search(rf'filename="{name}\.{form}"', answer.headers["content-disposition"])
        if form == "xlsx":
            with ZipFile(BytesIO(answer.content)) as file:
                assert file.testzip() is None
        else:
            assert len({len(row) for row in rows_of(answer.content)}) == 1


def test_what_people_wrote_is_never_a_formula(manager: Visit) -> None:
    listed = rows_of(manager.get("/figures/K5/file/csv").content)
    assert f"'{EVIL}" in [cell for row in listed for cell in row]
    with ZipFile(BytesIO(manager.get("/figures/K5/file/xlsx").content)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
        assert "HYPERLINK" in file.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet


def test_no_text_is_written_as_a_formula() -> None:
    sheet = Sheet(name="Blad", header=("A", *FORMULAS), rows=[(None, *FORMULAS), (2.5, *FORMULAS)])
    for row in rows_of(as_csv(sheet)):
        assert row[1:] == [f"'{each}" for each in FORMULAS]
    assert rows_of(as_csv(sheet))[2][0] == "2,50"
    with ZipFile(BytesIO(as_xlsx([sheet]))) as file:
        assert "<f>" not in file.read("xl/worksheets/sheet1.xml").decode()


def test_files_are_for_who_may_read_the_page(reviewed: Reviewed) -> None:
    for user in ("u-adm-01", "u-par-01"):
        visit = reviewed.site.visit(user)
        for path in ("/figures/file/csv", "/figures/K5/file/xlsx"):
            assert visit.get(path).status_code == 403, (user, path)
    assert (
        reviewed.site.visit("u-par-01").get("/trail/file/csv?issue=TIC-2026-00001").status_code
        == 404
    )
    assert reviewed.site.visit().get("/figures/file/csv").status_code == 303
    assert reviewed.site.visit("u-man-01").get("/figures/file/exe").status_code == 404


def test_the_trail_shows_the_path_as_strips(manager: Visit) -> None:
    page = manager.get("/trail?issue=TIC-2026-00001").text
    strips = page[page.index('class="strips"') : page.index('class="ticks"')]
    assert re.findall(r"<li><span>([^<]+)", strips) == [
        "Trygghetssamordningen",
        "Polisen",
        "Socialtjänsten",
    ]
    assert "<title>Ansvarig" in strips
    assert "<title>Skulle svara" in strips
    marked = re.findall(r'href="#(p\d+)"', strips)
    assert marked
    assert all(f'<tr id="{each}"' in page for each in marked)


def test_a_part_of_the_trail_has_no_strips(manager: Visit) -> None:
    assert 'class="strips"' not in manager.get("/trail?issue=TIC-2026-00001&agency=police").text
    assert 'class="strips"' not in manager.get("/trail").text


def test_columns_are_as_high_as_their_values() -> None:
    told = [
        Reading(words="maj", value="1", link="/", amount=1.0),
        Reading(words="juni", value="–", link="", amount=None),
        Reading(words="juli", value="4", link="/", amount=4.0),
    ]
    may, june, july = columns(told, height=100.0)
    assert (may.height, june.height, july.height) == (25.0, 0.0, 100.0)
    assert may.y + may.height == july.y + july.height == 100.0
    assert (may.x, june.x, july.x) == (0, 1, 2)
    assert columns([]) == ()


def test_ribbons_fill_the_bars_they_join() -> None:
    counts = {("a", "b"): 30, ("a", "c"): 10, ("b", "c"): 20}
    drawn = flow(counts, {})
    bars = {(each.agency, each.is_giver): each for each in drawn.ends}
    widths = {ribbon.key: ribbon.width for ribbon in drawn.ribbons}
    assert widths["a", "b"] + widths["a", "c"] == pytest.approx(bars["a", True].height, abs=0.2)
    assert widths["a", "c"] + widths["b", "c"] == pytest.approx(bars["c", False].height, abs=0.2)
    assert all(0 <= each.x <= FLOW_WIDTH and each.y <= drawn.height for each in drawn.ends)


def test_an_answer_is_kept_until_something_else_is_asked() -> None:
    kept: Kept[int] = Kept(most=2)
    reckoned: list[str] = []

    def reckon(asked: str) -> int:
        def count() -> int:
            reckoned.append(asked)
            return len(reckoned)

        return kept.get(asked, count)

    assert [reckon(each) for each in ("a", "a", "b", "a", "c", "b")] == [1, 1, 2, 1, 3, 4]
    assert reckoned == ["a", "b", "c", "b"], "the one asked for longest ago made room"
