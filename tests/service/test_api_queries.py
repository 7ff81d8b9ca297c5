"""Queries over HTTP: what was just written is there, only what may be seen, page by page."""

from typing import Any

import pytest

from domain.codes import ReferralType
from domain.directory import GrantUser
from domain.values import SYSTEM, Role
from service.api.queries import QUERIES
from tests.examples import (
    a_report,
    a_sent_referral,
    accept,
    an_open_issue,
    decline,
    send_referral,
)
from tests.service.web import Web


@pytest.fixture
def read(web: Web) -> Any:
    """Ask a question once every read model has reached the head of the log."""

    def ask(path: str, by: str = "u-dis-01", **headers: str) -> Any:
        web.started.catch_up()
        answer = web.get(path, by, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask


def test_an_issue_is_told_with_its_referrals(web: Web, read: Any) -> None:
    issue, referral = a_sent_referral(web.started)
    web.started.execute(accept(issue, referral), "u-pol-01")
    found = read(f"/issues/{issue}")
    assert found["responsible_agency"] == "police"
    assert found["status"] == "active"
    assert [each["status"] for each in found["referrals"]] == ["accepted"]
    assert found["number"] == "TIC-2026-00001"
    assert read(f"/issue-numbers/{found['number']}") == found


def test_an_issues_etag_is_its_version_and_spares_reading_again(web: Web) -> None:
    issue = an_open_issue(web.started)
    web.started.catch_up()
    first = web.get(f"/issues/{issue}")
    assert first.headers["etag"] == f'"{first.json()["version"]}"'
    again = web.get(f"/issues/{issue}", If_None_Match=first.headers["etag"])
    assert again.status_code == 304
    assert again.content == b""


def test_a_receipts_position_makes_a_query_wait(web_on_sqlite: Web) -> None:
    web = web_on_sqlite
    for _ in range(5):
        receipt = web.post(
            "/issues", {"public_title": "Mörkt", "category": "other", "place": {"name": "Heden"}}
        ).json()
        found = web.get(f"/issues/{receipt['created_id']}?at_position={receipt['position']}")
        assert found.status_code == 200, found.text


def test_a_position_ahead_of_the_log_is_bad_input(web: Web) -> None:
    answer = web.get("/issues?at_position=999999999")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "ahead_of_the_log"


def test_a_read_model_that_does_not_come_says_try_again(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.api.asking.PATIENCE_SECONDS", 0.0)

    def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(web.started.samsyn.runner, "wait_for", never)
    answer = web.get(f"/issues?at_position={web.started.samsyn.casework.head()}")
    assert answer.status_code == 503
    assert answer.json()["code"] == "not_shown_yet"
    assert "retry-after" in answer.headers


def test_an_answer_says_how_far_it_is_behind(
    web_on_sqlite: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = web_on_sqlite
    monkeypatch.setattr("service.freshness.LOOK_SECONDS", -1.0)
    web.started.catch_up()
    answer = web.get("/agencies/district/queue?bucket=ours")
    assert (answer.headers["samsyn-behind-events"], answer.headers["samsyn-behind-seconds"]) == (
        "0",
        "0.0",
    )
    web.client.app.state.worker.stop()
    an_open_issue(web.started)
    an_open_issue(web.started)
    web.clock.advance(seconds=90)
    answer = web.get("/agencies/district/queue?bucket=ours")
    assert (answer.headers["samsyn-behind-events"], answer.headers["samsyn-behind-seconds"]) == (
        "2",
        "90.0",
    )


def test_queues_follow_a_referral(web: Web, read: Any) -> None:
    issue, referral = a_sent_referral(web.started)
    to_answer = read("/agencies/police/queue?bucket=to_answer", "u-pol-01")
    assert [item["issue_id"] for item in to_answer["items"]] == [str(issue)]
    assert read("/agencies/police/queue-counters", "u-pol-01")["buckets"]["to_answer"] == 1
    assert {"agency_id": "police", "bucket": "to_answer"} in read(f"/issues/{issue}/queues")
    web.started.execute(decline(issue, referral), "u-pol-01")
    assert read("/agencies/police/queue?bucket=to_answer", "u-pol-01")["items"] == []
    returned = read("/agencies/district/queue?bucket=returned")
    assert [item["issue_id"] for item in returned["items"]] == [str(issue)]


def test_a_report_waits_in_the_inbox(web: Web, read: Any) -> None:
    report = a_report(web.started, by="u-dis-01")
    assert [each["report_id"] for each in read("/agencies/district/inbox")["items"]] == [
        str(report)
    ]
    assert read(f"/reports/{report}")["version"] == 1


def test_the_story_and_the_trail_tell_in_both_languages(web: Web, read: Any) -> None:
    issue, _ = a_sent_referral(web.started)
    story = read(f"/issues/{issue}/story")
    assert [each["topic"] for each in story][:2] == ["IssueOpened", "ReferralSent"]
    assert "Polisen" in story[1]["sv"]
    assert story[1]["sv"] != story[1]["en"]
    trail = read(f"/audit-trail?issue_id={issue}&topics=ReferralSent&topics=IssueOpened")
    assert [each["topic"] for each in trail["items"]] == ["ReferralSent", "IssueOpened"]


def test_lists_go_on_where_the_page_before_ended(web: Web, read: Any) -> None:
    opened = [str(an_open_issue(web.started)) for _ in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = read(f"/issues?limit=2{after}")
        seen += [each["issue_id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert sorted(seen) == sorted(opened)


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("limit=0", "limit", "out_of_range"),
        ("limit=201", "limit", "out_of_range"),
        ("limit=many", "limit", "not_a_whole_number"),
        ("limit=1&limit=2", "limit", "not_a_whole_number"),
        ("after=nonsense", "after", "bad_cursor"),
        ("status=asleep", "status", "not_an_option"),
        ("at_position=-1", "at_position", "out_of_range"),
        ("hej=1", "hej", "unknown_field"),
    ],
)
def test_bad_parameters_are_told_by_field(
    web_on_sqlite: Web, query: str, field: str, code: str
) -> None:
    answer = web_on_sqlite.get(f"/issues?{query}")
    assert answer.status_code == 422
    assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_a_time_without_zone_is_bad_input(web_on_sqlite: Web) -> None:
    answer = web_on_sqlite.get("/audit-trail?since=2026-01-01T00:00:00")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "no_time_zone"


def test_a_partner_sees_only_what_was_sent_to_it(web: Web) -> None:
    started = web.started
    grant = GrantUser(user_id="u-par-01", agency_id="partner_nordstan", role=Role.CASEWORKER)
    started.samsyn.execution.execute(grant, SYSTEM)
    hidden = an_open_issue(started)
    pushed = an_open_issue(started)
    started.execute(send_referral(pushed, "partner_nordstan", type=ReferralType.INFORM))
    started.execute(send_referral(pushed, "police"))
    started.catch_up()
    assert web.get(f"/issues/{hidden}", "u-par-01").status_code == 404
    told = web.get(f"/issues/{pushed}", "u-par-01").json()
    assert [each["to_agency"] for each in told["referrals"]] == ["partner_nordstan"]
    assert "description_sv" not in told
    assert web.get(f"/issues/{pushed}/story", "u-par-01").json() == []
    assert web.get(f"/issues/{pushed}", "u-rep-01").status_code == 404


def test_an_administrator_sees_no_content(web: Web) -> None:
    issue = an_open_issue(web.started)
    web.started.catch_up()
    assert web.get(f"/issues/{issue}", "u-adm-01").status_code == 404
    assert web.get("/issues", "u-adm-01").json()["items"] == []


def test_figures_are_told_with_definitions(web: Web, read: Any) -> None:
    issue, referral = a_sent_referral(web.started)
    web.clock.advance(hours=2)
    web.started.execute(accept(issue, referral), "u-pol-01")
    web.clock.advance(hours=1)
    told = {each["id"]: each for each in read("/figures/follow-up")["figures"]}
    assert told["K2"]["spread"]["median_seconds"] == 2 * 3600
    assert told["K2"]["definition"]["en"]
    behind = read("/figures/follow-up/K2")["items"]
    assert [each["issue_id"] for each in behind] == [str(issue)]
    assert read("/figures/handovers")["cases"] == 0
    assert read("/figures/responsibility")["handovers"] == 1


def test_codes_categories_agencies_and_places_are_told(web: Web, read: Any) -> None:
    assert {"code": "transfer", "sv": "Överlämning"}.items() <= read("/codes")["ReferralType"][
        0
    ].items()
    assert any(each["code"] == "drug_dealing" for each in read("/categories"))
    assert any(each["agency_id"] == "police" for each in read("/directory/agencies"))
    assert any(each["place_id"] == "brunnsparken" for each in read("/directory/places"))
    assert any(each["area_id"] for each in read("/directory/areas"))
    position = read("/position")
    assert all(each["lag"] == 0 for each in position["projections"])


def test_every_query_reads_projections_that_exist(web_on_sqlite: Web) -> None:
    head = web_on_sqlite.started.samsyn.casework.head()
    known = {line.name for line in web_on_sqlite.started.samsyn.runner.status(head)}
    assert {name for query in QUERIES.values() for name in query.reads} <= known
