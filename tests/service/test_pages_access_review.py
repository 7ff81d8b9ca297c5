"""Loggkontroll and who read an issue: a sample that can be drawn again, patterns, a signature."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from domain.access import AccessKind, AccessReason
from domain.access_review import AccessReviewPerformed
from domain.codes import AccessFinding, AccessPattern
from infra.access.terms import add_key, destroy_key, key_ids
from service.access_words import ACCESS_WORDS
from tests.examples import an_open_issue, local
from tests.infra.access_rows import add_rows, row
from tests.service.visiting import Site, Visit, a_site

NOVEMBER, DECEMBER = "2025-11", "2025-12"


@dataclass
class Read:
    """A site whose district read an issue in November and December, and the police too."""

    site: Site
    issue_id: UUID
    number: str


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    path: Path = tmp_path_factory.mktemp("review") / "samsyn.db"
    with a_site(f"sqlite:///{path}") as site:
        site.clock.set("2025-11-03 09:00")
        issue_id = an_open_issue(site.started)
        at = local("2025-12-10 10:00")
        rows = [
            row("district", "u-dis-01", at + timedelta(minutes=n), issue_id=issue_id)
            for n in range(40)
        ]
        night = local("2025-12-11 02:30")
        rows += [
            row(
                "district",
                "u-dis-02",
                night + timedelta(minutes=n),
                issue_id=issue_id,
                reason=AccessReason.NONE,
            )
            for n in range(4)
        ]
        rows.append(row("police", "u-pol-01", at, issue_id=issue_id))
        rows.append(row("district", "u-dis-03", local("2025-11-30 23:59"), issue_id=issue_id))
        add_rows(site.started.samsyn.engine, rows)
        site.clock.set("2026-01-12 08:15")
        site.started.catch_up()
        yield Read(site, issue_id, "TIC-2025-00001")


@pytest.fixture
def manager(read: Read) -> Visit:
    return read.site.visit("u-man-01")


def test_a_manager_sees_a_sample_and_what_stands_out(read: Read, manager: Visit) -> None:
    page = manager.get("/access-review")
    assert page.status_code == 200
    assert "Loggkontroll: december 2025" in page.text
    numbers = dict(re.findall(r"<dt>(.*?)</dt><dd>(\d+)</dd>", page.text))
    assert numbers == {
        "Rader i loggen": "44",
        "Läsare": "2",
        "Rader utan skäl som framgår": "4",
    }
    assert "Läst på natten" in page.text
    assert "Läst utan skäl som framgår" in page.text
    assert "Många ärenden på en timme" not in page.text
    sample = page.text.partition('id="sample"')[2].partition('id="sign"')[0]
    assert 20 <= sample.count("<tr>") - 1 <= 24
    assert sample.count("Framgår inte") == 4, "all that have no reason"
    assert read.number in sample
    assert "Kommunpolis" not in page.text, "another agency's reader"


def test_the_same_month_gives_the_same_sample(manager: Visit) -> None:
    def sample(month: str) -> str:
        page: str = manager.get(f"/access-review?month={month}").text
        return page.partition('id="sample"')[2].partition('id="sign"')[0]

    assert sample(DECEMBER) == sample(DECEMBER)
    assert sample(NOVEMBER).count("<tr>") == 2


def test_a_link_that_names_no_month_that_is_over_leads_to_the_last(manager: Visit) -> None:
    for month in ("2026-01", "2031-07", "nonsense", "2024-12"):
        page = manager.get(f"/access-review?month={month}")
        assert "Loggkontroll: december 2025" in page.text


def test_nobody_else_reads_it(read: Read) -> None:
    for user_id in ("u-dis-01", "u-coo-01", "u-aud-01", "u-adm-01", "u-rep-01", "u-par-01"):
        visit = read.site.visit(user_id)
        for path in ("/access-review", f"/issues/{read.issue_id}/readings"):
            answer = visit.get(path)
            assert answer.status_code == 403, (user_id, path)
            assert "Bara" in answer.text or "bara" in answer.text
        assert visit.post("/access-review", {"month": DECEMBER}).status_code == 403
        assert "/access-review" not in visit.get("/accessibility").text


def test_signing_is_an_event_with_counts_and_no_names(read: Read, manager: Visit) -> None:
    form = manager.form(f"/access-review?month={DECEMBER}")
    assert set(form.names) >= {"month", "finding"}
    answer = manager.fill(
        f"/access-review?month={DECEMBER}", finding=["reason_unknown", "handed_on", "nonsense"]
    )
    assert answer.status_code == 303, answer.text
    casework = read.site.started.samsyn.casework
    (entry,) = casework.read(casework.head() - 1, 1)
    event: AccessReviewPerformed = entry.event
    assert (event.agency_id, event.log_rows, event.readers) == ("district", 44, 2)
    assert event.rows_without_reason == 4
    assert 20 <= event.sample_size <= 24
    assert event.patterns == (AccessPattern.WITHOUT_REASON, AccessPattern.NIGHT)
    assert event.findings == (AccessFinding.REASON_UNKNOWN, AccessFinding.HANDED_ON)
    assert b"u-dis" not in entry.state
    page = manager.get(answer.headers["location"]).text
    assert "Signerat. Granskningen står nu i den gemensamma loggen." in page
    assert "Signerad av Enhetschef Trygghet 1 12 januari 2026" in page
    assert "Lämnat vidare för utredning" in page
    assert "<form" not in page.partition('id="sign"')[2].partition("</section>")[0]
    again = manager.post("/access-review", {"month": DECEMBER, "finding": "not_needed"})
    assert again.status_code == 409
    assert "redan granskad" in again.text
    assert read.site.started.samsyn.casework.head() == casework.head()


def test_the_same_form_sent_twice_is_one_signature(read: Read) -> None:
    manager = read.site.visit("u-man-02")
    first = manager.post("/access-review", {"month": DECEMBER})
    head = read.site.started.samsyn.casework.head()
    second = manager.post("/access-review", {"month": DECEMBER})
    assert (first.status_code, second.status_code) == (303, 303)
    assert read.site.started.samsyn.casework.head() == head
    page = manager.get(f"/access-review?month={DECEMBER}").text
    assert "Inga anmärkningar." in page


def test_a_manager_sees_who_in_the_agency_read_an_issue_and_why(read: Read, manager: Visit) -> None:
    page = manager.get(f"/issues/{read.issue_id}")
    assert f'/issues/{read.issue_id}/readings"' in page.text
    answer = manager.get(f"/issues/{read.issue_id}/readings")
    assert answer.status_code == 200
    assert "Vem som har läst TIC-2025-00001" in answer.text
    for words in ("Handläggare Trygghet 1", "Handläggare Trygghet 2", "Handläggare Trygghet 3"):
        assert words in answer.text
    assert "Framgår inte" in answer.text
    assert "Är handläggare" in answer.text
    assert "Kommunpolis" not in answer.text
    police = read.site.visit("u-man-02").get(f"/issues/{read.issue_id}/readings").text
    assert "Kommunpolis 1" in police
    assert "Handläggare Trygghet" not in police


def test_readings_are_shown_by_pages_the_latest_first(
    read: Read, manager: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.access_review.ROWS_OF_A_PAGE", 7)
    path = f"/issues/{read.issue_id}/readings"
    times: list[str] = []
    shown = path
    for _ in range(20):
        page = manager.get(shown).text
        times += re.findall(r'<time datetime="([^"]+)"', page.partition("<tbody>")[2])
        further = re.search(r'href="([^"]*after=[^"]+)">Visa äldre', page)
        if further is None:
            break
        shown = further[1]
    assert len(times) >= 45
    assert times == sorted(times, reverse=True)


def test_readings_of_an_issue_that_is_not_there_or_not_shown(read: Read, manager: Visit) -> None:
    secret = an_open_issue(read.site.started, "u-pol-01", category="extremism")
    read.site.started.catch_up()
    for issue_id in (secret, UUID(int=5)):
        assert manager.get(f"/issues/{issue_id}/readings").status_code == 404


def test_every_code_of_the_access_log_has_words() -> None:
    assert set(ACCESS_WORDS) == {*AccessKind, *AccessReason}


def test_a_manager_reads_what_was_searched_for_and_no_other(sqlite_url: str) -> None:
    with a_site(sqlite_url) as site:
        site.clock.set("2025-12-03 09:00")
        site.visit("u-dis-01").get("/issues?text=Kungsportsplatsen&status=open")
        site.clock.set("2026-01-12 08:15")
        page = site.visit("u-man-01").get("/access-review?month=2025-12").text
        assert "Sök: Kungsportsplatsen, Status: open" in page
        # Who destroys the key has destroyed the words.
        path = site.app.state.services.settings.access_key
        (before,) = key_ids(path)
        add_key(path)
        assert destroy_key(path, before)
        page = site.visit("u-man-01").get("/access-review?month=2025-12").text
        assert "Kungsportsplatsen" not in page
        assert "vad som söktes kan ingen läsa längre" in page
