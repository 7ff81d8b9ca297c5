"""What stops a projection, and what only delays it: the others go on."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import MetaData

from domain.log_entry import LogEntry
from projections.rebuild import rebuild
from projections.runner import Runner, Status
from projections.store import Store
from projections.tail import LeadershipLost, NeedsRebuild
from tests.projections.toys import (
    NowhereError,
    ToyLog,
    diary,
    fold_whereabouts,
    times_counted,
    whereabouts,
)


@pytest.fixture
def log() -> ToyLog:
    return ToyLog()


def set_checkpoint(engine: Engine, name: str, **values: int) -> None:
    table = MetaData()
    table.reflect(engine, only=["projection_checkpoints"])
    c = table.tables["projection_checkpoints"]
    with engine.execution_options(writes=True).begin() as db:
        db.execute(update(c).where(c.c.name == name).values(**values))


@pytest.mark.parametrize("poisoned_at", [1, 4, 700, 1_000])
def test_a_poisoned_entry_stops_its_projection_only(
    engine: Engine, log: ToyLog, poisoned_at: int
) -> None:
    log.append_many(poisoned_at - 1)
    log.append("nowhere", 5, topic="Lost")
    log.append_many(1_000 - poisoned_at)
    runner = Runner(engine, log.read, [whereabouts(), diary()])
    assert not runner.catch_up()
    assert not runner.catch_up("whereabouts")
    assert times_counted(engine) == poisoned_at - 1
    by_name = {status.name: status for status in runner.status(log.head())}
    stopped = by_name["whereabouts"].stopped
    assert stopped is not None
    assert (stopped.name, stopped.position, stopped.topic) == ("whereabouts", poisoned_at, "Lost")
    assert stopped.error.startswith("NowhereError at toys.py:")
    assert isinstance(stopped.exception, NowhereError)
    assert by_name["whereabouts"].lag == 1_001 - poisoned_at
    assert (by_name["diary"].stopped, by_name["diary"].lag) == (None, 0)
    assert not runner.wait_for("whereabouts", 1_000, timeout=60)


def test_rows_the_database_refuses_stop_the_projection(engine: Engine, log: ToyLog) -> None:
    log.append_many(2)

    def wrong(batch: Sequence[LogEntry], store: Store) -> None:
        store.rows("place").put({"issue_id": batch[0].stream_id})

    runner = Runner(engine, log.read, [whereabouts(fold=wrong)])
    assert not runner.catch_up()
    (status,) = runner.status(log.head())
    assert status.stopped is not None
    assert (status.stopped.position, status.stopped.topic) == (1, "Moved")


def test_a_lock_in_the_way_is_raised_and_stops_nothing(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    in_the_way = True

    def blocked(batch: Sequence[LogEntry], store: Store) -> None:
        if in_the_way:
            impatient = "SET lock_timeout = '10ms'"
            if engine.dialect.name == "sqlite":
                impatient = "PRAGMA busy_timeout = 0"
            with engine.connect() as other:
                other.exec_driver_sql(impatient)
                # The checkpoint is ours until the commit.
                other.exec_driver_sql("UPDATE projection_checkpoints SET position = 99")
        fold_whereabouts(batch, store)

    runner = Runner(engine, log.read, [whereabouts(fold=blocked)])
    with pytest.raises(OperationalError):
        runner.catch_up()
    in_the_way = False
    assert runner.catch_up()
    assert times_counted(engine) == 10


def test_an_error_of_the_log_is_raised_and_stops_nothing(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    broken = True

    def read(after: int, limit: int) -> list[LogEntry]:
        if broken:
            raise OSError("the log cannot be read")
        return log.read(after, limit)

    runner = Runner(engine, read, [diary()])
    with pytest.raises(OSError, match="cannot be read"):
        runner.catch_up()
    broken = False
    assert runner.catch_up()


def test_a_mended_fold_goes_on_at_the_next_start(engine: Engine, log: ToyLog) -> None:
    log.append_many(20)
    log.append("nowhere", 5)
    Runner(engine, log.read, [whereabouts()]).catch_up()

    def mended(batch: Sequence[LogEntry], store: Store) -> None:
        fold_whereabouts([e for e in batch if e.event.agency != "nowhere"], store)

    assert Runner(engine, log.read, [whereabouts(fold=mended)]).catch_up()
    assert times_counted(engine) == 20


def test_a_checkpoint_set_back_stops(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    runner = Runner(engine, log.read, [whereabouts(), diary()])
    runner.catch_up()
    set_checkpoint(engine, "diary", position=4)
    log.append_many(5)
    assert not runner.catch_up()
    stopped = {s.name: s.stopped for s in runner.status(log.head())}
    assert stopped["whereabouts"] is None
    assert stopped["diary"] is not None
    assert isinstance(stopped["diary"].exception, LeadershipLost)


def test_tables_of_another_version_wait_for_a_rebuild(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    Runner(engine, log.read, [whereabouts(version=1)]).catch_up()
    runner = Runner(engine, log.read, [whereabouts(version=2), diary()])
    assert [p.name for p in runner.outdated()] == ["whereabouts"]
    log.append_many(1)
    assert not runner.catch_up()
    assert (runner.position("whereabouts"), runner.position("diary")) == (10, 11)
    (stopped,) = [s.stopped for s in runner.status(11) if s.name == "whereabouts"]
    assert stopped is not None
    assert isinstance(stopped.exception, NeedsRebuild)


def test_who_only_reads_learns_that_a_rebuild_has_come(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    old = Runner(engine, log.read, [whereabouts(version=1)])
    old.catch_up()
    new = Runner(engine, log.read, [whereabouts(version=2)])
    assert still(new.status(10)) == [NeedsRebuild]
    assert still(old.status(10)) == []
    rebuild(engine, whereabouts(version=2), log.read, log.head)
    assert still(new.status(10)) == []
    assert new.wait_for("whereabouts", 10, timeout=0)
    log.append_many(1)
    assert still(old.status(11)) == [NeedsRebuild], "another version's tables are in place"
    assert not old.wait_for("whereabouts", 11, timeout=60), "it gives up at once"
    assert Runner(engine, log.read, [whereabouts(version=2)]).catch_up()
    assert new.wait_for("whereabouts", 11, timeout=0)


def still(lines: Sequence[Status]) -> list[type[Exception]]:
    """Why read models stand still, as this process sees it."""
    return [type(line.stopped.exception) for line in lines if line.stopped is not None]
