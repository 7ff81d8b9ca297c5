"""A reading is given up after some time, whether the server is slow or says nothing at all."""

import pytest
from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError

from infra.database import connect, without_transactions
from infra.patience import impatient
from tests.infra.cutting_proxy import CuttingProxy

SECONDS = 0.2


def timeout_of(engine: Engine) -> str:
    with engine.connect() as db:
        return str(db.exec_driver_sql("SHOW statement_timeout").scalar_one())


def test_a_slow_statement_is_ended_by_the_server_and_others_may_take_their_time(
    postgresql_url: str,
) -> None:
    engine = without_transactions(connect(postgresql_url, connections=1))
    with (
        engine.connect() as db,
        pytest.raises(DBAPIError, match="statement timeout"),
        impatient(db, SECONDS),
    ):
        db.exec_driver_sql("SELECT pg_sleep(60)")
    assert timeout_of(engine) == "0"
    engine.dispose()


def test_a_server_that_says_nothing_is_given_up_and_its_connection_closed(
    postgresql_url: str,
) -> None:
    server = make_url(postgresql_url)
    assert server.host is not None
    assert server.port is not None
    proxy = CuttingProxy(server.host, server.port)
    engine = without_transactions(connect(server.set(port=proxy.port), connections=1))
    assert timeout_of(engine) == "0"

    def read_in_silence() -> None:
        with engine.connect() as db, impatient(db, SECONDS):
            proxy.cut = "silence"
            db.exec_driver_sql("SELECT 1")

    with pytest.raises(DBAPIError) as error:
        read_in_silence()
    assert error.value.connection_invalidated
    proxy.cut = "nothing"
    assert timeout_of(engine) == "0"
    engine.dispose()
    proxy.close()


def test_sqlite_reads_as_before(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    with engine.connect() as db, impatient(db, SECONDS):
        assert db.exec_driver_sql("SELECT 1").scalar_one() == 1
    engine.dispose()
