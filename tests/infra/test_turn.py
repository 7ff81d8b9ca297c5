"""The turn of those who write to one file: one at a time, in the order in which they came."""

import threading
from functools import partial

import pytest

from infra.turn import Turn
from tests.faults.waiting import wait_until


def _so_many_wait(turn: Turn, many: int) -> bool:
    return turn.waiting == many


def test_a_turn_goes_to_whoever_has_waited_longest() -> None:
    turn, order = Turn(), list[int]()

    def take(number: int) -> None:
        with turn:
            order.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(5)]
    with turn:
        for at, thread in enumerate(threads, 1):
            thread.start()
            wait_until(partial(_so_many_wait, turn, at), "it waits behind the others")
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_turn_is_nobody_elses_while_it_lasts() -> None:
    turn, inside, most = Turn(), 0, 0

    def count() -> None:
        nonlocal inside, most
        for _ in range(200):
            with turn:
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_a_turn_is_handed_on_after_an_error() -> None:
    turn = Turn()
    with pytest.raises(ZeroDivisionError), turn:
        raise ZeroDivisionError
    with turn:
        assert turn.waiting == 0
