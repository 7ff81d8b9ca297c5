"""Two who write about the same: both see both texts, nothing is lost or decided on unseen."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.action import PlanAction
from domain.classification import ChangeTitle
from domain.codes import ActionType
from domain.command import Command
from domain.issue import Issue
from domain.notes import AddNote
from domain.referral import WithdrawReferral
from domain.report import ReviseReport
from service.forms.command_words import COMMAND_WORDS
from service.pages.news import ADDS, OVERWRITES
from tests.examples import BRUNNSPARKEN, a_report, a_sent_referral, an_open_issue
from tests.service.situations import LONG
from tests.service.visiting import Site, Visit, a_site, forms_of

NEWS = "Polisen har haft folk på plats hela natten."
MINE = "Ordningsvakter står redan där varje kväll."
DECLINED = {"reason_code": "not_our_mandate", "reason_sv": MINE}
CLOSED = {"outcome": "no_action_possible", "summary_sv": MINE}


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all; every test makes issues of its own."""
    path = tmp_path_factory.mktemp("overtaken") / "samsyn.db"
    shutil.copyfile(sqlite_template, path)
    with a_site(f"sqlite:///{path}") as site:
        yield site


def begun(site: Site, user_id: str, path: str, **typed: object) -> tuple[Visit, dict[str, Any]]:
    """A form that somebody has opened and written in."""
    site.started.catch_up()
    visit = site.visit(user_id)
    return visit, {**visit.form(path).fields, **typed}


def version_of(site: Site, issue_id: UUID) -> int:
    """Of the issue alone."""
    issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
    return issue.version


def note(issue_id: UUID) -> AddNote:
    return AddNote(issue_id=issue_id, text_sv=NEWS)


def a_decline(site: Site) -> tuple[UUID, UUID, str]:
    issue_id, referral_id = a_sent_referral(site.started)
    return issue_id, referral_id, f"/issues/{issue_id}/referrals/{referral_id}/do/DeclineReferral"


def test_every_command_overwrites_adds_or_decides() -> None:
    assert set(COMMAND_WORDS) >= {*OVERWRITES, *ADDS}
    assert not ADDS & set(OVERWRITES)


def test_two_who_change_the_same_see_both_texts_and_lose_none(site: Site) -> None:
    issue_id = an_open_issue(site.started, title="Otrygg passage")
    path = f"/issues/{issue_id}/do/ChangeTitle"
    visit, mine = begun(site, "u-dis-01", path, title="Min rubrik", reason_sv="Tydligare för alla.")
    site.started.execute(
        ChangeTitle(
            issue_id=issue_id,
            title="Annas rubrik",
            public_title="Otrygg passage",
            reason_sv="Bättre beskrivning.",
        ),
        "u-dis-02",
    )
    answer = visit.post(path, mine)
    assert answer.status_code == 409
    for text in (
        "Någon annan ändrade ärendet medan du skrev.",
        "Bättre beskrivning.",
        "Annas rubrik",
        "Min rubrik",
        "Handläggare Trygghet 2",
    ):
        assert text in answer.text
    assert 'value="Min rubrik"' in answer.text
    assert visit.post(path, forms_of(answer.text)[-1].fields).status_code == 303
    site.started.catch_up()
    assert "<h1>Min rubrik</h1>" in visit.get(f"/issues/{issue_id}").text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("CloseIssue", CLOSED),
        ("RecordFollowUp", {"effect": "improved", "evidence_sv": MINE}),
        ("ParkIssue", {"until": "2026-02-01T09:00", "reason_sv": MINE}),
        ("SendReferral", {"type": "inform", "to_agency": "social", "question_sv": MINE}),
        ("VoidIssue", {"reason_sv": MINE}),
    ],
)
def test_what_is_decided_on_an_issue_is_decided_on_all_that_happened(
    site: Site, name: str, typed: dict[str, object]
) -> None:
    issue_id = an_open_issue(site.started)
    path = f"/issues/{issue_id}/do/{name}"
    visit, mine = begun(site, "u-dis-01", path, **typed)
    site.started.execute(note(issue_id), "u-pol-01")
    before = version_of(site, issue_id)
    answer = visit.post(path, mine)
    assert answer.status_code == 409
    assert version_of(site, issue_id) == before
    for text in ("Det här hände, och så skrev du", NEWS, MINE, "Polisen"):
        assert text in answer.text
    assert answer.text.count("Det har hänt något medan du skrev.") == 1
    assert visit.post(path, forms_of(answer.text)[-1].fields).status_code == 303


def test_whoever_answers_hears_that_the_referral_was_withdrawn_and_keeps_the_text(
    site: Site,
) -> None:
    issue_id, referral_id, path = a_decline(site)
    visit, mine = begun(site, "u-pol-01", path, **DECLINED)
    site.started.execute(
        WithdrawReferral(issue_id=issue_id, referral_id=referral_id, reason_sv=NEWS)
    )
    answer = visit.post(path, mine)
    assert answer.status_code == 409
    for text in (NEWS, MINE, "återkallade", "Någon annan hann före"):
        assert text in answer.text
    again = visit.post(path, forms_of(answer.text)[-1].fields)
    assert again.status_code == 409
    assert MINE in again.text


def test_whoever_withdraws_hears_that_there_is_an_answer(site: Site) -> None:
    issue_id, referral_id, path = a_decline(site)
    own = f"/issues/{issue_id}/referrals/{referral_id}/do/WithdrawReferral"
    visit, mine = begun(site, "u-dis-01", own, reason_sv=MINE)
    assert site.visit("u-pol-01").fill(path, **DECLINED | {"reason_sv": NEWS}).status_code == 303
    answer = site.visit("u-dis-01").post(own, {**mine, "_csrf_token": csrf(visit)})
    assert answer.status_code == 409
    for text in (NEWS, MINE, "avböjde"):
        assert text in answer.text


def csrf(visit: Visit) -> str:
    visit.get("/queue")
    return visit.client.cookies.get("csrftoken") or ""


def test_neither_the_system_nor_a_reader_stands_in_the_way(site: Site) -> None:
    issue_id, _, path = a_decline(site)
    visit, mine = begun(site, "u-pol-01", path, **DECLINED)
    site.started.act()
    visit.get(path.partition("/referrals")[0])
    assert visit.post(path, mine).status_code == 303
    before = version_of(site, issue_id)
    assert visit.post(path, mine).status_code == 303, "twice is once"
    assert version_of(site, issue_id) == before


def test_what_changes_something_else_stands_in_the_way_of_no_change(site: Site) -> None:
    issue_id = an_open_issue(site.started)
    path = f"/issues/{issue_id}/do/ChangePriority"
    visit, mine = begun(site, "u-dis-01", path, priority="urgent", reason_sv=MINE)
    due_on = site.clock.now.date()
    others: list[Command] = [
        note(issue_id),
        PlanAction(issue_id=issue_id, action_type=ActionType.OUTREACH, due_on=due_on),
    ]
    for each in others:
        site.started.execute(each, "u-soc-01")
    assert visit.post(path, mine).status_code == 303
    path = f"/issues/{issue_id}/do/AddNote"
    visit, mine = begun(site, "u-dis-01", path, text_sv=MINE)
    site.started.execute(note(issue_id), "u-pol-01")
    assert visit.post(path, mine).status_code == 303


def test_two_who_revise_a_report_see_both_texts(site: Site) -> None:
    report_id = a_report(site.started, "u-dis-01")
    path = f"/reports/{report_id}/do/ReviseReport"
    visit, mine = begun(site, "u-dis-01", path, text=MINE)
    site.started.execute(
        ReviseReport(report_id=report_id, text=NEWS, place=BRUNNSPARKEN), "u-dis-02"
    )
    site.started.catch_up()
    answer = visit.post(path, mine)
    assert answer.status_code == 409
    for text in (NEWS, MINE, "Så står det nu", "Någon annan ändrade rapporten medan du"):
        assert text in answer.text
    assert visit.post(path, forms_of(answer.text)[-1].fields).status_code == 303
    path = f"/reports/{report_id}/do/SendFeedback"
    visit, mine = begun(site, "u-dis-01", path, text_sv=LONG)
    site.started.execute(
        ReviseReport(report_id=report_id, text=NEWS, place=BRUNNSPARKEN), "u-dis-02"
    )
    assert "Det här hände" in visit.post(path, mine).text
