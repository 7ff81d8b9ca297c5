"""Following the log closely: the same entries as by reading, and after a lost connection again."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from domain.log_entry import LogEntry
from infra.database import connect
from infra.log.casework import Casework
from projections import faults
from tests.infra.ledger import Ledger
from tests.infra.test_scan import a_log, told


def test_following_gives_what_reading_gives(engine: Engine) -> None:
    casework = a_log(engine, 10)
    for after, limit in ((0, 100), (3, 5), (20, 5)):
        assert told(casework.follow(after, limit)) == told(casework.read(after, limit))
    # No snapshot is kept from one to the next.
    casework.save(Ledger.begin("one more"))
    assert [entry.position for entry in casework.follow(20, 5)] == [21]
    casework.close()


def test_what_is_committed_is_handed_on_as_it_can_be_read(casework: Casework) -> None:
    heard: list[LogEntry] = []
    casework.on_entries.append(heard.extend)
    for number in range(3):
        ledger = Ledger.begin(f"ledger {number}")
        ledger.note("one")
        casework.save(ledger)
    casework.close()
    assert told(heard) == told(casework.read(0, 10))
    assert [vars(e.event) for e in heard] == [vars(e.event) for e in casework.read(0, 10)]


def test_after_a_lost_connection_it_follows_on_another(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    casework = a_log(engine, 2)
    read = told(casework.follow(0, 10))
    with engine.connect() as db:
        db.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    with pytest.raises(DBAPIError) as lost:
        casework.follow(0, 10)
    assert faults.passes(lost.value)
    assert told(casework.follow(0, 10)) == read
    casework.close()
    engine.dispose()
