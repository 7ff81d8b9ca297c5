"""Who leads: shared among workers, taken over from the dead, and never two that write."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from domain.log_entry import LogEntry
from infra.database import connect
from projections import checkpoints, leases
from projections.leadership import Leadership
from projections.pen import Pen
from projections.runner import Runner
from projections.store import Store
from projections.tail import StoppedElsewhere, Tail
from tests.faults.waiting import PATIENCE_SECONDS, wait_until
from tests.projections.test_runner import following
from tests.projections.toys import (
    ToyLog,
    diary,
    fold_whereabouts,
    times_counted,
    whereabouts,
)

NAMES = tuple("abcdefghi")
FIRST = tuple("bcd")
BEHIND = set(NAMES) - set(FIRST)


@pytest.fixture
def log() -> ToyLog:
    return ToyLog()


@pytest.fixture
def prepared(engine: Engine) -> Engine:
    Runner(engine, ToyLog().read, [whereabouts()]).prepare()
    return engine


def a_leadership(engine: Engine, fit: Callable[[str], bool] = lambda _: True) -> Leadership:
    return Leadership(engine, NAMES, fit, lambda: None)


def one_of_a_team(engine: Engine, fit: Callable[[str], bool] = lambda _: True) -> Leadership:
    return Leadership(engine, NAMES, fit, lambda: None, first=FIRST)


def in_turn(*workers: Leadership, rounds: int = 4) -> list[set[str]]:
    for _ in range(rounds):
        for worker in workers:
            worker.tend()
    return led(*workers)


def led(*workers: Leadership) -> list[set[str]]:
    return [{name for name in NAMES if worker.term(name) is not None} for worker in workers]


def until(holds: Callable[[], bool]) -> None:
    wait_until(holds, "what the test waits for")


def test_two_workers_lead_about_half_each(prepared: Engine) -> None:
    first, second = a_leadership(prepared), a_leadership(prepared)
    first.tend()
    assert led(first) == [set(NAMES)]
    for worker in (second, first, second):
        worker.tend()
    one, other = led(first, second)
    assert sorted(map(len, (one, other))) == [4, 5]
    assert one | other == set(NAMES)
    assert not one & other


def test_a_worker_that_leaves_is_followed_at_once(prepared: Engine) -> None:
    first, second = a_leadership(prepared), a_leadership(prepared)
    first.tend()
    term = first.term("a")
    first.leave()
    assert led(first) == [set()]
    second.tend()
    assert led(second) == [set(NAMES)]
    assert term is not None
    assert second.term("a") == term + 1


def test_a_worker_that_falls_silent_loses_its_leases(
    prepared: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent, second = a_leadership(prepared), a_leadership(prepared)
    silent.tend()
    second.tend()
    assert led(second) == [set()]

    def leads_all() -> bool:
        second.tend()
        return led(second) == [set(NAMES)]

    until(leads_all)
    assert led(silent) == [set()]
    silent.tend()
    assert not led(silent)[0] & led(second)[0]


def test_what_a_worker_cannot_lead_the_other_keeps(prepared: Engine) -> None:
    first = a_leadership(prepared)
    unfit = a_leadership(prepared, lambda name: name in "ab")
    for worker in (first, unfit, first, unfit, first, unfit):
        worker.tend()
    one, other = led(first, unfit)
    assert other <= {"a", "b"}
    assert one == set(NAMES) - other


def test_of_two_workers_one_leads_what_is_first_and_the_other_all_else(prepared: Engine) -> None:
    first, second = one_of_a_team(prepared), one_of_a_team(prepared)
    first.tend()
    assert led(first) == [set(NAMES)]
    assert in_turn(second, first) == [BEHIND, set(FIRST)]


def test_of_three_workers_two_share_what_is_behind(prepared: Engine) -> None:
    team = [one_of_a_team(prepared) for _ in range(3)]
    shares = in_turn(*team)
    assert shares[0] == set(FIRST)
    assert [len(share) for share in shares[1:]] == [3, 3]
    assert shares[1] | shares[2] == BEHIND
    assert in_turn(*team) == shares


@pytest.mark.parametrize("left", ["who is ahead", "who is behind"])
def test_a_worker_that_is_left_alone_leads_all(prepared: Engine, left: str) -> None:
    team = [one_of_a_team(prepared) for _ in range(2)]
    in_turn(*team)
    stays, goes = team if left == "who is ahead" else team[::-1]
    goes.leave()
    assert in_turn(stays, rounds=1) == [set(NAMES)]


def test_what_is_first_is_taken_at_once_from_who_is_gone_and_all_else_left(
    prepared: Engine,
) -> None:
    ahead, second, third = (one_of_a_team(prepared) for _ in range(3))
    in_turn(ahead, second, third)
    ahead.leave()
    second.tend()
    assert set(FIRST) <= led(second)[0]
    assert in_turn(third, second) == [BEHIND, set(FIRST)]


def test_what_is_first_comes_together_again_where_it_was_divided(prepared: Engine) -> None:
    one, other = one_of_a_team(prepared), one_of_a_team(prepared)
    with prepared.execution_options(writes=True).begin() as db:
        leases.take(db, one.holder, [*FIRST[1:], *sorted(BEHIND)[:2]])
        leases.take(db, other.holder, [FIRST[0], *sorted(BEHIND)[2:]])
    assert in_turn(one, other) == [BEHIND, set(FIRST)]


def test_what_the_worker_ahead_cannot_lead_another_does(prepared: Engine) -> None:
    ahead = one_of_a_team(prepared, lambda name: name != FIRST[1])
    behind = one_of_a_team(prepared)

    def led_by_the_other() -> bool:
        return FIRST[1] in in_turn(ahead, behind, rounds=1)[1]

    until(led_by_the_other)
    one, other = in_turn(ahead, behind)
    assert one == set(FIRST) - {FIRST[1]}
    assert other == BEHIND | {FIRST[1]}


def test_a_lease_that_ends_in_a_far_future_is_taken(prepared: Engine) -> None:
    first, second = a_leadership(prepared), a_leadership(prepared)
    first.tend()
    table = leases.leases
    with prepared.execution_options(writes=True).begin() as db:
        # As if the database's clock had been set back by an hour since.
        ahead = table.c.expires_at + 3_600 * leases.SECOND
        db.execute(update(table).values(expires_at=ahead))
    second.tend()
    assert led(second)[0]


def test_who_led_in_an_earlier_term_writes_nothing(engine: Engine, log: ToyLog) -> None:
    log.append_many(30)
    Runner(engine, log.read, [whereabouts()]).prepare()
    old, new = (Tail(engine, whereabouts()) for _ in range(2))
    pen, other_pen = Pen(engine), Pen(engine)
    assert old.lead(1)
    old.fold(log.read(0, 10), pen)
    assert new.lead(2)
    # Nobody has moved the checkpoint since: it is the term alone that keeps the old leader out.
    old.fold(log.read(10, 10), pen)
    assert times_counted(engine) == 10
    assert not old.lead(1)
    new.fold(log.read(10, 20), other_pen)
    assert times_counted(engine) == 30
    pen.drop()
    other_pen.drop()


def test_a_leader_goes_on_right_after_somebody_folded_by_hand(engine: Engine, log: ToyLog) -> None:
    log.append_many(60)
    by_hand = Runner(engine, log.read, [whereabouts()])
    by_hand.prepare()
    tail, pen = Tail(engine, whereabouts()), Pen(engine)
    for term, start in ((1, 0), (2, 40)):
        assert tail.lead(term)
        tail.fold(log.read(start, 20), pen)
        by_hand.catch_up(until=start + 40 if start == 0 else 60)
        # What it keeps in memory is of before: it must find out, and then begin anew.
        tail.fold(log.read(start + 20, 20), pen)
    assert times_counted(engine) == 60
    pen.drop()


def test_a_crash_that_took_the_latest_batch_does_not_stop(engine: Engine, log: ToyLog) -> None:
    log.append_many(20)
    runner = Runner(engine, log.read, [whereabouts()])
    runner.catch_up()
    with engine.connect() as db:
        there = checkpoints.find(db)["whereabouts"]
    before = replace(there, position=12, updated_at=there.updated_at - timedelta(seconds=1))
    with engine.execution_options(writes=True).begin() as db:
        table = checkpoints.table
        db.execute(
            update(table)
            .where(table.c.name == "whereabouts")
            .values(position=before.position, updated_at=before.updated_at)
        )
    assert runner.catch_up()
    assert runner.position("whereabouts") == 20


def test_a_poisoned_entry_is_told_everywhere_and_a_mended_worker_goes_on(
    engine: Engine, log: ToyLog
) -> None:
    log.append_many(5)
    log.append("nowhere", 5, topic="Lost")
    log.append_many(4)

    def mended(batch: Sequence[LogEntry], store: Store) -> None:
        fold_whereabouts([e for e in batch if e.event.agency != "nowhere"], store)

    def stopped_at(runner: Runner) -> tuple[int, str | None] | None:
        (status,) = runner.status(log.head(), ["whereabouts"])
        return (status.stopped.position, status.stopped.topic) if status.stopped else None

    elsewhere = Runner(engine, log.read, [whereabouts(), diary()])
    with following(Runner(engine, log.read, [whereabouts(), diary()])):
        until(lambda: stopped_at(elsewhere) == (6, "Lost"))
        (status,) = elsewhere.status(log.head(), ["whereabouts"])
        assert status.stopped is not None
        assert isinstance(status.stopped.exception, StoppedElsewhere)
        assert status.stopped.error.startswith("NowhereError at toys.py:")
        assert elsewhere.wait_for("diary", log.head(), PATIENCE_SECONDS)
        with following(Runner(engine, log.read, [whereabouts(fold=mended), diary()])):
            assert elsewhere.wait_for("whereabouts", log.head(), PATIENCE_SECONDS)
    assert stopped_at(elsewhere) is None
    assert times_counted(engine) == 9


def test_status_names_the_leader(engine: Engine, log: ToyLog) -> None:
    log.append_many(3)
    runner = Runner(engine, log.read, [diary()])
    assert [status.leader for status in runner.status(3)] == [None]
    with following(runner) as live:
        assert runner.wait_for("diary", 3, PATIENCE_SECONDS)
        assert [status.leader for status in runner.status(3)] == [live.holder]
    assert [status.leader for status in runner.status(3)] == [None]


def test_a_leader_stopped_in_mid_batch_is_replaced_and_writes_nothing_when_it_wakes(
    postgresql_url: str,
) -> None:
    engine, log = connect(postgresql_url), ToyLog()
    log.append_many(200)
    # The paused process knows more of the log: it shows at the end that it works again.
    with subprocess.Popen(
        [sys.executable, "-m", "tests.projections.pausing_leader", postgresql_url, "250"],
        stdout=subprocess.PIPE,
        text=True,
    ) as paused:
        try:
            # Returns when it has stopped still, in the middle of its transaction.
            assert os.waitpid(paused.pid, os.WUNTRACED)[1] != 0
            runner = Runner(engine, log.read, [whereabouts()])
            with following(runner):
                assert runner.wait_for("whereabouts", 200, PATIENCE_SECONDS)
                paused.send_signal(signal.SIGCONT)
                assert paused.stdout is not None
                assert "goes on\n" in paused.stdout
                until(lambda: runner.position("whereabouts") >= 200)
                assert times_counted(engine) == runner.position("whereabouts")
            assert runner.wait_for("whereabouts", 250, PATIENCE_SECONDS)
            assert times_counted(engine) == 250
        finally:
            paused.kill()
    engine.dispose()
