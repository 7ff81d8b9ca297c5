"""Commands over HTTP: receipts, keys, versions, and the first story found by operationId alone."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from domain.access import AccessReason
from domain.codes import AccessPattern
from domain.issue import Issue
from tests.infra.access_rows import add_rows, row
from tests.service.web import Web

REPORT = {
    "text": "Butikspersonal berättar att det säljs narkotika öppet vid bänkarna mot kanalen.",
    "place": {"name": "Brunnsparken", "place_id": "brunnsparken"},
}
ISSUE = {
    "public_title": "Otrygghet vid Brunnsparken",
    "category": "drug_dealing",
    "place": {"name": "Brunnsparken"},
}
TRANSFER = {
    "type": "transfer",
    "to_agency": "police",
    "question_sv": "Brottsbekämpning är polisens uppdrag.",
    "wanted_sv": "Närvaro och riktade insatser kl. 15-19.",
}


class Program:
    """A client that knows nothing but the document: it finds commands by their operationId."""

    def __init__(self, web: Web) -> None:
        self.web = web
        document = web.client.get("/api/v1/openapi.json").json()
        self.paths = {
            operation["operationId"]: (path, operation)
            for path, methods in document["paths"].items()
            for operation in methods.values()
        }

    def command(self, name: str, by: str, **fields: object) -> dict[str, Any]:
        """Give a command; gives the receipt."""
        path, operation = self.paths[name]
        for parameter in operation["parameters"]:
            if parameter.get("in") == "path":
                told = str(fields.pop(parameter["name"]))
                path = path.replace("{" + parameter["name"] + "}", told)
        answer = self.web.post(
            path.removeprefix("/api/v1"), fields, by, Idempotency_Key=str(uuid4())
        )
        assert answer.status_code in (200, 201), answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt


def test_the_first_story_goes_through_the_document_alone(web: Web) -> None:
    program, clock = Program(web), web.clock
    report = program.command("ReceiveReport", "u-con-01", **REPORT)["created_id"]
    clock.set("2026-01-12 09:02")
    opened = program.command(
        "OpenIssue", "u-dis-01", **ISSUE, report_ids=[report], number="TIC-2026-00042"
    )
    issue = opened["created_id"]
    program.command(
        "RegisterRecord",
        "u-reg-01",
        issue_id=issue,
        registry_ref="SFC-2026-00031",
        subject_sv="Synpunkt om otrygghet, Brunnsparken",
    )
    clock.set("2026-01-12 10:02")
    first = program.command(
        "SendReferral",
        "u-dis-01",
        issue_id=issue,
        **TRANSFER,
        respond_by="2026-01-13T10:02:00+01:00",
    )["created_id"]
    clock.set("2026-01-12 13:40")
    program.command(
        "AcceptReferral",
        "u-pol-01",
        issue_id=issue,
        referral_id=first,
        planned_first_action_by="2026-01-14",
    )
    clock.set("2026-01-13 09:10")
    second = program.command(
        "SendReferral",
        "u-pol-01",
        issue_id=issue,
        type="assist",
        to_agency="social",
        wanted_sv="Fältnärvaro i samma tider, för att nå unga vuxna.",
    )["created_id"]
    clock.set("2026-01-13 14:20")
    program.command("AcceptReferral", "u-soc-01", issue_id=issue, referral_id=second)
    clock.set("2026-01-14 18:30")
    program.command(
        "PerformAction",
        "u-pol-02",
        issue_id=issue,
        action_type="targeted_operation",
        performed_from="2026-01-14T15:00:00+01:00",
        performed_to="2026-01-14T18:00:00+01:00",
        people=6,
        result_sv="Insats genomförd. Flera kontroller.",
    )
    clock.set("2026-01-30 16:00")
    program.command(
        "AnswerReferral",
        "u-soc-01",
        issue_id=issue,
        referral_id=second,
        answer_sv="Uppsökande samtal fem gånger. Ett tiotal personer nådda.",
    )
    clock.set("2026-03-02 09:00")
    program.command(
        "RecordFollowUp",
        "u-pol-01",
        issue_id=issue,
        effect="improved",
        evidence_sv="EST-rapporter 11 -> 4 per vecka.",
    )
    closed = program.command(
        "CloseIssue",
        "u-pol-01",
        issue_id=issue,
        outcome="resolved",
        summary_sv="Lugnare på platsen.",
        lessons_sv="Tiderna styrde allt.",
    )
    found: Issue = web.started.samsyn.casework.repository.get(UUID(issue))
    assert found.status == "closed"
    assert found.responsible_agency == "police"
    assert found.version == closed["version"]


def test_a_receipt_tells_where_and_what(web: Web) -> None:
    answer = web.post("/issues", ISSUE)
    receipt = answer.json()
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    assert receipt["stream_id"] == receipt["created_id"]
    assert receipt["position"] == str(web.started.samsyn.casework.head())
    assert receipt["replayed"] is False
    changed = web.post(f"/issues/{receipt['stream_id']}/priority", {"priority": "low"})
    assert changed.status_code == 200
    assert changed.json()["created_id"] is None
    assert changed.headers["etag"] == '"2"'


def test_the_same_key_gives_the_first_answer_and_writes_nothing(web: Web) -> None:
    first = web.post("/issues", ISSUE, Idempotency_Key="k-1")
    head = web.started.samsyn.casework.head()
    again = web.post("/issues", ISSUE, Idempotency_Key="k-1")
    assert again.status_code == first.status_code == 201
    assert again.json() == first.json() | {"replayed": True}
    assert web.started.samsyn.casework.head() == head


def test_the_same_key_for_something_else_is_a_conflict(web: Web) -> None:
    web.post("/issues", ISSUE, Idempotency_Key="k-1")
    other = web.post("/issues", ISSUE | {"category": "needles"}, Idempotency_Key="k-1")
    assert other.status_code == 409
    assert other.json()["happened"] == "key_used"


def test_an_idempotency_key_belongs_to_one_user(web: Web) -> None:
    mine = web.post("/issues", ISSUE, Idempotency_Key="k-1")
    theirs = web.post("/issues", ISSUE, "u-pol-01", Idempotency_Key="k-1")
    assert theirs.json()["created_id"] != mine.json()["created_id"]


def test_if_match_lets_through_only_who_has_read_the_latest(web: Web) -> None:
    opened = web.post("/issues", ISSUE)
    path = f"/issues/{opened.json()['stream_id']}/priority"
    assert web.post(path, {"priority": "low"}, If_Match=opened.headers["etag"]).status_code == 200
    late = web.post(path, {"priority": "urgent"}, If_Match=opened.headers["etag"])
    assert late.status_code == 412
    assert late.headers["etag"] == '"2"'
    assert late.json()["code"] == "version_changed"
    again = web.post(path, {"priority": "urgent"}, If_Match=late.headers["etag"])
    assert again.status_code == 200


def test_a_field_may_stand_in_path_and_body_if_both_say_the_same(web_on_sqlite: Web) -> None:
    issue = web_on_sqlite.post("/issues", ISSUE).json()["stream_id"]
    path = f"/issues/{issue}/priority"
    same = web_on_sqlite.post(path, {"priority": "low", "issue_id": issue})
    assert same.status_code == 200
    other = web_on_sqlite.post(path, {"priority": "high", "issue_id": str(uuid4())})
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "issue_id"


def test_a_refused_opening_uses_up_no_number(web_on_sqlite: Web) -> None:
    assert web_on_sqlite.post("/issues", ISSUE | {"category": "nonsense"}).status_code == 422
    assert web_on_sqlite.post("/issues", ISSUE | {"priority": "nonsense"}).status_code == 422
    opened = web_on_sqlite.post("/issues", ISSUE).json()["stream_id"]
    found: Issue = web_on_sqlite.started.samsyn.casework.repository.get(UUID(opened))
    assert found.number == "TIC-2026-00001"


def test_a_review_of_the_access_log_is_signed_once_by_the_logs_own_numbers(web: Web) -> None:
    december = datetime(2025, 12, 10, 10, tzinfo=UTC)
    rows = [row("police", "u-pol-01", december, reason=AccessReason.NONE) for _ in range(2)]
    add_rows(web.started.samsyn.engine, rows)
    review = {
        "agency_id": "police",
        "period_from": "2025-12-01",
        "period_to": "2025-12-31",
        "log_rows": 3,
        "readers": 2,
        "rows_without_reason": 0,
        "sample_size": 3,
        "findings": ["rights_too_wide"],
    }
    signed = web.post("/access-reviews", review, "u-man-02", Idempotency_Key="december")
    assert signed.status_code == 201
    kept = web.started.samsyn.casework.read(int(signed.json()["position"]) - 1, 1)[0].event
    assert (kept.log_rows, kept.readers, kept.rows_without_reason, kept.sample_size) == (2, 1, 2, 2)
    assert kept.patterns == (AccessPattern.WITHOUT_REASON,), "whatever the client said"
    replayed = web.post("/access-reviews", review, "u-man-02", Idempotency_Key="december")
    assert replayed.json()["created_id"] == signed.json()["created_id"]
    again = web.post("/access-reviews", review | {"findings": []}, "u-man-02")
    assert again.status_code == 409
    assert again.json()["code"] == "reviewed_already"
    assert web.post("/access-reviews", review, "u-man-03").status_code == 403
