"""The runner: every entry exactly once, whoever else runs and whatever crashes."""

import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from domain.log_entry import LogEntry
from projections import checkpoints
from projections.content_hash import content_hash
from projections.live import Live
from projections.pages import FAR_PAGE
from projections.progress import Progress
from projections.runner import Runner
from tests.projections.toys import (
    ToyLog,
    diary,
    lines_written,
    times_counted,
    whereabouts,
)


class KilledError(BaseException):
    """Stands for the death of the process: nothing catches it."""


@pytest.fixture
def log() -> ToyLog:
    return ToyLog()


def test_catch_up_folds_every_entry_once(engine: Engine, log: ToyLog) -> None:
    log.append_many(7_300)
    runner = Runner(engine, log.read, [whereabouts(), diary()])
    assert runner.catch_up()
    assert runner.catch_up()
    assert times_counted(engine) == lines_written(engine) == 7_300
    assert runner.position("whereabouts") == runner.position("diary") == 7_300


def test_catch_up_until_a_position_stops_there(engine: Engine, log: ToyLog) -> None:
    log.append_many(50)
    runner = Runner(engine, log.read, [whereabouts(), diary()])
    assert runner.catch_up("diary", until=20)
    assert (runner.position("diary"), runner.position("whereabouts")) == (20, 0)
    assert not runner.catch_up(["diary"], until=51)
    assert runner.position("diary") == 50


@pytest.mark.parametrize("beside", ["another thread", "another process"])
def test_catch_up_goes_on_where_somebody_else_was_quicker_with_a_part(
    engine: Engine, log: ToyLog, beside: str
) -> None:
    log.append_many(20)

    reads: list[int] = []

    def read(after: int, limit: int) -> list[LogEntry]:
        reads.append(after)
        if len(reads) == 1:
            others[beside].catch_up(until=12)
        return log.read(after, limit)

    runner = Runner(engine, read, [whereabouts(), diary()])
    another = Runner(engine, log.read, [whereabouts(), diary()])
    # The loops of a process follow the same projections, whoever of them reads.
    others = {"another thread": runner, "another process": another}
    assert runner.catch_up(until=log.head())
    assert times_counted(engine) == lines_written(engine) == 20


def test_projections_that_stand_together_share_each_page(engine: Engine, log: ToyLog) -> None:
    log.append_many(2_500)
    runner = Runner(engine, log.read, [whereabouts(), diary()])
    runner.catch_up("diary", until=400)
    log.reads = 0
    assert runner.catch_up()
    # One page to meet at 400, one short page near, one long page far.
    assert log.reads == 3
    assert times_counted(engine) == lines_written(engine) == 2_500


def test_topics_leave_out_the_others(engine: Engine, log: ToyLog) -> None:
    for n in range(10):
        log.append("police", n, topic="Moved" if n % 2 else "Seen")
    runner = Runner(engine, log.read, [diary(frozenset({"Moved"}))])
    runner.catch_up()
    assert (lines_written(engine), runner.position("diary")) == (5, 10)


def test_progress_counts_positions(engine: Engine, log: ToyLog) -> None:
    log.append_many(FAR_PAGE + 2_000)
    seen: list[Progress] = []
    Runner(engine, log.read, [diary()]).catch_up(until=log.head(), progress=seen.append)
    assert [p.done for p in seen] == [1_000, 6_000, 7_000]
    assert {p.total for p in seen} == {7_000}
    assert seen[-1].seconds_left == 0


def test_killed_before_the_commit_counts_nothing_twice(engine: Engine, log: ToyLog) -> None:
    log.append_many(3_000)
    commits = 0

    def kill_third_commit(_db: object) -> None:
        nonlocal commits
        commits += 1
        if commits == 3:
            raise KilledError

    victim = Runner(engine, log.read, [whereabouts()])
    victim.prepare()
    event.listen(engine, "commit", kill_third_commit)
    for until in (500, 1_000):
        victim.catch_up(until=until)
    with pytest.raises(KilledError):
        victim.catch_up(until=1_500)
    assert times_counted(engine) == 1_000
    event.remove(engine, "commit", kill_third_commit)
    survivor = Runner(engine, log.read, [whereabouts()])
    assert survivor.catch_up()
    assert (times_counted(engine), survivor.position("whereabouts")) == (3_000, 3_000)


def test_two_runners_share_the_work(engine: Engine, log: ToyLog) -> None:
    log.append_many(3_000)
    runners = [Runner(engine, log.read, [whereabouts(), diary()]) for _ in range(2)]

    def catch_up_in_small_steps(runner: Runner) -> None:
        for until in range(100, 3_001, 100):
            assert runner.catch_up(until=until)

    threads = [threading.Thread(target=catch_up_in_small_steps, args=(r,)) for r in runners * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert times_counted(engine) == lines_written(engine) == 3_000
    assert all(s.stopped is None for r in runners for s in r.status(3_000))


def test_a_runner_left_behind_goes_on_where_the_other_is(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    slow = Runner(engine, log.read, [whereabouts()])
    slow.catch_up(until=3)
    read = log.read

    def overtaken(after: int, limit: int) -> list[LogEntry]:
        page = read(after, limit)
        Runner(engine, read, [whereabouts()]).catch_up(until=8)
        return page

    assert Runner(engine, overtaken, [whereabouts()]).catch_up()
    assert slow.catch_up()
    assert (times_counted(engine), slow.position("whereabouts")) == (10, 10)


@contextmanager
def following(runner: Runner) -> Generator[Live]:
    """Run a worker's loops; gives what wakes them."""
    live = runner.live()
    worker = threading.Thread(target=live.run)
    worker.start()
    try:
        yield live
    finally:
        live.stop()
        worker.join()


def test_live_follows_the_log_until_told_to_stop(engine: Engine, log: ToyLog) -> None:
    runner = Runner(engine, log.read, [whereabouts(), diary()])
    other_process = Runner(engine, log.read, [whereabouts(), diary()])
    with following(runner) as live:
        for n in range(20):
            log.append("police", n)
            live.wake()
            assert runner.wait_for("diary", log.head(), timeout=60)
        # Without a wake the poll finds it.
        log.append("social", 1)
        assert other_process.wait_for("whereabouts", log.head(), timeout=60)
        assert other_process.wait_for("diary", log.head(), timeout=60)
    assert times_counted(engine) == lines_written(engine) == 21


def test_while_the_log_grows_what_people_wait_for_is_folded_without_a_hint(
    engine: Engine, log: ToyLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projections.live.POLL_SECONDS", 3_600.0)
    monkeypatch.setattr("projections.live._GROWS_SECONDS", 3_600.0)
    log.append("police", 0)
    runner = Runner(engine, log.read, [whereabouts()], first=frozenset({"whereabouts"}))
    with following(runner):
        # Led soon after the start, which wakes the loop by itself; nobody says anything later.
        for n in range(1, 20):
            assert runner.wait_for("whereabouts", log.head(), timeout=60)
            log.append("social", n)
        assert runner.wait_for("whereabouts", log.head(), timeout=60)
    assert times_counted(engine) == 20


def test_live_outlives_a_database_that_is_away(engine: Engine, log: ToyLog) -> None:
    log.append_many(10)
    away = True

    def read(after: int, limit: int) -> list[LogEntry]:
        nonlocal away
        if away:
            away = False
            raise NoFreeConnection
        return log.read(after, limit)

    runner = Runner(engine, read, [diary()])
    with following(runner):
        assert runner.wait_for("diary", 10, timeout=60)


def test_wait_for_says_when_nobody_comes(engine: Engine, log: ToyLog) -> None:
    log.append_many(3)
    runner = Runner(engine, log.read, [diary()])
    assert not runner.wait_for("diary", 3, timeout=0)
    runner.catch_up()
    assert runner.wait_for("diary", 3, timeout=0)


def test_batches_of_any_size_end_in_the_same_rows(engine: Engine, log: ToyLog) -> None:
    log.append_many(300)
    runner = Runner(engine, log.read, [whereabouts()])
    runner.catch_up()
    with engine.connect() as db:
        at_once = content_hash(db, whereabouts().tables)
    with engine.execution_options(writes=True).begin() as db:
        checkpoints.forget(db, [checkpoints.hold(db, "whereabouts")])
    step_by_step = Runner(engine, log.read, [whereabouts()])
    for until in range(1, 301):
        step_by_step.catch_up(until=until)
    with engine.connect() as db:
        assert content_hash(db, whereabouts().tables) == at_once
