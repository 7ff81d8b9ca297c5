"""The worker follows the log by itself, ends when told, and does not hide that it failed."""

import threading

import pytest

from projections.catalogue import PROJECTIONS
from service.assembly import assemble
from service.worker import Worker
from tests.examples import a_started_samsyn, an_open_issue
from tests.faults.waiting import PATIENCE_SECONDS


def test_the_worker_follows_the_log_until_it_is_stopped(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        worker = Worker(started.samsyn)
        worker.start()
        an_open_issue(started)
        head = started.samsyn.casework.head()
        assert started.samsyn.runner.wait_for("queues", head, PATIENCE_SECONDS)
        worker.stop()
        assert worker.failure is None
        assert not {"projections", "policies"} & {thread.name for thread in threading.enumerate()}
        an_open_issue(started)
        assert started.samsyn.runner.position("queues") == head


def test_a_worker_whose_loop_fails_ends_with_the_error(sqlite_url: str) -> None:
    def fail() -> int:
        raise ZeroDivisionError

    with a_started_samsyn(sqlite_url) as started:
        worker = Worker(started.samsyn, fail)
        with pytest.raises(ZeroDivisionError):
            worker.run(threading.Event(), poll_seconds=0.01)


def test_run_returns_when_it_is_told_to_stop(sqlite_url: str) -> None:
    stop = threading.Event()
    with a_started_samsyn(sqlite_url) as started:
        runs = threading.Thread(target=Worker(started.samsyn).run, args=(stop, 0.01))
        runs.start()
        stop.set()
        runs.join(PATIENCE_SECONDS)
        assert not runs.is_alive()


def test_who_waits_for_a_projection_nobody_folds_is_let_go_when_stopping(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        an_open_issue(started)
        stop = threading.Event()
        answers: list[bool] = []

        def wait() -> None:
            head = started.samsyn.casework.head()
            answers.append(started.samsyn.runner.wait_for("clocks", head, 3_600, stop.is_set))

        waits = threading.Thread(target=wait)
        waits.start()
        stop.set()
        waits.join(60)
        assert answers == [False]


def test_without_redis_the_worker_finds_by_polling_what_others_append(
    postgresql_url: str,
) -> None:
    away = "redis://127.0.0.1:1/0"
    with a_started_samsyn(postgresql_url) as web:
        samsyn = assemble(postgresql_url, PROJECTIONS, web.clock, redis_url=away)
        worker = Worker(samsyn)
        worker.start()
        an_open_issue(web)
        assert web.samsyn.runner.wait_for("queues", web.samsyn.casework.head(), PATIENCE_SECONDS)
        worker.stop()
        samsyn.close()
