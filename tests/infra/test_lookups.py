"""Few small questions of many callers are answered together, and never with old news."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import TimeoutError as TooSlow

from infra.database import connect
from infra.lookups import Lookups
from tests.faults.waiting import PATIENCE_SECONDS, wait_until

CALLERS = 40


class Rounds:
    """A lookup that notes with which keys it was called."""

    def __init__(self) -> None:
        self.asked: list[Sequence[int]] = []
        self.first_began = Event()
        self.first_may_go = Event()

    def __call__(self, db: Connection, keys: Sequence[int]) -> Mapping[int, int]:
        self.asked.append(keys)
        if len(self.asked) == 1:
            self.first_began.set()
            self.first_may_go.wait(PATIENCE_SECONDS)
        one: int = db.execute(text("SELECT 1")).scalar_one()
        return {key: key + one for key in keys if key >= 0}


@pytest.fixture
def lookups(engine: Engine) -> Iterator[Lookups]:
    lookups = Lookups(engine)
    yield lookups
    lookups.close()


def test_all_who_wait_are_answered_in_one_round(lookups: Lookups) -> None:
    rounds = Rounds()
    with ThreadPoolExecutor(CALLERS) as callers:
        first = callers.submit(lookups.ask, (rounds, 0))
        assert rounds.first_began.wait(PATIENCE_SECONDS)
        others = [callers.submit(lookups.ask, (rounds, key)) for key in range(1, CALLERS)]
        waiting = lookups._waiting  # noqa: SLF001  until all of them wait
        wait_until(lambda: len(waiting) == CALLERS - 1, "all callers")
        rounds.first_may_go.set()
        assert first.result(PATIENCE_SECONDS) == [1]
        assert [other.result(PATIENCE_SECONDS) for other in others] == [
            [key + 1] for key in range(1, CALLERS)
        ]
    assert [sorted(keys) for keys in rounds.asked] == [[0], list(range(1, CALLERS))]


def test_answers_come_in_the_order_of_the_questions_and_none_where_there_is_nothing(
    lookups: Lookups,
) -> None:
    rounds = Rounds()
    rounds.first_may_go.set()
    assert lookups.ask((rounds, 7), (rounds, -1), (rounds, 3), (rounds, 7)) == [8, None, 4, 8]
    assert asyncio.run(lookups.ask_async((rounds, 1))) == [2]


def test_failed_question_is_told_to_who_asked_and_the_next_one_is_answered(
    lookups: Lookups,
) -> None:
    def broken(_db: Connection, _keys: Sequence[Any]) -> Mapping[Any, Any]:
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        lookups.ask((broken, 1))
    rounds = Rounds()
    rounds.first_may_go.set()
    assert lookups.ask((rounds, 1)) == [2]


def test_connection_that_died_while_idle_costs_nobody_an_answer(
    postgresql_url: str,
) -> None:
    engine = connect(postgresql_url)
    lookups, rounds = Lookups(engine), Rounds()
    rounds.first_may_go.set()
    assert lookups.ask((rounds, 1)) == [2]
    with engine.connect() as db:
        ended = db.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).scalar_one()
    assert ended >= 1
    assert lookups.ask((rounds, 5)) == [6]
    lookups.close()
    engine.dispose()


def test_who_waits_too_long_is_told_and_the_next_caller_gets_another_connection(
    engine: Engine,
) -> None:
    lookups, rounds = Lookups(engine, deadline=0.2), Rounds()
    with pytest.raises(TooSlow):
        lookups.ask((rounds, 1))

    def answered() -> bool:
        # On a busy machine the next one may wait too long as well.
        with suppress(TooSlow):
            return lookups.ask((rounds, 2)) == [3]
        return False

    wait_until(answered, "an answer on another connection")
    rounds.first_may_go.set()
    lookups.close()


def test_closed_lookups_answer_nobody(lookups: Lookups) -> None:
    lookups.close()
    with pytest.raises(TooSlow):
        lookups.ask((Rounds(), 1))
