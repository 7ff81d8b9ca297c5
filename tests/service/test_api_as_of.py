"""The past over HTTP: an issue and its queues at any position of the log, by today's rights."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.classification import ChangeCategory, ChangeTitle
from domain.codes import ReferralType
from domain.lifecycle import MergeIssues, VoidIssue
from tests.examples import (
    a_report,
    a_sent_referral,
    accept,
    an_open_issue,
    decline,
    open_issue,
    send_referral,
)
from tests.service.web import Web


def as_of(web: Web, issue: UUID, by: str = "u-dis-01", **when: str | int) -> Any:
    """Ask; every read model has reached the head of the log."""
    web.started.catch_up()
    told = "&".join(f"{name}={value}" for name, value in when.items()).replace("+", "%2B")
    return web.get(f"/issues/{issue}/as-of?{told}", by)


def found(web: Web, issue: UUID, by: str = "u-dis-01", **when: str | int) -> Any:
    answer = as_of(web, issue, by, **when)
    assert answer.status_code == 200, answer.text
    return answer.json()


def head(web: Web) -> int:
    return web.started.samsyn.casework.head()


def test_an_issue_is_told_as_it_was_and_where_it_stood(web: Web) -> None:
    issue, referral = a_sent_referral(web.started)
    sent = head(web)
    told_then = found(web, issue, position=sent)
    web.clock.advance(hours=1)
    web.started.execute(ChangeTitle(issue_id=issue, title="Nytt", public_title="Nytt ute"))
    web.started.execute(decline(issue, referral), "u-pol-01")
    told = found(web, issue, position=sent)
    assert told == told_then
    assert told["issue"]["referrals"][0]["status"] == "sent"
    assert {"agency_id": "police", "bucket": "to_answer"} in told["queues"]
    assert [line["topic"] for line in told["story"]] == ["IssueOpened", "ReferralSent"]
    now = found(web, issue, position=head(web))
    assert now["issue"] == web.get(f"/issues/{issue}").json()
    assert now["queues"] == web.get(f"/issues/{issue}/queues").json()
    assert now["story"] == web.get(f"/issues/{issue}/story").json()
    assert now["issue"]["title"] == "Nytt"
    assert {"agency_id": "district", "bucket": "returned"} in now["queues"]


def test_a_time_stands_for_the_last_position_by_then(web: Web) -> None:
    issue, referral = a_sent_referral(web.started)
    sent, at = head(web), web.clock.now
    web.clock.advance(hours=1)
    web.started.execute(accept(issue, referral), "u-pol-01")
    for moment in (at, at + timedelta(minutes=59)):
        told = found(web, issue, at=moment.isoformat())
        assert told["position"] == str(sent)
        assert told["issue"]["referrals"][0]["status"] == "sent"
    told = found(web, issue, at=web.clock.now.isoformat())
    assert told["position"] == str(head(web))
    assert as_of(web, issue, at=(at - timedelta(days=999)).isoformat()).status_code == 404


def test_what_was_overdue_depends_on_the_time_asked_for(web: Web) -> None:
    issue, _ = a_sent_referral(web.started)
    overdue = {"agency_id": "police", "bucket": "overdue"}
    early = web.clock.now
    web.clock.advance(days=30)
    late = web.clock.now
    assert overdue not in found(web, issue, at=early.isoformat())["queues"]
    assert overdue in found(web, issue, at=late.isoformat())["queues"]


def test_before_it_was_opened_there_is_no_issue(web: Web) -> None:
    before = head(web)
    issue = an_open_issue(web.started)
    assert as_of(web, issue, position=before).status_code == 404
    assert as_of(web, issue, position=before + 1).status_code == 200


def test_who_may_not_read_the_issue_today_may_not_read_its_past(web: Web) -> None:
    issue = an_open_issue(web.started)
    opened = head(web)
    assert as_of(web, issue, "u-soc-01", position=opened).status_code == 200
    web.started.execute(ChangeCategory(issue_id=issue, category="extremism"))
    assert as_of(web, issue, "u-soc-01", position=opened).status_code == 404
    assert as_of(web, issue, "u-dis-01", position=opened).status_code == 200
    assert as_of(web, issue, "u-adm-01", position=opened).status_code == 404


def test_a_partner_gets_the_past_from_the_first_referral_to_it_on(web: Web) -> None:
    issue = an_open_issue(web.started)
    before = head(web)
    a_sent_referral_to = send_referral(issue, "partner_guards", type=ReferralType.INFORM)
    web.started.execute(a_sent_referral_to)
    sent = head(web)
    web.started.execute(send_referral(issue, "police"))
    assert as_of(web, issue, "u-par-02", position=before).status_code == 404
    told = found(web, issue, "u-par-02", position=head(web))
    assert [each["to_agency"] for each in told["issue"]["referrals"]] == ["partner_guards"]
    assert "title" not in told["issue"]
    assert told["story"] == []
    assert {each["agency_id"] for each in told["queues"]} == {"partner_guards"}
    assert found(web, issue, "u-par-02", position=sent)["issue"]["number"]


def test_a_merged_and_a_voided_issue_were_once_open(web: Web) -> None:
    report = a_report(web.started, by="u-dis-01")
    issue = web.started.create(open_issue(report_ids=(report,)))
    into = an_open_issue(web.started)
    opened = head(web)
    web.started.execute(MergeIssues(issue_id=issue, into_issue_id=into, reason_sv="Samma sak."))
    merged = head(web)
    web.started.execute(VoidIssue(issue_id=into, reason_sv="Fel öppnat av misstag."))
    assert found(web, issue, position=opened)["issue"]["status"] == "new"
    told = found(web, issue, position=merged)
    assert told["issue"]["status"] == "merged"
    assert told["issue"]["merged_into_id"] == str(into)
    assert told["queues"] == []
    reports = {line["report_id"] for line in found(web, into, position=opened)["story"]}
    assert reports == {None}
    reports = {line["report_id"] for line in found(web, into, position=merged)["story"]}
    assert reports == {None, str(report)}
    assert found(web, into, position=head(web))["issue"]["status"] == "voided"


@pytest.mark.parametrize(
    ("when", "field", "code"),
    [
        ({}, "position", "one_of_two"),
        ({"position": 3, "at": "2026-01-12T08:15:00Z"}, "position", "one_of_two"),
        ({"position": 0}, "position", "out_of_range"),
        ({"position": -4}, "position", "out_of_range"),
        ({"position": 10**6}, "position", "ahead_of_the_log"),
        ({"at": "2027-01-12T08:15:00Z"}, "at", "in_the_future"),
    ],
)
def test_a_bad_position_or_time_is_bad_input(
    web: Web, when: dict[str, str | int], field: str, code: str
) -> None:
    answer = as_of(web, an_open_issue(web.started), "u-dis-01", **when)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize("when", [{"position": "abc"}, {"at": "2026-01-12T08:15:00"}, {"at": "x"}])
def test_what_is_no_position_and_no_time_is_bad_input(web: Web, when: dict[str, str | int]) -> None:
    answer = as_of(web, an_open_issue(web.started), "u-dis-01", **when)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == list(when)
