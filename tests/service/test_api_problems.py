"""Every way to be refused over HTTP: a problem document that says what to do, and no more."""

from typing import Any
from uuid import uuid4

import pytest

from infra.log.errors import EventUnreadable
from service.language import Language
from service.problems import problem_of
from tests.examples import a_sent_referral, an_open_issue
from tests.service.web import Web

PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "code", "request_id"}
SECRET = "hemligt-ord-19121212-1212"


def check(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem, if it is one of this status and code."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith(PROBLEM)
    problem: dict[str, Any] = answer.json()
    assert set(problem) >= MEMBERS
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["request_id"] == answer.headers["x-request-id"]
    return problem


def test_an_event_that_cannot_be_read_is_named_without_what_it_holds() -> None:
    error = EventUnreadable("domain.issue:Issue.NoteAdded", uuid4(), 7, SECRET)
    for language, said in ((Language.SV, "nummer 7"), (Language.EN, "number 7")):
        problem = problem_of(error, language)
        assert (problem.status, problem.code) == (500, "event_unreadable")
        assert f"Issue.NoteAdded, {said}" in problem.detail
        assert SECRET not in str(problem.document("r-1"))


def test_every_bad_field_is_told_at_once(web: Web) -> None:
    issue = an_open_issue(web.started)
    answer = web.post(
        f"/issues/{issue}/referrals",
        {
            "type": "bogus",
            "to_agency": "nobody",
            "question_sv": "kort",
            "respond_by": "i morgon",
            "items_disclosed": ["a", 1],
            "occurred_at": "2027-01-01T00:00:00Z",
            "hemligt": SECRET,
            SECRET: 1,
        },
        Idempotency_Key="two words",
        If_Match="7",
    )
    problem = check(answer, 422, "invalid")
    assert {(error["field"], error["code"]) for error in problem["errors"]} == {
        ("Idempotency-Key", "bad_key"),
        ("If-Match", "bad_version"),
        ("type", "not_an_option"),
        ("to_agency", "unknown_agency"),
        ("question_sv", "too_short"),
        ("respond_by", "not_a_time"),
        ("items_disclosed.1", "not_a_text"),
        ("occurred_at", "in_the_future"),
        ("hemligt", "unknown_field"),
        ("?", "unknown_field"),
    }
    assert SECRET not in answer.text


def test_missing_fields_are_told_together_with_rules(web_on_sqlite: Web) -> None:
    answer = web_on_sqlite.post("/issues", {"category": "nonsense", "title": "x" * 121})
    errors = check(answer, 422, "invalid")["errors"]
    assert {(error["field"], error["code"]) for error in errors} == {
        ("public_title", "required"),
        ("place", "required"),
        ("category", "unknown_category"),
        ("title", "too_long"),
    }


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("consult", {("question_sv", "too_short"), ("respond_by", "required")}),
        ("transfer", {("question_sv", "too_short"), ("wanted_sv", "required")}),
        ("bogus", {("question_sv", "too_short"), ("type", "not_an_option")}),
    ],
)
def test_what_a_rule_wants_is_told_beside_what_cannot_be_read(
    web_on_sqlite: Web, kind: str, told: set[tuple[str, str]]
) -> None:
    issue = an_open_issue(web_on_sqlite.started)
    answer = web_on_sqlite.post(
        f"/issues/{issue}/referrals",
        {"type": kind, "to_agency": "social", "question_sv": "kort"},
    )
    errors = check(answer, 422, "invalid")["errors"]
    assert {(error["field"], error["code"]) for error in errors} == told


@pytest.mark.parametrize(
    ("languages", "message"),
    [
        (None, "Fyll i fältet."),
        ("sv", "Fyll i fältet."),
        ("en-GB,en;q=0.9", "Fill in the field."),
        ("en;q=0.5, sv;q=0.8", "Fyll i fältet."),
        ("de", "Fill in the field."),
        ("nb", "Fyll i fältet."),
    ],
)
def test_words_are_in_the_language_asked_for(
    web_on_sqlite: Web, languages: str | None, message: str
) -> None:
    told = {"Accept_Language": languages} if languages else {"Accept_Language": ""}
    answer = web_on_sqlite.post("/issues", {}, **told)
    assert check(answer, 422, "invalid")["errors"][0]["message"] == message
    assert answer.headers["content-language"] == ("sv" if "Fyll" in message else "en")


def test_what_looks_like_personal_data_is_named_but_not_repeated(web_on_sqlite: Web) -> None:
    issue = an_open_issue(web_on_sqlite.started)
    answer = web_on_sqlite.post(f"/issues/{issue}/notes", {"text_sv": "Anna 19121212-1212 såg det"})
    errors = check(answer, 422, "invalid")["errors"]
    assert [error["field"] for error in errors] == ["text_sv"]
    assert "1212" not in answer.text


def test_the_wrong_role_is_told_who_may_before_anything_else(web: Web) -> None:
    issue = an_open_issue(web.started)
    answer = web.post(f"/issues/{issue}/referrals", {"hej": 1}, "u-aud-01")
    assert check(answer, 403, "role_not_allowed")["who_may"] == ["caseworker", "coordinator"]


def test_the_wrong_agency_is_told_who_may(web: Web) -> None:
    issue, referral = a_sent_referral(web.started)
    answer = web.post(f"/issues/{issue}/referrals/{referral}/acceptance", {}, "u-soc-01")
    assert check(answer, 403, "other_agency")["who_may"] == ["police"]


def test_too_late_is_told_what_happened(web: Web) -> None:
    issue, referral = a_sent_referral(web.started)
    path = f"/issues/{issue}/referrals/{referral}"
    assert web.post(f"{path}/withdrawal", {}).status_code == 200
    answer = web.post(f"{path}/acceptance", {}, "u-pol-01")
    assert check(answer, 409, "referral_withdrawn")["happened"] == "ReferralWithdrawn"


def test_an_unknown_issue_is_not_found(web: Web) -> None:
    answer = web.post(f"/issues/{uuid4()}/priority", {"priority": "low"})
    check(answer, 404, "no_such_issue")


@pytest.mark.parametrize("content", [b"{", b"[]", b"1", b'"x"', b"null", b"\xff", b'{"a":NaN}'])
def test_a_body_that_is_no_json_object_is_malformed(web_on_sqlite: Web, content: bytes) -> None:
    answer = web_on_sqlite.client.post(
        "/api/v1/issues",
        content=content,
        headers=web_on_sqlite.headers("u-dis-01", Content_Type="application/json"),
    )
    check(answer, 400, "bad_request")


def test_another_kind_of_content_is_unsupported(web_on_sqlite: Web) -> None:
    answer = web_on_sqlite.client.post(
        "/api/v1/issues", data={"category": "other"}, headers=web_on_sqlite.headers("u-dis-01")
    )
    check(answer, 415, "unsupported_media_type")


def test_a_huge_body_is_too_large(web_on_sqlite: Web) -> None:
    answer = web_on_sqlite.post("/issues", {"description_sv": "x" * 1_100_000})
    check(answer, 413, "request_entity_too_large")


def test_an_unknown_address_repeats_nothing(web_on_sqlite: Web) -> None:
    answer = web_on_sqlite.get(f"/nothing?q={SECRET}")
    check(answer, 404, "not_found")
    assert SECRET not in answer.text


def test_a_wrong_method_is_told_the_right_ones(web_on_sqlite: Web) -> None:
    answer = web_on_sqlite.client.delete(
        "/api/v1/directory/agencies", headers=web_on_sqlite.headers("u-dis-01")
    )
    check(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} & set(answer.headers["allow"].replace(" ", "").split(","))


def test_a_closed_log_says_try_again(web_on_sqlite: Web) -> None:
    web_on_sqlite.started.samsyn.casework.recorder.appender.close()
    answer = web_on_sqlite.post(
        "/issues", {"public_title": "Otrygghet", "category": "other", "place": {"name": "Heden"}}
    )
    check(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
