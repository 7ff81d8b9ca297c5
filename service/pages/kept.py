"""Keeps the last few answers that are dear to reckon, each for exactly what was asked."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

MOST_KEPT: Final = 32

T = TypeVar("T")


class Kept(Generic[T]):
    """Answers by what was asked: who asks, of what, and how far the read models had come.

    Nothing is ever out of date, because a question says all that its answer depends on.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = Lock()

    def get(self, asked: Hashable, reckon: Callable[[], T]) -> T:
        """The answer kept, or one reckoned now; two who ask at once may both reckon."""
        with self._lock:
            if asked in self._answers:
                self._answers.move_to_end(asked)
                return self._answers[asked]
        answer = reckon()
        with self._lock:
            self._answers[asked] = answer
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return answer
