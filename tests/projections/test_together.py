"""Several projections in one transaction: what stops one, or was quicker, keeps no other back."""

import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine

from domain.log_entry import LogEntry
from projections.pen import Pen
from projections.runner import Runner
from projections.store import Store
from projections.tail import Tail
from projections.together import fold_together
from tests.projections.toys import (
    ToyLog,
    diary,
    lines_written,
    statements,
    times_counted,
    whereabouts,
)


@pytest.fixture
def log() -> ToyLog:
    return ToyLog()


def two_that_lead(engine: Engine, log: ToyLog) -> tuple[Tail, Tail]:
    Runner(engine, log.read, [whereabouts(), diary()]).prepare()
    one, other = Tail(engine, whereabouts()), Tail(engine, diary())
    assert one.lead(1)
    assert other.lead(1)
    return one, other


def transactions(engine: Engine, sent: Sequence[str]) -> int:
    """In how many the checkpoints were moved last; PostgreSQL notes it beside each row."""
    if engine.dialect.name == "sqlite":
        return len([each for each in sent if "BEGIN IMMEDIATE" in each])
    with engine.connect() as db:
        found = db.exec_driver_sql(
            "SELECT DISTINCT xmin::text FROM projection_checkpoints"
            " WHERE name IN ('whereabouts', 'diary')"
        )
        return len(found.all())


def test_a_page_is_written_by_one_commit(engine: Engine, log: ToyLog) -> None:
    log.append_many(30)
    tails, pen = two_that_lead(engine, log), Pen(engine)
    fold_together(tails, log.read(0, 10), pen)
    with statements(engine) as sent:
        fold_together(tails, log.read(10, 10), pen)
    pen.drop()
    assert [tail.position for tail in tails] == [20, 20]
    assert times_counted(engine) == lines_written(engine) == 20
    assert transactions(engine, sent) == 1


def test_who_gives_way_never_writes_for_long_where_others_then_wait(
    engine: Engine, log: ToyLog
) -> None:
    log.append_many(30)
    tails, pen = two_that_lead(engine, log), Pen(engine)
    pauses: list[int] = []
    fold_together(tails, log.read(0, 10), pen, lambda: pauses.append(1))
    with statements(engine) as sent:
        fold_together(tails, log.read(10, 10), pen, lambda: pauses.append(1))
    pen.drop()
    assert [tail.position for tail in tails] == [20, 20]
    assert times_counted(engine) == lines_written(engine) == 20
    assert len(pauses) == 2 * len(tails)
    assert transactions(engine, sent) == len(tails)


def test_on_sqlite_a_batch_takes_its_turn_after_the_log(engine: Engine, log: ToyLog) -> None:
    turn = engine.get_execution_options().get("turn")
    assert (turn is None) == (engine.dialect.name == "postgresql")
    if turn is None:
        return
    log.append_many(10)
    tails, pen = two_that_lead(engine, log), Pen(engine)
    folding = threading.Thread(target=fold_together, args=(tails, log.read(0, 10), pen))
    with turn:
        folding.start()
        folding.join(0.2)
        assert folding.is_alive()
        assert lines_written(engine) == 0
    folding.join()
    pen.drop()
    assert lines_written(engine) == 10


def test_a_poisoned_entry_stops_one_and_the_other_goes_on(engine: Engine, log: ToyLog) -> None:
    log.append_many(5)
    log.append("nowhere", 5, topic="Lost")
    log.append_many(4)
    tails, pen = two_that_lead(engine, log), Pen(engine)
    fold_together(tails, log.read(0, 10), pen)
    pen.drop()
    one, other = tails
    assert one.stopped is not None
    assert (one.stopped.position, one.stopped.topic) == (6, "Lost")
    assert (one.position, other.position, other.stopped) == (5, 10, None)
    assert (times_counted(engine), lines_written(engine)) == (5, 10)


def test_rows_refused_by_the_database_stop_one_and_the_other_goes_on(
    engine: Engine, log: ToyLog
) -> None:
    log.append_many(10)
    Runner(engine, log.read, [whereabouts(), diary()]).prepare()

    def wrong(batch: Sequence[LogEntry], store: Store) -> None:
        store.rows("place").put({"issue_id": batch[0].stream_id})

    refused = whereabouts(fold=wrong)
    one, other, pen = Tail(engine, refused), Tail(engine, diary()), Pen(engine)
    assert one.lead(1)
    assert other.lead(1)
    fold_together([one, other], log.read(0, 10), pen)
    pen.drop()
    assert one.stopped is not None
    assert one.stopped.position == 1
    assert (one.position, other.position, lines_written(engine)) == (0, 10, 10)


def test_a_lost_checkpoint_holds_one_back_and_the_other_goes_on(
    engine: Engine, log: ToyLog
) -> None:
    log.append_many(30)
    tails, pen = two_that_lead(engine, log), Pen(engine)
    fold_together(tails, log.read(0, 10), pen)
    Runner(engine, log.read, [whereabouts(), diary()]).catch_up("whereabouts", until=25)
    fold_together(tails, log.read(10, 10), pen)
    one, other = tails
    assert (one.position, other.position) == (25, 20)
    assert one.stopped is None
    assert (times_counted(engine), lines_written(engine)) == (25, 20)
    for start in (20, 25):
        fold_together(tails, log.read(start, 10), pen)
    pen.drop()
    assert times_counted(engine) == lines_written(engine) == 30


def test_who_led_in_an_earlier_term_writes_nothing(engine: Engine, log: ToyLog) -> None:
    log.append_many(20)
    tails, pen = two_that_lead(engine, log), Pen(engine)
    fold_together(tails, log.read(0, 10), pen)
    later = Tail(engine, whereabouts())
    assert later.lead(2)
    fold_together(tails, log.read(10, 10), pen)
    pen.drop()
    assert (times_counted(engine), lines_written(engine)) == (10, 20)
    assert tails[0].term is None
