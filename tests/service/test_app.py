"""What surrounds every request: headers, one log line, health, and an end without remains."""

import threading

import pytest
from structlog.testing import capture_logs

from service.pages.static_files import static_path
from tests.examples import open_issue
from tests.service.web import Web

SECRET = "hemligt-ord"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health", 200),
        ("GET", "/nothing", 404),
        ("DELETE", "/health", 405),
        ("GET", "/api/v1/me", 401),
        ("POST", "/api/v1/nothing", 404),
    ],
)
def test_every_answer_has_the_security_headers(
    web_on_sqlite: Web, method: str, path: str, status: int
) -> None:
    answer = web_on_sqlite.client.request(method, path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/sign-in", "text/html"),
        ("/service-worker.js", "text/javascript"),
        (static_path("app.css"), "text/css"),
    ],
)
def test_an_answer_of_text_names_its_encoding_once(
    web_on_sqlite: Web, path: str, media_type: str
) -> None:
    answer = web_on_sqlite.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"


def test_one_line_for_each_request_without_query_or_text(web_on_sqlite: Web) -> None:
    with capture_logs() as lines:
        web_on_sqlite.get(f"/me?q={SECRET}")
        web_on_sqlite.post("/reports", {"text": SECRET, "place": {"name": SECRET}})
        web_on_sqlite.client.get(f"/{SECRET}?q={SECRET}")
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["method"], line["route"], line["status"]) for line in requests] == [
        ("GET", "/api/v1/me", 422),
        ("POST", "/api/v1/reports", 201),
        ("GET", "<unmatched>", 404),
    ]
    assert [line["user"] for line in requests] == ["u-dis-01", "u-dis-01", None]
    assert SECRET not in repr(lines)


def test_ready_tells_how_far_read_models_are(web: Web) -> None:
    web.started.execute(open_issue())
    head = web.started.samsyn.casework.head()
    web.started.catch_up()
    answer = web.client.get("/ready")
    assert answer.status_code == 200
    told = answer.json()
    assert told["status"] == "ready"
    assert told["head"] == str(head)
    line = {"name": "visibility", "lag": 0, "seconds": 0.0, "stopped": False}
    assert line in told["projections"]
    assert told["log"] == "reachable"
    assert told["redis"] == told["replica"] == "not configured"


def test_the_worker_ends_with_the_application(web_on_sqlite: Web) -> None:
    names = {thread.name for thread in threading.enumerate()}
    assert {"projections", "policies"} <= names
