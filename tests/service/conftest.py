"""Fixtures of the tests through HTTP."""

from collections.abc import Iterator

import pytest

from tests.faults.waiting import PATIENCE_SECONDS
from tests.service.web import Web, a_web


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages and queries wait for what was written before, however busy the machine is."""
    monkeypatch.setattr("service.freshness.WAIT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr("service.api.asking.PATIENCE_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
def web(database_url: str) -> Iterator[Web]:
    """The application on each database, its worker beside the requests."""
    with a_web(database_url) as web:
        yield web


@pytest.fixture
def web_on_sqlite(sqlite_url: str) -> Iterator[Web]:
    """The application on SQLite, for what has nothing to do with the database."""
    with a_web(sqlite_url) as web:
        yield web
