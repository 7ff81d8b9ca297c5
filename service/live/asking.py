"""What open pages ask for by themselves: each answer is found once for all who read the same."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, TypeVar

from litestar.concurrency import sync_to_thread
from sqlalchemy import Connection, select

from infra.lookups import Question, WireLookup
from infra.wire import Rows
from projections import checkpoints
from service.live.hub import FOLLOWED

T = TypeVar("T")

_POINTS: Final = checkpoints.table.c
_BY_NAME: Final = "SELECT name, position FROM projection_checkpoints WHERE name = ANY($1::text[])"


def positions_asked() -> Sequence[Question]:
    """Ask how far all that pages show has come; `positions_told` reads the answers."""
    return [(_positions, name) for name in FOLLOWED]


def positions_told(answers: Sequence[Any]) -> Mapping[str, int]:
    """The positions by read model, 0 for one that has not begun."""
    return {name: answer or 0 for name, answer in zip(FOLLOWED, answers, strict=True)}


class Shared:
    """Keeps what was found for as long as nothing of it has moved, for a second at most.

    A hundred pages hear of a change at the same moment, and those of one agency want to know the
    same. What they get was read after each of them had asked: the positions of the read models
    concerned, which are asked for anew each time, are part of the question. It belongs to the
    event loop of one program.
    """

    def __init__(self) -> None:
        self._second = 0
        self._found: dict[Hashable, asyncio.Task[Any]] = {}

    async def of(self, second: int, question: Hashable, find: Callable[[], T]) -> T:
        """What `find` finds in a thread, once for all who ask the same in the same second."""
        if second != self._second:
            self._second = second
            self._found = {}
        task: asyncio.Task[T] | None = self._found.get(question)
        if task is None:
            task = self._found[question] = asyncio.create_task(sync_to_thread(find))
            task.add_done_callback(lambda done: self._forget(question, done))
        # Who leaves does not take away what others wait for.
        return await asyncio.shield(task)

    def _forget(self, question: Hashable, task: "asyncio.Task[Any]") -> None:
        """What failed is tried again by the next who asks."""
        failed = task.cancelled() or task.exception() is not None
        if failed and self._found.get(question) is task:
            del self._found[question]


def _by_connection(db: Connection, names: Sequence[str]) -> Mapping[str, int]:
    rows = db.execute(select(_POINTS.name, _POINTS.position).where(_POINTS.name.in_(names)))
    return {row.name: row.position for row in rows}


def _given(names: Sequence[str]) -> tuple[str]:
    return ("{" + ",".join(names) + "}",)


def _found(_names: Sequence[str], rows: Rows) -> Mapping[str, int]:
    return dict(rows)


_positions: Final = WireLookup(_by_connection, _BY_NAME, _given, _found)
