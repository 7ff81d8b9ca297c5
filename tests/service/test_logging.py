"""Log lines are JSON and hold no texts."""

import json

import pytest
import structlog

from infra.database import connect
from service.logging import configure_logging


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
