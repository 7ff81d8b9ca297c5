"""Servers of the fault tests' own: they are killed, so nobody else may use them."""

from collections.abc import Iterator

import pytest

from tests import servers
from tests.servers import OwnPostgresql, OwnRedis


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[OwnPostgresql]:
    """Give a PostgreSQL with fsync on."""
    try:
        with servers.own_postgresql(durable=True) as server:
            yield server
    except servers.NoServer as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="module")
def own_redis() -> Iterator[OwnRedis]:
    """Give a Redis."""
    try:
        with servers.own_redis() as server:
            yield server
    except servers.NoServer as error:
        pytest.fail(str(error), pytrace=False)
