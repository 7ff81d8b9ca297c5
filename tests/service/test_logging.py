"""Log lines are JSON and hold no texts."""

import json
import logging

import pytest
import structlog

from infra.database import connect
from service.logging import configure_logging
from tests.examples import actor
from tests.service.web import Web

ISSUE = {"public_title": "Otrygghet", "category": "other", "place": {"name": "Heden"}}


def test_lines_are_json_with_context_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    configure_logging()
    try:
        with structlog.contextvars.bound_contextvars(request_id="r-1"):
            structlog.get_logger().info("something", number=3)
    finally:
        structlog.configure(**before)
    line = json.loads(capsys.readouterr().err)
    assert line.items() >= {"event": "something", "number": 3, "request_id": "r-1"}.items()
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")


def test_what_a_request_does_in_its_thread_bears_its_id_and_agency(
    web_on_sqlite: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    before = structlog.get_config()
    configure_logging()
    try:
        answer = web_on_sqlite.post("/issues", ISSUE, by="u-rep-01")
    finally:
        structlog.configure(**before)
    assert answer.status_code == 403
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    own = [line for line in lines if line.get("request_id") == answer.headers["x-request-id"]]
    assert {line["event"] for line in own} == {"request", "command_refused"}
    assert {line["agency"] for line in own} == {actor("u-rep-01").agency_id}


def test_lines_of_libraries_are_like_our_own(capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    configure_logging()
    try:
        logging.getLogger("uvicorn.error").warning("%s of a library", "something")
        logging.getLogger("uvicorn.error").info("chatter")
    finally:
        structlog.configure(**before)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"]) == ("something of a library", "warning")


def test_errors_of_the_database_do_not_repeat_what_was_written(database_url: str) -> None:
    engine = connect(database_url)
    with engine.connect() as db, pytest.raises(Exception, match="nothing_like_it") as error:
        db.exec_driver_sql(
            "INSERT INTO nothing_like_it VALUES (%s)"
            if engine.dialect.name == "postgresql"
            else "INSERT INTO nothing_like_it VALUES (?)",
            ("hemligt-ord",),
        )
    engine.dispose()
    assert "hemligt-ord" not in str(error.value)
