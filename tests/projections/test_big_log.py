"""The big logs that benches and load tests stand on are logs like any other."""

import pytest
from sqlalchemy import Engine, text

from infra.log.casework import Casework
from projections.catalogue import PROJECTIONS
from projections.runner import Runner
from tests.bench import big_log

ENOUGH = 3_000


@pytest.mark.slow
def test_big_log_is_dense_and_every_event_of_it_is_folded(
    engine: Engine, casework: Casework
) -> None:
    size = big_log.fill(engine, ENOUGH)
    assert size >= ENOUGH
    entries = casework.read(0, size + 1)
    assert [entry.position for entry in entries] == list(range(1, size + 1))
    assert Runner(engine, casework.read, PROJECTIONS).catch_up(until=size)


@pytest.mark.slow
def test_big_log_keeps_keys_and_numbers_apart(engine: Engine) -> None:
    big_log.fill(engine, ENOUGH)
    with engine.connect() as db:
        opened = db.scalar(text("SELECT count(*) FROM events WHERE topic = 'IssueOpened'"))
        assert db.scalar(text("SELECT count(*) FROM claims")) == opened
        lost = "SELECT count(*) FROM command_keys k LEFT JOIN events e ON e.position = k.position"
        assert db.scalar(text(f"{lost} WHERE e.position IS NULL")) == 0
        keys = db.scalar(text("SELECT count(*) FROM command_keys"))
        assert keys == db.scalar(text("SELECT count(DISTINCT position) FROM command_keys"))
