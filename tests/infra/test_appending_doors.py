"""Threads, coroutines and futures share one appender, and none can spoil it for the others."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from threading import Event
from typing import ParamSpec

import pytest
from sqlalchemy import Engine

from infra.database import connect
from infra.log.appender import Appender
from infra.log.batch import Append
from infra.log.casework import Casework
from infra.log.errors import LogBusy, OutcomeUnknown, StreamConflict
from infra.log.mapper import EventMapper
from infra.log.on_postgresql import hold_the_lock
from infra.log.stored import TimedEvent
from tests.faults.waiting import wait_until
from tests.infra.ledger import Ledger

SCRIPT = Path(__file__).with_name("append_forever.py")
PATIENT = 60.0
P = ParamSpec("P")


def in_a_loop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    """Run a test as a coroutine."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def an_event() -> TimedEvent:
    return EventMapper().to_stored_event(Ledger.begin("a").collect_events()[0])


def an_append() -> Append:
    return Append([an_event()], (), ())


def held(appender: Appender) -> tuple[Event, Event]:
    """Hold the log's thread after its next commit: what is appended meanwhile makes one batch."""
    holding, release = Event(), Event()

    def hold(_position: int) -> None:
        holding.set()
        release.wait()

    appender.on_append.append(hold)
    return holding, release


@in_a_loop
async def test_coroutines_share_a_transaction(casework: Casework) -> None:
    appender = casework.recorder.appender
    seen: list[tuple[int, int]] = []
    appender.on_batch.append(lambda appends, events, _seconds: seen.append((appends, events)))
    holding, release = held(appender)
    first = await appender.append_async(an_append(), PATIENT)
    await asyncio.to_thread(holding.wait)
    waiting = [asyncio.create_task(appender.append_async(an_append(), PATIENT)) for _ in range(5)]
    await asyncio.sleep(0)
    assert appender.waiting == 5
    release.set()
    assert [first, *await asyncio.gather(*waiting)] == [[1], [2], [3], [4], [5], [6]]
    await asyncio.to_thread(casework.close)
    assert seen == [(1, 1), (5, 5)]


@in_a_loop
async def test_cancelled_coroutine_leaves_the_others_of_its_batch(casework: Casework) -> None:
    appender = casework.recorder.appender
    holding, release = held(appender)
    await appender.append_async(an_append(), PATIENT)
    await asyncio.to_thread(holding.wait)
    waiting = [asyncio.create_task(appender.append_async(an_append(), PATIENT)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.sleep(0)
    release.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [answers[0], answers[2]] == [[2], [3]]
    assert isinstance(answers[1], asyncio.CancelledError)
    assert casework.head() == 3, "cancelled before its transaction began, it is not written"


@in_a_loop
async def test_coroutine_is_told_its_conflict(casework: Casework) -> None:
    event = an_event()
    await casework.recorder.insert_events_async([event])
    with pytest.raises(StreamConflict):
        await casework.recorder.insert_events_async([event])


@in_a_loop
async def test_full_queue_refuses_a_coroutine(engine: Engine) -> None:
    appender = Appender(engine, most_waiting=1)
    holding, release = held(appender)
    await appender.append_async(an_append(), PATIENT)
    await asyncio.to_thread(holding.wait)
    waiting = asyncio.create_task(appender.append_async(an_append(), PATIENT))
    await asyncio.sleep(0)
    with pytest.raises(LogBusy):
        await appender.append_async(an_append(), PATIENT)
    release.set()
    assert await waiting == [2]
    await asyncio.to_thread(appender.close)


@in_a_loop
async def test_stopped_database_does_not_hold_coroutines(
    casework: Casework, engine: Engine
) -> None:
    appender = casework.recorder.appender
    with engine.execution_options(writes=True).begin() as db:
        db.exec_driver_sql(hold_the_lock(engine))
        first = asyncio.create_task(appender.append_async(an_append(), 2.0))
        await asyncio.sleep(0)
        await asyncio.to_thread(wait_until, lambda: not appender.waiting, "the log's thread")
        second = asyncio.create_task(appender.append_async(an_append(), 0.1))
        with pytest.raises(LogBusy):
            await second
        with pytest.raises(OutcomeUnknown):
            await first
    # The first was on its way and is written; the second was taken back.
    assert await appender.append_async(an_append(), PATIENT) == [2]


def test_loop_that_is_gone_stops_nothing(casework: Casework) -> None:
    appender = casework.recorder.appender
    holding, release = held(appender)
    casework.save(Ledger.begin("a"))
    holding.wait()

    async def leave() -> None:
        task = asyncio.create_task(appender.append_async(an_append(), PATIENT))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    release.set()
    assert casework.save(Ledger.begin("b"))[0].notification.id == 2


def test_stopped_client_cannot_sit_on_the_lock(postgresql_url: str) -> None:
    writer = subprocess.Popen(
        [sys.executable, str(SCRIPT), postgresql_url], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    engine = connect(postgresql_url)
    casework = Casework(engine)
    for _ in range(20):
        writer.stdout.readline()
        writer.send_signal(signal.SIGSTOP)
        # Refused after five seconds if the stopped one had the lock.
        casework.save(Ledger.begin("beside it"))
        writer.send_signal(signal.SIGCONT)
    writer.kill()
    writer.communicate()
    casework.close()
    engine.dispose()
