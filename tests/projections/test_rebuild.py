"""A rebuild: the same rows as before, swapped in while everything goes on."""

import threading
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import Connection, Engine, event, inspect, select, update

from domain.log_entry import LogEntry
from projections.bulk import Limits
from projections.content_hash import content_hash
from projections.progress import Progress
from projections.projection import Projection
from projections.rebuild import RebuildResult, rebuild
from projections.runner import Runner
from projections.store import Store
from projections.tail import LeadershipLost
from tests.projections.toys import (
    ToyLog,
    diary,
    fold_whereabouts,
    place,
    times_counted,
    visits,
    whereabouts,
)

SHORT = Limits(entries=5_000)
"""Checkpoints after so few entries that a kill finds some."""


class KilledError(BaseException):
    """Stands for the death of the process: nothing catches it."""


@pytest.fixture
def log() -> ToyLog:
    return ToyLog()


def hash_of(engine: Engine, projection: Projection) -> str:
    with engine.connect() as db:
        return content_hash(db, projection.tables)


def test_rebuild_equals_the_incremental_rows(engine: Engine, log: ToyLog) -> None:
    runner = Runner(engine, log.read, [whereabouts()])
    for n in range(60):
        log.append_many(97, seed=n)
        runner.catch_up()
    before = hash_of(engine, whereabouts())
    seen: list[Progress] = []
    for generation in (1, 2):
        result = rebuild(engine, whereabouts(), log.read, log.head, seen.append)
        assert result.same
        assert result.hash_live == result.hash_copy == before == hash_of(engine, whereabouts())
        assert (result.events, result.position, result.generation) == (5_820, 5_820, generation)
    assert seen[-1].done == seen[-1].total == 5_820
    log.append_many(3)
    assert runner.catch_up()
    assert times_counted(engine) == 5_823


def test_nothing_is_left_beside_the_tables(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    Runner(engine, log.read, [whereabouts()]).catch_up()
    tables = set(inspect(engine).get_table_names())
    indexes = {i["name"] for i in inspect(engine).get_indexes("place")}
    rebuild(engine, whereabouts(), log.read, log.head)
    found = inspect(engine)
    assert set(found.get_table_names()) == tables
    assert {i["name"] for i in found.get_indexes("place")} == {f"{name}__g1" for name in indexes}


def test_rows_that_were_wrong_are_told_and_replaced(engine: Engine, log: ToyLog) -> None:
    log.append_many(100)
    Runner(engine, log.read, [whereabouts()]).catch_up()
    right = hash_of(engine, whereabouts())
    with engine.execution_options(writes=True).begin() as db:
        db.execute(update(place).where(place.c.agency == "police").values(agency="social"))
    result = rebuild(engine, whereabouts(), log.read, log.head)
    assert not result.same
    assert hash_of(engine, whereabouts()) == right


def test_a_killed_rebuild_is_continued(engine: Engine, log: ToyLog) -> None:
    log.append_many(12_000)
    Runner(engine, log.read, [whereabouts()]).catch_up()
    before = hash_of(engine, whereabouts())

    def killed(batch: Sequence[LogEntry], store: Store) -> None:
        fold_whereabouts(batch, store)
        if batch[-1].position > 5_000:
            raise KilledError

    with pytest.raises(KilledError):
        rebuild(engine, whereabouts(fold=killed), log.read, log.head, limits=SHORT)
    assert hash_of(engine, whereabouts()) == before
    result = rebuild(engine, whereabouts(), log.read, log.head)
    assert result.same
    assert (result.events, result.position) == (7_000, 12_000)
    assert hash_of(engine, whereabouts()) == before


def test_a_rebuild_left_by_another_version_starts_anew(engine: Engine, log: ToyLog) -> None:
    log.append_many(6_000)
    Runner(engine, log.read, [whereabouts()]).catch_up()

    def killed(batch: Sequence[LogEntry], store: Store) -> None:
        fold_whereabouts(batch, store)
        if batch[-1].position > 5_000:
            raise KilledError

    with pytest.raises(KilledError):
        rebuild(engine, whereabouts(version=2, fold=killed), log.read, log.head, limits=SHORT)
    result = rebuild(engine, whereabouts(version=3), log.read, log.head)
    assert (result.events, result.hash_live) == (6_000, None)
    assert Runner(engine, log.read, [whereabouts(version=3)]).outdated() == []


def test_a_new_version_is_built_to_the_head_and_the_runner_goes_on(
    engine: Engine, log: ToyLog
) -> None:
    log.append_many(100)
    Runner(engine, log.read, [whereabouts(version=1)]).catch_up(until=60)
    runner = Runner(engine, log.read, [whereabouts(version=2)])
    for projection in runner.outdated():
        assert rebuild(engine, projection, log.read, log.head).position == 100
    log.append_many(5)
    assert runner.catch_up()
    assert runner.outdated() == []
    assert times_counted(engine) == 105
    old = Runner(engine, log.read, [whereabouts(version=1)])
    log.append_many(5)
    assert not old.catch_up()
    assert times_counted(engine) == 105


def test_rebuild_while_others_append_fold_and_read(engine: Engine, log: ToyLog) -> None:
    log.append_many(6_000)
    projections = [whereabouts(), diary()]
    runner = Runner(engine, log.read, projections)
    runner.catch_up()
    stop = threading.Event()
    workers = [runner.live(), Runner(engine, log.read, projections).live()]
    faults: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
                faults.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def append() -> None:
        while not stop.is_set():
            log.append_many(5, seed=log.head())
            workers[0].wake()
            stop.wait(0.002)

    def look() -> None:
        while not stop.is_set():
            assert times_counted(engine) >= 6_000

    threads = [guarded(append), guarded(look), *(guarded(worker.run) for worker in workers)]
    results = [rebuild(engine, whereabouts(), log.read, log.head) for _ in range(3)]
    stop.set()
    for thread in threads[:2]:
        thread.join()
    arrived = runner.wait_for("whereabouts", log.head(), timeout=60)
    workers[0].stop()
    workers[1].stop()
    for thread in threads[2:]:
        thread.join()
    assert faults == []
    assert arrived
    assert all(result.same for result in results)
    assert times_counted(engine) == log.head()
    assert [s.generation for s in runner.status(log.head())] == [3, 0]


def test_the_second_of_two_rebuilds_at_once_gives_up(engine: Engine, log: ToyLog) -> None:
    log.append_many(100)
    Runner(engine, log.read, [whereabouts()]).catch_up()
    overtaken = False

    def read(after: int, limit: int) -> list[LogEntry]:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            rebuild(engine, whereabouts(), log.read, log.head)
        return log.read(after, limit)

    with pytest.raises(LeadershipLost):
        rebuild(engine, whereabouts(), read, log.head)
    assert times_counted(engine) == 100


def test_a_fold_that_fails_leaves_the_live_tables(engine: Engine, log: ToyLog) -> None:
    log.append_many(100)
    Runner(engine, log.read, [whereabouts()]).catch_up()

    def failing(batch: Sequence[LogEntry], store: Store) -> None:
        raise ValueError("not today")

    with pytest.raises(ValueError, match="not today"):
        rebuild(engine, whereabouts(fold=failing), log.read, log.head)
    assert times_counted(engine) == 100
    assert rebuild(engine, whereabouts(), log.read, log.head).same


def test_hash_is_equal_for_equal_rows_only(engine: Engine, log: ToyLog) -> None:
    log.append_many(50)
    Runner(engine, log.read, [whereabouts(), diary()]).catch_up()
    before = hash_of(engine, whereabouts())
    # One value for both databases: times, ids and JSON are stored in one form.
    assert before == "b1b223bd129b1bac9f8c540bb76e656ce272252823985c5be92ae2e9f8ef27f8"
    with engine.execution_options(writes=True).begin() as db:
        db.execute(update(visits).values(times=visits.c.times + 1).where(visits.c.times == 1))
    assert hash_of(engine, whereabouts()) != before


def test_the_swap_waits_for_a_long_query_without_blocking_others(
    engine: Engine, log: ToyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.rebuild._LOCK_TIMEOUT", "50ms")
    log.append_many(100)
    Runner(engine, log.read, [whereabouts()]).catch_up()
    gave_way = threading.Event()

    def gives_way(_db: Connection) -> None:
        gave_way.set()

    event.listen(engine, "rollback", gives_way)
    results: list[RebuildResult] = []
    rebuilding = threading.Thread(
        target=lambda: results.append(rebuild(engine, whereabouts(), log.read, log.head)),
        daemon=True,
    )
    with engine.connect() as long_query:
        long_query.execute(select(visits)).all()
        rebuilding.start()
        if engine.dialect.name == "postgresql":
            assert gave_way.wait(60)
        else:
            # SQLite's readers keep their snapshot and hold nobody up.
            rebuilding.join()
        assert len(long_query.execute(select(visits)).all()) > 0
    rebuilding.join()
    assert [result.same for result in results] == [True]
    assert times_counted(engine) == 100
