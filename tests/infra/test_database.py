"""Connections are durable, wait for their turn, and keep times as they are."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from infra.account_tables import tokens
from infra.database import connect, from_microseconds, microseconds
from infra.ids import new_id


def test_sqlite_is_set_up_for_durability(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    with engine.connect() as db:
        found = {name: db.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
    assert found == wanted
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_sqlite_in_memory_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite needs a file"):
        connect(url)


def test_other_databases_are_refused_without_showing_the_password() -> None:
    with pytest.raises(ValueError, match="mysql") as refused:
        connect("mysql://someone:secret@host/name")
    assert "secret" not in str(refused.value)


def test_writers_of_many_threads_take_turns(engine: Engine) -> None:
    def write() -> None:
        for _ in range(20):
            with engine.execution_options(writes=True).begin() as db:
                count = len(db.execute(select(tokens.c.id)).all())
                db.execute(insert(tokens).values(a_token(f"number {count}")))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as db:
        assert len(db.execute(select(tokens.c.id)).all()) == 80


def test_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with (
        pytest.raises(IntegrityError),
        engine.execution_options(writes=True).begin() as db,
    ):
        db.execute(insert(tokens), [a_token("lost"), a_token("lost") | {"user_id": None}])
    with engine.connect() as db:
        assert db.execute(select(tokens)).all() == []


def test_times_come_back_in_utc(engine: Engine) -> None:
    at = datetime(2026, 6, 1, 12, 0, 0, 1, tzinfo=UTC)
    with engine.execution_options(writes=True).begin() as db:
        db.execute(insert(tokens).values(a_token("timed") | {"created_at": at}))
        row = db.execute(select(tokens.c.created_at, tokens.c.expires_at)).one()
    assert tuple(row) == (at, None)


@given(st.datetimes(timezones=st.timezones()))
def test_microseconds_lose_nothing(at: datetime) -> None:
    assert from_microseconds(microseconds(at)) == at.astimezone(UTC)


def a_token(name: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "secret_hash": "x",
        "user_id": "anna",
        "name": name,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }


@pytest.mark.parametrize(("written", "year"), [(2**62, 9999), (-(2**62), 1)])
def test_a_time_of_no_year_is_read_as_the_nearest_there_is(written: int, year: int) -> None:
    assert from_microseconds(written).year == year
