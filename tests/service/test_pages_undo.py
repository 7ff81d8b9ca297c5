"""Ten seconds to take back what was just done, by an event that names the other as its cause."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.codes import ReferralStatus
from domain.compensation import COMPENSATED, REASON_SV
from domain.issue import Issue
from domain.notes import AddNote
from domain.values import SYSTEM
from service.undoing import WITHIN
from tests.examples import an_open_issue
from tests.service.situations import SITUATIONS
from tests.service.visiting import Site, Visit, a_site, forms_of

NAMES = sorted(each.__name__ for each in COMPENSATED)


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One application for all; every test makes issues of its own."""
    path = tmp_path_factory.mktemp("undo") / "samsyn.db"
    shutil.copyfile(sqlite_template, path)
    with a_site(f"sqlite:///{path}") as site:
        yield site


def issue_of(site: Site, path: str) -> Issue:
    found: Issue = site.started.samsyn.casework.repository.get(UUID(path.split("/")[2]))
    return found


def by_people(site: Site, path: str) -> int:
    """How often somebody has done something to an issue, the system not counted."""
    entries = site.started.samsyn.casework.history(
        [UUID(path.partition("?")[0].split("/")[2])], 10**9
    )
    return sum(each.event.actor != SYSTEM for each in entries)


def standing(issue: Issue) -> list[Any]:
    """All that can be taken back."""
    return [
        (issue.title, issue.public_title, issue.category, issue.priority, issue.place),
        dict(issue.caseworkers),
        dict(issue.secrecy_marks),
        issue.parked_until,
        (issue.follow_up_due, issue.follow_up_agency),
        [each for each in issue.referrals.values() if each.status is not ReferralStatus.WITHDRAWN],
        [each.action_id for each in issue.open_actions()],
    ]


def done(site: Site, name: str, user_id: str | None = None) -> tuple[Visit, str]:
    """Somebody who has just given a command, and the page that says so."""
    situation = SITUATIONS[name](site.started)
    site.started.catch_up()
    visit = site.visit(user_id or situation.user_id)
    answer = visit.fill(situation.path, **situation.typed)
    assert answer.status_code == 303, answer.text
    return visit, answer.headers["location"]


def undo_form(visit: Visit, path: str) -> tuple[str, dict[str, list[str]]]:
    form = next(each for each in forms_of(visit.get(path).text) if each.action.endswith("/undo"))
    return form.action, {"version": form.fields["version"]}


def priority_raised(site: Site) -> tuple[Visit, str, dict[str, list[str]]]:
    visit, path = done(site, "ChangePriority")
    action, fields = undo_form(visit, path)
    return visit, action, fields


@pytest.mark.parametrize("name", NAMES)
def test_what_was_done_is_taken_back_by_an_event_that_says_so(site: Site, name: str) -> None:
    situation = SITUATIONS[name](site.started)
    site.started.catch_up()
    before = standing(issue_of(site, situation.path))
    visit = site.visit(situation.user_id)
    answer = visit.fill(situation.path, **situation.typed)
    issue = issue_of(site, situation.path)
    assert standing(issue) != before
    page = visit.get(answer.headers["location"]).text
    assert "Ångra (10 s)" in page
    action, fields = undo_form(visit, answer.headers["location"])
    site.clock.advance(seconds=WITHIN.seconds)
    answer = visit.post(action, fields)
    assert answer.status_code == 303, answer.text
    again = visit.post(action, fields)
    assert again.status_code == 303, "twice is once"
    assert standing(issue_of(site, situation.path)) == before
    entries = site.started.samsyn.casework.history([issue.id], 10**9)
    events = {each.version: each.event for each in entries if each.event.actor != SYSTEM}
    undone = events[int(fields["version"][0])]
    undoing = events[max(events)]
    assert [each for each in events.values() if each.causation_id == undone.event_id] == [undoing]
    assert getattr(undoing, "reason_sv", REASON_SV) == REASON_SV
    page = visit.get(answer.headers["location"]).text
    assert "Ångrat. Det står som förut." in page
    assert "Ångra (" not in page


@pytest.mark.parametrize("name", ["AddNote", "CloseIssue", "RecordFollowUp", "AcceptReferral"])
def test_what_no_command_takes_back_is_not_offered(site: Site, name: str) -> None:
    visit, path = done(site, name)
    assert "undo=" not in path
    issue = issue_of(site, path.partition("?")[0])
    assert "Ångra (" not in visit.get(f"{path}&undo={issue.version}").text
    before = by_people(site, path)
    for version in (str(issue.version), "1", "0", "99", "x", "1" * 30):
        answer = visit.post(f"/issues/{issue.id}/undo", {"version": version})
        assert answer.status_code == 404, version
    assert by_people(site, path) == before


def test_refused_when_ten_seconds_have_passed(site: Site) -> None:
    visit, action, fields = priority_raised(site)
    before = by_people(site, action)
    site.clock.advance(seconds=WITHIN.seconds + 1)
    answer = visit.post(action, fields)
    assert answer.status_code == 409
    assert "Det gick att ångra i 10 sekunder" in answer.text
    assert by_people(site, action) == before
    version = fields["version"][0]
    page = visit.get(f"{action.removesuffix('/undo')}?done=ChangePriority&undo={version}").text
    assert "Sparat: Ändra prioritet." in page
    assert "Ångra (" not in page


def test_refused_when_somebody_has_acted_in_between(site: Site) -> None:
    visit, action, fields = priority_raised(site)
    issue_id = UUID(action.split("/")[2])
    site.started.execute(AddNote(issue_id=issue_id, text_sv="Vi är på plats."), "u-pol-01")
    before = by_people(site, action)
    answer = visit.post(action, fields)
    assert answer.status_code == 409
    assert "Polisen, lokalpolisområde Göteborg City har gjort något i ärendet" in answer.text
    assert f'href="/issues/{issue_id}"' in answer.text
    assert by_people(site, action) == before


def test_the_system_does_not_stand_in_the_way(site: Site) -> None:
    visit, path = done(site, "SendReferral")
    site.started.act()
    action, fields = undo_form(visit, path)
    assert visit.post(action, fields).status_code == 303
    assert issue_of(site, action).open_referrals() == []


def test_refused_once_the_receiver_has_read_it(site: Site) -> None:
    visit, path = done(site, "SendReferral")
    action, fields = undo_form(visit, path)
    site.visit("u-pol-01").get(path.partition("?")[0])
    assert site.visit("u-dis-01").post(action, fields).status_code == 409


def test_nobody_undoes_what_another_did(site: Site) -> None:
    _, action, fields = priority_raised(site)
    for user_id, status in (("u-dis-02", 403), ("u-man-01", 403), ("u-rep-01", 403)):
        assert site.visit(user_id).post(action, fields).status_code == status, user_id
    assert site.visit().post(action, fields).status_code == 401
    hidden = an_open_issue(site.started, "u-pol-01", category="extremism")
    site.started.catch_up()
    answer = site.visit("u-dis-01").post(f"/issues/{hidden}/undo", {"version": "1"})
    assert answer.status_code == 404


def test_the_offer_counts_down_by_the_clock_of_the_server(site: Site) -> None:
    visit, path = done(site, "ChangeTitle")
    site.clock.advance(seconds=4)
    page = visit.get(path).text
    assert "Ångra (6 s)" in page
    assert re.search(r'data-undo="6"', page)
