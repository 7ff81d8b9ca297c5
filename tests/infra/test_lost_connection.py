"""A connection lost in the middle of an append: found out what happened before anyone is told."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, make_url

from infra.database import connect
from infra.log.appender import Appender
from infra.log.batch import Append
from infra.log.casework import Casework
from infra.log.errors import AppendFailed, CommandKey, OutcomeUnknown
from infra.log.mapper import EventMapper
from infra.log.on_postgresql import PostgresqlWriter
from tests.infra.cutting_proxy import CuttingProxy
from tests.infra.ledger import Ledger
from tests.infra.test_series import a_draw


@pytest.fixture
def proxy(postgresql_url: str) -> Iterator[CuttingProxy]:
    server = make_url(postgresql_url)
    assert server.host is not None
    assert server.port is not None
    proxy = CuttingProxy(server.host, server.port)
    yield proxy
    proxy.close()


@pytest.fixture
def direct(postgresql_url: str) -> Iterator[Casework]:
    """The log as it is, past the proxy."""
    engine = connect(postgresql_url)
    casework = Casework(engine)
    yield casework
    casework.close()
    engine.dispose()


@pytest.fixture
def cut_off(postgresql_url: str, proxy: CuttingProxy) -> Iterator[Engine]:
    """An engine that reaches the database through the proxy."""
    engine = connect(make_url(postgresql_url).set(port=proxy.port))
    yield engine
    engine.dispose()


def an_append(key: str | None = None) -> Append:
    event = EventMapper().to_stored_event(Ledger.begin("a").collect_events()[0])
    return Append([event], [CommandKey(key=key, fingerprint="f")] if key else [], ())


@pytest.mark.parametrize("key", ["k", None])
def test_commit_whose_answer_is_lost_is_acknowledged(
    cut_off: Engine, proxy: CuttingProxy, direct: Casework, key: str | None
) -> None:
    appender = Appender(cut_off)
    assert appender.submit(an_append(), wait=False).result() == [1]
    proxy.cut = "after the commit"
    assert appender.submit(an_append(key), wait=False).result() == [2]
    assert direct.head() == 2
    assert appender.submit(an_append(), wait=False).result() == [3]
    appender.close()


def test_numbers_drawn_by_a_commit_whose_answer_is_lost_are_known(
    cut_off: Engine, proxy: CuttingProxy, direct: Casework
) -> None:
    appender = Appender(cut_off)
    assert appender.submit(a_draw(1)[0], wait=False).result() == [1, 2]
    proxy.cut = "after the commit"
    append, draw = a_draw(1)
    assert appender.submit(append, wait=False).result() == [3, 4]
    assert draw.text == "N-00002"
    assert [event.state for event in append.events] == [e.state for e in direct.read(2, 9)]
    appender.close()


def test_commit_that_never_arrived_is_refused(
    cut_off: Engine, proxy: CuttingProxy, direct: Casework
) -> None:
    appender = Appender(cut_off)
    proxy.cut = "before the commit"
    lost = an_append("k")
    with pytest.raises(AppendFailed):
        appender.submit(lost, wait=False).result()
    assert direct.head() == 0
    again = Append(lost.events, lost.keys, lost.claims)
    assert appender.submit(again, wait=False).result() == [1]
    appender.close()


def test_commit_whose_answer_never_comes_is_acknowledged(
    cut_off: Engine, proxy: CuttingProxy, direct: Casework
) -> None:
    appender = Appender(cut_off, writer=PostgresqlWriter(cut_off, answer_seconds=4))
    assert appender.submit(an_append(), wait=False).result() == [1]
    proxy.cut = "silence after the commit"
    assert appender.submit(an_append("k"), wait=False).result() == [2]
    assert appender.submit(an_append(), wait=False).result() == [3]
    assert direct.head() == 3
    appender.close()


def test_commit_that_lies_unread_is_refused_and_never_happens(
    cut_off: Engine, proxy: CuttingProxy, direct: Casework
) -> None:
    appender = Appender(cut_off, writer=PostgresqlWriter(cut_off, answer_seconds=4))
    assert appender.submit(an_append(), wait=False).result() == [1]
    proxy.cut = "silence before the commit"
    with pytest.raises(AppendFailed):
        appender.submit(an_append("k"), wait=False).result()
    assert appender.submit(an_append(), wait=False).result() == [2]
    assert direct.find_key("k") is None
    appender.close()


def test_database_out_of_reach_leaves_the_outcome_open(
    cut_off: Engine, proxy: CuttingProxy, direct: Casework
) -> None:
    appender = Appender(cut_off, patience=0.5)
    proxy.cut, proxy.then = "after the commit", "everything"
    lost = an_append("k")
    with pytest.raises(OutcomeUnknown):
        appender.submit(lost, wait=False).result()
    # The key gives certainty to whoever asks again.
    direct.save(Ledger.begin("b"))
    receipt = direct.find_key("k")
    assert receipt is not None
    assert receipt.position == 1
    appender.close()


def test_database_out_of_reach_from_the_start_is_refused(
    cut_off: Engine, proxy: CuttingProxy, direct: Casework
) -> None:
    appender = Appender(cut_off, patience=0.5)
    proxy.cut = "everything"
    with pytest.raises(AppendFailed):
        appender.submit(an_append(), wait=False).result()
    assert direct.head() == 0
    appender.close()


def test_connection_that_died_idle_is_replaced(casework: Casework, engine: Engine) -> None:
    casework.save(Ledger.begin("a"))
    if engine.dialect.name == "postgresql":
        with engine.connect() as db:
            db.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    assert casework.save(Ledger.begin("b"))[0].notification.id == 2
