"""The trail says how safe each line is, and is taken along; the log's health is told in words."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.examples import an_open_issue
from tests.infra.audit.sealing import real_time
from tests.service.audited import Audited, an_audited_web
from tests.service.visiting import Visit, open_accounts

STATES = ("Registrerad", "Förseglad", "Bevittnad")


@pytest.fixture
def audited(postgresql_url: str, tmp_path: Path) -> Iterator[Audited]:
    """Three issues: one witnessed, one sealed, one recorded."""
    with an_audited_web(postgresql_url, tmp_path) as found:
        open_accounts(found.web.started)
        an_open_issue(found.web.started)
        found.seal()
        found.watch()
        an_open_issue(found.web.started)
        found.seal()
        an_open_issue(found.web.started)
        found.web.started.catch_up()
        yield found


def manager(audited: Audited) -> Visit:
    return Visit(audited.web.client, audited.web.started).as_user("u-man-01")


def states_in(page: str) -> list[str]:
    """The states of the first lines, as they stand in the table."""
    cells = page.split('<td data-word="Läge">')[1:]
    return [cell.partition("<")[0] for cell in cells]


def test_each_line_is_recorded_then_sealed_then_witnessed(audited: Audited) -> None:
    visit = manager(audited)
    shown = states_in(visit.get("/trail").text)
    assert shown[:3] == [*STATES]
    assert set(shown[3:]) == {"Bevittnad"}
    numbers = {"recorded": "00003", "sealed": "00002"}
    for state, number in numbers.items():
        page = visit.get(f"/trail?state={state}").text
        assert page.count('<tr id="p') == 1
        assert f"TIC-2026-{number}" in page
    assert states_in(visit.get("/trail?state=witnessed&topic=IssueOpened").text) == ["Bevittnad"]
    assert len(states_in(visit.get("/trail?state=nonsense").text)) == len(shown)
    of_issue = states_in(visit.get("/trail?issue=TIC-2026-00002").text)
    assert set(of_issue) == {"Förseglad"}
    audited.seal()
    audited.watch()
    assert set(states_in(visit.get("/trail").text)) == {"Bevittnad"}


def test_without_witnesses_lines_are_sealed_at_most(audited: Audited) -> None:
    audited.web.services.settings.audit_policy.unlink()
    visit = manager(audited)
    assert set(states_in(visit.get("/trail").text)) == {"Registrerad", "Förseglad"}
    page = visit.get("/trail/health").text
    assert "Inga vittnen är överenskomna" in page


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_chosen_of_the_trail_is_taken_along(audited: Audited, form: str) -> None:
    visit = manager(audited)
    answer = visit.get(f"/trail/file/{form}?topic=IssueOpened&agency=district")
    assert answer.status_code == 200
    assert f'filename="samsyn-trail.{form}"' in answer.headers["content-disposition"]
    lines = answer.content.decode("utf-8-sig").splitlines()
    if form == "csv":
        assert lines[0].startswith("Nr;Ärende;")
        told = [line.split(";") for line in lines[1:]]
        assert [line[1] for line in told] == [f"TIC-2026-0000{n}" for n in (1, 2, 3)]
        assert [line[-1] for line in told] == ["Bevittnad", "Förseglad", "Registrerad"]
        return
    fields = [json.loads(line) for line in lines]
    assert [each["issue"] for each in fields] == [f"TIC-2026-0000{n}" for n in (1, 2, 3)]
    assert {each["topic"] for each in fields} == {"IssueOpened"}
    assert [each["state"] for each in fields] == ["witnessed", "sealed", "recorded"]
    assert visit.get("/trail/file/pdf").status_code == 404


def test_more_lines_than_a_file_holds_are_asked_to_be_narrowed_down(
    audited: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.pages.trail.MOST_TAKEN_ALONG", 2)
    answer = manager(audited).get("/trail/file/csv")
    assert answer.status_code == 409
    assert "Välj en kortare tid" in answer.text


def test_the_health_of_the_log_is_told_in_words_and_hashes_only_to_who_asks(
    audited: Audited,
) -> None:
    visit = manager(audited)
    page = visit.get("/trail/health").text
    assert "Allt är som det ska" in page
    assert "1 väntar på nästa sigill." in page
    for name in ("Polisen", "Socialtjänsten"):
        assert name in page
    before, _, folded = page.partition("<details><summary>Tekniska uppgifter")
    root = folded.partition("Rot (SHA-256)</dt><dd><code>")[2][:64]
    assert len(bytes.fromhex(root)) == 32
    assert root not in before
    assert f"{audited.origin}+" in folded
    assert f"{audited.origin}+" not in before, "no key either"
    visit.post("/language", {"language": "en", "back": "/"})
    assert "All is well" in visit.get("/trail/health").text


def test_missing_witnesses_are_late_after_ten_minutes_and_red_after_a_day(
    audited: Audited,
) -> None:
    audited.seal()
    clock, visit = audited.web.clock, manager(audited)
    for minutes, is_red in ((11, False), (24 * 60 + 1, True)):
        clock.now = real_time() + timedelta(minutes=minutes)
        visit = manager(audited)
        page = visit.get("/trail/health").text
        assert "Vittnen saknas: det äldsta obevittnade har väntat i" in page
        assert ('role="alert">Vittnen saknas' in visit.get("/trail").text) is is_red
    an_open_issue(audited.web.started)


def test_a_seal_that_stands_still_is_said(audited: Audited) -> None:
    audited.web.clock.advance(minutes=2)
    page = manager(audited).get("/trail/health").text
    assert "Förseglingen står still: 1 händelser har väntat i" in page


def test_reporters_are_led_to_their_reports(audited: Audited) -> None:
    visit = Visit(audited.web.client, audited.web.started).as_user("u-rep-01")
    answer = visit.get("/trail/health")
    assert answer.headers["location"] == "/reports"
