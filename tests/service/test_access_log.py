"""Who read what is in the access log before it is shown, with the reason that the issue gives."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from domain.access import AccessKind, AccessReason
from domain.action import PerformAction
from domain.classification import AssignCaseworker
from domain.codes import ActionType
from domain.issue import Issue
from infra.access.rows import AccessRow
from infra.access.tables import accesses
from tests.examples import Started, a_report, a_sent_referral, an_open_issue
from tests.service.reads import rows
from tests.service.visiting import Site, a_site
from tests.service.web import Web

TITLE = "Ovanligt ord: kvastfening"
MARKER = "kvastfening"


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    with a_site(database_url) as site:
        yield site


def the_row(started: Started, user_id: str) -> AccessRow:
    """The only row of a user."""
    (row,) = rows(started, user_id)
    return row


def an_issue(started: Started) -> UUID:
    issue_id = an_open_issue(started, title=TITLE)
    started.catch_up()
    return issue_id


def test_opening_an_issue_is_one_row_however_often_the_page_reads(site: Site) -> None:
    issue_id = an_issue(site.started)
    answer = site.visit("u-dis-01").get(f"/issues/{issue_id}?list=%2Fqueue%3Fbucket%3Dours")
    assert MARKER in answer.text
    row = the_row(site.started, "u-dis-01")
    assert (row.agency_id, row.kind, row.issue_id) == ("district", AccessKind.READ, issue_id)
    assert row.at == site.clock.now
    assert row.operation == "GET /issues/{issue_id}"
    assert row.shape == "list"
    assert row.role == "caseworker"
    assert row.request_id == answer.headers["x-request-id"]


def test_reading_over_the_api_is_logged_with_the_id_of_the_request(web: Web) -> None:
    issue_id = an_issue(web.started)
    for path in (f"/issues/{issue_id}", f"/issues/{issue_id}/story"):
        answer = web.get(path, by="u-man-01")
        assert answer.status_code == 200
        row = rows(web.started, "u-man-01")[-1]
        assert (row.kind, row.issue_id) == (AccessKind.READ, issue_id)
        assert row.request_id == answer.headers["x-request-id"]
    number = web.get(f"/issues/{issue_id}", by="u-man-01").json()["number"]
    web.get(f"/issue-numbers/{number}", by="u-man-01")
    assert [row.issue_id for row in rows(web.started, "u-man-01")] == [issue_id] * 4


def test_lists_say_how_many_and_what_was_searched_for_to_nobody_without_the_key(site: Site) -> None:
    an_issue(site.started)
    visit = site.visit("u-dis-01")
    assert MARKER in visit.get(f"/issues?text={MARKER}&status=").text
    row = the_row(site.started, "u-dis-01")
    assert (row.kind, row.found, row.shape) == (AccessKind.SEARCH, 1, "text")
    assert row.issue_id is None
    assert MARKER not in str(row)
    assert site.started.samsyn.access.sought(row) == f"text={MARKER}"
    assert row.reason is AccessReason.NONE
    visit.get("/queue")
    assert rows(site.started, "u-dis-01")[-1].words is None
    assert rows(site.started, "u-dis-01")[-1].reason is AccessReason.OWN_WORK


def test_taking_along_is_an_export(site: Site) -> None:
    issue_id = an_issue(site.started)
    visit = site.visit("u-man-01")
    issue: Issue = site.started.samsyn.casework.repository.get(issue_id)
    for path, wanted in (
        (f"/trail/file/csv?issue={issue.number}", issue_id),
        (f"/issues/{issue_id}/evidence", issue_id),
        ("/figures/file/xlsx", None),
        ("/figures/K1/file/csv", None),
    ):
        assert visit.get(path).status_code == 200, path
        row = rows(site.started, "u-man-01")[-1]
        assert (row.kind, row.issue_id) == (AccessKind.EXPORT, wanted), path


def test_printing_is_told_by_the_page_and_logged(site: Site) -> None:
    issue_id = an_issue(site.started)
    visit = site.visit("u-dis-01")
    for page, wanted in ((f"/issues/{issue_id}/then", issue_id), ("/queue", None)):
        assert visit.post("/printed", {"page": page}).status_code == 204
        row = rows(site.started, "u-dis-01")[-1]
        assert (row.kind, row.issue_id) == (AccessKind.PRINT, wanted)
    assert visit.post("/printed", {"page": f"/issues/{uuid4()}"}).status_code == 404


def test_the_print_view_of_a_page_is_a_print(site: Site) -> None:
    issue_id = an_issue(site.started)
    visit = site.visit("u-dis-01")
    path = f"/issues/{issue_id}"
    page = visit.get(path).text
    assert f'href="{path}?print=yes"' in page
    assert "data-tells-of-prints" not in page, "it is not printed unless a script says so"
    for asked, wanted in ((path, issue_id), ("/issues", None), ("/queue", None)):
        printed = visit.get(f"{asked}?print=yes")
        assert printed.status_code == 200
        assert "data-tells-of-prints" in printed.text
        assert "print-way" not in printed.text
        row = rows(site.started, "u-dis-01")[-1]
        assert (row.kind, row.issue_id, row.words) == (AccessKind.PRINT, wanted, None), asked


def test_refused_command_is_logged_with_its_code(web: Web) -> None:
    issue_id = an_issue(web.started)
    answer = web.post(f"/issues/{issue_id}/notes", {"text_sv": "Kort."}, by="u-aud-01")
    assert answer.status_code == 403, answer.text
    row = the_row(web.started, "u-aud-01")
    assert (row.kind, row.issue_id) == (AccessKind.REFUSED, issue_id)
    assert row.code == answer.json()["code"]
    assert row.operation.startswith("POST /api/v1/issues/")
    assert web.post("/issues", {"title": 3}, by="u-dis-01").status_code == 422
    assert the_row(web.started, "u-dis-01").kind is AccessKind.REFUSED


def test_refused_form_is_logged_also_when_the_role_may_not_even_see_it(site: Site) -> None:
    issue_id = an_issue(site.started)
    sent = {"text_sv": "Det här skrivs för att pröva.", "_key": uuid4().hex}
    assert site.visit("u-aud-01").post(f"/issues/{issue_id}/do/AddNote", sent).status_code == 403
    found = {(row.kind, row.code) for row in rows(site.started, "u-aud-01")}
    assert {kind for kind, _ in found} == {AccessKind.READ, AccessKind.REFUSED}


def test_who_may_not_see_an_issue_has_not_read_it(site: Site) -> None:
    issue_id = an_open_issue(site.started, by="u-pol-01", category="extremism", title=TITLE)
    site.started.catch_up()
    assert site.visit("u-soc-01").get(f"/issues/{issue_id}").status_code == 404
    assert rows(site.started, "u-soc-01") == []


def test_over_the_api_as_well(web: Web) -> None:
    issue_id = an_open_issue(web.started, by="u-pol-01", category="extremism", title=TITLE)
    web.started.catch_up()
    assert web.get(f"/issues/{issue_id}", by="u-soc-01").status_code == 404
    assert rows(web.started, "u-soc-01") == []


def test_reason_is_what_the_issue_says_of_the_reader(site: Site) -> None:
    started = site.started
    issue_id, _ = a_sent_referral(started)
    started.execute(AssignCaseworker(issue_id=issue_id, user_id="u-dis-01"))
    started.execute(PerformAction(issue_id=issue_id, action_type=ActionType.CLEANING), "u-pol-02")
    started.catch_up()
    wanted = {
        "u-dis-01": AccessReason.ASSIGNED,
        "u-pol-02": AccessReason.OWN_ACTION,
        "u-pol-01": AccessReason.REFERRED,
        "u-man-01": AccessReason.REVIEW,
        "u-coo-01": AccessReason.RESPONSIBLE,
        "u-aud-01": AccessReason.AUDIT,
        "u-soc-01": AccessReason.NONE,
    }
    for user_id in wanted:
        assert site.visit(user_id).get(f"/issues/{issue_id}").status_code == 200
    found = {row.user_id: row.reason for row in rows(started) if row.kind is AccessKind.READ}
    assert found == wanted


def test_reason_of_reading_a_report(site: Site) -> None:
    report_id = a_report(site.started, "u-rep-01")
    site.started.catch_up()
    for user_id, reason in (("u-rep-01", AccessReason.OWN_REPORT),):
        assert site.visit(user_id).get(f"/reports/{report_id}").status_code == 200
        row = rows(site.started, user_id)[0]
        assert (row.report_id, row.reason) == (report_id, reason)


def test_no_log_no_page(site: Site) -> None:
    issue_id = an_issue(site.started)
    visit = site.visit("u-dis-01")
    with site.started.samsyn.engine.execution_options(writes=True).begin() as db:
        db.execute(text(f"ALTER TABLE {accesses.name} RENAME TO put_away"))
    for path in (f"/issues/{issue_id}", f"/issues/{issue_id}/then", "/issues", "/queue", "/trail"):
        answer = visit.get(path)
        assert answer.status_code >= 500, path
        assert MARKER not in answer.text, path


def test_what_is_searched_for_over_the_api_is_kept_too(web: Web) -> None:
    an_issue(web.started)
    assert web.get(f"/issues?text={MARKER}&limit=5", by="u-man-01").status_code == 200
    (row,) = rows(web.started, "u-man-01")
    assert MARKER not in str(row)
    assert web.started.samsyn.access.sought(row) == f"text={MARKER}"


def test_no_key_no_search(site: Site) -> None:
    an_issue(site.started)
    path = site.app.state.services.settings.access_key
    path.write_text("no key", encoding="utf-8")
    path.chmod(0o600)
    answer = site.visit("u-dis-01").get(f"/issues?text={MARKER}")
    assert (answer.status_code, "kunde inte loggas" in answer.text) == (503, True)
    assert rows(site.started, "u-dis-01") == []
    assert site.visit("u-dis-01").get("/issues").status_code == 200, "nothing was searched for"


def test_no_log_no_answer(web: Web) -> None:
    issue_id = an_issue(web.started)
    with web.started.samsyn.engine.execution_options(writes=True).begin() as db:
        db.execute(text(f"ALTER TABLE {accesses.name} RENAME TO put_away"))
    for path in (
        f"/issues/{issue_id}",
        f"/issues/{issue_id}/story",
        "/issues",
        "/agencies/district/queue?bucket=ours",
    ):
        answer = web.get(path)
        assert answer.status_code >= 500, path
        assert MARKER not in answer.text, path
