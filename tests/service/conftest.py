"""Fixtures of the tests through HTTP."""

from collections.abc import Iterator

import pytest

from tests.service.web import Web, a_web


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
