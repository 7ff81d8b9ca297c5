"""What Prometheus is shown: the counts of all processes, lag and queues; documented, no names."""

import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from infra.tokens import Tokens
from tests.architecture.repository import ROOT
from tests.examples import a_started_samsyn, open_issue
from tests.faults.waiting import PATIENCE_SECONDS
from tests.server_process import free_port
from tests.service.served import NO_TLS, address_of, eventually, running, said_in
from tests.service.web import Web

ISSUE = {"public_title": "Hemlig rubrik", "category": "other", "place": {"name": "Heden"}}
HERE = "127.0.0.1"


@pytest.fixture
def token(postgresql_url: str) -> Iterator[str]:
    """A caseworker's token on a database whose read models are at the head of the log."""
    with a_started_samsyn(postgresql_url) as started:
        _, text = Tokens(started.samsyn.engine, started.clock).issue(
            "u-dis-01", "test", expires_at=None
        )
        started.catch_up()
        yield text


def shown(port: int) -> dict[str, Metric]:
    text = httpx.get(f"http://{HERE}:{port}/metrics", timeout=PATIENCE_SECONDS, verify=NO_TLS).text
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(families: dict[str, Metric], sample: str, **labels: str) -> float:
    return sum(
        each.value
        for family in families.values()
        for each in family.samples
        if each.name == sample and labels.items() <= each.labels.items()
    )


def test_counts_of_all_web_processes_are_shown_together(
    postgresql_url: str, redis_url: str, token: str, tmp_path: Path
) -> None:
    port = free_port()
    command = ("serve", "--port", "0", "--workers", "2")
    settings = {"SAMSYN_METRICS_PORT": str(port), "REDIS_URL": redis_url}
    with running(command, postgresql_url, tmp_path, **settings) as child:
        address = address_of(child, tmp_path)
        headers = {"Authorization": f"Bearer {token}"}
        for _ in range(20):
            # A connection each: both processes get some.
            answer = httpx.post(
                f"{address}/api/v1/issues",
                json=ISSUE,
                headers=headers,
                timeout=PATIENCE_SECONDS,
                verify=NO_TLS,
            )
            assert answer.status_code == 201
        refused = httpx.post(
            f"{address}/api/v1/agencies",
            json={},
            headers=headers,
            timeout=PATIENCE_SECONDS,
            verify=NO_TLS,
        )
        assert refused.status_code >= 400
        # Looked at once a second: the last look may have been while something was appended.
        eventually(lambda: value(shown(port), "samsyn_appends_waiting") == 0)
        families = shown(port)
        documented = documented_names()
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE_SECONDS) == 0
    assert value(families, "samsyn_commands_total", command="OpenIssue", outcome="accepted") == 20
    assert value(families, "samsyn_http_requests_total", route="/api/v1/issues", status="201") == 20
    assert value(families, "samsyn_http_request_seconds_count", route="/api/v1/issues") == 20
    assert value(families, "samsyn_append_batch_appends_sum") == 20
    assert value(families, "samsyn_append_batch_events_sum") >= 20
    assert value(families, "samsyn_append_batch_seconds_count") >= 1
    assert value(families, "samsyn_appends_waiting") == 0
    assert value(families, "samsyn_database_up") == 1
    assert value(families, "samsyn_redis_up") == 1
    # No worker runs: the read models lack just these issues.
    events = value(families, "samsyn_append_batch_events_sum")
    assert value(families, "samsyn_projection_lag_events", projection="queues") == events
    assert value(families, "samsyn_projection_lag_seconds", projection="queues") > 0
    assert value(families, "samsyn_projection_stopped", projection="queues") == 0
    assert {name for name in families if name.startswith("samsyn_")} <= documented
    labels = repr([each.labels for family in families.values() for each in family.samples])
    for name in ("u-dis-01", "Hemlig", "Heden", "/issues/"):
        assert name not in labels.replace("{issue_id}", "")


def test_the_worker_shows_its_own(postgresql_url: str, token: str, tmp_path: Path) -> None:
    with a_started_samsyn(postgresql_url, projections=()) as started:
        started.execute(open_issue())
    port = free_port()
    with running(["worker"], postgresql_url, tmp_path, SAMSYN_METRICS_PORT=str(port)) as child:
        eventually(lambda: "worker_started" in said_in(tmp_path))
        eventually(lambda: value(shown(port), "samsyn_queue_lines", bucket="unassigned") == 1)
        families = shown(port)
        child.send_signal(signal.SIGTERM)
        assert child.wait(PATIENCE_SECONDS) == 0
    assert value(families, "samsyn_projection_lag_events", projection="queues") == 0
    assert value(families, "samsyn_log_position") > 0
    assert "samsyn_redis_up" not in families


def test_a_taken_metrics_port_is_said(sqlite_url: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with running(
            ["serve", "--port", "0"], sqlite_url, tmp_path, SAMSYN_METRICS_PORT=port
        ) as child:
            assert child.wait(PATIENCE_SECONDS) == 1
    assert "SAMSYN_METRICS_PORT" in said_in(tmp_path)


def test_metrics_are_not_on_the_web_address(web_on_sqlite: Web) -> None:
    assert web_on_sqlite.client.get("/metrics").status_code == 404


def documented_names() -> set[str]:
    """The metrics in the table of docs/operations.md."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(samsyn_[a-z_]+)`", page, re.MULTILINE))
